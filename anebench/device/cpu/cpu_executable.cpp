#include "anebench/device/cpu/cpu_executable.h"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <utility>
#include <variant>

#include "anebench/base/bytes.h"
#include "anebench/device/basic_request.h"
#include "anebench/device/cpu/arena.h"
#include "anebench/device/cpu/graph.h"
#include "anebench/device/cpu/plan.h"
#include "anebench/device/cpu/planner.h"
#include "anebench/device/cpu/segment.h"
#include "anebench/device/interpreted_executable.h"
#include "anebench/device/shaped_executable.h"
#include "anebench/ops/function_plan.h"
#include "anebench/ops/registry.h"
#include "anebench/ops/specialize.h"
#include "anebench/weights/weight_warning.h"

namespace anebench::device::cpu {
namespace {

struct Freed {
  void operator()(std::byte* memory) const {
    ::operator delete[](memory, std::align_val_t{kArenaAlignment});
  }
};
using AlignedBytes = std::unique_ptr<std::byte[], Freed>;

Result<AlignedBytes> allocate(std::size_t bytes) {
  if (bytes == 0) return AlignedBytes();
  auto* memory = new (std::align_val_t{kArenaAlignment}, std::nothrow) std::byte[bytes];
  if (memory == nullptr) {
    return fail(ErrorCode::resource_exhausted, "no memory for {} bytes of activations", bytes);
  }
  // Touched now, not during the first evaluation; and padding has defined contents.
  std::fill(memory, memory + bytes, std::byte{0});
  return AlignedBytes(memory);
}

class CpuRequest final : public BasicRequest {
 public:
  using BasicRequest::BasicRequest;

  // Gets the memory that `plan`, the executable's `generation`th, needs; nothing where it has it.
  Result<void> prepare(const Plan& plan, std::uint64_t generation, std::size_t threads) {
    if (generation_ == generation) return {};
    block_stride_ = align_up<std::size_t>(plan.block_scratch_bytes, kArenaAlignment);
    ANEBENCH_ASSIGN(arena, allocate(plan.arena_bytes));
    ANEBENCH_ASSIGN(blocks, allocate(block_stride_ * threads));
    ANEBENCH_ASSIGN(whole, allocate(plan.whole_scratch_bytes));
    arena_ = std::move(arena);
    blocks_ = std::move(blocks);
    whole_ = std::move(whole);
    generation_ = generation;
    return {};
  }
  // Steps may read an input after an output has been written in part, so they must be apart.
  Result<void> collect_surfaces(std::size_t inputs, std::size_t outputs) {
    inputs_.resize(inputs);
    outputs_.resize(outputs);
    for (std::size_t i = 0; i < inputs; ++i) inputs_[i] = input(i)->bytes().data();
    for (std::size_t i = 0; i < outputs; ++i) {
      outputs_[i] = output(i)->bytes().data();
      if (std::find(inputs_.begin(), inputs_.end(), outputs_[i]) != inputs_.end() ||
          std::find(outputs_.begin(), outputs_.begin() + static_cast<std::ptrdiff_t>(i),
                    outputs_[i]) != outputs_.begin() + static_cast<std::ptrdiff_t>(i)) {
        return fail(ErrorCode::invalid_argument,
                    "output {} is bound to the same surface as an input or another output", i);
      }
    }
    return {};
  }
  Memory memory(const Plan& plan) const {
    return {.arena = arena_.get(),
            .inputs = inputs_.data(),
            .outputs = outputs_.data(),
            .constants = plan.constants.data()};
  }
  SegmentScratch scratch() const {
    return {.blocks = blocks_.get(), .block_stride = block_stride_, .whole = whole_.get()};
  }

 private:
  std::uint64_t generation_ = 0;
  AlignedBytes arena_;
  AlignedBytes blocks_;
  AlignedBytes whole_;
  std::size_t block_stride_ = 0;
  std::vector<std::byte*> inputs_;
  std::vector<std::byte*> outputs_;
};

class CpuExecutable final : public Executable {
 public:
  CpuExecutable(mil::Program program, const mil::Function& function,
                std::shared_ptr<weights::WeightFiles> weights, std::vector<mil::NamedType> outputs,
                std::vector<std::string> language_notes, const PlanOptions& options,
                const Clock& clock, ThreadPool& pool)
      : program_(std::move(program)),
        function_(function),
        weights_(std::move(weights)),
        outputs_(std::move(outputs)),
        language_notes_(std::move(language_notes)),
        notes_(language_notes_),
        options_(options),
        clock_(clock),
        pool_(pool) {}

  const std::vector<mil::NamedType>& inputs() const override { return function_.inputs; }
  const std::vector<mil::NamedType>& outputs() const override { return outputs_; }

  // Plans without weights: everything that can be refused before they are read.
  Result<void> check() {
    ANEBENCH_ASSIGN(graph, Graph::build(function_, *weights_));
    PlanOptions dry = options_;
    dry.with_weights = false;
    ANEBENCH_ASSIGN(plan, make_plan(*graph, dry, pool_, traces_));
    steps_ = plan->steps;
    add_weight_notes();
    return {};
  }

  Result<void> load() override {
    if (is_loaded()) return fail(ErrorCode::invalid_argument, "the program is loaded already");
    ANEBENCH_ASSIGN(graph, Graph::build(function_, *weights_));
    ANEBENCH_ASSIGN(plan, make_plan(*graph, options_, pool_, traces_));
    graph_ = std::move(graph);
    plan_ = std::move(plan);
    steps_ = plan_->steps;
    ++generation_;
    add_weight_notes();
    return {};
  }

  Result<void> unload() override {
    if (!is_loaded()) return fail(ErrorCode::invalid_argument, "the program is not loaded");
    plan_.reset();
    graph_.reset();
    return {};
  }
  bool is_loaded() const override { return plan_ != nullptr; }

  Result<void> replace_weight_file(const std::string& file,
                                   std::vector<std::byte> content) override {
    return weights_->replace(file, std::move(content));
  }

  Result<std::unique_ptr<Request>> create_request() override {
    auto request = std::make_unique<CpuRequest>(function_.inputs, outputs_);
    if (is_loaded()) {
      ANEBENCH_TRY(request->prepare(*plan_, generation_, static_cast<std::size_t>(pool_.size())));
    }
    return request;
  }

  Result<void> evaluate(Request& request, StepObserver* observer) override;

  const std::vector<Step>& steps() const override { return steps_; }
  const std::vector<std::string>& notes() const override { return notes_; }
  std::size_t resident_bytes() const override { return plan_ ? plan_->resident_bytes : 0; }
  bool is_bit_exact() const override { return plan_ && plan_->is_bit_exact; }

 private:
  void add_weight_notes() {
    notes_ = language_notes_;
    for (std::string& line : weights::summarize(weights_->warnings())) {
      notes_.push_back(std::move(line));
    }
  }

  mil::Program program_;
  const mil::Function& function_;
  std::shared_ptr<weights::WeightFiles> weights_;
  std::vector<mil::NamedType> outputs_;
  std::vector<std::string> language_notes_;
  std::vector<std::string> notes_;
  PlanOptions options_;
  const Clock& clock_;
  ThreadPool& pool_;
  std::vector<Step> steps_;
  TraceCache traces_;
  // The plan refers to the graph.
  std::unique_ptr<Graph> graph_;
  std::unique_ptr<Plan> plan_;
  // Of the plan; a request made for an earlier one gets new memory.
  std::uint64_t generation_ = 0;
};

Result<void> CpuExecutable::evaluate(Request& request, StepObserver* observer) {
  if (!is_loaded()) return fail(ErrorCode::invalid_argument, "the program is not loaded");
  auto& bound = static_cast<CpuRequest&>(request);
  ANEBENCH_TRY(bound.require_bound());
  ANEBENCH_TRY(bound.prepare(*plan_, generation_, static_cast<std::size_t>(pool_.size())));
  ANEBENCH_TRY(bound.collect_surfaces(function_.inputs.size(), outputs_.size()));
  const Memory memory = bound.memory(*plan_);
  const SegmentScratch scratch = bound.scratch();
  for (const Stage& stage : plan_->stages) {
    if (const auto* segment = std::get_if<Segment>(&stage)) {
      if (observer != nullptr) {
        run_segment_observed(*segment, memory, scratch, pool_, clock_, *observer);
      } else {
        run_segment(*segment, memory, scratch, pool_);
      }
      continue;
    }
    const auto& tensor = std::get<TensorStage>(stage);
    const std::int64_t start = observer != nullptr ? clock_.now_ns() : 0;
    ANEBENCH_TRY(tensor.operation->run(memory, pool_));
    if (observer != nullptr) observer->on_step(tensor.step, start, clock_.now_ns());
  }
  return {};
}

// Why the whole function is left to the reference evaluation, whatever its dimensions; empty where
// it can be planned: plans place tensors of known sizes in memory, one after another.
std::string why_interpreted(const mil::Function& function) {
  const auto unplannable = [](const mil::NamedType& value) {
    const bool is_numeric =
        value.type.is_tensor() && value.type.data_type() != mil::DataType::string;
    return is_numeric && (fits_surface(value.type) || ops::is_open(value.type))
               ? std::string()
               : fmt::format("'{}' is {}: only numeric tensors are planned", value.name,
                             mil::to_string(value.type));
  };
  for (const mil::NamedType& input : function.inputs) {
    if (std::string reason = unplannable(input); !reason.empty()) return reason;
  }
  for (const mil::Operation& operation : function.body.operations) {
    if (!ops::is_executed(operation)) continue;
    if (!operation.blocks.empty()) {
      return fmt::format("{} '{}' has nested blocks", operation.type, operation.label());
    }
    // A plan does not count evaluations.
    const ops::Definition* definition = ops::find(operation.type);
    if (definition != nullptr && definition->draws_random_numbers) {
      return fmt::format("{} '{}' draws random numbers", operation.type, operation.label());
    }
    for (const mil::NamedType& output : operation.outputs) {
      if (std::string reason = unplannable(output); !reason.empty()) return reason;
    }
  }
  return "";
}

std::string describe_open(const mil::NamedType& value, std::string_view consequence) {
  return fmt::format("'{}' is {}: {}", value.name, mil::to_string(value.type), consequence);
}

// Of a function that can be planned.
Result<std::unique_ptr<Executable>> compile_planned(
    const mil::Program& program, const std::shared_ptr<weights::WeightFiles>& weights,
    const CompileOptions& options, const Target& target, const Clock& clock, ThreadPool& pool) {
  ANEBENCH_ASSIGN(verified, verify_for_device(program, weights, options));
  if (const mil::NamedType* open = ops::find_open(*verified.function)) {
    return fail(ErrorCode::unsupported, "{}",
                describe_open(*open, "its dimensions depend on more than the shapes of inputs"));
  }
  const PlanOptions plan{.isa = target.isa,
                         .int8_mode = options.int8_mode,
                         .uses_int8 = target.uses_int8,
                         .max_memory = options.max_memory,
                         .with_weights = true};
  auto executable = std::make_unique<CpuExecutable>(
      program, *verified.function, std::move(verified.weights), std::move(verified.outputs),
      std::move(verified.notes), plan, clock, pool);
  ANEBENCH_TRY(executable->check());
  return executable;
}

}  // namespace

Result<std::unique_ptr<Executable>> compile(const mil::Program& program,
                                            const std::shared_ptr<weights::WeightFiles>& weights,
                                            const CompileOptions& options, const Target& target,
                                            const Clock& clock, ThreadPool& pool) {
  const auto interpreted = [&](std::string reason) {
    return compile_interpreted(program, weights, options, clock, pool, std::move(reason));
  };
  const auto planned = [options, target, &clock, &pool](
                           const mil::Program& known,
                           const std::shared_ptr<weights::WeightFiles>& files) {
    return compile_planned(known, files, options, target, clock, pool);
  };
  const mil::Function* function = program.find_function(options.function);
  if (function == nullptr) return planned(program, weights);
  if (std::string reason = why_interpreted(*function); !reason.empty()) {
    return interpreted(std::move(reason));
  }
  const mil::NamedType* open = ops::find_open(*function);
  if (open == nullptr) return planned(program, weights);
  ANEBENCH_ASSIGN(any_shapes, interpreted(describe_open(
                                  *open, "the first evaluation makes a plan for its dimensions")));
  return make_shaped({.program = program,
                      .options = options,
                      .any_shapes = std::move(any_shapes),
                      .compile = planned},
                     weights);
}

}  // namespace anebench::device::cpu
