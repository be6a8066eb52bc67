#include "anebench/device/cpu/arena.h"

#include <iterator>
#include <limits>

#include "anebench/base/bytes.h"

namespace anebench::device::cpu {
namespace {

// Empty tensors get a place as well, so that every tensor has an address.
std::optional<std::size_t> padded(std::size_t bytes) {
  return checked_align_up<std::size_t>(bytes == 0 ? 1 : bytes, kArenaAlignment);
}

}  // namespace

std::optional<std::size_t> Arena::allocate(std::size_t bytes) {
  const std::optional<std::size_t> need = padded(bytes);
  if (!need) return std::nullopt;
  for (auto block = free_.begin(); block != free_.end(); ++block) {
    const auto [offset, available] = *block;
    if (available < *need) continue;
    free_.erase(block);
    if (available > *need) free_.emplace(offset + *need, available - *need);
    return offset;
  }
  // Grow, from the free block at the end if there is one.
  std::size_t offset = size_;
  if (!free_.empty()) {
    const auto last = std::prev(free_.end());
    if (last->first + last->second == size_) {
      offset = last->first;
      free_.erase(last);
    }
  }
  const std::optional<std::size_t> end = checked_add<std::size_t>(offset, *need);
  if (!end) return std::nullopt;
  size_ = *end;
  return offset;
}

void Arena::release(std::size_t offset, std::size_t bytes) {
  std::size_t size = *padded(bytes);
  const auto next = free_.lower_bound(offset);
  if (next != free_.end() && offset + size == next->first) {
    size += next->second;
    free_.erase(next);
  }
  const auto after = free_.lower_bound(offset);
  if (after != free_.begin()) {
    const auto before = std::prev(after);
    if (before->first + before->second == offset) {
      before->second += size;
      return;
    }
  }
  free_.emplace(offset, size);
}

}  // namespace anebench::device::cpu
