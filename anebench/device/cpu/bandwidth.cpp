#include "anebench/device/cpu/bandwidth.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>

namespace anebench::device::cpu {
namespace {

// All threads share the bytes, and their caches hold some of them: more than the last-level cache
// of nearly all processors, and more than each core's part of it (servers have up to 16 MiB a
// core).
constexpr std::size_t kLeastReadBytes = std::size_t{256} << 20;
constexpr std::size_t kReadBytesPerThread = std::size_t{32} << 20;
constexpr int kReadRounds = 8;

// Several sums at a time, so that loads and not additions decide.
std::uint64_t sum_words(std::span<const std::uint64_t> words) {
  std::array<std::uint64_t, 16> sums = {};
  for (std::size_t i = 0; i + sums.size() <= words.size(); i += sums.size()) {
    for (std::size_t k = 0; k < sums.size(); ++k) sums[k] += words[i + k];
  }
  std::uint64_t sum = 0;
  for (const std::uint64_t part : sums) sum += part;
  return sum;
}

}  // namespace

Result<Bandwidth> measure_bandwidth(ThreadPool& pool, const Clock& clock) {
  const std::size_t bytes =
      std::max(kLeastReadBytes, static_cast<std::size_t>(pool.size()) * kReadBytesPerThread);
  const std::size_t words = bytes / sizeof(std::uint64_t);
  const std::unique_ptr<std::uint64_t[]> memory(new (std::nothrow) std::uint64_t[words]);
  if (memory == nullptr) {
    return fail(ErrorCode::resource_exhausted, "no memory for the {} bytes that are read", bytes);
  }
  const auto part_of = [&](const Team& team) {
    const auto worker = static_cast<std::size_t>(team.worker);
    const auto size = static_cast<std::size_t>(team.size);
    const std::size_t begin = words * worker / size;
    return std::span(memory.get() + begin, words * (worker + 1) / size - begin);
  };
  // Each thread writes its own part first, so that it lies near to it.
  pool.run([&](const Team& team) { std::ranges::fill(part_of(team), std::uint64_t{1}); });
  std::atomic<std::uint64_t> sum = 0;
  double best_ns = 0;
  for (int round = 0; round < kReadRounds; ++round) {
    const std::int64_t start = clock.now_ns();
    pool.run([&](const Team& team) { sum.fetch_add(sum_words(part_of(team))); });
    const auto ns = static_cast<double>(clock.now_ns() - start);
    if (round == 0 || ns < best_ns) best_ns = ns;
  }
  return Bandwidth{.bytes_per_second = static_cast<double>(bytes) / best_ns * 1e9,
                   .origin = Origin::measured,
                   .source = fmt::format("reading {} MiB, {} thread{}", bytes >> 20, pool.size(),
                                         pool.size() == 1 ? "" : "s")};
}

}  // namespace anebench::device::cpu
