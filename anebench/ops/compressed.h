// Steps that the constexpr ops for compressed weights share: grids of blocks, and moving elements
// between dense and sparse form. Elements are moved as bits, never through a number, so every
// pattern survives. Sizes are checked by the callers' inference.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/mil/type.h"
#include "anebench/ops/tensor.h"

namespace anebench::ops {

// A tensor of shape `dims` divided into `grid[d]` equal blocks along each dimension. Calls
// body(first, count, block) for runs of neighbouring elements that lie in one block, in row-major
// order; `block` is row-major in the grid. Preconditions: equal ranks >= 1, dims[d] % grid[d] == 0,
// grid[d] >= 1.
void for_each_block_run(
    std::span<const std::int64_t> dims, std::span<const std::int64_t> grid,
    const std::function<void(std::size_t first, std::size_t count, std::size_t block)>& body);

// Copies element `from` of `source` to element `to` of `target`, both of `type`.
void copy_element(mil::DataType type, std::span<const std::byte> source, std::size_t from,
                  std::span<std::byte> target, std::size_t to);

// Bit `index` of an LSB-first bit stream.
inline bool bit_at(std::span<const std::byte> bits, std::size_t index) {
  return (std::to_integer<unsigned>(bits[index / 8]) >> (index % 8) & 1u) != 0;
}
// Set bits among the first `count`.
std::size_t count_bits(std::span<const std::byte> bits, std::size_t count);

// A tensor of `shape` with the k-th set bit's place holding values[k], 0 elsewhere. Fails unless
// the mask has as many set bits as there are values.
Result<Tensor> scatter(const Tensor& values, std::span<const std::byte> mask,
                       const mil::Shape& shape);
// The elements of `dense` where the mask is set, as a vector.
Result<Tensor> gather(const Tensor& dense, std::span<const std::byte> mask);

}  // namespace anebench::ops
