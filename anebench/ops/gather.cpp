// Elements and slices taken by index.
#include <fmt/format.h>

#include <cstring>

#include "anebench/ops/context.h"
#include "anebench/ops/families.h"
#include "anebench/ops/slices.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using mil::Opset;
using mil::Shape;
using mil::Type;

void copy_slices(const Tensor& x, const Slices& slices, Tensor& out) {
  const auto width = static_cast<std::size_t>(mil::bit_width(x.data_type())) / 8;
  const std::size_t bytes = slices.length * width;
  std::byte* to = out.mutable_bytes().data();
  for (const std::int64_t first : slices.first) {
    if (first != kOutside) {
      std::memcpy(to, x.bytes().data() + static_cast<std::size_t>(first) * width, bytes);
    }
    to += bytes;
  }
}

// The output is made before the slices are listed: it bounds their number.
template <typename FindSlices>
Result<std::vector<Tensor>> gather_slices(const Tensor& x, const Type& type,
                                          const FindSlices& find_slices) {
  ANEBENCH_ASSIGN(out, Tensor::create(type));
  if (out.element_count() != 0) {
    ANEBENCH_ASSIGN(slices, find_slices());
    copy_slices(x, slices, out);
  }
  return std::vector<Tensor>{std::move(out)};
}

Result<std::vector<Type>> infer_gather(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  ANEBENCH_ASSIGN(indices, arguments.tensor_type("indices"));
  ANEBENCH_ASSIGN(axis, axis_or_first(arguments, x.rank()));
  ANEBENCH_ASSIGN(batch_dims, batch_dims_of(arguments, x.rank(), indices.rank()));
  if (axis < batch_dims) {
    return arguments.error("axis",
                           fmt::format("is {}, within the {} batch dimensions", axis, batch_dims));
  }
  for (std::size_t d = 0; d < batch_dims; ++d) {
    if (mil::compatible(x.shape()[d], indices.shape()[d])) continue;
    return arguments.error("indices", fmt::format("is {}; the first {} dimensions must be those of "
                                                  "x {}",
                                                  to_string(indices), batch_dims, to_string(x)));
  }
  const auto from = [](const Shape& shape, std::size_t first) {
    return shape.begin() + static_cast<std::ptrdiff_t>(first);
  };
  Shape shape(x.shape().begin(), from(x.shape(), axis));
  shape.insert(shape.end(), from(indices.shape(), batch_dims), indices.shape().end());
  shape.insert(shape.end(), from(x.shape(), axis + 1), x.shape().end());
  return std::vector<Type>{Type::tensor(x.data_type(), std::move(shape))};
}

Result<std::vector<Tensor>> evaluate_gather(OpContext& context) {
  const Arguments& arguments = context.arguments();
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(indices, context.tensor("indices"));
  ANEBENCH_ASSIGN(types, infer_gather(arguments));
  ANEBENCH_ASSIGN(axis, axis_or_first(arguments, x.rank()));
  ANEBENCH_ASSIGN(batch_dims, batch_dims_of(arguments, x.rank(), indices.rank()));
  return gather_slices(x, types.front(), [&] {
    return slices_of_axis(arguments, x.dims(), indices, axis, batch_dims);
  });
}

Result<std::vector<Type>> infer_gather_along_axis(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  ANEBENCH_ASSIGN(indices, arguments.tensor_type("indices"));
  ANEBENCH_ASSIGN(axis, axis_or_first(arguments, x.rank()));
  ANEBENCH_TRY(check_alike_but_axis(arguments, x, indices, axis));
  return std::vector<Type>{Type::tensor(x.data_type(), indices.shape())};
}

Result<std::vector<Tensor>> evaluate_gather_along_axis(OpContext& context) {
  const Arguments& arguments = context.arguments();
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(indices, context.tensor("indices"));
  ANEBENCH_ASSIGN(types, infer_gather_along_axis(arguments));
  ANEBENCH_ASSIGN(axis, axis_or_first(arguments, x.rank()));
  return gather_slices(x, types.front(),
                       [&] { return slices_along_axis(arguments, x.dims(), indices, axis); });
}

Result<std::vector<Type>> infer_gather_nd(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  ANEBENCH_ASSIGN(indices, arguments.tensor_type("indices"));
  if (indices.rank() == 0) return arguments.error("indices", "is a scalar, wants coordinates");
  ANEBENCH_ASSIGN(batch_dims, batch_dims_of(arguments, x.rank(), indices.rank() - 1));
  for (std::size_t d = 0; d < batch_dims; ++d) {
    if (mil::compatible(x.shape()[d], indices.shape()[d])) continue;
    return arguments.error("indices", fmt::format("is {}; the first {} dimensions must be those of "
                                                  "x {}",
                                                  to_string(indices), batch_dims, to_string(x)));
  }
  const mil::Dim depth = indices.shape().back();
  if (!depth.is_known()) {
    return arguments.error("indices", "has an unknown number of coordinates");
  }
  const auto skipped = static_cast<std::int64_t>(batch_dims) + depth.size();
  if (skipped > static_cast<std::int64_t>(x.rank())) {
    return arguments.error("indices", fmt::format("has {} coordinates for {} dimensions of x",
                                                  depth.size(), x.rank() - batch_dims));
  }
  Shape shape(indices.shape().begin(), indices.shape().end() - 1);
  shape.insert(shape.end(), x.shape().begin() + static_cast<std::ptrdiff_t>(skipped),
               x.shape().end());
  return std::vector<Type>{Type::tensor(x.data_type(), std::move(shape))};
}

Result<std::vector<Tensor>> evaluate_gather_nd(OpContext& context) {
  const Arguments& arguments = context.arguments();
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(indices, context.tensor("indices"));
  ANEBENCH_ASSIGN(types, infer_gather_nd(arguments));
  ANEBENCH_ASSIGN(batch_dims, batch_dims_of(arguments, x.rank(), indices.rank() - 1));
  return gather_slices(x, types.front(), [&] {
    return slices_by_coordinates(arguments, x.dims(), indices, batch_dims);
  });
}

constexpr TypeSet kIndices16 = kInt32 | TypeSet{DataType::int16, DataType::uint16};
constexpr TypeSet kIndices17 = kIndices16 | kBytes;
constexpr TypeSet kNumbers17 = kFloats | kIndices17;

constexpr Parameter kX13 = {.name = "x", .types = kFloatsAndInt32, .type_variable = "T"};
constexpr Parameter kX17 = {.name = "x", .types = kNumbers17, .type_variable = "T"};
constexpr Parameter kIndex13 = {.name = "indices", .types = kInt32};
constexpr Parameter kIndex16 = {.name = "indices", .types = kIndices16, .type_variable = "I"};
constexpr Parameter kIndex17 = {.name = "indices", .types = kIndices17, .type_variable = "I"};
constexpr Parameter kAxis = {
    .name = "axis", .types = kInt32, .optional = true, .constant = true, .default_text = "0"};
constexpr Parameter kBatchDims = {
    .name = "batch_dims", .types = kInt32, .optional = true, .constant = true, .default_text = "0"};
constexpr Parameter kValidate = {.name = "validate_indices",
                                 .types = kBool,
                                 .optional = true,
                                 .constant = true,
                                 .default_text = "false"};

constexpr Parameter kGather13[] = {kX13, kIndex13, kAxis};
constexpr Parameter kGather16[] = {kX13, kIndex16, kAxis, kBatchDims};
constexpr Parameter kGather17[] = {kX17, kIndex17, kAxis, kBatchDims, kValidate};
constexpr Version kGatherVersions[] = {
    {Opset::ios13, kGather13}, {Opset::ios16, kGather16}, {Opset::ios17, kGather17}};
constexpr Parameter kAlong16[] = {kX13, kIndex16, kAxis};
constexpr Parameter kAlong17[] = {kX17, kIndex17, kAxis, kValidate};
constexpr Version kAlongVersions[] = {
    {Opset::ios13, kGather13}, {Opset::ios16, kAlong16}, {Opset::ios17, kAlong17}};
constexpr Parameter kNd13[] = {kX13, kIndex13};
constexpr Parameter kNd16[] = {kX13, kIndex16, kBatchDims};
constexpr Parameter kNd17[] = {kX17, kIndex17, kBatchDims, kValidate};
constexpr Version kNdVersions[] = {
    {Opset::ios13, kNd13}, {Opset::ios16, kNd16}, {Opset::ios17, kNd17}};

constexpr Definition kDefinitions[] = {
    {.name = "gather",
     .family = "scatter_gather",
     .versions = kGatherVersions,
     .infer = infer_gather,
     .evaluate = evaluate_gather},
    {.name = "gather_along_axis",
     .family = "scatter_gather",
     .versions = kAlongVersions,
     .infer = infer_gather_along_axis,
     .evaluate = evaluate_gather_along_axis},
    {.name = "gather_nd",
     .family = "scatter_gather",
     .versions = kNdVersions,
     .infer = infer_gather_nd,
     .evaluate = evaluate_gather_nd},
};

}  // namespace

std::span<const Definition> gather_family() { return kDefinitions; }

}  // namespace anebench::ops
