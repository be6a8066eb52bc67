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

// Larger than the caches of one thread's share of nearly all processors.
constexpr std::size_t kReadBytes = std::size_t{256} << 20;
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
  constexpr std::size_t kWords = kReadBytes / sizeof(std::uint64_t);
  const std::unique_ptr<std::uint64_t[]> memory(new (std::nothrow) std::uint64_t[kWords]);
  if (memory == nullptr) {
    return fail(ErrorCode::resource_exhausted, "no memory for the {} bytes that are read",
                kReadBytes);
  }
  const auto part_of = [&](const Team& team) {
    const auto worker = static_cast<std::size_t>(team.worker);
    const auto size = static_cast<std::size_t>(team.size);
    const std::size_t begin = kWords * worker / size;
    return std::span(memory.get() + begin, kWords * (worker + 1) / size - begin);
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
  return Bandwidth{.bytes_per_second = static_cast<double>(kReadBytes) / best_ns * 1e9,
                   .origin = Origin::measured,
                   .source = fmt::format("reading {} MiB, {} thread{}", kReadBytes >> 20,
                                         pool.size(), pool.size() == 1 ? "" : "s")};
}

}  // namespace anebench::device::cpu
