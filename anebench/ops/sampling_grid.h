// Where resized images are sampled: the points of a grid along one dimension, and the elements
// under a point. Pure functions.
//
// Source of the formulas: coremltools' documentation of resize_bilinear.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/ops/arguments.h"
#include "anebench/ops/signature.h"

namespace anebench::ops {

enum class SamplingMode : std::uint8_t {
  strict_align_corners,  // first and last points on the ends
  align_corners,         // the same, but a single point lies in the middle
  default_mode,          // points i · n / count from the first end on
  offset_corners,        // count equal pieces of the distance between the ends, at their centers
  unalign_corners,       // n / count elements a point, at their centers ("half-pixel centers")
};

// The parameter "sampling_mode", DEFAULT where absent.
inline constexpr Parameter kSamplingMode = optional_parameter("sampling_mode", kString, "DEFAULT");
Result<SamplingMode> sampling_mode(const Arguments& arguments);

// The size of the output that a parameter asks for, 1 where absent; at least 1.
Result<std::int64_t> target_size(const Arguments& arguments, std::string_view parameter);
// The largest size that an int32 parameter can ask for.
inline constexpr std::int64_t kMaxTargetSize = 0x7fffffff;

// `count` points over the elements first to last (n = last − first + 1 elements), kept between
// them. The ends need not be whole numbers. Preconditions: count is at least 1 and, except for the
// modes that align corners, first is not beyond last.
std::vector<double> sampling_grid(SamplingMode mode, double first, double last, std::int64_t count);

// The two elements around a point and the weight of the second.
struct Tap {
  std::size_t low = 0;
  std::size_t high = 0;
  double fraction = 0;
};
// Precondition: the point lies between 0 and size − 1.
Tap tap_at(double point, std::size_t size);
// Between the two elements; an element of weight 0 is not looked at, be it infinite.
inline double interpolate(double low, double high, double fraction) {
  return fraction == 0 ? low : low + fraction * (high - low);
}

}  // namespace anebench::ops
