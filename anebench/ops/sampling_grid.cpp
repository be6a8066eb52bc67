#include "anebench/ops/sampling_grid.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace anebench::ops {

Result<SamplingMode> sampling_mode(const Arguments& arguments) {
  static constexpr std::array<std::pair<std::string_view, SamplingMode>, 5> kModes{{
      {"STRICT_ALIGN_CORNERS", SamplingMode::strict_align_corners},
      {"ALIGN_CORNERS", SamplingMode::align_corners},
      {"DEFAULT", SamplingMode::default_mode},
      {"OFFSET_CORNERS", SamplingMode::offset_corners},
      {"UNALIGN_CORNERS", SamplingMode::unalign_corners},
  }};
  ANEBENCH_ASSIGN(name, arguments.string_or("sampling_mode", "DEFAULT"));
  for (const auto& [known, mode] : kModes) {
    if (name == known) return mode;
  }
  return arguments.error("sampling_mode",
                         fmt::format("is '{}', wants STRICT_ALIGN_CORNERS, ALIGN_CORNERS, DEFAULT, "
                                     "OFFSET_CORNERS or UNALIGN_CORNERS",
                                     name));
}

Result<std::int64_t> target_size(const Arguments& arguments, std::string_view parameter) {
  ANEBENCH_ASSIGN(size, arguments.integer_or(parameter, 1));
  if (size < 1 || size > kMaxTargetSize) {
    return arguments.error(parameter, fmt::format("is {}", size));
  }
  return size;
}

std::vector<double> sampling_grid(SamplingMode mode, double first, double last,
                                  std::int64_t count) {
  const auto points = static_cast<double>(count);
  double start = first;
  double spacing = 0;
  switch (mode) {
    case SamplingMode::strict_align_corners:
    case SamplingMode::align_corners:
      if (count > 1) spacing = (last - first) / (points - 1);
      if (count == 1 && mode == SamplingMode::align_corners) start = (first + last) / 2;
      break;
    case SamplingMode::default_mode: spacing = (last - first + 1) / points; break;
    case SamplingMode::offset_corners:
      spacing = std::max(1.0, last - first) / points;
      start = first + spacing / 2;
      break;
    case SamplingMode::unalign_corners:
      spacing = (last - first + 1) / points;
      start = first + spacing / 2 - 0.5;
      break;
  }
  // Boxes may be walked backwards.
  const auto [low, high] = std::minmax(first, last);
  std::vector<double> grid(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < grid.size(); ++i) {
    grid[i] = std::clamp(start + static_cast<double>(i) * spacing, low, high);
  }
  return grid;
}

Tap tap_at(double point, std::size_t size) {
  const double below = std::floor(point);
  const auto low = std::min(static_cast<std::size_t>(below), size - 1);
  return {low, std::min(low + 1, size - 1), point - below};
}

}  // namespace anebench::ops
