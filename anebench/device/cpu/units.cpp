#include "anebench/device/cpu/units.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numeric>
#include <utility>

#include "anebench/base/bytes.h"
#include "anebench/base/half.h"
#include "anebench/device/cpu/lookup_table.h"
#include "anebench/device/cpu/memory_budget.h"
#include "anebench/device/cpu/placement.h"
#include "anebench/device/cpu/stages.h"
#include "anebench/ops/shapes.h"

namespace anebench::device::cpu {
namespace {

using mil::DataType;
using Int8Mode = CompileOptions::Int8Mode;

// |qx − zx| ≤ 255 and |w| ≤ 128: with fewer input channels no sum reaches 2^31.
constexpr std::int64_t kAlwaysFittingChannels = 65000;

bool is_half(const mil::Type& type) { return type.data_type() == DataType::fp16; }
bool is_float(const mil::Type& type) {
  return type.data_type() == DataType::fp16 || type.data_type() == DataType::fp32;
}

class Gatherer {
 public:
  Gatherer(const Graph& graph, const GatherOptions& options, TraceCache& traces)
      : graph_(graph), options_(options), traces_(traces), budget_(options.max_memory) {}

  Result<std::vector<Unit>> gather();

 private:
  const mil::Type& type(ValueId id) const { return graph_.value(id).type; }
  Result<Unit> convert(const GraphNode& node);
  Result<Unit> convert_conv(const GraphNode& node);
  Result<bool> try_int8(const GraphNode& node, ValueId weight, Unit& unit);
  Result<Unit> convert_affine(const GraphNode& node);
  std::optional<Unit> convert_elementwise(const GraphNode& node) const;
  Unit simple(UnitKind kind, const GraphNode& node, std::vector<ValueId> inputs) const;
  Unit reference(const GraphNode& node, std::string reason) const;
  // One scale for the tensor, fp16, above 0; else nothing.
  Result<std::optional<Affine8>> scalar_affine(const GraphNode& node) const;
  // The only operation that takes `value`, if it is a `type` and `value` is no output.
  const GraphNode* sole_consumer(ValueId value, std::string_view type) const;
  Result<bool> is_finite_bias(const GraphNode& node) const;
  Result<void> require_memory(const GraphNode& node);
  Result<void> count_memory(const Unit& unit);
  void find_needless_dequantizes(std::vector<Unit>& units) const;
  void set_guards(std::vector<Unit>& units) const;

  const Graph& graph_;
  GatherOptions options_;
  TraceCache& traces_;
  // What the plan will need at least.
  MemoryBudget budget_;
  // By value: the one whose memory it lies in, itself but for views.
  std::vector<ValueId> holders_;
  // Operations that a fused unit has taken along.
  std::vector<bool> taken_;
};

Unit Gatherer::simple(UnitKind kind, const GraphNode& node, std::vector<ValueId> inputs) const {
  Unit unit;
  unit.kind = kind;
  unit.node = &node;
  unit.operations = {node.operation};
  unit.inputs = std::move(inputs);
  unit.outputs = node.outputs;
  return unit;
}

Unit Gatherer::reference(const GraphNode& node, std::string reason) const {
  std::vector<ValueId> inputs;
  for (const mil::Argument& argument : graph_.operation(node.operation).inputs) {
    for (const mil::Binding& binding : argument.bindings) {
      const auto* name = std::get_if<std::string>(&binding);
      if (name == nullptr) continue;
      const ValueId id = graph_.find(*name);
      // A const reaches the evaluation through the program itself.
      const GraphValue& value = graph_.value(id);
      const bool is_const =
          value.is_constant && ops::constant_value(graph_.operation(value.producer)) != nullptr;
      if (!is_const) inputs.push_back(id);
    }
  }
  Unit unit = simple(UnitKind::reference, node, std::move(inputs));
  unit.fallback_reason = std::move(reason);
  return unit;
}

const GraphNode* Gatherer::sole_consumer(ValueId value, std::string_view type) const {
  const GraphValue& candidate = graph_.value(value);
  if (candidate.consumers.size() != 1 || candidate.output != kNone) return nullptr;
  const std::size_t consumer = candidate.consumers.front();
  if (graph_.operation(consumer).type != type) return nullptr;
  return graph_.node(consumer);
}

Result<std::optional<Affine8>> Gatherer::scalar_affine(const GraphNode& node) const {
  ANEBENCH_ASSIGN(scale, graph_.constant(node, "scale"));
  if (scale.rank() != 0 || scale.data_type() != DataType::fp16) return std::nullopt;
  const double value = scale.to_doubles().front();
  if (!(value > 0) || !std::isfinite(value)) return std::nullopt;
  const bool is_quantize = graph_.operation(node.operation).type == "quantize";
  const mil::Type& bytes =
      is_quantize ? type(node.outputs.front()) : type(graph_.argument(node, "input"));
  Affine8 affine{.scale = static_cast<float>(value),
                 .zero_point = 0,
                 .is_signed = bytes.data_type() == DataType::int8};
  if (node.arguments.has("zero_point")) {
    ANEBENCH_ASSIGN(zero_point, graph_.constant(node, "zero_point"));
    if (zero_point.rank() != 0) return std::nullopt;
    affine.zero_point = static_cast<std::int32_t>(zero_point.to_integers().front());
  }
  return affine;
}

Result<bool> Gatherer::is_finite_bias(const GraphNode& node) const {
  if (!node.arguments.has("bias")) return true;
  ANEBENCH_ASSIGN(bias, graph_.constant(node, "bias"));
  const std::vector<double> values = bias.to_doubles();
  return std::all_of(values.begin(), values.end(), [](double b) { return std::isfinite(b); });
}

// Turns `unit` (a 1x1 convolution of fp16) into an integer one where its operands allow it.
Result<bool> Gatherer::try_int8(const GraphNode& node, ValueId weight, Unit& unit) {
  const GraphNode* dequantize = graph_.producer(unit.inputs.front());
  if (dequantize == nullptr || graph_.operation(dequantize->operation).type != "dequantize") {
    return false;
  }
  ANEBENCH_ASSIGN(affine, scalar_affine(*dequantize));
  if (!affine || !unit.quantized_weights) return false;
  if (!options_.uses_int8) {
    unit.fallback_reason = "this device dequantizes before it computes";
    return false;
  }
  const QuantizedWeights& weights = *unit.quantized_weights;
  const auto is_usable = [](double scale) { return scale > 0 && std::isfinite(scale); };
  ANEBENCH_ASSIGN(finite_bias, is_finite_bias(node));
  if (!std::all_of(weights.scales.begin(), weights.scales.end(), is_usable) || !finite_bias) {
    return false;
  }
  if (!fits_int8(weights)) {
    unit.fallback_reason = "weights minus their zero point exceed 8 bits";
    return false;
  }
  if (type(weight).shape()[1].size() >= kAlwaysFittingChannels) {
    unit.fallback_reason = "32-bit sums could overflow";
    return false;
  }
  unit.activation = {.scale = static_cast<double>(affine->scale),
                     .zero_point = affine->zero_point,
                     .is_signed = affine->is_signed};
  std::string reason = inexactness(unit.activation, weights);
  unit.is_exact = reason.empty();
  unit.fallback_reason = std::move(reason);
  if (!unit.is_exact && options_.int8_mode == Int8Mode::exact) return false;
  unit.kind = UnitKind::conv1x1_int8;
  unit.inputs = {graph_.argument(*dequantize, "input")};
  unit.operations.insert(unit.operations.begin(), dequantize->operation);
  return true;
}

Result<Unit> Gatherer::convert_conv(const GraphNode& node) {
  const ValueId x = graph_.argument(node, "x");
  const ValueId weight = graph_.argument(node, "weight");
  if (x == kNone || weight == kNone || !graph_.value(weight).is_constant) {
    return reference(node, "weights are computed at run time");
  }
  if (node.arguments.has("bias") && !node.arguments.is_constant("bias")) {
    return reference(node, "the bias is computed at run time");
  }
  ANEBENCH_ASSIGN(shape, convolution_shape(graph_, node));
  if (type(x).element_count() == 0 || type(node.outputs.front()).element_count() == 0) {
    return reference(node, "empty tensors");
  }
  Unit unit = simple(UnitKind::convolution, node, {x});
  unit.shape = shape;
  unit.is_exact = false;
  ANEBENCH_ASSIGN(quantized, find_quantized_weights(graph_, weight));
  unit.quantized_weights = std::move(quantized);
  bool is_half_bias = true;
  if (node.arguments.has("bias")) {
    ANEBENCH_ASSIGN(bias, node.arguments.tensor_type("bias"));
    is_half_bias = is_half(bias);
  }
  if (shape.is_pointwise() && is_half(type(x)) && is_half(type(weight)) && is_half_bias) {
    unit.kind = UnitKind::conv1x1_f16;
    ANEBENCH_TRY(try_int8(node, weight, unit));
  }
  if (const GraphNode* relu = sole_consumer(unit.outputs.front(), "relu")) {
    unit.has_relu = true;
    unit.operations.push_back(relu->operation);
    unit.outputs = relu->outputs;
    taken_[relu->operation] = true;
  }
  if (unit.kind == UnitKind::conv1x1_int8) {
    if (const GraphNode* quantize = sole_consumer(unit.outputs.front(), "quantize")) {
      ANEBENCH_ASSIGN(affine, scalar_affine(*quantize));
      if (affine) {
        unit.output_quantization = affine;
        unit.operations.push_back(quantize->operation);
        unit.outputs = quantize->outputs;
        taken_[quantize->operation] = true;
      }
    }
  }
  return unit;
}

Result<Unit> Gatherer::convert_affine(const GraphNode& node) {
  const bool is_quantize = graph_.operation(node.operation).type == "quantize";
  const ValueId x = graph_.argument(node, "input");
  const ValueId out = node.outputs.front();
  if (x == kNone || !is_half(type(is_quantize ? x : out))) {
    return reference(node, "only fp16 is quantized by a kernel");
  }
  ANEBENCH_ASSIGN(scale, graph_.constant(node, "scale"));
  const std::vector<double> scales = scale.to_doubles();
  const auto is_usable = [](double s) { return s > 0 && std::isfinite(s); };
  if (scales.empty() || !std::all_of(scales.begin(), scales.end(), is_usable)) {
    return reference(node, "scales that are not finite and positive");
  }
  std::vector<std::int64_t> zero_points(scales.size(), 0);
  if (node.arguments.has("zero_point")) {
    ANEBENCH_ASSIGN(given, graph_.constant(node, "zero_point"));
    const std::vector<std::int64_t> integers = given.to_integers();
    for (std::size_t i = 0; i < scales.size(); ++i) {
      zero_points[i] = integers[integers.size() == 1 ? 0 : i];
    }
  }
  Unit unit = simple(is_quantize ? UnitKind::quantize : UnitKind::dequantize, node, {x});
  const bool is_signed = type(is_quantize ? out : x).data_type() == DataType::int8;
  for (std::size_t i = 0; i < scales.size(); ++i) {
    unit.affines.push_back({.scale = static_cast<float>(scales[i]),
                            .zero_point = static_cast<std::int32_t>(zero_points[i]),
                            .is_signed = is_signed});
  }
  unit.affine_row =
      static_cast<std::size_t>(std::max<std::int64_t>(type(x).element_count().value_or(1), 1));
  if (scale.rank() > 0) {
    ANEBENCH_ASSIGN(axis, node.arguments.axis("axis", type(x).rank()));
    unit.affine_row = 1;
    for (std::size_t d = axis + 1; d < type(x).rank(); ++d) {
      unit.affine_row *=
          static_cast<std::size_t>(std::max<std::int64_t>(type(x).shape()[d].size(), 1));
    }
  }
  return unit;
}

std::optional<Unit> Gatherer::convert_elementwise(const GraphNode& node) const {
  const std::string& name = graph_.operation(node.operation).type;
  if (node.outputs.size() != 1) return std::nullopt;
  const mil::Type& out = type(node.outputs.front());
  const ValueId x = graph_.argument(node, "x");
  if (x != kNone && is_float(type(x)) && is_float(out)) {
    if (name == "relu") return simple(UnitKind::relu, node, {x});
    const bool changes = type(x).data_type() != out.data_type();
    if (name == "cast" && changes) return simple(UnitKind::cast, node, {x});
    const ValueId y = graph_.argument(node, "y");
    const std::optional<BinaryOperation> binary = find_binary_operation(name);
    if (binary && y != kNone && type(y).data_type() == type(x).data_type()) {
      Unit unit = simple(UnitKind::binary, node, {x, y});
      unit.binary = *binary;
      return unit;
    }
  }
  if (name == "select") {
    const std::vector<ValueId> inputs = {graph_.argument(node, "cond"), graph_.argument(node, "a"),
                                         graph_.argument(node, "b")};
    const bool fits = std::ranges::all_of(inputs, [&](ValueId id) {
      return id != kNone && (id == inputs[0] || type(id).data_type() == out.data_type());
    });
    if (fits) return simple(UnitKind::select, node, inputs);
  }
  if (const std::optional<std::string_view> parameter = table_parameter(graph_, node)) {
    Unit unit = simple(UnitKind::table, node, {graph_.argument(node, *parameter)});
    unit.table_parameter = *parameter;
    return unit;
  }
  return std::nullopt;
}

Result<Unit> Gatherer::convert(const GraphNode& node) {
  const std::string& name = graph_.operation(node.operation).type;
  if (name == "conv") return convert_conv(node);
  if (name == "quantize" || name == "dequantize") return convert_affine(node);
  if (std::optional<Unit> unit = convert_elementwise(node)) return *std::move(unit);
  const PlanKernel plan_kernel = find_kernel(name);
  if (plan_kernel == nullptr) {
    const std::string_view family = node.arguments.definition().family;
    const bool has_tables =
        family == "elementwise_unary" || family == "activation" || family == "elementwise_binary";
    return reference(node, has_tables ? "only elements of fp16 and 8 bits have tables, beside "
                                        "constant numbers alone"
                                      : "no kernel for this operation");
  }
  ANEBENCH_ASSIGN(choice, plan_kernel({graph_, node, traces_, options_.threads}));
  if (!choice.plan) return reference(node, std::move(choice.reason));
  Unit unit = simple(UnitKind::kernel, node, choice.plan->inputs);
  unit.is_exact = choice.plan->is_exact;
  unit.kernel = std::move(choice.plan);
  return unit;
}

// Refuses an operation whose tensors cannot be within the limit, before a kernel is chosen for it:
// the largest of its inputs lies in memory while it runs, and outputs that are larger than every
// input, so that they are no views, beside it.
Result<void> Gatherer::require_memory(const GraphNode& node) {
  budget_.set_current(node.arguments.describe());
  std::size_t largest_input = 0;
  std::size_t held = 0;
  for (const mil::Argument& argument : graph_.operation(node.operation).inputs) {
    for (const mil::Binding& binding : argument.bindings) {
      const auto* name = std::get_if<std::string>(&binding);
      if (name == nullptr) continue;
      const ValueId value = graph_.find(*name);
      const GraphValue& holder = graph_.value(holders_[value]);
      largest_input = std::max(largest_input, byte_size(type(value)));
      // Surfaces are counted already, constants when they are placed.
      const bool is_computed = holder.producer != kNone && !holder.is_constant;
      if (is_computed) held = std::max(held, byte_size(holder.type));
    }
  }
  std::size_t outputs = 0;
  for (const ValueId output : node.outputs) outputs = std::max(outputs, byte_size(type(output)));
  if (outputs <= largest_input) outputs = 0;
  return budget_.require(checked_add<std::size_t>(held, outputs).value_or(SIZE_MAX));
}

Result<void> Gatherer::count_memory(const Unit& unit) {
  if (!unit.kernel) return {};
  if (is_view(unit, graph_)) {
    for (const ValueId output : unit.outputs) holders_[output] = holders_[unit.inputs.front()];
  }
  return budget_.keep(unit.kernel->weight_bytes);
}

// A dequantize whose every use is an integer convolution is not executed.
void Gatherer::find_needless_dequantizes(std::vector<Unit>& units) const {
  std::vector<bool> is_read(graph_.value_count(), false);
  for (const Unit& unit : units) {
    for (const ValueId input : unit.inputs) is_read[input] = true;
  }
  std::erase_if(units, [&](const Unit& unit) {
    return unit.kind == UnitKind::dequantize && !is_read[unit.outputs.front()] &&
           graph_.value(unit.outputs.front()).output == kNone &&
           !graph_.value(unit.outputs.front()).consumers.empty();
  });
}

// Where all else is exact, an fp16 convolution that starts or continues an integer chain is made
// exact as well: of a function's input or of a dequantized tensor, whose values may lie on a grid.
void Gatherer::set_guards(std::vector<Unit>& units) const {
  const auto is_half_conv = [](const Unit& unit) { return unit.kind == UnitKind::conv1x1_f16; };
  const bool has_int8 = std::any_of(units.begin(), units.end(), [](const Unit& unit) {
    return unit.kind == UnitKind::conv1x1_int8;
  });
  const bool others_exact = std::all_of(units.begin(), units.end(), [&](const Unit& unit) {
    return unit.is_exact || is_half_conv(unit);
  });
  if (options_.int8_mode != Int8Mode::exact || !has_int8 || !others_exact) return;
  const auto can_lie_on_a_grid = [&](ValueId x) {
    while (const GraphNode* producer = graph_.producer(x)) {
      const std::string& name = graph_.operation(producer->operation).type;
      if (name == "dequantize") return true;
      if (name != "cast" && name != "relu") return false;
      x = graph_.argument(*producer, "x");
      if (x == kNone) return false;
    }
    return true;
  };
  const bool all_can = std::all_of(units.begin(), units.end(), [&](const Unit& unit) {
    return !is_half_conv(unit) || can_lie_on_a_grid(unit.inputs.front());
  });
  if (!all_can) return;
  for (Unit& unit : units) {
    if (is_half_conv(unit)) unit.wants_guard = true;
  }
}

Result<std::vector<Unit>> Gatherer::gather() {
  taken_.assign(graph_.function().body.operations.size(), false);
  holders_.resize(graph_.value_count());
  std::iota(holders_.begin(), holders_.end(), ValueId{0});
  ANEBENCH_TRY(count_inputs(graph_, budget_));
  std::vector<Unit> units;
  for (const GraphNode& node : graph_.nodes()) {
    if (taken_[node.operation]) continue;
    const mil::Operation& operation = graph_.operation(node.operation);
    if (find_kernel(operation.type) != nullptr) ANEBENCH_TRY(require_memory(node));
    ANEBENCH_ASSIGN(unit, convert(node), fmt::format("{} '{}'", operation.type, operation.label()));
    ANEBENCH_TRY(count_memory(unit));
    std::sort(unit.operations.begin(), unit.operations.end());
    units.push_back(std::move(unit));
  }
  find_needless_dequantizes(units);
  set_guards(units);
  return units;
}

}  // namespace

Result<std::vector<Unit>> gather_units(const Graph& graph, const GatherOptions& options,
                                       TraceCache& traces) {
  return Gatherer(graph, options, traces).gather();
}

std::optional<kernels::NchwShape> positions_shape(const mil::Type& type) {
  if (type.rank() < 3 || type.element_count().value_or(0) < 1) return std::nullopt;
  kernels::NchwShape shape;
  shape.images = static_cast<std::size_t>(type.shape()[0].size());
  shape.channels = channel_count(type);
  shape.plane = 1;
  for (std::size_t d = 2; d < type.rank(); ++d) {
    shape.plane *= static_cast<std::size_t>(type.shape()[d].size());
  }
  return shape;
}

}  // namespace anebench::device::cpu
