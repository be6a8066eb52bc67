// Assigns places in one block of memory to tensors whose lifetimes are known ahead, in the order of
// time: allocate what a stage needs, release what dies after it.
//
//   Arena arena;
//   ANEBENCH_ASSIGN(a, arena.allocate(1000));   // offset, aligned to kArenaAlignment
//   arena.release(a, 1000);
//   arena.size();                               // bytes that the block must have
//
// First fit; freed neighbours are joined. Sums are checked. Not thread-safe.
#pragma once

#include <cstddef>
#include <map>
#include <optional>

namespace anebench::device::cpu {

inline constexpr std::size_t kArenaAlignment = 64;

class Arena {
 public:
  // Nothing where the sum of sizes does not fit std::size_t.
  std::optional<std::size_t> allocate(std::size_t bytes);
  // Precondition: `offset` came from allocate(bytes) and has not been released.
  void release(std::size_t offset, std::size_t bytes);
  std::size_t size() const { return size_; }

 private:
  std::map<std::size_t, std::size_t> free_;  // offset → bytes
  std::size_t size_ = 0;
};

}  // namespace anebench::device::cpu
