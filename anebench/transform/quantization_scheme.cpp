#include "anebench/transform/quantization_scheme.h"

#include <array>
#include <utility>

namespace anebench::transform {
namespace {

using mil::Opset;
using mil::Value;
using weights::ScaleForm;

constexpr std::array<QuantizationScheme, 12> kSchemes = {{
    {.name = "w8",
     .description = "int8 weights, a scale for each output channel",
     .kind = SchemeKind::affine},
    {.name = "w8_per_tensor",
     .description = "int8 weights, one scale",
     .kind = SchemeKind::affine,
     .is_per_tensor = true},
    {.name = "w8a8",
     .description = "int8 weights and activations, for arithmetic in integers",
     .kind = SchemeKind::affine,
     .scale_form = ScaleForm::exact,
     .has_activations = true},
    {.name = "w4",
     .description = "int4 weights, a scale for each block of 32 input channels",
     .kind = SchemeKind::blockwise,
     .since = Opset::ios18,
     .bits = 4},
    {.name = "lut8", .description = "8-bit lookup table", .kind = SchemeKind::lookup},
    {.name = "lut6", .description = "6-bit lookup table", .kind = SchemeKind::lookup, .bits = 6},
    {.name = "lut4", .description = "4-bit lookup table", .kind = SchemeKind::lookup, .bits = 4},
    // The form of iOS 16 has no 3-bit indices.
    {.name = "lut3",
     .description = "3-bit lookup table",
     .kind = SchemeKind::lookup,
     .since = Opset::ios18,
     .bits = 3},
    {.name = "lut2", .description = "2-bit lookup table", .kind = SchemeKind::lookup, .bits = 2},
    {.name = "lut1", .description = "1-bit lookup table", .kind = SchemeKind::lookup, .bits = 1},
    {.name = "sparse50",
     .description = "the smaller half of the weights zero and not stored",
     .kind = SchemeKind::sparse,
     .bits = 16,
     .sparsity = 0.5},
    {.name = "sparse75",
     .description = "the smaller three quarters of the weights zero and not stored",
     .kind = SchemeKind::sparse,
     .bits = 16,
     .sparsity = 0.75},
}};

StoredWeight affine_weight(weights::AffineTensor tensor) {
  StoredWeight stored;
  stored.op_type = "constexpr_affine_dequantize";
  stored.parameters = {{"axis", Value::scalar<std::int32_t>(tensor.axis)},
                       {"quantized_data", std::move(tensor.data)},
                       {"scale", std::move(tensor.scale)},
                       {"zero_point", std::move(tensor.zero_point)}};
  stored.error = tensor.error;
  return stored;
}

StoredWeight blockwise_weight(weights::BlockwiseTensor tensor) {
  StoredWeight stored;
  stored.op_type = "constexpr_blockwise_shift_scale";
  stored.parameters = {{"data", std::move(tensor.data)}, {"scale", std::move(tensor.scale)}};
  stored.in_attributes = false;
  stored.error = tensor.error;
  return stored;
}

Result<StoredWeight> lookup_weight(weights::LutTensor tensor, bool in_attributes) {
  StoredWeight stored;
  stored.op_type = "constexpr_lut_to_dense";
  stored.in_attributes = in_attributes;
  stored.error = tensor.error;
  if (in_attributes) {
    ANEBENCH_ASSIGN(packed, weights::to_ios16(tensor));
    stored.parameters = {{"indices", std::move(packed.indices)},
                         {"lut", std::move(packed.lut)},
                         {"shape", std::move(packed.shape)}};
  } else {
    stored.parameters = {{"indices", std::move(tensor.indices)}, {"lut", std::move(tensor.lut)}};
  }
  return stored;
}

Result<StoredWeight> sparse_weight(weights::SparseTensor tensor, bool in_attributes) {
  StoredWeight stored;
  stored.op_type = "constexpr_sparse_to_dense";
  stored.in_attributes = in_attributes;
  stored.error = tensor.error;
  if (in_attributes) {
    ANEBENCH_ASSIGN(packed, weights::to_ios16(tensor));
    stored.parameters = {{"mask", std::move(packed.mask)},
                         {"nonzero_data", std::move(packed.nonzero_data)},
                         {"shape", std::move(packed.shape)}};
  } else {
    stored.parameters = {{"mask", std::move(tensor.mask)},
                         {"nonzero_data", std::move(tensor.nonzero_data)}};
  }
  return stored;
}

// Blocks of one output channel and so many input channels, whole in all other dimensions.
std::vector<std::int64_t> block_shape(const mil::Shape& shape, const WeightAxes& axes) {
  std::vector<std::int64_t> block(shape.size(), 0);
  block[axes.output] = 1;
  if (shape[axes.input].size() > kQuantizationBlock) block[axes.input] = kQuantizationBlock;
  return block;
}

Result<StoredWeight> quantize(const QuantizationScheme& scheme, const mil::Type& type,
                              std::span<const float> values, const WeightAxes& axes,
                              bool is_ios16) {
  const mil::Shape& shape = type.shape();
  switch (scheme.kind) {
    case SchemeKind::affine: {
      weights::AffineOptions options;
      if (!scheme.is_per_tensor) options.axis = static_cast<int>(axes.output);
      options.scale_type = type.data_type();
      options.scale_form = scheme.scale_form;
      ANEBENCH_ASSIGN(tensor, weights::quantize_affine(values, shape, options));
      return affine_weight(std::move(tensor));
    }
    case SchemeKind::blockwise: {
      ANEBENCH_ASSIGN(tensor, weights::quantize_blockwise(values, shape,
                                                          {.data_type = mil::DataType::int4,
                                                           .block_shape = block_shape(shape, axes),
                                                           .scale_type = type.data_type()}));
      return blockwise_weight(std::move(tensor));
    }
    case SchemeKind::lookup: {
      ANEBENCH_ASSIGN(tensor,
                      weights::quantize_lut(values, shape,
                                            {.bits = scheme.bits, .lut_type = type.data_type()}));
      return lookup_weight(std::move(tensor), is_ios16);
    }
    case SchemeKind::sparse: {
      ANEBENCH_ASSIGN(tensor, weights::quantize_sparse(
                                  values, shape,
                                  {.sparsity = scheme.sparsity, .value_type = type.data_type()}));
      return sparse_weight(std::move(tensor), is_ios16);
    }
  }
  return fail(ErrorCode::internal, "scheme {} has no kind", scheme.name);
}

}  // namespace

std::span<const QuantizationScheme> quantization_schemes() { return kSchemes; }

Result<const QuantizationScheme*> find_scheme(std::string_view name) {
  std::string names;
  for (const QuantizationScheme& scheme : kSchemes) {
    if (scheme.name == name) return &scheme;
    names += (names.empty() ? "" : ", ") + std::string(scheme.name);
  }
  return fail(ErrorCode::not_found, "there is no scheme \"{}\"; there are {}", name, names);
}

std::string block_problem(const mil::Shape& shape, const WeightAxes& axes) {
  const std::int64_t channels = shape[axes.input].size();
  if (channels <= kQuantizationBlock || channels % kQuantizationBlock == 0) return {};
  return fmt::format("{} input channels do not divide into blocks of {}", channels,
                     kQuantizationBlock);
}

Result<StoredWeight> store_weight(const QuantizationScheme& scheme, const mil::Type& type,
                                  std::span<const float> values, const WeightAxes& axes,
                                  Opset opset) {
  ANEBENCH_ASSIGN(stored, quantize(scheme, type, values, axes, opset < Opset::ios18));
  for (const auto& [name, value] : stored.parameters) {
    stored.bytes += value.type().byte_size().value_or(0);
  }
  return stored;
}

}  // namespace anebench::transform
