// constexpr_affine_dequantize and constexpr_cast: weights stored in 8 bits or fp16, made wide when
// the program is loaded.
#include <fmt/format.h>

#include "anebench/ops/affine.h"
#include "anebench/ops/families.h"
#include "anebench/ops/shapes.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using mil::Opset;

Result<std::vector<mil::Type>> infer_affine_dequantize(const Arguments& arguments) {
  ANEBENCH_ASSIGN(data, known_tensor(arguments, "quantized_data"));
  ANEBENCH_ASSIGN(scale, arguments.tensor_type("scale"));
  if (data.dims.empty()) return arguments.error("quantized_data", "is a scalar");
  ANEBENCH_ASSIGN(axis, arguments.axis("axis", data.dims.size()));
  ANEBENCH_TRY(scalar_or_vector(arguments, "scale", data.dims[axis]));
  ANEBENCH_TRY(scalar_or_vector(arguments, "zero_point", data.dims[axis]));
  return std::vector<mil::Type>{mil::Type::tensor(scale.data_type(), to_shape(data.dims))};
}

Result<std::vector<Tensor>> evaluate_affine_dequantize(OpContext& context) {
  ANEBENCH_ASSIGN(data, context.tensor("quantized_data"));
  ANEBENCH_ASSIGN(scale, context.tensor("scale"));
  ANEBENCH_ASSIGN(zero_point, context.tensor("zero_point"));
  ANEBENCH_TRY(infer_affine_dequantize(context.arguments()));
  ANEBENCH_ASSIGN(axis, context.arguments().axis("axis", data.rank()));
  ANEBENCH_ASSIGN(out, dequantize_affine(context, data, scale, &zero_point, axis));
  return std::vector<Tensor>{std::move(out)};
}

Result<std::vector<mil::Type>> infer_constexpr_cast(const Arguments& arguments) {
  ANEBENCH_ASSIGN(source, arguments.tensor_type("source_val"));
  ANEBENCH_ASSIGN(target, arguments.string("output_dtype"));
  if (target != "fp32") {
    return arguments.error("output_dtype", fmt::format("is '{}', wants fp32", target));
  }
  return std::vector<mil::Type>{mil::Type::tensor(DataType::fp32, source.shape())};
}

Result<std::vector<Tensor>> evaluate_constexpr_cast(OpContext& context) {
  ANEBENCH_TRY(infer_constexpr_cast(context.arguments()));
  ANEBENCH_ASSIGN(source, context.tensor("source_val"));
  return map_elements(context, source, DataType::fp32, [](double value) { return value; });
}

constexpr TypeSet kUint4{DataType::uint4};
constexpr Parameter kAffineDequantize[] = {
    {.name = "quantized_data",
     .types = kBytes,
     .type_variable = "SrcT",
     .constant = true,
     .lenient_types = kUint4},
    {.name = "zero_point",
     .types = kBytes | TypeSet{DataType::fp32},
     .type_variable = "ZeroPointT",
     .constant = true,
     .lenient_types = kUint4},
    {.name = "scale", .types = kFloats, .type_variable = "DstT", .constant = true},
    {.name = "axis", .types = kInt32, .constant = true},
};
constexpr Parameter kConstexprCast[] = {
    {.name = "source_val", .types = {DataType::fp16}, .constant = true},
    {.name = "output_dtype", .types = kString, .constant = true},
};
constexpr Version kAffineDequantizeVersions[] = {{Opset::ios16, kAffineDequantize}};
// The version of iOS 18 only moved the parameters from attributes to inputs.
constexpr Version kConstexprCastVersions[] = {{Opset::ios16, kConstexprCast},
                                              {Opset::ios18, kConstexprCast}};

constexpr Definition kConstexprAffineDefinitions[] = {
    {.name = "constexpr_affine_dequantize",
     .family = "constexpr",
     .versions = kAffineDequantizeVersions,
     .infer = infer_affine_dequantize,
     .evaluate = evaluate_affine_dequantize,
     .count_operations = count_each<2>,
     .is_constexpr = true},
    {.name = "constexpr_cast",
     .family = "constexpr",
     .versions = kConstexprCastVersions,
     .infer = infer_constexpr_cast,
     .evaluate = evaluate_constexpr_cast,
     .is_constexpr = true},
};

}  // namespace

std::span<const Definition> constexpr_affine_family() { return kConstexprAffineDefinitions; }

}  // namespace anebench::ops
