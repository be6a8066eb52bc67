#include "anebench/device/cpu/planner.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "anebench/device/cpu/fused_elementwise.h"
#include "anebench/device/cpu/lookup_table.h"
#include "anebench/device/cpu/placement.h"
#include "anebench/device/cpu/segment_builder.h"
#include "anebench/device/cpu/stages.h"
#include "anebench/device/cpu/tensor_operations.h"
#include "anebench/device/cpu/unit_weights.h"
#include "anebench/device/cpu/units.h"

namespace anebench::device::cpu {
namespace {

using mil::DataType;

class Planner {
 public:
  Planner(const Graph& graph, std::vector<Unit> units, const PlanOptions& options, ThreadPool& pool)
      : graph_(graph),
        options_(options),
        pool_(pool),
        plan_(std::make_unique<Plan>()),
        units_(std::move(units)),
        stages_(graph, units_),
        placement_(graph, stages_, options_, plan_->constants),
        tables_(graph),
        step_of_unit_(units_.size(), kNone) {}

  Result<std::unique_ptr<Plan>> plan();

 private:
  const mil::Type& type(ValueId id) const { return graph_.value(id).type; }
  MemoryBudget& memory() { return placement_.memory(); }
  Result<std::vector<Location>> places_of(const std::vector<ValueId>& values);

  Result<void> plan_stage(std::size_t stage);
  Result<void> plan_segment(std::size_t stage);
  Result<void> plan_fused(std::size_t stage);
  Result<FusedElementwise::Instruction> fused_instruction(const Unit& unit);
  Result<void> plan_single(std::size_t unit_index);
  Result<std::unique_ptr<TensorOperation>> make_operation_of(const Unit& unit, std::string& kernel);
  Result<std::unique_ptr<TensorOperation>> make_general_convolution(const Unit& unit,
                                                                    std::string& kernel);
  Result<std::unique_ptr<TensorOperation>> make_kernel(const Unit& unit);
  Result<void> copy_remaining_outputs();
  Result<void> pack_weights();
  std::optional<std::size_t> covering_step(ValueId value) const;
  std::optional<std::size_t> reading_step(ValueId value) const;
  void cover_free_operations();
  void sum_resident_bytes();

  std::size_t add_step(std::string name, std::string kernel);
  // A step of these units, which `kernel` executes together.
  std::size_t add_unit_step(std::span<const std::size_t> units, std::string kernel);

  const Graph& graph_;
  const PlanOptions& options_;
  ThreadPool& pool_;
  std::unique_ptr<Plan> plan_;
  std::vector<Unit> units_;
  Stages stages_;
  Placement placement_;
  TableCache tables_;
  std::vector<std::size_t> step_of_unit_;
  std::vector<PackingJob> jobs_;
};

std::size_t Planner::add_step(std::string name, std::string kernel) {
  plan_->steps.push_back({.name = std::move(name),
                          .operations = {},
                          .kernel = std::move(kernel),
                          .fallback_reason = {}});
  return plan_->steps.size() - 1;
}

std::size_t Planner::add_unit_step(std::span<const std::size_t> units, std::string kernel) {
  const Unit& first = units_[units.front()];
  const std::size_t step =
      add_step(std::string(graph_.operation(first.node->operation).label()), std::move(kernel));
  plan_->steps[step].fallback_reason = first.fallback_reason;
  for (const std::size_t u : units) {
    const Unit& unit = units_[u];
    std::vector<std::size_t>& covered = plan_->steps[step].operations;
    covered.insert(covered.end(), unit.operations.begin(), unit.operations.end());
    plan_->is_bit_exact = plan_->is_bit_exact && (unit.is_exact || unit.wants_guard);
    step_of_unit_[u] = step;
  }
  std::ranges::sort(plan_->steps[step].operations);
  return step;
}

Result<std::vector<Location>> Planner::places_of(const std::vector<ValueId>& values) {
  std::vector<Location> places;
  for (const ValueId value : values) {
    ANEBENCH_ASSIGN(place, placement_.place(value));
    places.push_back(place);
  }
  return places;
}

Result<void> Planner::plan_segment(std::size_t stage) {
  const std::vector<std::size_t>& members = stages_.units_of(stage);
  const auto shape = *positions_shape(type(units_[members.front()].outputs.front()));
  SegmentBuilder builder(shape.images, shape.plane, options_.isa);
  // A row-major operand of the segment.
  const auto tiles_of = [&](ValueId value) -> Result<TileOperand> {
    if (const std::optional<TileOperand> have = builder.find(value)) return *have;
    ANEBENCH_ASSIGN(from, placement_.place(value));
    return builder.pack(value, type(value), from,
                        add_step(fmt::format("pack {}", graph_.value(value).name), "pack"));
  };
  for (const std::size_t u : members) {
    Unit& unit = units_[u];
    const ValueId out = unit.outputs.front();
    memory().set_current(unit.node->arguments.describe());
    std::vector<TileOperand> inputs;
    const bool is_cast = unit.kind == UnitKind::cast;
    const bool is_fp32 = type(unit.inputs[0]).data_type() == DataType::fp32;
    unit.packs = unit.kind == UnitKind::quantize && !builder.find(unit.inputs[0]) &&
                 stages_.readers_in(unit.inputs[0], stage) == 1;
    const bool is_pack = unit.packs || (is_cast && is_fp32);
    const bool is_unpack = is_cast && !is_fp32;
    for (const ValueId input : unit.inputs) {
      if (is_pack) {
        ANEBENCH_ASSIGN(from, placement_.place(input));
        inputs.push_back({.slot = TileOperand::kPlain, .plain = from});
      } else {
        ANEBENCH_ASSIGN(operand, tiles_of(input));
        inputs.push_back(operand);
      }
    }
    TileOperand output;
    if (is_unpack) {
      ANEBENCH_ASSIGN(to, placement_.place(out));
      output.plain = to;
    } else {
      output = builder.add_value(out, type(out));
    }
    add_unit_step({&u, 1}, tile_kernel_name(unit, options_.isa));
    const std::size_t step = builder.add_step(std::move(inputs), output, step_of_unit_[u],
                                              tile_work(unit, graph_, options_.isa));
    ANEBENCH_TRY(memory().keep(planned_weight_bytes(unit, graph_)));
    jobs_.push_back({.unit = &unit, .graph = &graph_, .stage = plan_->stages.size(), .step = step});
    if (!is_unpack && stages_.leaves(out, stage)) {
      ANEBENCH_ASSIGN(to, placement_.place(out));
      builder.unpack(out, type(out), to,
                     add_step(fmt::format("unpack {}", graph_.value(out).name), "unpack"));
    }
  }
  ANEBENCH_ASSIGN(segment, builder.finish(static_cast<std::size_t>(pool_.size())),
                  memory().current());
  plan_->block_scratch_bytes = std::max(plan_->block_scratch_bytes, segment.block_bytes);
  if (segment.sharing == Sharing::steps) {
    plan_->whole_scratch_bytes = std::max(plan_->whole_scratch_bytes, segment.whole_bytes);
  }
  plan_->stages.emplace_back(std::move(segment));
  return memory().set_scratch(plan_->block_scratch_bytes, static_cast<std::size_t>(pool_.size()),
                              plan_->whole_scratch_bytes);
}

Result<std::unique_ptr<TensorOperation>> Planner::make_general_convolution(const Unit& unit,
                                                                           std::string& kernel) {
  ConvolutionOperands operands;
  operands.data_type = type(unit.outputs.front()).data_type();
  operands.relu = unit.has_relu;
  ANEBENCH_ASSIGN(input, placement_.place(unit.inputs.front()));
  ANEBENCH_ASSIGN(output, placement_.place(unit.outputs.front()));
  operands.input = input;
  operands.output = output;
  const ScratchBytes need = convolution_scratch_bytes(unit.shape, operands.data_type);
  ANEBENCH_ASSIGN(input_scratch, placement_.scratch(need.input));
  ANEBENCH_ASSIGN(output_scratch, placement_.scratch(need.output));
  operands.input_scratch = input_scratch;
  operands.output_scratch = output_scratch;
  const auto found = find_convolution_kernel(unit.shape, unit.node->arguments.has("bias"),
                                             static_cast<std::size_t>(pool_.size()));
  kernel = fmt::format("{}_{}", kernel, found->name());
  ANEBENCH_ASSIGN(kernel_scratch, placement_.scratch(found->scratch_bytes()));
  operands.kernel_scratch = kernel_scratch;
  ANEBENCH_TRY(memory().keep(planned_weight_bytes(unit, graph_)));
  if (!options_.with_weights) return std::unique_ptr<TensorOperation>();
  ANEBENCH_ASSIGN(weights, float_weights(unit, graph_));
  operands.weights = std::move(weights.weights);
  operands.bias = std::move(weights.bias);
  return found->make(std::move(operands));
}

Result<std::unique_ptr<TensorOperation>> Planner::make_kernel(const Unit& unit) {
  KernelOperands operands;
  ANEBENCH_ASSIGN(inputs, places_of(unit.inputs));
  ANEBENCH_ASSIGN(outputs, places_of(unit.outputs));
  operands.inputs = std::move(inputs);
  operands.outputs = std::move(outputs);
  if (unit.kernel->scratch_bytes > 0) {
    ANEBENCH_ASSIGN(scratch, placement_.scratch(unit.kernel->scratch_bytes));
    operands.scratch = scratch;
  }
  ANEBENCH_TRY(memory().keep(unit.kernel->weight_bytes));
  if (!options_.with_weights) return std::unique_ptr<TensorOperation>();
  return unit.kernel->make(operands);
}

Result<std::unique_ptr<TensorOperation>> Planner::make_operation_of(const Unit& unit,
                                                                    std::string& kernel) {
  if (unit.kind == UnitKind::convolution) return make_general_convolution(unit, kernel);
  if (unit.kind == UnitKind::kernel) return make_kernel(unit);
  ANEBENCH_ASSIGN(inputs, places_of(unit.inputs));
  ANEBENCH_ASSIGN(outputs, places_of(unit.outputs));
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
  const auto count =
      static_cast<std::size_t>(type(unit.outputs.front()).element_count().value_or(0));
  return unit.kind == UnitKind::quantize
             ? make_quantize(unit.affines, unit.affine_row, inputs[0], outputs[0], count)
             : make_dequantize(unit.affines, unit.affine_row, inputs[0], outputs[0], count);
}

Result<void> Planner::plan_single(std::size_t unit_index) {
  const Unit& unit = units_[unit_index];
  memory().set_current(unit.node->arguments.describe());
  if (is_view(unit, graph_)) {
    ANEBENCH_ASSIGN(whole, placement_.place(unit.inputs.front()));
    for (std::size_t i = 0; i < unit.outputs.size(); ++i) {
      Location part = whole;
      part.offset += (*unit.kernel->view_offsets)[i];
      placement_.place_at(unit.outputs[i], part);
    }
    return {};
  }
  std::string kernel = tensor_kernel_name(unit);
  ANEBENCH_ASSIGN(operation, make_operation_of(unit, kernel));
  placement_.end_step();
  const std::size_t step = add_unit_step({&unit_index, 1}, std::move(kernel));
  plan_->stages.emplace_back(TensorStage{std::move(operation), step});
  return {};
}

Result<FusedElementwise::Instruction> Planner::fused_instruction(const Unit& unit) {
  using Kind = FusedElementwise::Kind;
  FusedElementwise::Instruction instruction;
  instruction.type = type(unit.outputs.front()).data_type();
  switch (unit.kind) {
    case UnitKind::relu: instruction.kind = Kind::relu; break;
    case UnitKind::cast: instruction.kind = Kind::cast; break;
    case UnitKind::select: instruction.kind = Kind::select; break;
    case UnitKind::table: {
      instruction.kind = Kind::table;
      ANEBENCH_ASSIGN(bytes, tables_.reserve(*unit.node, unit.table_parameter));
      ANEBENCH_TRY(memory().keep(bytes));
      if (!options_.with_weights) break;
      ANEBENCH_ASSIGN(table, tables_.get(*unit.node, unit.table_parameter));
      instruction.table = std::move(table);
      break;
    }
    default: instruction.kind = Kind::binary; instruction.binary = unit.binary;
  }
  return instruction;
}

Result<void> Planner::plan_fused(std::size_t stage) {
  const std::vector<std::size_t>& members = stages_.units_of(stage);
  FusedElementwise run;
  run.shape = type(units_[members.front()].outputs.front()).shape();
  // What is read from memory comes first, then the results in order.
  std::vector<ValueId> slots;
  for (const std::size_t u : members) {
    memory().set_current(units_[u].node->arguments.describe());
    for (const ValueId input : units_[u].inputs) {
      const std::size_t producer = stages_.producer(input);
      const bool is_inside = producer != kNone && stages_.stage_of(producer) == stage;
      if (is_inside || std::ranges::find(slots, input) != slots.end()) continue;
      ANEBENCH_ASSIGN(place, placement_.place(input));
      run.operands.push_back({place, type(input)});
      slots.push_back(input);
    }
  }
  for (const std::size_t u : members) slots.push_back(units_[u].outputs.front());
  for (const std::size_t u : members) {
    const Unit& unit = units_[u];
    const ValueId out = unit.outputs.front();
    memory().set_current(unit.node->arguments.describe());
    ANEBENCH_ASSIGN(instruction, fused_instruction(unit));
    for (const ValueId input : unit.inputs) {
      instruction.inputs.push_back(
          static_cast<std::size_t>(std::ranges::find(slots, input) - slots.begin()));
    }
    if (stages_.leaves(out, stage)) {
      ANEBENCH_ASSIGN(place, placement_.place(out));
      instruction.output = place;
    }
    run.instructions.push_back(std::move(instruction));
  }
  const std::size_t step = add_unit_step(
      members, members.size() == 1 ? tensor_kernel_name(units_[members[0]]) : "fused_elementwise");
  std::unique_ptr<TensorOperation> operation;
  if (options_.with_weights) operation = make_fused_elementwise(run);
  plan_->stages.emplace_back(TensorStage{std::move(operation), step});
  return {};
}

Result<void> Planner::plan_stage(std::size_t stage) {
  switch (stages_.kind(stage)) {
    case Stages::Kind::segment: ANEBENCH_TRY(plan_segment(stage)); break;
    case Stages::Kind::elementwise: ANEBENCH_TRY(plan_fused(stage)); break;
    case Stages::Kind::single: ANEBENCH_TRY(plan_single(stages_.units_of(stage).front())); break;
  }
  placement_.end_stage(stage);
  return {};
}

Result<void> Planner::copy_remaining_outputs() {
  const auto& names = graph_.function().body.outputs;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const ValueId id = graph_.find(names[i]);
    memory().set_current(fmt::format("output '{}'", names[i]));
    const GraphValue& value = graph_.value(id);
    if (value.output == i && value.producer != kNone && !value.is_constant) continue;
    ANEBENCH_ASSIGN(from, placement_.place(id));
    ANEBENCH_TRY(memory().keep(byte_size(value.type)));
    plan_->stages.emplace_back(
        TensorStage{make_copy(from, {Location::Space::output, i}, byte_size(value.type)),
                    add_step(fmt::format("copy {}", names[i]), "copy")});
  }
  return {};
}

// The step that computes a value, be it as a view of another.
std::optional<std::size_t> Planner::covering_step(ValueId value) const {
  for (std::size_t unit = stages_.producer(value); unit != kNone;
       unit = stages_.producer(units_[unit].inputs.front())) {
    if (step_of_unit_[unit] != kNone) return step_of_unit_[unit];
  }
  return std::nullopt;
}

// The first step that reads a value, be it through views of it.
std::optional<std::size_t> Planner::reading_step(ValueId value) const {
  while (!stages_.readers(value).empty()) {
    for (const std::size_t reader : stages_.readers(value)) {
      if (step_of_unit_[reader] != kNone) return step_of_unit_[reader];
    }
    value = units_[stages_.readers(value).front()].outputs.front();
  }
  return std::nullopt;
}

// Identities and views cost nothing: they count to the step that computes their value, or else to
// the first one that reads it, or copies it out.
void Planner::cover_free_operations() {
  const auto cover = [&](std::size_t operation, ValueId value) {
    std::optional<std::size_t> step = covering_step(value);
    if (!step) step = reading_step(value);
    if (!step && !plan_->steps.empty()) step = plan_->steps.size() - 1;
    if (!step) return;
    std::vector<std::size_t>& covered = plan_->steps[*step].operations;
    covered.insert(std::upper_bound(covered.begin(), covered.end(), operation), operation);
  };
  for (const Graph::Identity& identity : graph_.identities()) {
    cover(identity.operation, identity.value);
  }
  for (const Unit& unit : units_) {
    if (is_view(unit, graph_)) cover(unit.node->operation, unit.outputs.front());
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

void Planner::sum_resident_bytes() {
  plan_->resident_bytes = tables_.bytes();
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
}

Result<std::unique_ptr<Plan>> Planner::plan() {
  ANEBENCH_TRY(count_inputs(graph_, memory()));
  for (std::size_t stage = 0; stage < stages_.count(); ++stage) {
    ANEBENCH_TRY(plan_stage(stage));
  }
  ANEBENCH_TRY(copy_remaining_outputs());
  cover_free_operations();
  plan_->arena_bytes = memory().arena_bytes();
  if (options_.with_weights) ANEBENCH_TRY(pack_weights());
  sum_resident_bytes();
  return std::move(plan_);
}

}  // namespace

Result<std::unique_ptr<Plan>> make_plan(const Graph& graph, const PlanOptions& options,
                                        ThreadPool& pool, TraceCache& traces) {
  traces.begin_plan();
  const GatherOptions gather{.int8_mode = options.int8_mode,
                             .uses_int8 = options.uses_int8,
                             .threads = static_cast<std::size_t>(pool.size()),
                             .max_memory = options.max_memory};
  ANEBENCH_ASSIGN(units, gather_units(graph, gather, traces));
  ANEBENCH_ASSIGN(plan, Planner(graph, std::move(units), options, pool).plan());
  traces.end_plan();
  return plan;
}

}  // namespace anebench::device::cpu
