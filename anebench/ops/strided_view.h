// A tensor's elements in another order: one mechanism for all ops that only move data.
//
// A view names, for each index of `dims`, the element at offset + Σ index · stride of a row-major
// tensor. Strides count elements; they may be negative (reversed) or zero (repeated). The caller
// sees to it that every element named lies inside the tensor.
//
//   StridedView view = StridedView::of(x.dims());     // x itself
//   view = view.permuted(std::vector<std::size_t>{1, 0});
//   ANEBENCH_ASSIGN(transposed, gather(context, x, view, view.dims));
//
// Plain values; safe to read from several threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/ops/context.h"
#include "anebench/ops/tensor.h"

namespace anebench::ops {

struct StridedView {
  std::vector<std::int64_t> dims;
  std::vector<std::int64_t> strides;
  std::int64_t offset = 0;

  // All elements of a row-major tensor in their order.
  static StridedView of(std::span<const std::int64_t> dims);
  // Dimension d of the result is dimension permutation[d] of this view.
  StridedView permuted(std::span<const std::size_t> permutation) const;

  std::size_t element_count() const;
};

// A new tensor of shape `dims` (as many elements as the view has) with the view's elements in
// order. Fails for elements that are no whole bytes, as do the functions below.
Result<Tensor> gather(OpContext& context, const Tensor& source, const StridedView& view,
                      std::span<const std::int64_t> dims);

// Stores the elements of `source`, in order, into the places of `target` that the view names. No
// two indices of the view may name the same place.
Result<void> scatter(OpContext& context, Tensor& target, const StridedView& view,
                     const Tensor& source);

// The elements of `x` under the shape `split` (as many elements), its dimensions permuted, then
// joined to `joined`: space to depth, batch to space and their kin.
Result<Tensor> rearrange(OpContext& context, const Tensor& x, std::span<const std::int64_t> split,
                         std::span<const std::size_t> permutation,
                         std::span<const std::int64_t> joined);

}  // namespace anebench::ops
