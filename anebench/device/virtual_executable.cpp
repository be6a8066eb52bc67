#include "anebench/device/virtual_executable.h"

#include <cmath>
#include <utility>

#include "anebench/device/basic_request.h"
#include "anebench/ops/verifier.h"

namespace anebench::device {
namespace {

// States of a program that nothing computes.
class VirtualState final : public ProgramState {
 public:
  explicit VirtualState(std::string device) : device_(std::move(device)) {}

  Result<mil::Value> read(std::size_t) const override {
    return fail(ErrorCode::unsupported, "{} computes nothing, so a state has no value", device_);
  }
  Result<void> write(std::size_t, const mil::Value&) override { return {}; }
  Result<void> reset() override { return {}; }

 private:
  std::string device_;
};

class VirtualRequest final : public BasicRequest {
 public:
  explicit VirtualRequest(const VirtualProgram& program)
      : BasicRequest(program.inputs, program.outputs), program_(program) {}

  Result<void> bind_state(ProgramStatePointer) override { return {}; }
  Result<mil::Value> output_value(std::size_t) const override {
    return fail(ErrorCode::unsupported, "{} computes nothing, so it has no outputs",
                program_.device);
  }

 private:
  const VirtualProgram& program_;
};

class VirtualExecutable final : public Executable {
 public:
  VirtualExecutable(VirtualProgram program, VirtualMachine& machine)
      : program_(std::move(program)), machine_(machine) {}

  const std::vector<mil::NamedType>& inputs() const override { return program_.inputs; }
  const std::vector<mil::NamedType>& outputs() const override { return program_.outputs; }
  const std::vector<mil::NamedType>& states() const override { return program_.states; }
  Result<ProgramStatePointer> create_state() override {
    return std::make_shared<VirtualState>(program_.device);
  }
  Result<void> load() override {
    if (is_loaded_) return fail(ErrorCode::invalid_argument, "the program is loaded already");
    is_loaded_ = true;
    return {};
  }
  Result<void> unload() override {
    if (!is_loaded_) return fail(ErrorCode::invalid_argument, "the program is not loaded");
    is_loaded_ = false;
    return {};
  }
  bool is_loaded() const override { return is_loaded_; }
  Result<void> replace_weight_file(const std::string& file, std::vector<std::byte>) override {
    return fail(ErrorCode::unsupported,
                "{} reads no weights, so what replacing {} does cannot be seen on it",
                program_.device, file);
  }
  Result<std::unique_ptr<Request>> create_request() override {
    return std::make_unique<VirtualRequest>(program_);
  }
  Result<void> evaluate(Request&, StepObserver* observer) override {
    if (!is_loaded_) return fail(ErrorCode::invalid_argument, "the program is not loaded");
    machine_.evaluate(program_.plan, observer);
    return {};
  }
  const std::vector<Step>& steps() const override { return program_.steps; }
  const std::vector<std::string>& notes() const override { return program_.notes; }
  std::size_t resident_bytes() const override { return 0; }
  bool is_bit_exact() const override { return false; }

 private:
  VirtualProgram program_;
  VirtualMachine& machine_;
  bool is_loaded_ = false;
};

}  // namespace

void VirtualMachine::evaluate(const Plan& plan, StepObserver* observer) {
  const std::lock_guard lock(mutex_);
  const double factor = noise_.next();
  const std::int64_t start = clock_.now_ns();
  double passed = plan.call_ns;
  for (std::size_t i = 0; i < plan.step_ns.size(); ++i) {
    const double end = passed + plan.step_ns[i];
    if (observer != nullptr) {
      observer->on_step(i, start + std::llround(passed * factor),
                        start + std::llround(end * factor));
    }
    passed = end;
  }
  clock_.advance(std::llround(passed * factor));
}

Result<VirtualStart> start_virtual_program(const mil::Program& program,
                                           const CompileOptions& options, std::string device) {
  VirtualStart start;
  ANEBENCH_ASSIGN(function, require_function(program, options.function));
  start.function = function;
  ops::VerifyOptions verify;
  verify.strictness = options.lenient ? ops::Strictness::lenient : ops::Strictness::strict;
  verify.function = options.function;
  ANEBENCH_TRY(ops::require_valid(program, verify));
  start.program.device = std::move(device);
  for (const mil::NamedType& input : function->inputs) {
    if (input.type.kind() == mil::Type::Kind::state) {
      start.program.states.push_back({input.name, input.type.elements().front()});
    } else {
      start.program.inputs.push_back(input);
    }
  }
  ANEBENCH_ASSIGN(outputs, output_types(*function));
  start.program.outputs = std::move(outputs);
  return start;
}

std::unique_ptr<Executable> make_virtual_executable(VirtualProgram program,
                                                    VirtualMachine& machine) {
  return std::make_unique<VirtualExecutable>(std::move(program), machine);
}

}  // namespace anebench::device
