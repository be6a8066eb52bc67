// For tests of quantization: inputs, and the expansions that the constexpr operations define,
// written plainly from their formulas.
#pragma once

#include <gmock/gmock.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "anebench/base/half.h"
#include "anebench/base/rng.h"
#include "anebench/mil/value.h"

namespace anebench::weights {

inline std::vector<float> normal_values(std::size_t count, std::uint64_t seed,
                                        double scale = 0.05) {
  Rng rng(seed);
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(rng.normal() * scale);
  return values;
}

inline double element(const mil::Value& value, std::size_t index) {
  return mil::packed_element_as_double(value.type().data_type(), value.bytes(), index);
}

// In fp32, then rounded to `type`: as constexpr_affine_dequantize and blockwise_shift_scale do.
inline float expanded(mil::DataType type, double code, double zero_point, double scale) {
  const float product = static_cast<float>(code - zero_point) * static_cast<float>(scale);
  return type == mil::DataType::fp16 ? half_to_float(half_from_float(product)) : product;
}

// Coordinates of the element at `index` of a row-major tensor.
inline std::vector<std::int64_t> coordinates(const mil::Shape& shape, std::size_t index) {
  std::vector<std::int64_t> result(shape.size());
  auto rest = static_cast<std::int64_t>(index);
  for (std::size_t d = shape.size(); d-- > 0;) {
    result[d] = rest % shape[d].size();
    rest /= shape[d].size();
  }
  return result;
}

// Row-major index, in a tensor of `counts` groups, of the group that holds the coordinates.
inline std::size_t group_of(const mil::Shape& shape, std::span<const mil::Dim> counts,
                            const std::vector<std::int64_t>& at) {
  std::int64_t group = 0;
  for (std::size_t d = 0; d < shape.size(); ++d) {
    const std::int64_t block = shape[d].size() / counts[d].size();
    group = group * counts[d].size() + at[d] / block;
  }
  return static_cast<std::size_t>(group);
}

}  // namespace anebench::weights
