// Ops that take or replace a part of a tensor: slices as numpy has them.
//
// Source of the semantics: coremltools' documentation; what it leaves to numpy (negative indices,
// strides, bounds beyond the end) is numpy's.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "anebench/ops/context.h"
#include "anebench/ops/families.h"
#include "anebench/ops/shapes.h"
#include "anebench/ops/signature.h"
#include "anebench/ops/strided_view.h"

namespace anebench::ops {
namespace {

using mil::Dim;
using mil::Opset;

using Numbers = std::vector<std::int64_t>;

// A vector of one number for each dimension of x, where it is known; nothing where it is computed.
Result<std::optional<Numbers>> known_numbers(const Arguments& arguments, std::string_view parameter,
                                             std::size_t rank) {
  ANEBENCH_ASSIGN(type, arguments.tensor_type(parameter));
  const bool fits = type.rank() == 1 && (!type.shape()[0].is_known() ||
                                         type.shape()[0] == Dim(static_cast<std::int64_t>(rank)));
  if (!fits) {
    return arguments.error(parameter, fmt::format("is {}, wants one number for each of {} "
                                                  "dimensions",
                                                  to_string(type), rank));
  }
  return arguments.integers_if_known(parameter);
}

Result<Numbers> actual_numbers(OpContext& context, std::string_view parameter, std::size_t rank) {
  ANEBENCH_TRY(known_numbers(context.arguments(), parameter, rank));
  ANEBENCH_ASSIGN(tensor, context.tensor(parameter));
  return tensor.to_integers();
}

// --- slice_by_index, slice_update -------------------------------------------------------------

// What does not depend on values computed at run time.
struct SliceOptions {
  Numbers strides;
  std::vector<bool> from_start;  // begin is ignored
  std::vector<bool> to_end;      // end is ignored
  std::vector<bool> squeeze;     // the element at begin, and no dimension
};

Result<std::vector<bool>> mask(const Arguments& arguments, std::string_view parameter,
                               std::size_t rank) {
  ANEBENCH_ASSIGN(given, arguments.booleans(parameter));
  if (!given) return std::vector<bool>(rank, false);
  if (given->size() != rank) {
    return arguments.error(parameter,
                           fmt::format("has {} values for {} dimensions", given->size(), rank));
  }
  return *std::move(given);
}

Result<SliceOptions> slice_options(const Arguments& arguments, std::size_t rank) {
  SliceOptions options;
  options.strides.assign(rank, 1);
  if (arguments.has("stride")) {
    ANEBENCH_ASSIGN(given, arguments.integers("stride"));
    if (given.size() != rank || std::ranges::find(given, 0) != given.end()) {
      return arguments.error("stride", fmt::format("wants {} numbers that are not 0", rank));
    }
    options.strides = std::move(given);
  }
  ANEBENCH_ASSIGN(from_start, mask(arguments, "begin_mask", rank));
  ANEBENCH_ASSIGN(to_end, mask(arguments, "end_mask", rank));
  ANEBENCH_ASSIGN(squeeze, mask(arguments, "squeeze_mask", rank));
  options.from_start = std::move(from_start);
  options.to_end = std::move(to_end);
  options.squeeze = std::move(squeeze);
  return options;
}

// The elements first, first + stride, … of one dimension.
struct IndexRange {
  std::int64_t first = 0;
  std::int64_t count = 0;
};

// numpy's begin:end:stride. Strides and indices are no wider than int32, so nothing overflows for
// sizes below 2^62.
IndexRange resolve(std::int64_t size, std::optional<std::int64_t> begin,
                   std::optional<std::int64_t> end, std::int64_t stride) {
  const std::int64_t low = stride > 0 ? 0 : -1;
  const std::int64_t high = stride > 0 ? size : size - 1;
  const auto bounded = [&](std::int64_t index) {
    return std::clamp(index < 0 ? index + size : index, low, high);
  };
  const std::int64_t first = begin ? bounded(*begin) : (stride > 0 ? low : high);
  const std::int64_t last = end ? bounded(*end) : (stride > 0 ? high : low);
  const std::int64_t span = stride > 0 ? last - first : first - last;
  const std::int64_t step = stride > 0 ? stride : -stride;
  return {first, span <= 0 ? 0 : (span - 1) / step + 1};
}

// The one index that a squeezed dimension is left with; nothing where it is outside.
std::optional<std::int64_t> single_index(std::int64_t size, std::int64_t index) {
  if (index < 0) index += size;
  if (index < 0 || index >= size) return std::nullopt;
  return index;
}

tl::unexpected<Error> outside(const Arguments& arguments, std::int64_t index, std::size_t dim,
                              std::int64_t size) {
  return arguments.error(
      "begin", fmt::format("is {} for dimension {}, which has {} elements", index, dim, size));
}

// The shape of the slice.
Result<mil::Shape> slice_shape(const Arguments& arguments, const mil::Shape& x,
                               const SliceOptions& options, const std::optional<Numbers>& begin,
                               const std::optional<Numbers>& end) {
  mil::Shape shape;
  for (std::size_t d = 0; d < x.size(); ++d) {
    if (options.squeeze[d]) {
      const std::optional<std::int64_t> index = options.from_start[d] ? 0
                                                : begin               ? std::optional((*begin)[d])
                                                                      : std::nullopt;
      if (index && x[d].is_known() && !single_index(x[d].size(), *index)) {
        return outside(arguments, *index, d, x[d].size());
      }
      continue;
    }
    const bool begin_is_known = options.from_start[d] || begin;
    const bool end_is_known = options.to_end[d] || end;
    if (!x[d].is_known() || !begin_is_known || !end_is_known) {
      shape.push_back(Dim::unknown());
      continue;
    }
    const IndexRange range =
        resolve(x[d].size(), options.from_start[d] ? std::nullopt : std::optional((*begin)[d]),
                options.to_end[d] ? std::nullopt : std::optional((*end)[d]), options.strides[d]);
    shape.push_back(range.count);
  }
  return shape;
}

Result<mil::Shape> infer_slice(const Arguments& arguments, const mil::Shape& x) {
  ANEBENCH_ASSIGN(options, slice_options(arguments, x.size()));
  ANEBENCH_ASSIGN(begin, known_numbers(arguments, "begin", x.size()));
  ANEBENCH_ASSIGN(end, known_numbers(arguments, "end", x.size()));
  return slice_shape(arguments, x, options, begin, end);
}

// The slice as a view of x, without the squeezed dimensions.
Result<StridedView> slice_view(OpContext& context, const Tensor& x) {
  const Arguments& arguments = context.arguments();
  ANEBENCH_ASSIGN(options, slice_options(arguments, x.rank()));
  ANEBENCH_ASSIGN(begin, actual_numbers(context, "begin", x.rank()));
  ANEBENCH_ASSIGN(end, actual_numbers(context, "end", x.rank()));
  const StridedView whole = StridedView::of(x.dims());
  StridedView view;
  for (std::size_t d = 0; d < x.rank(); ++d) {
    const std::int64_t size = x.dims()[d];
    if (options.squeeze[d]) {
      const std::int64_t given = options.from_start[d] ? 0 : begin[d];
      const auto index = single_index(size, given);
      if (!index) return outside(arguments, given, d, size);
      view.offset += *index * whole.strides[d];
      continue;
    }
    const IndexRange range =
        resolve(size, options.from_start[d] ? std::nullopt : std::optional(begin[d]),
                options.to_end[d] ? std::nullopt : std::optional(end[d]), options.strides[d]);
    view.dims.push_back(range.count);
    // With fewer than two elements the stride means nothing, and may be absurd.
    view.strides.push_back(range.count < 2 ? 0 : options.strides[d] * whole.strides[d]);
    if (range.count != 0) view.offset += range.first * whole.strides[d];
  }
  return view;
}

Result<std::vector<mil::Type>> infer_slice_by_index(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  ANEBENCH_ASSIGN(shape, infer_slice(arguments, x.shape()));
  return std::vector<mil::Type>{mil::Type::tensor(x.data_type(), std::move(shape))};
}

Result<std::vector<Tensor>> evaluate_slice_by_index(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(view, slice_view(context, x));
  ANEBENCH_ASSIGN(out, gather(context, x, view, view.dims));
  return std::vector<Tensor>{std::move(out)};
}

Result<std::vector<mil::Type>> infer_slice_update(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  ANEBENCH_ASSIGN(update, arguments.tensor_type("update"));
  ANEBENCH_ASSIGN(shape, infer_slice(arguments, x.shape()));
  const bool fits =
      update.rank() == shape.size() && std::ranges::equal(update.shape(), shape, [](Dim a, Dim b) {
        return !a.is_known() || !b.is_known() || a == b;
      });
  if (!fits || update.rank() == 0) {
    return arguments.error(
        "update", fmt::format("is {}, the slice {}{}", to_string(update.shape()), to_string(shape),
                              fits ? "; a single element cannot be updated" : ""));
  }
  return std::vector<mil::Type>{std::move(x)};
}

Result<std::vector<Tensor>> evaluate_slice_update(OpContext& context) {
  ANEBENCH_ASSIGN(out, context.tensor("x"));
  ANEBENCH_ASSIGN(update, context.tensor("update"));
  ANEBENCH_TRY(infer_slice_update(context.arguments()));
  ANEBENCH_ASSIGN(view, slice_view(context, out));
  if (view.dims != update.dims() || update.data_type() != out.data_type()) {
    return context.arguments().error(
        "update", fmt::format("is {}, the slice {} of {}", to_string(update.type()),
                              to_string(to_shape(view.dims)), to_string(out.data_type())));
  }
  ANEBENCH_TRY(scatter(context, out, view, update));
  return std::vector<Tensor>{std::move(out)};
}

// --- slice_by_size ----------------------------------------------------------------------------

// Elements [first, first + count) of one dimension: a negative `begin` counts from the end, a size
// of -1 means all that remain. Nothing where that is outside.
std::optional<IndexRange> sized_range(std::int64_t size, std::int64_t begin, std::int64_t count) {
  const std::int64_t first = begin < 0 ? begin + size : begin;
  if (first < 0 || first > size) return std::nullopt;
  if (count == -1) count = size - first;
  if (count < 0 || count > size - first) return std::nullopt;
  return IndexRange{first, count};
}

tl::unexpected<Error> outside(const Arguments& arguments, std::int64_t begin, std::int64_t count,
                              std::size_t dim, std::int64_t size) {
  return arguments.error("size", fmt::format("{} from {} on is outside dimension {}, which has {} "
                                             "elements",
                                             count, begin, dim, size));
}

Result<std::vector<mil::Type>> infer_slice_by_size(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  ANEBENCH_ASSIGN(begin, known_numbers(arguments, "begin", x.rank()));
  ANEBENCH_ASSIGN(size, known_numbers(arguments, "size", x.rank()));
  mil::Shape shape(x.rank(), Dim::unknown());
  for (std::size_t d = 0; d < x.rank() && size; ++d) {
    const std::int64_t count = (*size)[d];
    if (count < -1) return arguments.error("size", fmt::format("holds {}", count));
    if (count >= 0) shape[d] = count;
    if (!begin || !x.shape()[d].is_known()) continue;
    const std::int64_t available = x.shape()[d].size();
    const auto range = sized_range(available, (*begin)[d], count);
    if (!range) return outside(arguments, (*begin)[d], count, d, available);
    shape[d] = range->count;
  }
  return std::vector<mil::Type>{mil::Type::tensor(x.data_type(), std::move(shape))};
}

Result<std::vector<Tensor>> evaluate_slice_by_size(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(begin, actual_numbers(context, "begin", x.rank()));
  ANEBENCH_ASSIGN(size, actual_numbers(context, "size", x.rank()));
  StridedView view = StridedView::of(x.dims());
  for (std::size_t d = 0; d < x.rank(); ++d) {
    const auto range = sized_range(x.dims()[d], begin[d], size[d]);
    if (!range) return outside(context.arguments(), begin[d], size[d], d, x.dims()[d]);
    view.dims[d] = range->count;
    if (range->count != 0) view.offset += range->first * view.strides[d];
  }
  ANEBENCH_ASSIGN(out, gather(context, x, view, view.dims));
  return std::vector<Tensor>{std::move(out)};
}

// --- Definitions ------------------------------------------------------------------------------

constexpr Parameter indices13(std::string_view name) { return {.name = name, .types = kInt32}; }
constexpr Parameter indices17(std::string_view name) {
  return {.name = name, .types = kIndicesSinceIos17, .type_variable = "U"};
}

constexpr Parameter mask_parameter(std::string_view name) {
  return optional_parameter(name, kBool, "false for each dimension");
}
constexpr Parameter kStride13 = optional_parameter("stride", kInt32, "1 along each dimension");
constexpr Parameter kStride17 =
    optional_parameter("stride", kIndicesSinceIos17, "1 along each dimension", "U");

constexpr Parameter kSliceByIndex13[] = {kAnyX,
                                         indices13("begin"),
                                         indices13("end"),
                                         kStride13,
                                         mask_parameter("begin_mask"),
                                         mask_parameter("end_mask"),
                                         mask_parameter("squeeze_mask")};
constexpr Parameter kSliceByIndex17[] = {kAnyXSinceIos17,
                                         indices17("begin"),
                                         indices17("end"),
                                         kStride17,
                                         mask_parameter("begin_mask"),
                                         mask_parameter("end_mask"),
                                         mask_parameter("squeeze_mask")};
constexpr Version kSliceByIndexVersions[] = {{Opset::ios13, kSliceByIndex13},
                                             {Opset::ios17, kSliceByIndex17}};
constexpr Parameter kSliceBySize13[] = {kAnyX, indices13("begin"), indices13("size")};
constexpr Parameter kSliceBySize17[] = {kAnyXSinceIos17, indices17("begin"), indices17("size")};
constexpr Version kSliceBySizeVersions[] = {{Opset::ios13, kSliceBySize13},
                                            {Opset::ios17, kSliceBySize17}};
constexpr Parameter kSliceUpdate[] = {
    kAnyXSinceIos17,
    {.name = "update", .types = kAllSinceIos17, .type_variable = "T"},
    indices17("begin"),
    indices17("end"),
    kStride17,
    mask_parameter("begin_mask"),
    mask_parameter("end_mask"),
    mask_parameter("squeeze_mask")};
constexpr Version kSliceUpdateVersions[] = {{Opset::ios18, kSliceUpdate}};

constexpr Definition kTensorSliceDefinitions[] = {
    define("tensor_transformation", "slice_by_index", kSliceByIndexVersions, infer_slice_by_index,
           evaluate_slice_by_index),
    define("tensor_transformation", "slice_by_size", kSliceBySizeVersions, infer_slice_by_size,
           evaluate_slice_by_size),
    define("tensor_transformation", "slice_update", kSliceUpdateVersions, infer_slice_update,
           evaluate_slice_update),
};

}  // namespace

std::span<const Definition> tensor_slice_family() { return kTensorSliceDefinitions; }

}  // namespace anebench::ops
