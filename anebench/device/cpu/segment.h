// Runs a segment of a plan (plan.h).
//
// Thread-safe for different memory. Nothing here fails, and only observing allocates.
#pragma once

#include <cstddef>

#include "anebench/base/clock.h"
#include "anebench/base/thread_pool.h"
#include "anebench/device/cpu/plan.h"
#include "anebench/device/executable.h"

namespace anebench::device::cpu {

struct SegmentScratch {
  // Plan::block_scratch_bytes for each thread of the pool, `block_stride` apart.
  std::byte* blocks = nullptr;
  std::size_t block_stride = 0;
  // Plan::whole_scratch_bytes; may be null where no segment shares its steps.
  std::byte* whole = nullptr;
};

void run_segment(const Segment& segment, const Memory& memory, const SegmentScratch& scratch,
                 ThreadPool& pool);

// In the same order and places, so that caches are used alike, with each thread reading the clock
// after each step of each block. Steps that go through blocks side by side have no time of their
// own: the segment's time is shared out among them as the threads' was, and they are told one after
// another.
void run_segment_observed(const Segment& segment, const Memory& memory,
                          const SegmentScratch& scratch, ThreadPool& pool, const Clock& clock,
                          StepObserver& observer);

}  // namespace anebench::device::cpu
