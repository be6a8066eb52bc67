// Work shared out among the pool's threads in ranges that are worth handing over.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "anebench/base/thread_pool.h"

namespace anebench::device::cpu {

// Some more ranges than threads, so that an uneven start costs little.
inline constexpr std::size_t kRangesPerThread = 4;

// Calls body(begin, end, worker) so that the ranges cover [0, count) once. A range has at least
// `grain` indices (tens of microseconds of work); one range runs on the calling thread alone, as
// worker 0.
template <typename Body>
void parallel_ranges(ThreadPool& pool, std::size_t count, std::size_t grain, const Body& body,
                     std::size_t ranges_per_thread = kRangesPerThread) {
  const auto threads = static_cast<std::size_t>(pool.size());
  const std::size_t most = threads == 1 ? 1 : threads * ranges_per_thread;
  const std::size_t ranges =
      std::clamp<std::size_t>(count / std::max<std::size_t>(grain, 1), 1, most);
  if (count == 0) return;
  if (ranges == 1) {
    body(std::size_t{0}, count, 0);
    return;
  }
  pool.parallel_for(ranges, [&](std::size_t range, int worker) {
    body(count / ranges * range + std::min(range, count % ranges),
         count / ranges * (range + 1) + std::min(range + 1, count % ranges), worker);
  });
}

// Work that outweighs waking a thread several times over.
inline constexpr double kRangeNs = 20'000;
// Indices worth a range where one costs about `ns`.
inline std::size_t grain_of(double ns) {
  return static_cast<std::size_t>(std::max(1.0, kRangeNs / std::max(ns, 1e-3)));
}

// Of a copy from memory to memory.
inline constexpr double kCopyNsPerByte = 0.1;

inline void parallel_copy(const std::byte* from, std::byte* to, std::size_t bytes,
                          ThreadPool& pool) {
  parallel_ranges(pool, bytes, grain_of(kCopyNsPerByte),
                  [&](std::size_t begin, std::size_t end, int /*worker*/) {
                    std::memcpy(to + begin, from + begin, end - begin);
                  });
}

}  // namespace anebench::device::cpu
