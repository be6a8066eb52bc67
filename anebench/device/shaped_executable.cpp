#include "anebench/device/shaped_executable.h"

#include <algorithm>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "anebench/device/basic_request.h"
#include "anebench/ops/specialize.h"

namespace anebench::device {
namespace {

// What runs for one set of input types.
struct Specialization {
  std::vector<mil::Type> inputs;
  // Null where the executable for any shapes runs.
  std::unique_ptr<Executable> executable;
  std::vector<Step> steps;
};
using SpecializationPointer = std::shared_ptr<const Specialization>;

// Passes its surfaces on to a request of the executable that runs. Keeps that of the latest shapes:
// with it go the scratch memory and the outputs that have no surface of the caller's.
class ShapedRequest final : public BasicRequest {
 public:
  ShapedRequest(const std::vector<mil::NamedType>& inputs,
                const std::vector<mil::NamedType>& outputs, std::size_t max_memory)
      : BasicRequest(inputs, outputs),
        input_count_(inputs.size()),
        own_outputs_(outputs.size()),
        max_memory_(max_memory) {}

  Result<mil::Value> output_value(std::size_t index) const override {
    if (has_run_ && index < own_outputs_.size()) {
      if (Surface* own = own_outputs_[index].get()) {
        return mil::Value::packed(own->type(), {own->bytes().begin(), own->bytes().end()});
      }
      if (output(index) == nullptr) return inner_->output_value(index);
    }
    return fail(ErrorCode::invalid_argument,
                "output {} has no value: it is in a surface, or nothing has been evaluated", index);
  }

  // Precondition: every input is bound.
  bool has_inputs(const std::vector<mil::Type>& types) const {
    for (std::size_t i = 0; i < input_count_; ++i) {
      if (!(input(i)->type() == types[i])) return false;
    }
    return true;
  }
  std::vector<mil::Type> input_types() const {
    std::vector<mil::Type> types;
    for (std::size_t i = 0; i < input_count_; ++i) types.push_back(input(i)->type());
    return types;
  }

  // Runs `executable`, which is that of `specialization`.
  Result<void> run(SpecializationPointer specialization, Executable& executable,
                   StepObserver* observer) {
    has_run_ = false;
    if (made_for_ != specialization) {
      inner_.reset();
      std::ranges::fill(own_outputs_, nullptr);
      made_for_ = std::move(specialization);
    }
    if (inner_ == nullptr) {
      ANEBENCH_ASSIGN(inner, executable.create_request());
      inner_ = std::move(inner);
    }
    ANEBENCH_TRY(bind(executable));
    ANEBENCH_TRY(executable.evaluate(*inner_, observer));
    has_run_ = true;
    return {};
  }

 private:
  Result<void> bind(const Executable& executable) {
    for (std::size_t i = 0; i < input_count_; ++i) {
      ANEBENCH_TRY(inner_->bind_input(i, input_surface(i)));
    }
    for (std::size_t i = 0; i < own_outputs_.size(); ++i) {
      const mil::Type& type = executable.outputs()[i].type;
      if (const SurfacePointer& given = output_surface(i)) {
        ANEBENCH_TRY(inner_->bind_output(i, given));
        own_outputs_[i] = nullptr;
      } else if (own_outputs_[i] == nullptr && fits_surface(type)) {
        ANEBENCH_ASSIGN(own, create_memory_surface(type, max_memory_));
        ANEBENCH_TRY(inner_->bind_output(i, own));
        own_outputs_[i] = std::move(own);
      }
    }
    return {};
  }

  std::size_t input_count_;
  // Outlives the request made from it.
  SpecializationPointer made_for_;
  std::unique_ptr<Request> inner_;
  // Null where the caller bound a surface, or `inner_` keeps the value itself.
  std::vector<SurfacePointer> own_outputs_;
  std::size_t max_memory_;
  bool has_run_ = false;
};

class ShapedExecutable final : public Executable {
 public:
  ShapedExecutable(ShapedParts parts, std::shared_ptr<weights::WeightFiles> weights)
      : parts_(std::move(parts)),
        weights_(std::move(weights)),
        notes_(parts_.any_shapes->notes()) {}

  const std::vector<mil::NamedType>& inputs() const override { return parts_.any_shapes->inputs(); }
  const std::vector<mil::NamedType>& outputs() const override {
    return parts_.any_shapes->outputs();
  }

  Result<void> load() override {
    ANEBENCH_TRY(parts_.any_shapes->load());
    loaded_weights_ = weights_->copy(weights_->mode());
    latest_ = nullptr;
    notes_ = parts_.any_shapes->notes();
    return {};
  }
  Result<void> unload() override {
    ANEBENCH_TRY(parts_.any_shapes->unload());
    // Requests may hold some of them still, but no weights.
    for (const SpecializationPointer& one : kept_) {
      if (one->executable) ANEBENCH_TRY(one->executable->unload());
    }
    kept_.clear();
    loaded_weights_ = nullptr;
    return {};
  }
  bool is_loaded() const override { return parts_.any_shapes->is_loaded(); }

  Result<void> replace_weight_file(const std::string& file,
                                   std::vector<std::byte> content) override {
    ANEBENCH_TRY(weights_->replace(file, content));
    return parts_.any_shapes->replace_weight_file(file, std::move(content));
  }

  Result<std::unique_ptr<Request>> create_request() override {
    return std::make_unique<ShapedRequest>(inputs(), outputs(), parts_.options.max_memory);
  }

  Result<void> evaluate(Request& request, StepObserver* observer) override {
    if (!is_loaded()) return fail(ErrorCode::invalid_argument, "the program is not loaded");
    auto& bound = static_cast<ShapedRequest&>(request);
    ANEBENCH_TRY(bound.require_bound());
    SpecializationPointer found = find_or_make(bound);
    Executable& executable = executable_of(*found);
    return bound.run(std::move(found), executable, observer);
  }

  const std::vector<Step>& steps() const override {
    return latest_ ? latest_->steps : parts_.any_shapes->steps();
  }
  const std::vector<std::string>& notes() const override { return notes_; }
  std::size_t resident_bytes() const override {
    std::size_t bytes = parts_.any_shapes->resident_bytes();
    for (const SpecializationPointer& one : kept_) {
      if (one->executable) bytes += one->executable->resident_bytes();
    }
    return bytes;
  }
  bool is_bit_exact() const override { return latest_ && executable_of(*latest_).is_bit_exact(); }

 private:
  Executable& executable_of(const Specialization& specialization) const {
    return specialization.executable ? *specialization.executable : *parts_.any_shapes;
  }

  SpecializationPointer find_or_make(const ShapedRequest& request) {
    const std::scoped_lock lock(mutex_);
    const auto found = std::ranges::find_if(
        kept_, [&](const SpecializationPointer& one) { return request.has_inputs(one->inputs); });
    if (found != kept_.end()) {
      std::rotate(kept_.begin(), found, found + 1);
    } else {
      // Before another takes memory.
      if (kept_.size() == kMostShapedExecutables) kept_.pop_back();
      kept_.insert(kept_.begin(), make(request.input_types()));
    }
    latest_ = kept_.front();
    return latest_;
  }

  SpecializationPointer make(std::vector<mil::Type> inputs) {
    auto made = std::make_shared<Specialization>();
    made->inputs = std::move(inputs);
    if (auto executable = compile_for(made->inputs)) {
      made->executable = *std::move(executable);
      made->steps = made->executable->steps();
      add_notes(made->executable->notes());
    } else {
      made->steps = parts_.any_shapes->steps();
      for (Step& step : made->steps) step.fallback_reason = executable.error().to_string();
    }
    return made;
  }

  Result<std::unique_ptr<Executable>> compile_for(const std::vector<mil::Type>& inputs) const {
    const mil::Function* function = parts_.program.find_function(parts_.options.function);
    ANEBENCH_ASSIGN(specialized, ops::specialize(*function, inputs, loaded_weights_.get()));
    mil::ProgramData data;
    data.version = parts_.program.version();
    data.attributes = parts_.program.attributes();
    data.functions.push_back(std::move(specialized));
    ANEBENCH_ASSIGN(executable, parts_.compile(mil::Program(std::move(data)), loaded_weights_));
    ANEBENCH_TRY(executable->load());
    return executable;
  }

  void add_notes(const std::vector<std::string>& notes) {
    for (const std::string& note : notes) {
      if (std::ranges::find(notes_, note) == notes_.end()) notes_.push_back(note);
    }
  }

  ShapedParts parts_;
  std::shared_ptr<weights::WeightFiles> weights_;
  // As they were at load.
  std::shared_ptr<weights::WeightFiles> loaded_weights_;
  // Guards what follows against evaluations at the same time.
  std::mutex mutex_;
  std::vector<std::string> notes_;
  // The most recently used first.
  std::vector<SpecializationPointer> kept_;
  SpecializationPointer latest_;
};

}  // namespace

std::unique_ptr<Executable> make_shaped(ShapedParts parts,
                                        const std::shared_ptr<weights::WeightFiles>& weights) {
  const auto mode =
      parts.options.strict_weights ? weights::ReadMode::strict : weights::ReadMode::tolerant;
  auto own =
      weights == nullptr ? std::make_shared<weights::WeightFiles>(mode) : weights->copy(mode);
  return std::make_unique<ShapedExecutable>(std::move(parts), std::move(own));
}

}  // namespace anebench::device
