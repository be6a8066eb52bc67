#include "anebench/ops/mask_rows.h"

namespace anebench::ops {

MaskRows::MaskRows(std::span<const std::int64_t> mask, std::span<const std::int64_t> query)
    : step_(mask.back() == 1 ? 0 : 1) {
  auto stride = static_cast<std::size_t>(mask.back());
  for (std::size_t d = 1; d < query.size(); ++d) {
    const auto size =
        d < mask.size() ? static_cast<std::size_t>(mask[mask.size() - 1 - d]) : std::size_t{1};
    axes_.push_back({.size = static_cast<std::size_t>(query[query.size() - 1 - d]),
                     .stride = size == 1 ? 0 : stride});
    stride *= size;
  }
}

std::size_t MaskRows::first(std::size_t row) const {
  std::size_t at = 0;
  for (const Axis& axis : axes_) {
    at += row % axis.size * axis.stride;
    row /= axis.size;
  }
  return at;
}

}  // namespace anebench::ops
