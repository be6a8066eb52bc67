// Affine dequantization, out = (q - zero point) · scale, shared by dequantize and the constexpr op.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "anebench/ops/context.h"
#include "anebench/ops/elementwise.h"
#include "anebench/ops/shapes.h"

namespace anebench::ops {

// Computed in fp32 (one rounding for the difference, one for the product), then rounded once to
// scale's type. `scale` and `zero_point` (null for none) are scalars or one number for each row of
// `axis`; lengths have been checked.
Result<Tensor> dequantize_affine(OpContext& context, const Tensor& quantized, const Tensor& scale,
                                 const Tensor* zero_point, std::size_t axis);

// Calls body(channel, begin, end) for the elements of each row of the split, in pieces of at most
// kElementChunk, spread over the context's threads.
template <typename Body>
void for_each_row_piece(OpContext& context, const AxisSplit& split, const Body& body) {
  const std::size_t pieces = (split.inner + kElementChunk - 1) / kElementChunk;
  context.parallel_for(
      split.outer * split.channels * pieces, [&](std::size_t begin, std::size_t end) {
        for (std::size_t piece = begin; piece < end; ++piece) {
          const std::size_t row = piece / pieces;
          const std::size_t first = piece % pieces * kElementChunk;
          const std::size_t last = std::min(split.inner, first + kElementChunk);
          body(row % split.channels, row * split.inner + first, row * split.inner + last);
        }
      });
}

// The parameter is a scalar or a vector of `length`, and says which.
enum class VectorForm : std::uint8_t { scalar, vector };
Result<VectorForm> scalar_or_vector(const Arguments& arguments, std::string_view parameter,
                                    mil::Dim length);

}  // namespace anebench::ops
