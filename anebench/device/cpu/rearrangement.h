// Where an operation that only moves elements takes each of them from (trace_cache.h finds that
// out), and the copies that follow from it.
//
//   const Rearrangement how = rearrangement_of(sources, dims);
//   if (how.first) …                                         // a view: nothing to move
//   copy_rearranged(how, width, fill, from, to, pool);
//
// Immutable values; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "anebench/base/thread_pool.h"
#include "anebench/ops/strided_view.h"

namespace anebench::device::cpu {

// The elements of one output, in order. Exactly one of the three forms.
struct Rearrangement {
  // Elements source, source + step, …; where source is kFill they are a constant instead. In the
  // worst case there is a run for each element, so it is kept small.
  struct Run {
    static constexpr std::int32_t kFill = -1;
    std::int32_t source = kFill;
    std::int32_t step = 0;
    std::uint32_t target = 0;
    std::uint32_t count = 0;
  };

  std::size_t count = 0;
  // Consecutive elements from there on.
  std::optional<std::size_t> first = {};
  // Dimensions of 1 left out, neighbours joined.
  std::optional<ops::StridedView> view = {};
  std::vector<Run> runs = {};

  std::size_t bytes() const { return runs.size() * sizeof(Run); }
};

// The form of a list of sources (Run::kFill for a constant); `dims` is the output's shape.
// Precondition: fewer than 2^31 of them.
Rearrangement rearrangement_of(std::span<const std::int32_t> sources,
                               std::span<const std::int64_t> dims);

// `fill` is one element.
void copy_rearranged(const Rearrangement& how, std::size_t element_bytes, const std::byte* fill,
                     const std::byte* from, std::byte* to, ThreadPool& pool);

}  // namespace anebench::device::cpu
