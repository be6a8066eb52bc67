// Which part of a transposed convolution's full result is its output. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "anebench/ops/convolution_geometry.h"

namespace anebench::ops {

// What is cut away before the output's first element, for each spatial dimension; below 0 where it
// begins before the full result. The shapes are those of the op's operands and output.
std::vector<std::int64_t> transposed_cuts(const ConvolutionGeometry& geometry,
                                          std::span<const std::int64_t> x,
                                          std::span<const std::int64_t> weight,
                                          std::span<const std::int64_t> out);

}  // namespace anebench::ops
