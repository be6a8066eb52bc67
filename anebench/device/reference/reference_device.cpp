#include "anebench/device/reference/reference_device.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "anebench/base/bytes.h"
#include "anebench/base/cpu_features.h"
#include "anebench/base/thread_pool.h"
#include "anebench/device/basic_request.h"
#include "anebench/ops/arguments.h"
#include "anebench/ops/evaluate.h"
#include "anebench/ops/registry.h"
#include "anebench/ops/verifier.h"

namespace anebench::device {
namespace {

using ops::Tensor;
using ops::TensorEnvironment;

// Ranges handed out per worker, so that an uneven start costs little.
constexpr std::size_t kRangesPerWorker = 4;

class ReferenceContext final : public ops::OpContext, public ops::ValueSource {
 public:
  ReferenceContext(const ops::Arguments& arguments, const TensorEnvironment& constants,
                   const TensorEnvironment& values, ThreadPool& pool)
      : arguments_(arguments), constants_(constants), values_(values), pool_(pool) {}

  const ops::Arguments& arguments() const override { return arguments_; }

  Result<ops::RuntimeValue> value(std::string_view parameter, std::size_t index) override {
    if (const auto name = arguments_.name(parameter, index)) {
      if (const auto found = values_.find(*name); found != values_.end()) return found->second;
    }
    return ops::find_value(arguments_, constants_, parameter, index);
  }
  std::optional<ops::RuntimeValue> find_value(std::string_view name) const override {
    if (const auto found = values_.find(name); found != values_.end()) return found->second;
    if (const auto found = constants_.find(name); found != constants_.end()) return found->second;
    return std::nullopt;
  }

  void parallel_for(std::size_t count,
                    const std::function<void(std::size_t, std::size_t)>& body) override {
    const auto workers = static_cast<std::size_t>(pool_.size());
    const std::size_t ranges = std::min(count, workers * kRangesPerWorker);
    pool_.parallel_for(ranges, [&](std::size_t range, int) {
      body(count * range / ranges, count * (range + 1) / ranges);
    });
  }

 private:
  const ops::Arguments& arguments_;
  const TensorEnvironment& constants_;
  const TensorEnvironment& values_;
  ThreadPool& pool_;
};

const Tensor* find(const TensorEnvironment& environment, std::string_view name) {
  const auto found = environment.find(name);
  return found == environment.end() ? nullptr : &found->second;
}

bool is_executed(const mil::Operation& operation) {
  const ops::Definition* definition = ops::find(operation.type);
  return operation.type != "const" && (definition == nullptr || !definition->is_constexpr);
}

// For each executed operation, the values that nothing needs after it.
struct Liveness {
  std::vector<std::vector<std::string>> dead_after;
  // Bytes of the values that live at the same time, at most, and the operation where.
  std::int64_t peak_bytes = 0;
  std::string peak_operation;
};

Result<Liveness> analyse(const mil::Function& function) {
  const auto& operations = function.body.operations;
  std::map<std::string, std::size_t, std::less<>> last_use;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    for (const mil::NamedType& output : operations[i].outputs) last_use[output.name] = i;
    for (const mil::Argument& argument : operations[i].inputs) {
      for (const mil::Binding& binding : argument.bindings) {
        if (const auto* name = std::get_if<std::string>(&binding)) last_use[*name] = i;
      }
    }
  }
  for (const std::string& name : function.body.outputs) last_use.erase(name);

  Liveness result;
  result.dead_after.resize(operations.size());
  for (const auto& [name, index] : last_use) result.dead_after[index].push_back(name);
  std::map<std::string, std::int64_t, std::less<>> live;
  std::int64_t bytes = 0;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    if (!is_executed(operations[i])) continue;
    for (const mil::NamedType& output : operations[i].outputs) {
      const auto total = checked_add(bytes, output.type.byte_size().value_or(0));
      if (!total) {
        return fail(ErrorCode::resource_exhausted, "{} '{}': its {} exceeds any memory",
                    operations[i].type, operations[i].label(), mil::to_string(output.type));
      }
      bytes = *total;
      live[output.name] = output.type.byte_size().value_or(0);
    }
    if (bytes > result.peak_bytes) {
      result.peak_bytes = bytes;
      result.peak_operation = fmt::format("{} '{}'", operations[i].type, operations[i].label());
    }
    for (const std::string& name : result.dead_after[i]) {
      if (const auto found = live.find(name); found != live.end()) {
        bytes -= found->second;
        live.erase(found);
      }
    }
  }
  return result;
}

class ReferenceExecutable final : public Executable {
 public:
  ReferenceExecutable(mil::Program program, const mil::Function* function,
                      std::shared_ptr<weights::WeightFiles> weights, Liveness liveness,
                      std::vector<mil::NamedType> outputs, std::vector<std::string> notes,
                      const CompileOptions& options, const Clock& clock, ThreadPool& pool)
      : program_(std::move(program)),
        function_(function),
        weights_(std::move(weights)),
        liveness_(std::move(liveness)),
        outputs_(std::move(outputs)),
        notes_(std::move(notes)),
        max_memory_(options.max_memory),
        clock_(clock),
        pool_(pool),
        scope_(*function_, weights_.get()) {
    const auto& operations = function_->body.operations;
    for (std::size_t i = 0; i < operations.size(); ++i) {
      scope_.declare(operations[i]);
      if (!is_executed(operations[i])) continue;
      steps_.push_back({std::string(operations[i].label()), {i}, "reference", ""});
    }
  }

  const std::vector<mil::NamedType>& inputs() const override { return function_->inputs; }
  const std::vector<mil::NamedType>& outputs() const override { return outputs_; }

  Result<void> load() override {
    if (is_loaded_) return fail(ErrorCode::invalid_argument, "the program is loaded already");
    TensorEnvironment constants;
    const auto limit = static_cast<std::int64_t>(
        std::min<std::size_t>(max_memory_, std::numeric_limits<std::int64_t>::max()));
    ANEBENCH_TRY(ops::fold_constants(function_->body, scope_, constants, limit));
    ANEBENCH_TRY(check_weights());
    constants_ = std::move(constants);
    is_loaded_ = true;
    return {};
  }

  Result<void> unload() override {
    if (!is_loaded_) return fail(ErrorCode::invalid_argument, "the program is not loaded");
    constants_.clear();
    is_loaded_ = false;
    return {};
  }

  bool is_loaded() const override { return is_loaded_; }

  Result<void> replace_weight_file(const std::string& file,
                                   std::vector<std::byte> content) override {
    return weights_->replace(file, std::move(content));
  }

  Result<std::unique_ptr<Request>> create_request() override {
    return std::make_unique<BasicRequest>(function_->inputs, outputs_);
  }

  Result<void> evaluate(Request& request, StepObserver* observer) override;

  const std::vector<Step>& steps() const override { return steps_; }
  const std::vector<std::string>& notes() const override { return notes_; }
  std::size_t resident_bytes() const override {
    std::size_t bytes = 0;
    for (const auto& [name, tensor] : constants_) bytes += tensor.bytes().size();
    return bytes;
  }
  bool is_bit_exact() const override { return true; }

 private:
  // That every constant in a weight file can be read; it is read when it is used.
  Result<void> check_weights() const {
    for (const mil::Operation& operation : function_->body.operations) {
      const mil::Value* value = ops::constant_value(operation);
      if (value == nullptr || !value->is_blob()) continue;
      ANEBENCH_TRY(weights_->resolve(value->blob_reference(), value->type()),
                   fmt::format("const '{}'", operation.label()));
    }
    return {};
  }
  Result<void> run_step(std::size_t step, TensorEnvironment& values);

  mil::Program program_;
  const mil::Function* function_;
  std::shared_ptr<weights::WeightFiles> weights_;
  Liveness liveness_;
  std::vector<mil::NamedType> outputs_;
  std::vector<std::string> notes_;
  std::size_t max_memory_;
  const Clock& clock_;
  ThreadPool& pool_;
  ops::Scope scope_;
  std::vector<Step> steps_;
  TensorEnvironment constants_;
  bool is_loaded_ = false;
};

Result<void> ReferenceExecutable::run_step(std::size_t step, TensorEnvironment& values) {
  const std::size_t index = steps_[step].operations.front();
  const mil::Operation& operation = function_->body.operations[index];
  ANEBENCH_ASSIGN(arguments, ops::Arguments::bind(operation, scope_));
  ReferenceContext context(arguments, constants_, values, pool_);
  arguments.read_values_from(context);
  ANEBENCH_ASSIGN(outputs, ops::run(context));
  ANEBENCH_ASSIGN(results, ops::to_tensors(outputs), arguments.describe());
  for (std::size_t i = 0; i < results.size(); ++i) {
    values.insert_or_assign(operation.outputs[i].name, std::move(results[i]));
  }
  for (const std::string& name : liveness_.dead_after[index]) values.erase(name);
  return {};
}

Result<void> ReferenceExecutable::evaluate(Request& request, StepObserver* observer) {
  if (!is_loaded_) return fail(ErrorCode::invalid_argument, "the program is not loaded");
  auto& bound = static_cast<BasicRequest&>(request);
  ANEBENCH_TRY(bound.require_bound());
  TensorEnvironment values;
  for (std::size_t i = 0; i < function_->inputs.size(); ++i) {
    const mil::NamedType& input = function_->inputs[i];
    // The surface outlives the evaluation, and tensors never write through a view.
    ANEBENCH_ASSIGN(tensor, Tensor::view(input.type, {bound.input(i)->bytes(), nullptr}));
    values.insert_or_assign(input.name, std::move(tensor));
  }
  for (std::size_t step = 0; step < steps_.size(); ++step) {
    const std::int64_t start = observer != nullptr ? clock_.now_ns() : 0;
    ANEBENCH_TRY(run_step(step, values), fmt::format("step {}", steps_[step].name));
    if (observer != nullptr) observer->on_step(step, start, clock_.now_ns());
  }
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const Tensor* result = find(values, outputs_[i].name);
    if (result == nullptr) result = find(constants_, outputs_[i].name);
    Tensor constant;
    if (const ops::Name* name = scope_.find(outputs_[i].name);
        result == nullptr && name != nullptr && name->value != nullptr) {
      ANEBENCH_ASSIGN(tensor, Tensor::from_value(*name->value, *weights_));
      constant = std::move(tensor);
      result = &constant;
    }
    if (result == nullptr) {
      return fail(ErrorCode::internal, "nothing computed output '{}'", outputs_[i].name);
    }
    const auto from = result->bytes();
    const auto to = bound.output(i)->bytes();
    if (from.size() != to.size()) {
      return fail(ErrorCode::internal, "output '{}' has {} bytes where {} were declared",
                  outputs_[i].name, from.size(), to.size());
    }
    std::memcpy(to.data(), from.data(), from.size());
  }
  return {};
}

class ReferenceDevice final : public Device {
 public:
  explicit ReferenceDevice(int threads) : pool_(threads) {
    info_.name = "reference";
    info_.description = "exact and slow: each op in double, rounded once to its type";
    info_.threads = pool_.size();
    info_.rounds_every_op = true;
    info_.remarks = {"arithmetic in double, one rounding at each op's output"};
  }

  const DeviceInfo& info() const override { return info_; }
  const Clock& clock() const override { return clock_; }
  // An oracle has no speed worth comparing with.
  Result<std::vector<Peak>> peaks() override { return std::vector<Peak>{}; }

  Result<std::unique_ptr<Executable>> compile(const mil::Program& program,
                                              std::shared_ptr<weights::WeightFiles> weights,
                                              const CompileOptions& options) override {
    ANEBENCH_ASSIGN(function, require_function(program, options.function));
    const auto mode =
        options.strict_weights ? weights::ReadMode::strict : weights::ReadMode::tolerant;
    auto files =
        weights == nullptr ? std::make_shared<weights::WeightFiles>(mode) : weights->copy(mode);
    ops::VerifyOptions verify;
    verify.strictness = options.lenient ? ops::Strictness::lenient : ops::Strictness::strict;
    verify.function = options.function;
    verify.resolver = files.get();
    ANEBENCH_ASSIGN(report, ops::require_valid(program, verify));
    std::vector<std::string> notes;
    for (const auto& diagnostic : report.bent_rules()) {
      notes.push_back(ops::to_string(diagnostic));
    }
    ANEBENCH_ASSIGN(liveness, analyse(*function));
    if (static_cast<std::uint64_t>(liveness.peak_bytes) > options.max_memory) {
      return fail(ErrorCode::resource_exhausted,
                  "at {} the program holds {} bytes, more than the limit of {}; raise it with "
                  "--max-memory",
                  liveness.peak_operation, liveness.peak_bytes, options.max_memory);
    }
    ANEBENCH_ASSIGN(outputs, output_types(*function));
    return std::make_unique<ReferenceExecutable>(program, function, std::move(files),
                                                 std::move(liveness), std::move(outputs),
                                                 std::move(notes), options, clock_, pool_);
  }

  Result<SurfacePointer> create_surface(const mil::Type& type) override {
    return create_memory_surface(type, CompileOptions{}.max_memory);
  }

 private:
  DeviceInfo info_;
  SteadyClock clock_;
  ThreadPool pool_;
};

}  // namespace

Result<std::unique_ptr<Device>> open_reference(const DeviceOptions& options) {
  const int threads = options.threads > 0 ? options.threads : hardware_threads();
  return std::make_unique<ReferenceDevice>(threads);
}

}  // namespace anebench::device
