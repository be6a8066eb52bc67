#include "anebench/ops/broadcast.h"

#include <ranges>

namespace anebench::ops {

BroadcastRows::BroadcastRows(std::span<const std::int64_t> a, std::span<const std::int64_t> b,
                             std::span<const std::int64_t> out) {
  // From the innermost dimension outward; `axes` ends up innermost first.
  std::vector<Axis> axes;
  std::size_t elements_a = 1;
  std::size_t elements_b = 1;
  const auto size_at = [](std::span<const std::int64_t> dims, std::size_t from_end) {
    return from_end < dims.size() ? static_cast<std::size_t>(dims[dims.size() - 1 - from_end]) : 1;
  };
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::size_t size = size_at(out, i);
    const std::size_t size_a = size_at(a, i);
    const std::size_t size_b = size_at(b, i);
    if (size == 1) continue;
    const Axis axis{size, size_a == 1 ? 0 : elements_a, size_b == 1 ? 0 : elements_b};
    elements_a *= size_a;
    elements_b *= size_b;
    if (!axes.empty()) {
      Axis& inner = axes.back();
      if (axis.stride_a == inner.stride_a * inner.size &&
          axis.stride_b == inner.stride_b * inner.size) {
        inner.size *= size;
        continue;
      }
    }
    axes.push_back(axis);
  }
  if (axes.empty()) return;
  row_ = axes.front();
  for (const Axis& axis : axes | std::views::drop(1) | std::views::reverse) {
    outer_.push_back(axis);
    count_ *= axis.size;
  }
}

std::pair<std::size_t, std::size_t> BroadcastRows::offsets(std::size_t row) const {
  std::size_t a = 0;
  std::size_t b = 0;
  for (const Axis& axis : outer_ | std::views::reverse) {
    const std::size_t index = row % axis.size;
    row /= axis.size;
    a += index * axis.stride_a;
    b += index * axis.stride_b;
  }
  return {a, b};
}

}  // namespace anebench::ops
