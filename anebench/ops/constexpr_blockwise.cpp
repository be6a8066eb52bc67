// constexpr_blockwise_shift_scale and its sparse sibling: weights with one scale (and offset) for
// each block of elements.
#include <fmt/format.h>

#include <algorithm>

#include "anebench/ops/compressed.h"
#include "anebench/ops/context.h"
#include "anebench/ops/families.h"
#include "anebench/ops/shapes.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using mil::Opset;

// Checks scale and offset against the dense shape.
Result<void> check_grid(const Arguments& arguments, std::span<const std::int64_t> dims,
                        DataType data_type) {
  ANEBENCH_ASSIGN(scale, known_tensor(arguments, "scale"));
  if (dims.empty()) return arguments.error("data", "is a scalar");
  if (scale.dims.size() != dims.size()) {
    return arguments.error("scale",
                           fmt::format("has rank {}, the data {}", scale.dims.size(), dims.size()));
  }
  for (std::size_t d = 0; d < dims.size(); ++d) {
    if (scale.dims[d] == 0 || dims[d] % scale.dims[d] != 0) {
      return arguments.error("scale", fmt::format("has {} blocks along dimension {} of {} elements",
                                                  scale.dims[d], d, dims[d]));
    }
  }
  if (arguments.has("offset")) {
    ANEBENCH_ASSIGN(offset, known_tensor(arguments, "offset"));
    if (offset.dims != scale.dims) return arguments.error("offset", "has another shape than scale");
    if (offset.data_type != data_type && !kFloats.contains(offset.data_type)) {
      return arguments.error(
          "offset",
          fmt::format("is {}, the data {}", to_string(offset.data_type), to_string(data_type)));
    }
  }
  return {};
}

// scale · (data - offset), each step rounded to scale's type. For integers of 8 bits the
// difference is exact and only the product rounds.
Result<Tensor> shift_scale(const Tensor& data, const Tensor& scale, const Tensor* offset) {
  const DataType type = scale.data_type();
  ANEBENCH_ASSIGN(out, Tensor::create(mil::Type::tensor(type, data.type().shape())));
  const std::vector<double> scales = scale.to_doubles();
  std::vector<double> offsets(scales.size(), 0.0);
  if (offset != nullptr) offsets = offset->to_doubles();
  round_to(type, offsets);
  const bool exact = mil::is_integer(data.data_type()) &&
                     (offset == nullptr || mil::is_integer(offset->data_type()));
  const std::span<std::byte> target = out.mutable_bytes();
  std::vector<double> run;
  for_each_block_run(data.dims(), scale.dims(),
                     [&](std::size_t first, std::size_t count, std::size_t block) {
                       run.resize(count);
                       load_doubles(data.data_type(), data.bytes(), first, run);
                       if (!exact) round_to(type, run);
                       for (double& value : run) value -= offsets[block];
                       if (!exact) round_to(type, run);
                       for (double& value : run) value *= scales[block];
                       store_doubles(type, target, first, run);
                     });
  return out;
}

Result<std::optional<Tensor>> offset_of(OpContext& context) {
  if (!context.arguments().has("offset")) return std::nullopt;
  ANEBENCH_ASSIGN(offset, context.tensor("offset"));
  return offset;
}

Result<std::vector<mil::Type>> infer_blockwise(const Arguments& arguments) {
  ANEBENCH_ASSIGN(data, known_tensor(arguments, "data"));
  ANEBENCH_ASSIGN(scale, arguments.tensor_type("scale"));
  ANEBENCH_TRY(check_grid(arguments, data.dims, data.data_type));
  return std::vector<mil::Type>{mil::Type::tensor(scale.data_type(), to_shape(data.dims))};
}

Result<std::vector<Tensor>> evaluate_blockwise(OpContext& context) {
  ANEBENCH_TRY(infer_blockwise(context.arguments()));
  ANEBENCH_ASSIGN(data, context.tensor("data"));
  ANEBENCH_ASSIGN(scale, context.tensor("scale"));
  ANEBENCH_ASSIGN(offset, offset_of(context));
  ANEBENCH_ASSIGN(out, shift_scale(data, scale, offset ? &*offset : nullptr));
  return std::vector<Tensor>{std::move(out)};
}

Result<std::vector<mil::Type>> infer_sparse_blockwise(const Arguments& arguments) {
  ANEBENCH_ASSIGN(mask, known_tensor(arguments, "data_mask"));
  ANEBENCH_ASSIGN(data, known_tensor(arguments, "nonzero_data"));
  ANEBENCH_ASSIGN(scale, arguments.tensor_type("scale"));
  if (data.dims.size() != 1) return arguments.error("nonzero_data", "is no vector");
  ANEBENCH_TRY(check_grid(arguments, mask.dims, data.data_type));
  return std::vector<mil::Type>{
      mil::Type::tensor(mask.data_type, to_shape(mask.dims)),
      mil::Type::tensor(scale.data_type(), to_shape(data.dims)),
  };
}

Result<std::vector<Tensor>> evaluate_sparse_blockwise(OpContext& context) {
  ANEBENCH_ASSIGN(types, infer_sparse_blockwise(context.arguments()));
  ANEBENCH_ASSIGN(mask, context.tensor("data_mask"));
  ANEBENCH_ASSIGN(data, context.tensor("nonzero_data"));
  ANEBENCH_ASSIGN(scale, context.tensor("scale"));
  ANEBENCH_ASSIGN(offset, offset_of(context));
  ANEBENCH_ASSIGN(dense, scatter(data, mask.bytes(), mask.type().shape()),
                  context.arguments().describe());
  ANEBENCH_ASSIGN(scaled, shift_scale(dense, scale, offset ? &*offset : nullptr));
  ANEBENCH_ASSIGN(values, gather(scaled, mask.bytes()));
  return std::vector<Tensor>{std::move(mask), std::move(values)};
}

Result<double> count_shift_scale(const Arguments& /*arguments*/,
                                 std::span<const mil::Type> outputs) {
  return count_per_element(outputs.last(1), 2);
}

constexpr TypeSet kBlockwiseData = kFloats | kBytes | TypeSet{DataType::int4, DataType::uint4};
constexpr Parameter kBlockwiseScale = {
    .name = "scale", .types = kFloats, .type_variable = "DstT", .constant = true};
constexpr Parameter kBlockwiseOffset = {.name = "offset",
                                        .types = kBlockwiseData,
                                        .type_variable = "OffsetT",
                                        .optional = true,
                                        .constant = true};
constexpr Parameter kBlockwise[] = {
    {.name = "data", .types = kBlockwiseData, .type_variable = "SrcT", .constant = true},
    kBlockwiseScale,
    kBlockwiseOffset};
constexpr Parameter kSparseBlockwise[] = {
    {.name = "data_mask", .types = {DataType::uint1}, .constant = true},
    {.name = "nonzero_data", .types = kBlockwiseData, .type_variable = "SrcT", .constant = true},
    kBlockwiseScale,
    kBlockwiseOffset,
};
constexpr Version kBlockwiseVersions[] = {{Opset::ios18, kBlockwise}};
constexpr Version kSparseBlockwiseVersions[] = {{Opset::ios18, kSparseBlockwise}};

constexpr Definition kConstexprBlockwiseDefinitions[] = {
    {.name = "constexpr_blockwise_shift_scale",
     .family = "constexpr",
     .versions = kBlockwiseVersions,
     .infer = infer_blockwise,
     .evaluate = evaluate_blockwise,
     .count_operations = count_shift_scale,
     .is_constexpr = true},
    {.name = "constexpr_sparse_blockwise_shift_scale",
     .family = "constexpr",
     .versions = kSparseBlockwiseVersions,
     .infer = infer_sparse_blockwise,
     .evaluate = evaluate_sparse_blockwise,
     .count_operations = count_shift_scale,
     .is_constexpr = true},
};

}  // namespace

std::span<const Definition> constexpr_blockwise_family() { return kConstexprBlockwiseDefinitions; }

}  // namespace anebench::ops
