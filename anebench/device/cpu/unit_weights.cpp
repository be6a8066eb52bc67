#include "anebench/device/cpu/unit_weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "anebench/base/bytes.h"
#include "anebench/base/half.h"
#include "anebench/device/cpu/float_elements.h"
#include "anebench/device/cpu/tile_operations.h"

namespace anebench::device::cpu {
namespace {

using mil::DataType;

kernels::Quantization to_kernel(const Affine8& affine) {
  return {.scale = affine.scale, .zero_point = affine.zero_point, .is_signed = affine.is_signed};
}

// fp16 patterns of a constant, without a copy where it lies aligned in memory.
class Halves {
 public:
  explicit Halves(ops::Tensor tensor) : tensor_(std::move(tensor)) {
    const std::span<const std::byte> bytes = tensor_.bytes();
    const auto address = reinterpret_cast<std::uintptr_t>(bytes.data());
    if (address % alignof(std::uint16_t) == 0) {
      values_ = {reinterpret_cast<const std::uint16_t*>(bytes.data()), tensor_.element_count()};
      return;
    }
    own_.resize(tensor_.element_count());
    for (std::size_t i = 0; i < own_.size(); ++i) own_[i] = load_le<std::uint16_t>(bytes, 2 * i);
    values_ = own_;
  }
  explicit Halves(std::vector<std::uint16_t> values) : own_(std::move(values)), values_(own_) {}
  Halves(const Halves&) = delete;
  Halves& operator=(const Halves&) = delete;

  std::span<const std::uint16_t> values() const { return values_; }

 private:
  ops::Tensor tensor_;
  std::vector<std::uint16_t> own_;
  std::span<const std::uint16_t> values_;
};

Result<std::unique_ptr<Halves>> weight_halves(const Unit& unit, const Graph& graph) {
  if (unit.quantized_weights) {
    return std::make_unique<Halves>(dequantize_to_halves(*unit.quantized_weights));
  }
  ANEBENCH_ASSIGN(tensor, graph.constant(*unit.node, "weight"));
  return std::make_unique<Halves>(std::move(tensor));
}

Result<PackedUnit> pack_int8(const Unit& unit, const Graph& graph, Isa isa) {
  const QuantizedWeights& weights = *unit.quantized_weights;
  const std::optional<IntegerWeights> integers = IntegerWeights::create(weights);
  if (!integers) return fail(ErrorCode::internal, "weights that were to fit 8 bits do not");
  kernels::Conv1x1Int8Spec spec;
  spec.in_channels = weights.elements_per_channel();
  spec.out_channels = weights.out_channels();
  spec.weights = integers->values();
  spec.input_is_signed = unit.activation.is_signed;
  spec.input_zero_point = unit.activation.zero_point;
  std::vector<double> scales(spec.out_channels);
  for (std::size_t o = 0; o < scales.size(); ++o) {
    scales[o] = unit.activation.scale * weights.scale(o);
  }
  spec.scales = scales;
  std::vector<double> bias;
  if (unit.node->arguments.has("bias")) {
    ANEBENCH_ASSIGN(tensor, graph.constant(*unit.node, "bias"));
    bias = tensor.to_doubles();
  }
  spec.bias = bias;
  spec.relu = unit.has_relu;
  spec.output = kernels::Int8Output::f16;
  if (unit.output_quantization) {
    spec.output = kernels::Int8Output::quantized;
    spec.quantization = to_kernel(*unit.output_quantization);
  }
  ANEBENCH_ASSIGN(convolution, kernels::Conv1x1Int8::create(spec, isa));
  return PackedUnit{make_convolution(std::move(convolution)), true};
}

Result<PackedUnit> pack_f16(const Unit& unit, const Graph& graph, Isa isa) {
  ANEBENCH_ASSIGN(weights, weight_halves(unit, graph));
  std::unique_ptr<Halves> bias;
  if (unit.node->arguments.has("bias")) {
    ANEBENCH_ASSIGN(tensor, graph.constant(*unit.node, "bias"));
    bias = std::make_unique<Halves>(std::move(tensor));
  }
  kernels::Conv1x1F16Spec spec;
  spec.in_channels = channel_count(graph.value(unit.inputs.front()).type);
  spec.out_channels = channel_count(graph.value(unit.outputs.front()).type);
  spec.weights = weights->values();
  if (bias) spec.bias = bias->values();
  spec.relu = unit.has_relu;
  ANEBENCH_ASSIGN(convolution, kernels::Conv1x1F16::create(spec, isa));
  std::optional<ExactSums> guard;
  if (unit.wants_guard) {
    guard = ExactSums::create(spec.weights, spec.bias, spec.in_channels, spec.relu);
  }
  const bool is_exact = guard.has_value();
  return PackedUnit{make_convolution(std::move(convolution), std::move(guard)), is_exact};
}

// Arithmetic rates of one thread, in operations a nanosecond: to within a factor of two, for
// deciding how many threads are worth waking.
struct Rates {
  double f16;
  double int8;
};
Rates rates(Isa isa) {
  switch (isa) {
    case Isa::portable: return {8, 8};
    case Isa::avx2: return {40, 80};
    case Isa::avx512: return {80, 150};
    case Isa::avx512vnni: return {80, 400};
    case Isa::neon: return {20, 30};
    case Isa::neondot: return {20, 100};
  }
  return {8, 8};
}

}  // namespace

Result<PackedUnit> pack_unit(const Unit& unit, const Graph& graph, Isa isa) {
  const mil::Type& out = graph.value(unit.outputs.front()).type;
  const mil::Type& in = graph.value(unit.inputs.front()).type;
  switch (unit.kind) {
    case UnitKind::conv1x1_int8: return pack_int8(unit, graph, isa);
    case UnitKind::conv1x1_f16: return pack_f16(unit, graph, isa);
    case UnitKind::relu: return PackedUnit{make_tile_relu(channel_count(out)), true};
    case UnitKind::binary:
      return PackedUnit{make_tile_binary(unit.binary, channel_count(out)), true};
    case UnitKind::cast:
      return PackedUnit{in.data_type() == DataType::fp32
                            ? make_pack_from_fp32(*positions_shape(in))
                            : make_unpack_to_fp32(*positions_shape(out)),
                        true};
    case UnitKind::quantize: {
      const kernels::Quantization quantization = to_kernel(unit.affines.front());
      return PackedUnit{unit.packs ? make_pack_quantized(isa, *positions_shape(in), quantization)
                                   : make_tile_quantize(isa, channel_count(out), quantization),
                        true};
    }
    case UnitKind::dequantize:
      return PackedUnit{
          make_tile_dequantize(isa, channel_count(out), to_kernel(unit.affines.front())), true};
    default: break;
  }
  return fail(ErrorCode::internal, "a unit that does not work on tiles");
}

Result<FloatWeights> float_weights(const Unit& unit, const Graph& graph) {
  FloatWeights result;
  if (unit.quantized_weights) {
    const std::vector<std::uint16_t> halves = dequantize_to_halves(*unit.quantized_weights);
    result.weights.resize(halves.size());
    floats_from_halves(halves, result.weights);
  } else {
    ANEBENCH_ASSIGN(weights, constant_floats(graph, *unit.node, "weight"));
    result.weights = std::move(weights);
  }
  ANEBENCH_ASSIGN(bias, constant_floats(graph, *unit.node, "bias"));
  result.bias = std::move(bias);
  return result;
}

std::size_t planned_weight_bytes(const Unit& unit, const Graph& graph) {
  if (unit.kind != UnitKind::conv1x1_int8 && unit.kind != UnitKind::conv1x1_f16 &&
      unit.kind != UnitKind::convolution) {
    return 0;
  }
  const ValueId weight = graph.argument(*unit.node, "weight");
  const auto elements =
      static_cast<std::size_t>(graph.value(weight).type.element_count().value_or(0));
  const std::size_t element_bytes = unit.kind == UnitKind::conv1x1_int8 ? 1 : sizeof(float);
  return checked_mul<std::size_t>(elements, element_bytes).value_or(static_cast<std::size_t>(-1));
}

std::string tile_kernel_name(const Unit& unit, Isa isa) {
  switch (unit.kind) {
    case UnitKind::conv1x1_int8: return fmt::format("conv1x1_int8_{}", to_string(isa));
    case UnitKind::conv1x1_f16: return fmt::format("conv1x1_f16_{}", to_string(isa));
    default: return (unit.packs ? "pack_" : "tile_") + tensor_kernel_name(unit);
  }
}

std::string tensor_kernel_name(const Unit& unit) {
  switch (unit.kind) {
    case UnitKind::convolution: return "conv_f32";
    case UnitKind::kernel: return unit.kernel->name;
    case UnitKind::reference: return "reference";
    default: return std::string(unit.node->arguments.definition().name);
  }
}

TileCost tile_work(const Unit& unit, const Graph& graph, Isa isa) {
  const mil::Type& out = graph.value(unit.outputs.front()).type;
  const auto out_channels = static_cast<double>(channel_count(out));
  if (unit.kind != UnitKind::conv1x1_int8 && unit.kind != UnitKind::conv1x1_f16) {
    return {.ns_per_position = out_channels / 4, .channels = 0, .element_bytes = 1, .panels = 1};
  }
  const std::size_t in_channels = channel_count(graph.value(unit.inputs.front()).type);
  const bool is_int8 = unit.kind == UnitKind::conv1x1_int8;
  const double rate = is_int8 ? rates(isa).int8 : rates(isa).f16;
  // Panels hold some tens of output channels.
  constexpr std::size_t kChannelsPerPanel = 48;
  return {.ns_per_position = 2 * static_cast<double>(in_channels) * out_channels / rate,
          .channels = std::max(in_channels, channel_count(out)),
          .element_bytes = is_int8 ? std::size_t{1} : std::size_t{2},
          .panels = channel_count(out) / kChannelsPerPanel};
}

}  // namespace anebench::device::cpu
