// Where gather reads and scatter writes: for each slice of the gathered tensor (or the updates), in
// order, the place of its counterpart in the indexed tensor.
//
// Negative indices count from the end. An index outside has no place: gather gives zeros there and
// scatter drops the update (the language leaves it undefined but safe), unless `validate_indices`
// asks for an error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/ops/arguments.h"
#include "anebench/ops/tensor.h"

namespace anebench::ops {

inline constexpr std::int64_t kOutside = -1;

struct Slices {
  // First elements in the indexed tensor; kOutside where there is none.
  std::vector<std::int64_t> first;
  // Elements of a slice, contiguous in both tensors.
  std::size_t length = 1;
};

// For each the indexed tensor's shape is `dims`; shapes have been checked by inference.
//
// Slices along `axis`, addressed by indices of any rank; the first `batch_dims` dimensions of both
// belong together.
Result<Slices> slices_of_axis(const Arguments& arguments, std::span<const std::int64_t> dims,
                              const Tensor& indices, std::size_t axis, std::size_t batch_dims);
// Single elements, each with an index of its own along `axis`.
Result<Slices> slices_along_axis(const Arguments& arguments, std::span<const std::int64_t> dims,
                                 const Tensor& indices, std::size_t axis);
// The last dimension of the indices holds coordinates.
Result<Slices> slices_by_coordinates(const Arguments& arguments, std::span<const std::int64_t> dims,
                                     const Tensor& indices, std::size_t batch_dims);

// Shared by the inference of both families: the axis (0 where absent), `batch_dims` (0 where
// absent), and whether dimension d of two shapes may be equal.
Result<std::size_t> axis_or_first(const Arguments& arguments, std::size_t rank);
Result<std::size_t> batch_dims_of(const Arguments& arguments, std::size_t x_rank,
                                  std::size_t indices_rank);
// That the shapes agree in every dimension but `axis`.
Result<void> check_alike_but_axis(const Arguments& arguments, const mil::Type& x,
                                  const mil::Type& indices, std::size_t axis);

}  // namespace anebench::ops
