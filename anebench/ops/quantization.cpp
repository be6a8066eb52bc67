// quantize and dequantize of activations.
//
// Source of the semantics: coremltools' definitions of iOS 17 (value inference), which round half
// to even before the zero point is added and saturate last.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "anebench/ops/affine.h"
#include "anebench/ops/elementwise.h"
#include "anebench/ops/families.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using mil::Opset;

// Scalar scale: no axis, scalar zero point. Vector scale: axis, vector zero point, equal lengths.
Result<void> check_scale(const Arguments& arguments, const mil::Type& input) {
  ANEBENCH_ASSIGN(scale, arguments.tensor_type("scale"));
  if (scale.rank() == 0) {
    if (arguments.has("axis")) return arguments.error("axis", "stands beside a scalar scale");
    if (arguments.has("zero_point")) {
      ANEBENCH_ASSIGN(zero_point, arguments.tensor_type("zero_point"));
      if (zero_point.rank() != 0) {
        return arguments.error("zero_point", "is no scalar, but scale is");
      }
    }
    return {};
  }
  if (!arguments.has("axis")) return arguments.error("axis", "is missing; scale is a vector");
  ANEBENCH_ASSIGN(axis, arguments.axis("axis", input.rank()));
  const mil::Dim channels = input.shape()[axis];
  ANEBENCH_TRY(scalar_or_vector(arguments, "scale", channels));
  if (arguments.has("zero_point")) {
    ANEBENCH_ASSIGN(form, scalar_or_vector(arguments, "zero_point", channels));
    if (form == VectorForm::scalar) {
      return arguments.error("zero_point", "is a scalar, but scale is a vector");
    }
  }
  return {};
}

Result<std::size_t> axis_or_zero(const Arguments& arguments, std::size_t rank) {
  if (!arguments.has("axis")) return std::size_t{0};
  return arguments.axis("axis", rank);
}

Result<std::optional<Tensor>> optional_tensor(OpContext& context, std::string_view parameter) {
  if (!context.arguments().has(parameter)) return std::nullopt;
  ANEBENCH_ASSIGN(tensor, context.tensor(parameter));
  return tensor;
}

Result<DataType> quantize_target(const Arguments& arguments) {
  ANEBENCH_ASSIGN(name, arguments.string("output_dtype"));
  const auto type = mil::parse_data_type(name);
  if (!type || !kBytes.contains(*type)) {
    return arguments.error("output_dtype", fmt::format("is '{}', wants int8 or uint8", name));
  }
  return *type;
}

Result<std::vector<mil::Type>> infer_quantize(const Arguments& arguments) {
  ANEBENCH_ASSIGN(input, arguments.tensor_type("input"));
  ANEBENCH_ASSIGN(target, quantize_target(arguments));
  if (arguments.has("zero_point")) {
    ANEBENCH_ASSIGN(zero_point, arguments.tensor_type("zero_point"));
    if (zero_point.data_type() != target) {
      return arguments.error("zero_point", fmt::format("is {}, but output_dtype is {}",
                                                       to_string(zero_point), to_string(target)));
    }
  }
  ANEBENCH_TRY(check_scale(arguments, input));
  return std::vector<mil::Type>{mil::Type::tensor(target, input.shape())};
}

// Rounds half to even, for |value| < 2^51: at 1.5 * 2^52 the spacing of doubles is 1.
double round_small_half_even(double value) {
  constexpr double kShift = 0x1.8p52;
  return (value + kShift) - kShift;
}

// q = clamp(rne(T(input / scale)) + zero_point), T being the input's type; NaN gives 0. Division in
// float is T's for fp32, and for fp16 rounding its result once more gives what direct rounding
// would: 24 bits are at least 2 * 11 + 2.
Result<std::vector<Tensor>> evaluate_quantize(OpContext& context) {
  const Arguments& arguments = context.arguments();
  ANEBENCH_ASSIGN(input, context.tensor("input"));
  ANEBENCH_ASSIGN(scale, context.tensor("scale"));
  ANEBENCH_ASSIGN(zero_point, optional_tensor(context, "zero_point"));
  ANEBENCH_ASSIGN(types, infer_quantize(arguments));
  ANEBENCH_ASSIGN(axis, axis_or_zero(arguments, input.rank()));
  ANEBENCH_ASSIGN(out, Tensor::create(types.front()));
  const std::vector<double> scales = scale.to_doubles();
  const std::vector<double> zeros = zero_point ? zero_point->to_doubles() : std::vector<double>{0};
  if (!scales.empty() && std::ranges::all_of(scales, [](double s) { return s == 0; })) {
    return arguments.error("scale", "is zero everywhere");
  }
  const AxisSplit split =
      scale.rank() == 0 ? AxisSplit{.inner = input.element_count()} : split_at(input.dims(), axis);
  const mil::IntegerRange range = mil::integer_range(out.data_type());
  const auto low = static_cast<double>(range.low);
  const auto high = static_cast<double>(range.high);
  const std::span<std::byte> target = out.mutable_bytes();
  for_each_row_piece(context, split, [&](std::size_t channel, std::size_t begin, std::size_t end) {
    const auto divisor = static_cast<float>(scales[channel]);
    const double zero = zeros[zeros.size() > 1 ? channel : 0];
    std::array<double, kElementChunk> storage;
    const std::span<double> values(storage.data(), end - begin);
    load_doubles(input.data_type(), input.bytes(), begin, values);
    for (double& value : values) {
      value = static_cast<double>(static_cast<float>(value) / divisor);
    }
    if (input.data_type() == DataType::fp16) round_to(DataType::fp16, values);
    for (std::size_t i = 0; i < values.size(); ++i) {
      // Far beyond either range; keeps infinities away from the rounding.
      const double bounded = std::clamp(values[i], -0x1p20, 0x1p20);
      const double steps = std::clamp(round_small_half_even(bounded) + zero, low, high);
      const int q = std::isnan(values[i]) ? 0 : static_cast<int>(steps);
      target[begin + i] = static_cast<std::byte>(static_cast<std::uint8_t>(q));
    }
  });
  return std::vector<Tensor>{std::move(out)};
}

Result<std::vector<mil::Type>> infer_dequantize(const Arguments& arguments) {
  ANEBENCH_ASSIGN(input, arguments.tensor_type("input"));
  ANEBENCH_ASSIGN(scale, arguments.tensor_type("scale"));
  ANEBENCH_TRY(check_scale(arguments, input));
  return std::vector<mil::Type>{mil::Type::tensor(scale.data_type(), input.shape())};
}

Result<std::vector<Tensor>> evaluate_dequantize(OpContext& context) {
  ANEBENCH_ASSIGN(input, context.tensor("input"));
  ANEBENCH_ASSIGN(scale, context.tensor("scale"));
  ANEBENCH_ASSIGN(zero_point, optional_tensor(context, "zero_point"));
  ANEBENCH_TRY(infer_dequantize(context.arguments()));
  ANEBENCH_ASSIGN(axis, axis_or_zero(context.arguments(), input.rank()));
  ANEBENCH_ASSIGN(
      out, dequantize_affine(context, input, scale, zero_point ? &*zero_point : nullptr, axis));
  return std::vector<Tensor>{std::move(out)};
}

constexpr Parameter kChannelAxis = {
    .name = "axis", .types = kInt32, .optional = true, .constant = true};
constexpr Parameter kQuantize[] = {
    {.name = "input", .types = kFloats, .type_variable = "SrcT"},
    {.name = "zero_point",
     .types = kBytes,
     .type_variable = "DstT",
     .optional = true,
     .constant = true},
    {.name = "scale", .types = kFloats, .type_variable = "SrcT", .constant = true},
    kChannelAxis,
    {.name = "output_dtype", .types = kString, .constant = true},
};
constexpr Parameter kDequantize[] = {
    {.name = "input", .types = kBytes, .type_variable = "SrcT"},
    {.name = "zero_point",
     .types = kBytes,
     .type_variable = "SrcT",
     .optional = true,
     .constant = true},
    {.name = "scale", .types = kFloats, .type_variable = "DstT", .constant = true},
    kChannelAxis,
};
constexpr Version kQuantizeVersions[] = {{Opset::ios17, kQuantize}};
constexpr Version kDequantizeVersions[] = {{Opset::ios17, kDequantize}};

// Two operations: subtract or add the zero point, multiply or divide by the scale.
constexpr Definition kQuantizationDefinitions[] = {
    {.name = "dequantize",
     .family = "quantization",
     .versions = kDequantizeVersions,
     .infer = infer_dequantize,
     .evaluate = evaluate_dequantize,
     .count_operations = count_each<2>},
    {.name = "quantize",
     .family = "quantization",
     .versions = kQuantizeVersions,
     .infer = infer_quantize,
     .evaluate = evaluate_quantize,
     .count_operations = count_each<2>},
};

}  // namespace

std::span<const Definition> quantization_family() { return kQuantizationDefinitions; }

}  // namespace anebench::ops
