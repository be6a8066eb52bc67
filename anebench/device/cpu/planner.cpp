#include "anebench/device/cpu/planner.h"

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "anebench/base/half.h"
#include "anebench/device/cpu/memory_budget.h"
#include "anebench/device/cpu/segment_builder.h"
#include "anebench/device/cpu/tensor_operations.h"
#include "anebench/device/cpu/unit_weights.h"
#include "anebench/device/cpu/units.h"

namespace anebench::device::cpu {
namespace {

using mil::DataType;

std::size_t byte_size(const mil::Type& type) {
  return static_cast<std::size_t>(type.byte_size().value_or(0));
}

class Planner {
 public:
  Planner(const Graph& graph, const PlanOptions& options, ThreadPool& pool)
      : graph_(graph),
        options_(options),
        pool_(pool),
        plan_(std::make_unique<Plan>()),
        memory_(options.max_memory) {}

  Result<std::unique_ptr<Plan>> plan();

 private:
  const mil::Type& type(ValueId id) const { return graph_.value(id).type; }
  void index_units();
  void choose_layouts();
  bool wants_tiles(const Unit& unit) const;
  void find_feeders();
  bool comes_in_tiles(ValueId value) const;
  void group_segments();
  bool needs_plain(ValueId value, std::size_t stage) const;
  std::ptrdiff_t readers_in(ValueId value, std::size_t stage) const;

  Result<void> count_surfaces();
  Result<void> plan_stage(std::size_t stage);
  Result<void> plan_segment(std::size_t stage);
  Result<void> plan_tensor_unit(const Unit& unit, std::size_t stage);
  Result<std::unique_ptr<TensorOperation>> make_tensor_operation(const Unit& unit,
                                                                 std::string& kernel);
  Result<std::unique_ptr<TensorOperation>> make_general_convolution(const Unit& unit,
                                                                    std::string& kernel);
  Result<void> copy_remaining_outputs();
  Result<void> pack_weights();
  void cover_identities();

  // The place of a value that is not in tiles; made when first asked for.
  Result<Location> place(ValueId value);
  Result<Location> scratch(std::size_t bytes,
                           std::vector<std::pair<std::size_t, std::size_t>>& out);
  std::size_t add_step(const Unit& unit, std::string kernel);

  const Graph& graph_;
  const PlanOptions& options_;
  ThreadPool& pool_;
  std::unique_ptr<Plan> plan_;
  std::vector<Unit> units_;
  std::vector<bool> in_tiles_;              // by unit
  std::vector<bool> only_feeds_pointwise_;  // by value
  std::vector<std::size_t> stage_of_unit_;
  std::vector<std::vector<std::size_t>> stage_units_;  // units of each stage
  std::vector<std::size_t> unit_of_value_;             // producer, by value
  std::vector<std::vector<std::size_t>> readers_;      // units, by value
  std::vector<std::optional<Location>> places_;
  std::vector<std::size_t> step_of_unit_;
  // Arena values to release after each stage.
  std::vector<std::vector<ValueId>> dies_after_;
  MemoryBudget memory_;
  std::vector<PackingJob> jobs_;
};

void Planner::index_units() {
  unit_of_value_.assign(graph_.value_count(), kNone);
  readers_.assign(graph_.value_count(), {});
  places_.assign(graph_.value_count(), std::nullopt);
  for (std::size_t u = 0; u < units_.size(); ++u) {
    for (const ValueId output : units_[u].outputs) unit_of_value_[output] = u;
    for (const ValueId input : units_[u].inputs) {
      if (readers_[input].empty() || readers_[input].back() != u) readers_[input].push_back(u);
    }
  }
}

bool Planner::comes_in_tiles(ValueId value) const {
  const std::size_t unit = unit_of_value_[value];
  return unit != kNone && in_tiles_[unit] && type(value).data_type() != DataType::fp32;
}

// Which values nothing but 1x1 convolutions read, be it through quantize and dequantize.
void Planner::find_feeders() {
  only_feeds_pointwise_.assign(graph_.value_count(), false);
  const auto is_pointwise = [&](std::size_t reader) {
    const Unit& unit = units_[reader];
    switch (unit.kind) {
      case UnitKind::conv1x1_f16:
      case UnitKind::conv1x1_int8: return true;
      case UnitKind::quantize:
      case UnitKind::dequantize:
        return unit.affines.size() == 1 && positions_shape(type(unit.outputs.front())) &&
               only_feeds_pointwise_[unit.outputs.front()];
      default: return false;
    }
  };
  // Readers come after what they read, so that theirs is known.
  for (std::size_t u = units_.size(); u-- > 0;) {
    for (const ValueId value : units_[u].outputs) {
      only_feeds_pointwise_[value] =
          graph_.value(value).output == kNone && !readers_[value].empty() &&
          std::all_of(readers_[value].begin(), readers_[value].end(), is_pointwise);
    }
  }
}

bool Planner::wants_tiles(const Unit& unit) const {
  if (unit.kind == UnitKind::conv1x1_f16 || unit.kind == UnitKind::conv1x1_int8) return true;
  if (unit.outputs.size() != 1 || !positions_shape(type(unit.outputs[0]))) return false;
  const ValueId x = unit.inputs.front();
  const ValueId out = unit.outputs.front();
  switch (unit.kind) {
    case UnitKind::relu: return type(x).data_type() == DataType::fp16 && comes_in_tiles(x);
    case UnitKind::binary: {
      const ValueId y = unit.inputs.back();
      const bool same_shapes =
          type(x).shape() == type(out).shape() && type(y).shape() == type(out).shape();
      return same_shapes && type(x).data_type() == DataType::fp16 &&
             (comes_in_tiles(x) || comes_in_tiles(y));
    }
    case UnitKind::cast:
      return type(x).data_type() == DataType::fp32 ? only_feeds_pointwise_[out] : comes_in_tiles(x);
    case UnitKind::quantize:
    case UnitKind::dequantize:
      return unit.affines.size() == 1 && (comes_in_tiles(x) || only_feeds_pointwise_[out]);
    default: return false;
  }
}

void Planner::choose_layouts() {
  find_feeders();
  in_tiles_.assign(units_.size(), false);
  for (std::size_t u = 0; u < units_.size(); ++u) in_tiles_[u] = wants_tiles(units_[u]);
}

void Planner::group_segments() {
  stage_of_unit_.resize(units_.size());
  std::optional<kernels::NchwShape> open;  // of the segment that the last stage is
  for (std::size_t u = 0; u < units_.size(); ++u) {
    std::optional<kernels::NchwShape> shape;
    if (in_tiles_[u]) shape = positions_shape(type(units_[u].outputs.front()));
    const bool joins =
        shape && open && shape->images == open->images && shape->plane == open->plane;
    if (!joins) stage_units_.emplace_back();
    stage_units_.back().push_back(u);
    stage_of_unit_[u] = stage_units_.size() - 1;
    open = shape;
  }
  dies_after_.resize(stage_units_.size());
}

// Whether a value that `stage` computes in tiles must be row-major as well.
bool Planner::needs_plain(ValueId value, std::size_t stage) const {
  if (graph_.value(value).output != kNone) return true;
  return std::any_of(readers_[value].begin(), readers_[value].end(),
                     [&](std::size_t reader) { return stage_of_unit_[reader] != stage; });
}

std::ptrdiff_t Planner::readers_in(ValueId value, std::size_t stage) const {
  return std::count_if(readers_[value].begin(), readers_[value].end(),
                       [&](std::size_t reader) { return stage_of_unit_[reader] == stage; });
}

Result<void> Planner::count_surfaces() {
  for (const mil::NamedType& input : graph_.function().inputs) {
    memory_.set_current(fmt::format("input '{}'", input.name));
    if (!input.type.byte_size()) {
      return fail(ErrorCode::resource_exhausted, "{} of type {} exceeds any memory",
                  memory_.current(), mil::to_string(input.type));
    }
    ANEBENCH_TRY(memory_.count(byte_size(input.type)));
  }
  // Whether they fit is asked with the first operation, so that the message names one.
  return {};
}

Result<Location> Planner::place(ValueId id) {
  if (places_[id]) return *places_[id];
  const GraphValue& value = graph_.value(id);
  if (!value.type.byte_size()) {
    return fail(ErrorCode::resource_exhausted, "{}: '{}' of type {} exceeds any memory",
                memory_.current(), value.name, mil::to_string(value.type));
  }
  Location location;
  if (value.is_constant) {
    location = {Location::Space::constant, plan_->constants.size()};
    ops::Tensor tensor;
    if (options_.with_weights) {
      ANEBENCH_ASSIGN(evaluated, graph_.constant(id));
      tensor = std::move(evaluated);
    }
    plan_->constants.push_back(std::move(tensor));
    ANEBENCH_TRY(memory_.keep(byte_size(value.type)));
  } else if (value.producer == kNone) {
    const auto& inputs = graph_.function().inputs;
    const auto found = std::find_if(inputs.begin(), inputs.end(),
                                    [&](const auto& input) { return input.name == value.name; });
    location = {Location::Space::input, static_cast<std::size_t>(found - inputs.begin())};
  } else if (value.output != kNone) {
    location = {Location::Space::output, value.output};
    ANEBENCH_TRY(memory_.keep(byte_size(value.type)));
  } else {
    ANEBENCH_ASSIGN(offset, memory_.allocate(byte_size(value.type)));
    location = {Location::Space::arena, offset};
    std::size_t last = stage_of_unit_[unit_of_value_[id]];
    for (const std::size_t reader : readers_[id]) last = std::max(last, stage_of_unit_[reader]);
    dies_after_[last].push_back(id);
  }
  places_[id] = location;
  return location;
}

Result<Location> Planner::scratch(std::size_t bytes,
                                  std::vector<std::pair<std::size_t, std::size_t>>& taken) {
  ANEBENCH_ASSIGN(offset, memory_.allocate(bytes));
  taken.emplace_back(offset, bytes);
  return Location{Location::Space::arena, offset};
}

std::size_t Planner::add_step(const Unit& unit, std::string kernel) {
  plan_->steps.push_back({.name = std::string(graph_.operation(unit.node->operation).label()),
                          .operations = unit.operations,
                          .kernel = std::move(kernel),
                          .fallback_reason = unit.fallback_reason});
  plan_->is_bit_exact = plan_->is_bit_exact && (unit.is_exact || unit.wants_guard);
  return plan_->steps.size() - 1;
}

Result<void> Planner::plan_segment(std::size_t stage) {
  const std::vector<std::size_t>& members = stage_units_[stage];
  const auto shape = *positions_shape(type(units_[members.front()].outputs.front()));
  SegmentBuilder builder(shape.images, shape.plane, options_.isa);
  // A row-major operand of the segment.
  const auto tiles_of = [&](ValueId value) -> Result<TileOperand> {
    if (const std::optional<TileOperand> have = builder.find(value)) return *have;
    ANEBENCH_ASSIGN(from, place(value));
    plan_->steps.push_back({.name = fmt::format("pack {}", graph_.value(value).name),
                            .operations = {},
                            .kernel = "pack",
                            .fallback_reason = {}});
    return builder.pack(value, type(value), from, plan_->steps.size() - 1);
  };
  for (const std::size_t u : members) {
    Unit& unit = units_[u];
    const ValueId out = unit.outputs.front();
    memory_.set_current(unit.node->arguments.describe());
    std::vector<TileOperand> inputs;
    const bool is_cast = unit.kind == UnitKind::cast;
    const bool is_fp32 = type(unit.inputs[0]).data_type() == DataType::fp32;
    unit.packs = unit.kind == UnitKind::quantize && !builder.find(unit.inputs[0]) &&
                 readers_in(unit.inputs[0], stage) == 1;
    const bool is_pack = unit.packs || (is_cast && is_fp32);
    const bool is_unpack = is_cast && !is_fp32;
    for (const ValueId input : unit.inputs) {
      if (is_pack) {
        ANEBENCH_ASSIGN(from, place(input));
        inputs.push_back({.slot = TileOperand::kPlain, .plain = from});
      } else {
        ANEBENCH_ASSIGN(operand, tiles_of(input));
        inputs.push_back(operand);
      }
    }
    TileOperand output;
    if (is_unpack) {
      ANEBENCH_ASSIGN(to, place(out));
      output.plain = to;
    } else {
      output = builder.add_value(out, type(out));
    }
    step_of_unit_[u] = add_step(unit, tile_kernel_name(unit, options_.isa));
    const std::size_t step = builder.add_step(std::move(inputs), output, step_of_unit_[u],
                                              tile_work(unit, graph_, options_.isa));
    ANEBENCH_TRY(memory_.keep(planned_weight_bytes(unit, graph_)));
    jobs_.push_back({.unit = &unit, .graph = &graph_, .stage = stage, .step = step});
    if (!is_unpack && needs_plain(out, stage)) {
      ANEBENCH_ASSIGN(to, place(out));
      plan_->steps.push_back({.name = fmt::format("unpack {}", graph_.value(out).name),
                              .operations = {},
                              .kernel = "unpack",
                              .fallback_reason = {}});
      builder.unpack(out, type(out), to, plan_->steps.size() - 1);
    }
  }
  ANEBENCH_ASSIGN(segment, builder.finish(static_cast<std::size_t>(pool_.size())),
                  memory_.current());
  plan_->block_scratch_bytes = std::max(plan_->block_scratch_bytes, segment.block_bytes);
  if (segment.sharing == Sharing::steps) {
    plan_->whole_scratch_bytes = std::max(plan_->whole_scratch_bytes, segment.whole_bytes);
  }
  plan_->stages.emplace_back(std::move(segment));
  return memory_.set_scratch(plan_->block_scratch_bytes, static_cast<std::size_t>(pool_.size()),
                             plan_->whole_scratch_bytes);
}

Result<std::unique_ptr<TensorOperation>> Planner::make_general_convolution(const Unit& unit,
                                                                           std::string& kernel) {
  std::vector<std::pair<std::size_t, std::size_t>> taken;
  ConvolutionOperands operands;
  operands.data_type = type(unit.outputs.front()).data_type();
  operands.relu = unit.has_relu;
  ANEBENCH_ASSIGN(input, place(unit.inputs.front()));
  ANEBENCH_ASSIGN(output, place(unit.outputs.front()));
  operands.input = input;
  operands.output = output;
  const ScratchBytes need = convolution_scratch_bytes(unit.shape, operands.data_type);
  ANEBENCH_ASSIGN(input_scratch, scratch(need.input, taken));
  ANEBENCH_ASSIGN(output_scratch, scratch(need.output, taken));
  operands.input_scratch = input_scratch;
  operands.output_scratch = output_scratch;
  const auto found = find_convolution_kernel(unit.shape, unit.node->arguments.has("bias"),
                                             static_cast<std::size_t>(pool_.size()));
  kernel = fmt::format("{}_{}", kernel, found->name());
  ANEBENCH_ASSIGN(kernel_scratch, scratch(found->scratch_bytes(), taken));
  operands.kernel_scratch = kernel_scratch;
  for (const auto& [offset, bytes] : taken) memory_.release(offset, bytes);
  ANEBENCH_TRY(memory_.keep(planned_weight_bytes(unit, graph_)));
  if (!options_.with_weights) return std::unique_ptr<TensorOperation>();
  ANEBENCH_ASSIGN(weights, float_weights(unit, graph_));
  operands.weights = std::move(weights.weights);
  operands.bias = std::move(weights.bias);
  return found->make(std::move(operands));
}

Result<std::unique_ptr<TensorOperation>> Planner::make_tensor_operation(const Unit& unit,
                                                                        std::string& kernel) {
  if (unit.kind == UnitKind::convolution) return make_general_convolution(unit, kernel);
  std::vector<Location> inputs;
  std::vector<Location> outputs;
  for (const ValueId input : unit.inputs) {
    ANEBENCH_ASSIGN(location, place(input));
    inputs.push_back(location);
  }
  for (const ValueId output : unit.outputs) {
    ANEBENCH_ASSIGN(location, place(output));
    outputs.push_back(location);
  }
  if (unit.kind == UnitKind::reference) {
    const auto named = [&](const std::vector<ValueId>& ids, const std::vector<Location>& at) {
      std::vector<NamedLocation> result;
      for (std::size_t i = 0; i < ids.size(); ++i) {
        result.push_back({std::string(graph_.value(ids[i]).name), type(ids[i]), at[i]});
      }
      return result;
    };
    return make_reference(unit.node->arguments, named(unit.inputs, inputs),
                          named(unit.outputs, outputs));
  }
  const ValueId x = unit.inputs.front();
  const ValueId out = unit.outputs.front();
  const auto count = static_cast<std::size_t>(type(out).element_count().value_or(0));
  switch (unit.kind) {
    case UnitKind::relu: return make_relu(type(x).data_type(), inputs[0], outputs[0], count);
    case UnitKind::cast: return make_cast(type(x).data_type(), inputs[0], outputs[0], count);
    case UnitKind::quantize:
      return make_quantize(unit.affines, unit.affine_row, inputs[0], outputs[0], count);
    case UnitKind::dequantize:
      return make_dequantize(unit.affines, unit.affine_row, inputs[0], outputs[0], count);
    default: break;
  }
  const auto operand = [&](std::size_t i) {
    return BinaryOperand{inputs[i], type(unit.inputs[i]).shape() != type(out).shape()};
  };
  return make_binary(unit.binary, type(x).data_type(), operand(0), operand(1), outputs[0], count);
}

Result<void> Planner::plan_tensor_unit(const Unit& unit, std::size_t stage) {
  memory_.set_current(unit.node->arguments.describe());
  std::string kernel = tensor_kernel_name(unit);
  ANEBENCH_ASSIGN(operation, make_tensor_operation(unit, kernel));
  const std::size_t step = add_step(unit, std::move(kernel));
  step_of_unit_[stage_units_[stage].front()] = step;
  plan_->stages.emplace_back(TensorStage{std::move(operation), step});
  return {};
}

Result<void> Planner::plan_stage(std::size_t stage) {
  const std::size_t first = stage_units_[stage].front();
  if (in_tiles_[first]) {
    ANEBENCH_TRY(plan_segment(stage));
  } else {
    ANEBENCH_TRY(plan_tensor_unit(units_[first], stage));
  }
  for (const ValueId value : dies_after_[stage]) {
    memory_.release(places_[value]->index, byte_size(type(value)));
  }
  return {};
}

// Outputs that are inputs, constants or other outputs.
Result<void> Planner::copy_remaining_outputs() {
  const auto& names = graph_.function().body.outputs;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const ValueId id = graph_.find(names[i]);
    memory_.set_current(fmt::format("output '{}'", names[i]));
    const GraphValue& value = graph_.value(id);
    if (value.output == i && value.producer != kNone && !value.is_constant) continue;
    ANEBENCH_ASSIGN(from, place(id));
    ANEBENCH_TRY(memory_.keep(byte_size(value.type)));
    plan_->steps.push_back({.name = fmt::format("copy {}", names[i]),
                            .operations = {},
                            .kernel = "copy",
                            .fallback_reason = {}});
    plan_->stages.emplace_back(
        TensorStage{make_copy(from, {Location::Space::output, i}, byte_size(value.type)),
                    plan_->steps.size() - 1});
  }
  return {};
}

// An identity costs nothing: it counts to the step that computes its value, or else to the first
// one that reads it, or copies it out.
void Planner::cover_identities() {
  for (const Graph::Identity& identity : graph_.identities()) {
    std::size_t step = kNone;
    if (unit_of_value_[identity.value] != kNone) {
      step = step_of_unit_[unit_of_value_[identity.value]];
    } else if (!readers_[identity.value].empty()) {
      step = step_of_unit_[readers_[identity.value].front()];
    } else if (!plan_->steps.empty()) {
      step = plan_->steps.size() - 1;
    }
    if (step == kNone) continue;
    std::vector<std::size_t>& covered = plan_->steps[step].operations;
    covered.insert(std::upper_bound(covered.begin(), covered.end(), identity.operation),
                   identity.operation);
  }
}

Result<void> Planner::pack_weights() {
  std::vector<Result<PackedUnit>> results(jobs_.size());
  pool_.parallel_for(jobs_.size(), [&](std::size_t i, int) {
    results[i] = pack_unit(*jobs_[i].unit, *jobs_[i].graph, options_.isa);
  });
  for (std::size_t i = 0; i < jobs_.size(); ++i) {
    const PackingJob& job = jobs_[i];
    ANEBENCH_TRY(results[i], job.unit->node->arguments.describe());
    plan_->is_bit_exact = plan_->is_bit_exact && results[i]->is_exact;
    auto& segment = std::get<Segment>(plan_->stages[job.stage]);
    segment.steps[job.step].operation = std::move(results[i]->operation);
  }
  return {};
}

Result<std::unique_ptr<Plan>> Planner::plan() {
  ANEBENCH_ASSIGN(units, gather_units(graph_, {.int8_mode = options_.int8_mode,
                                               .uses_int8 = options_.uses_int8}));
  units_ = std::move(units);
  step_of_unit_.assign(units_.size(), kNone);
  index_units();
  choose_layouts();
  group_segments();
  ANEBENCH_TRY(count_surfaces());
  for (std::size_t stage = 0; stage < stage_units_.size(); ++stage) {
    ANEBENCH_TRY(plan_stage(stage));
  }
  ANEBENCH_TRY(copy_remaining_outputs());
  cover_identities();
  plan_->arena_bytes = memory_.arena_bytes();
  if (options_.with_weights) ANEBENCH_TRY(pack_weights());
  for (const ops::Tensor& constant : plan_->constants) {
    plan_->resident_bytes += constant.bytes().size();
  }
  for (const Stage& stage : plan_->stages) {
    if (const auto* tensor = std::get_if<TensorStage>(&stage)) {
      if (tensor->operation) plan_->resident_bytes += tensor->operation->resident_bytes();
      continue;
    }
    for (const TileStep& step : std::get<Segment>(stage).steps) {
      if (step.operation) plan_->resident_bytes += step.operation->resident_bytes();
    }
  }
  return std::move(plan_);
}

}  // namespace

Result<std::unique_ptr<Plan>> make_plan(const Graph& graph, const PlanOptions& options,
                                        ThreadPool& pool) {
  return Planner(graph, options, pool).plan();
}

}  // namespace anebench::device::cpu
