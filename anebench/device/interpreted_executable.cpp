#include "anebench/device/interpreted_executable.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

#include "anebench/device/basic_request.h"
#include "anebench/ops/evaluation.h"
#include "anebench/ops/verifier.h"

namespace anebench::device {
namespace {

using ops::RuntimeValue;

// Ranges handed out per worker, so that an uneven start costs little.
constexpr std::size_t kRangesPerWorker = 4;

std::int64_t as_limit(std::size_t bytes) {
  return static_cast<std::int64_t>(
      std::min<std::size_t>(bytes, std::numeric_limits<std::int64_t>::max()));
}

class InterpretedState final : public ProgramState {
 public:
  static Result<std::shared_ptr<InterpretedState>> create(
      const std::vector<mil::NamedType>& states) {
    auto result = std::make_shared<InterpretedState>();
    for (const mil::NamedType& state : states) {
      ANEBENCH_ASSIGN(handle, ops::StateHandle::create(state.type),
                      fmt::format("state '{}'", state.name));
      result->handles_.push_back(std::move(handle));
    }
    return result;
  }

  Result<mil::Value> read(std::size_t index) const override {
    ANEBENCH_TRY(check(index));
    return handles_[index].value().to_value();
  }
  Result<void> write(std::size_t index, const mil::Value& value) override {
    ANEBENCH_TRY(check(index));
    ANEBENCH_ASSIGN(tensor, ops::Tensor::from_value(value, mil::NoBlobs()));
    return handles_[index].write(tensor);
  }
  Result<void> reset() override {
    for (ops::StateHandle& handle : handles_) {
      ANEBENCH_ASSIGN(zeros, ops::Tensor::create(handle.value().type()));
      ANEBENCH_TRY(handle.write(std::move(zeros)));
    }
    return {};
  }

  const ops::StateHandle& handle(std::size_t index) const { return handles_[index]; }
  std::size_t size() const { return handles_.size(); }

 private:
  Result<void> check(std::size_t index) const {
    if (index < handles_.size()) return {};
    return fail(ErrorCode::invalid_argument, "there is no state {}; the program has {}", index,
                handles_.size());
  }
  std::vector<ops::StateHandle> handles_;
};

class InterpretedRequest final : public BasicRequest {
 public:
  InterpretedRequest(const std::vector<mil::NamedType>& inputs,
                     const std::vector<mil::NamedType>& outputs, std::size_t state_count)
      : BasicRequest(inputs, outputs), state_count_(state_count), values_(outputs.size()) {}

  Result<void> bind_state(ProgramStatePointer state) override {
    auto own = std::dynamic_pointer_cast<InterpretedState>(std::move(state));
    if (own == nullptr || own->size() != state_count_) {
      return fail(ErrorCode::invalid_argument,
                  "the state belongs to another program; this one has {} states", state_count_);
    }
    state_ = std::move(own);
    return {};
  }
  Result<mil::Value> output_value(std::size_t index) const override {
    if (index < values_.size() && values_[index]) return values_[index]->to_value();
    return fail(ErrorCode::invalid_argument,
                "output {} has no value: it is in a surface, or nothing has been evaluated", index);
  }

  Result<void> require_state() const {
    if (state_count_ == 0 || state_ != nullptr) return {};
    return fail(ErrorCode::invalid_argument,
                "the program has {} states, but none is bound; create_state() makes them",
                state_count_);
  }
  const InterpretedState* state() const { return state_.get(); }
  void keep(std::size_t index, RuntimeValue value) { values_[index] = std::move(value); }
  void forget() { std::ranges::fill(values_, std::nullopt); }
  // The number of this evaluation among the request's.
  std::uint64_t count_evaluation() { return evaluations_++; }

 private:
  std::size_t state_count_;
  std::shared_ptr<InterpretedState> state_;
  std::vector<std::optional<RuntimeValue>> values_;
  std::uint64_t evaluations_ = 0;
};

class InterpretedExecutable final : public Executable {
 public:
  InterpretedExecutable(mil::Program program, VerifiedProgram verified, ops::FunctionPlan plan,
                        const CompileOptions& options, const Clock& clock, ThreadPool& pool,
                        const std::string& fallback_reason)
      : program_(std::move(program)),
        verified_(std::move(verified)),
        plan_(std::move(plan)),
        options_(options),
        clock_(clock),
        pool_(pool) {
    for (const mil::NamedType& input : plan_.function().inputs) {
      if (input.type.kind() == mil::Type::Kind::state) {
        states_.push_back({input.name, input.type.elements()[0]});
      } else {
        inputs_.push_back(input);
      }
    }
    const auto& operations = plan_.function().body.operations;
    for (std::size_t i = 0; i < operations.size(); ++i) {
      if (!ops::is_executed(operations[i])) continue;
      steps_.push_back({std::string(operations[i].label()), {i}, "reference", fallback_reason});
    }
  }

  const std::vector<mil::NamedType>& inputs() const override { return inputs_; }
  const std::vector<mil::NamedType>& outputs() const override { return verified_.outputs; }
  const std::vector<mil::NamedType>& states() const override { return states_; }
  Result<ProgramStatePointer> create_state() override {
    if (states_.empty()) return Executable::create_state();
    ANEBENCH_ASSIGN(state, InterpretedState::create(states_));
    return state;
  }

  Result<void> load() override {
    if (is_loaded_) return fail(ErrorCode::invalid_argument, "the program is loaded already");
    ANEBENCH_TRY(plan_.load(*verified_.weights, as_limit(options_.max_memory)));
    is_loaded_ = true;
    return {};
  }
  Result<void> unload() override {
    if (!is_loaded_) return fail(ErrorCode::invalid_argument, "the program is not loaded");
    plan_.unload();
    is_loaded_ = false;
    return {};
  }
  bool is_loaded() const override { return is_loaded_; }

  Result<void> replace_weight_file(const std::string& file,
                                   std::vector<std::byte> content) override {
    return verified_.weights->replace(file, std::move(content));
  }

  Result<std::unique_ptr<Request>> create_request() override {
    return std::make_unique<InterpretedRequest>(inputs_, verified_.outputs, states_.size());
  }
  Result<void> evaluate(Request& request, StepObserver* observer) override;

  const std::vector<Step>& steps() const override { return steps_; }
  const std::vector<std::string>& notes() const override { return verified_.notes; }
  std::size_t resident_bytes() const override {
    return static_cast<std::size_t>(plan_.constant_bytes());
  }
  bool is_bit_exact() const override { return true; }

 private:
  ops::EvaluationOptions evaluation_options(InterpretedRequest& request) {
    ops::EvaluationOptions result;
    result.max_iterations = options_.max_iterations;
    result.max_bytes = as_limit(options_.max_memory);
    result.generator = Rng(options_.random_seed).fork(request.count_evaluation());
    result.parallel_for = [this](std::size_t count, const auto& body) {
      const auto workers = static_cast<std::size_t>(pool_.size());
      const std::size_t ranges = std::min(count, workers * kRangesPerWorker);
      pool_.parallel_for(ranges, [&](std::size_t range, int) {
        body(count * range / ranges, count * (range + 1) / ranges);
      });
    };
    return result;
  }
  Result<void> set_inputs(const InterpretedRequest& request, ops::Evaluation& evaluation) const;
  Result<void> take_outputs(InterpretedRequest& request, const ops::Evaluation& evaluation) const;

  mil::Program program_;
  VerifiedProgram verified_;
  ops::FunctionPlan plan_;
  CompileOptions options_;
  const Clock& clock_;
  ThreadPool& pool_;
  std::vector<mil::NamedType> inputs_;
  std::vector<mil::NamedType> states_;
  std::vector<Step> steps_;
  bool is_loaded_ = false;
};

Result<void> InterpretedExecutable::set_inputs(const InterpretedRequest& request,
                                               ops::Evaluation& evaluation) const {
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const Surface& surface = *request.input(i);
    // The surface outlives the evaluation, and tensors never write through a view.
    ANEBENCH_ASSIGN(tensor, ops::Tensor::view(surface.type(), {surface.bytes(), nullptr}));
    ANEBENCH_TRY(evaluation.set_input(inputs_[i].name, std::move(tensor)));
  }
  for (std::size_t i = 0; i < states_.size(); ++i) {
    ANEBENCH_TRY(evaluation.set_input(states_[i].name, request.state()->handle(i)));
  }
  return {};
}

Result<void> InterpretedExecutable::take_outputs(InterpretedRequest& request,
                                                 const ops::Evaluation& evaluation) const {
  for (std::size_t i = 0; i < verified_.outputs.size(); ++i) {
    const mil::NamedType& output = verified_.outputs[i];
    ANEBENCH_ASSIGN(value, evaluation.output(output.name));
    Surface* surface = request.output(i);
    if (surface == nullptr) {
      // A copy: what it is a view of, an input's surface say, may change later.
      ANEBENCH_ASSIGN(copy, value.to_value(), fmt::format("output '{}'", output.name));
      ANEBENCH_ASSIGN(kept, RuntimeValue::from_value(copy, mil::NoBlobs()));
      request.keep(i, std::move(kept));
      continue;
    }
    if (!(value.type() == surface->type())) {
      return fail(ErrorCode::invalid_argument,
                  "output '{}' turned out as {}, but the surface bound for it holds {}",
                  output.name, mil::to_string(value.type()), mil::to_string(surface->type()));
    }
    const auto bytes = value.tensor()->bytes();
    if (!bytes.empty()) std::memcpy(surface->bytes().data(), bytes.data(), bytes.size());
  }
  return {};
}

Result<void> InterpretedExecutable::evaluate(Request& request, StepObserver* observer) {
  if (!is_loaded_) return fail(ErrorCode::invalid_argument, "the program is not loaded");
  auto& bound = static_cast<InterpretedRequest&>(request);
  ANEBENCH_TRY(bound.require_bound());
  ANEBENCH_TRY(bound.require_state());
  bound.forget();
  ops::Evaluation evaluation(plan_, *verified_.weights, evaluation_options(bound));
  ANEBENCH_TRY(set_inputs(bound, evaluation));
  std::size_t step = 0;
  for (std::size_t i = 0; i < plan_.function().body.operations.size(); ++i) {
    const bool is_step = step < steps_.size() && steps_[step].operations.front() == i;
    const std::int64_t start = is_step && observer != nullptr ? clock_.now_ns() : 0;
    ANEBENCH_TRY(evaluation.run(i),
                 fmt::format("step {}", plan_.function().body.operations[i].label()));
    if (!is_step) continue;
    if (observer != nullptr) observer->on_step(step, start, clock_.now_ns());
    ++step;
  }
  return take_outputs(bound, evaluation);
}

}  // namespace

Result<VerifiedProgram> verify_for_device(const mil::Program& program,
                                          const std::shared_ptr<weights::WeightFiles>& weights,
                                          const CompileOptions& options) {
  VerifiedProgram verified;
  ANEBENCH_ASSIGN(function, require_function(program, options.function));
  verified.function = function;
  const auto mode =
      options.strict_weights ? weights::ReadMode::strict : weights::ReadMode::tolerant;
  verified.weights =
      weights == nullptr ? std::make_shared<weights::WeightFiles>(mode) : weights->copy(mode);
  ops::VerifyOptions verify;
  verify.strictness = options.lenient ? ops::Strictness::lenient : ops::Strictness::strict;
  verify.function = options.function;
  verify.resolver = verified.weights.get();
  ANEBENCH_ASSIGN(report, ops::require_valid(program, verify));
  for (const ops::Diagnostic& diagnostic : report.bent_rules()) {
    verified.notes.push_back(ops::to_string(diagnostic));
  }
  ANEBENCH_ASSIGN(outputs, output_types(*function));
  verified.outputs = std::move(outputs);
  return verified;
}

Result<ops::FunctionPlan> plan_for_device(const mil::Function& function,
                                          const CompileOptions& options) {
  ANEBENCH_ASSIGN(plan, ops::FunctionPlan::create(function));
  if (static_cast<std::uint64_t>(plan.peak_bytes()) > options.max_memory) {
    return fail(ErrorCode::resource_exhausted,
                "at {} the program holds {} bytes, more than the limit of {}; raise it with "
                "--max-memory",
                plan.peak_operation(), plan.peak_bytes(), options.max_memory);
  }
  return plan;
}

Result<std::unique_ptr<Executable>> compile_interpreted(
    const mil::Program& program, const std::shared_ptr<weights::WeightFiles>& weights,
    const CompileOptions& options, const Clock& clock, ThreadPool& pool,
    std::string fallback_reason) {
  ANEBENCH_ASSIGN(verified, verify_for_device(program, weights, options));
  ANEBENCH_ASSIGN(plan, plan_for_device(*verified.function, options));
  return std::make_unique<InterpretedExecutable>(program, std::move(verified), std::move(plan),
                                                 options, clock, pool, fallback_reason);
}

}  // namespace anebench::device
