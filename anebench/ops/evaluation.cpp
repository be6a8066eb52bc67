#include "anebench/ops/evaluation.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "anebench/ops/context.h"

namespace anebench::ops {

class Evaluation::Context final : public OpContext, public ValueSource {
 public:
  Context(Evaluation& evaluation, const Frame& frame, Arguments& arguments)
      : evaluation_(evaluation), frame_(frame), arguments_(arguments) {
    arguments.read_values_from(*this);
  }

  const Arguments& arguments() const override { return arguments_; }
  Result<RuntimeValue> value(std::string_view parameter, std::size_t index) override {
    if (index >= arguments_.count(parameter)) return arguments_.error(parameter, "is missing");
    if (const auto name = arguments_.name(parameter, index)) {
      ANEBENCH_ASSIGN(found, require(frame_, *name), arguments_.describe());
      return found;
    }
    return constant_argument(arguments_, parameter, index);
  }
  std::optional<RuntimeValue> find_value(std::string_view name) const override {
    auto found = frame_.find(name);
    return found ? *std::move(found) : std::nullopt;
  }

  void parallel_for(std::size_t count,
                    const std::function<void(std::size_t, std::size_t)>& body) override {
    const ParallelFor& split = evaluation_.options_.parallel_for;
    if (split) return split(count, body);
    OpContext::parallel_for(count, body);
  }

  Result<std::vector<RuntimeValue>> run_block(std::size_t block,
                                              std::span<const RuntimeValue> inputs) override {
    const std::vector<mil::Block>& blocks = arguments_.operation().blocks;
    if (block >= blocks.size()) {
      return fail(ErrorCode::verification_error, "{}: nested block {} is missing",
                  arguments_.describe(), block);
    }
    return evaluation_.run_block(frame_, blocks[block], inputs);
  }

  Result<void> start_iteration() override {
    if (++evaluation_.iterations_ <= evaluation_.options_.max_iterations) return {};
    return fail(
        ErrorCode::resource_exhausted,
        "{}: the program's loops have made {} iterations, the limit; either it does not end, "
        "or the limit must be raised (max_iterations)",
        arguments_.describe(), evaluation_.options_.max_iterations);
  }

  Result<Rng> fork_generator() override {
    return evaluation_.options_.generator.fork(evaluation_.forks_++);
  }

 private:
  Evaluation& evaluation_;
  const Frame& frame_;
  Arguments& arguments_;
};

Result<std::optional<RuntimeValue>> Evaluation::Frame::find(std::string_view name) const {
  for (const Frame* frame = this; frame != nullptr; frame = frame->parent) {
    if (const auto found = frame->values.find(name); found != frame->values.end()) {
      return found->second;
    }
    const TensorEnvironment& constants = frame->plan.constants;
    if (const auto found = constants.find(name); found != constants.end()) {
      return RuntimeValue(found->second);
    }
    if (!frame->scope.declares(name)) continue;
    const mil::Value* value = frame->scope.find(name)->value;
    if (value == nullptr) return std::nullopt;
    ANEBENCH_ASSIGN(constant, RuntimeValue::from_value(*value, *frame->scope.resolver()));
    return constant;
  }
  return std::nullopt;
}

Evaluation::Evaluation(const FunctionPlan& plan, const mil::BlobResolver& resolver,
                       EvaluationOptions options)
    : plan_(plan),
      options_(std::move(options)),
      top_(nullptr, plan.function().body, plan.block(plan.function().body),
           Scope(plan.function(), &resolver)) {}

Result<void> Evaluation::set_input(std::string_view name, RuntimeValue value) {
  const auto& inputs = plan_.function().inputs;
  const auto input = std::ranges::find(inputs, name, &mil::NamedType::name);
  if (input == inputs.end()) {
    return fail(ErrorCode::invalid_argument, "the function has no input '{}'", name);
  }
  mil::Type type = value.type();
  if (!mil::compatible(type, input->type)) {
    return fail(ErrorCode::invalid_argument, "input '{}' is a {}, but the value is a {}", name,
                to_string(input->type), to_string(type));
  }
  top_.scope.declare(input->name, {.type = std::move(type)});
  // Not counted: the caller holds it.
  top_.values.insert_or_assign(input->name, std::move(value));
  return {};
}

Result<void> Evaluation::run(std::size_t index) { return run(top_, index); }

Result<RuntimeValue> Evaluation::output(std::string_view name) const { return require(top_, name); }

Result<RuntimeValue> Evaluation::require(const Frame& frame, std::string_view name) {
  ANEBENCH_ASSIGN(found, frame.find(name));
  if (!found) return fail(ErrorCode::invalid_argument, "'{}' has no value", name);
  return *std::move(found);
}

Result<void> Evaluation::run(Frame& frame, std::size_t index) {
  const mil::Operation& operation = frame.block.operations[index];
  if (is_executed(operation)) {
    ANEBENCH_ASSIGN(arguments, Arguments::bind(operation, frame.scope));
    Context context(*this, frame, arguments);
    ANEBENCH_ASSIGN(outputs, ops::run(context));
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      ANEBENCH_TRY(store(frame, operation.outputs[i].name, std::move(outputs[i])),
                   arguments.describe());
    }
  } else {
    frame.scope.declare(operation);
  }
  for (const std::string& name : frame.plan.dead_after[index]) release(frame, name);
  return {};
}

Result<std::vector<RuntimeValue>> Evaluation::run_block(const Frame& parent,
                                                        const mil::Block& block,
                                                        std::span<const RuntimeValue> inputs) {
  if (inputs.size() != block.inputs.size()) {
    return fail(ErrorCode::verification_error, "a block of {} inputs was given {} values",
                block.inputs.size(), inputs.size());
  }
  Frame frame(&parent, block, plan_.block(block), Scope(parent.scope, block));
  const auto run_all = [&]() -> Result<std::vector<RuntimeValue>> {
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      ANEBENCH_TRY(store(frame, block.inputs[i].name, inputs[i]));
    }
    for (std::size_t i = 0; i < block.operations.size(); ++i) {
      ANEBENCH_TRY(run(frame, i), std::string(block.operations[i].label()));
    }
    std::vector<RuntimeValue> outputs;
    for (const std::string& name : block.outputs) {
      ANEBENCH_ASSIGN(output, require(frame, name));
      outputs.push_back(std::move(output));
    }
    return outputs;
  };
  auto outputs = run_all();
  for (const auto& [name, value] : frame.values) live_bytes_ -= value.byte_size();
  return outputs;
}

Result<void> Evaluation::store(Frame& frame, const std::string& name, RuntimeValue value) {
  const std::int64_t bytes = value.byte_size();
  if (bytes > options_.max_bytes - live_bytes_) {
    return fail(ErrorCode::resource_exhausted,
                "'{}' takes {} bytes beside the {} that live already; the limit is {}; raise it "
                "with --max-memory",
                name, bytes, live_bytes_, options_.max_bytes);
  }
  release(frame, name);
  live_bytes_ += bytes;
  frame.scope.declare(name, {.type = value.type()});
  frame.values.insert_or_assign(name, std::move(value));
  return {};
}

void Evaluation::release(Frame& frame, const std::string& name) {
  const auto found = frame.values.find(name);
  if (found == frame.values.end()) return;
  // Inputs of the function were never counted.
  const bool is_input =
      &frame == &top_ && std::ranges::find(plan_.function().inputs, name, &mil::NamedType::name) !=
                             plan_.function().inputs.end();
  if (!is_input) live_bytes_ -= found->second.byte_size();
  frame.values.erase(found);
}

Result<std::vector<RuntimeValue>> evaluate(const FunctionPlan& plan,
                                           const mil::BlobResolver& resolver,
                                           std::span<const RuntimeValue> inputs,
                                           const EvaluationOptions& options) {
  const mil::Function& function = plan.function();
  if (inputs.size() != function.inputs.size()) {
    return fail(ErrorCode::invalid_argument, "the function has {} inputs, but {} values were given",
                function.inputs.size(), inputs.size());
  }
  Evaluation evaluation(plan, resolver, options);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    ANEBENCH_TRY(evaluation.set_input(function.inputs[i].name, inputs[i]));
  }
  for (std::size_t i = 0; i < function.body.operations.size(); ++i) {
    ANEBENCH_TRY(evaluation.run(i));
  }
  std::vector<RuntimeValue> outputs;
  for (const std::string& name : function.body.outputs) {
    ANEBENCH_ASSIGN(output, evaluation.output(name));
    outputs.push_back(std::move(output));
  }
  return outputs;
}

}  // namespace anebench::ops
