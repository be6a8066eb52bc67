#include "anebench/device/simulated/simulated_device.h"

#include <fmt/format.h>

#include <cmath>
#include <mutex>
#include <utility>

#include "anebench/device/basic_request.h"
#include "anebench/device/simulated/cost_model.h"
#include "anebench/ops/registry.h"
#include "anebench/ops/verifier.h"

namespace anebench::device {
namespace {

// The device's clock and its noise, one stream over all evaluations: it is the machine's.
class Machine {
 public:
  Machine(stats::NoiseKind noise, std::uint64_t seed) : noise_(noise, Rng(seed)) {}

  void restart(stats::NoiseKind noise, std::uint64_t seed) {
    noise_ = stats::NoiseSource(noise, Rng(seed));
  }
  void spend(double ns) {
    const std::lock_guard lock(mutex_);
    clock_.advance(std::llround(ns * noise_.next()));
  }
  const VirtualClock& clock() const { return clock_; }

 private:
  std::mutex mutex_;
  VirtualClock clock_;
  stats::NoiseSource noise_;
};

std::vector<Step> steps_of(const mil::Function& function) {
  std::vector<Step> steps;
  const auto& operations = function.body.operations;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const ops::Definition* definition = ops::find(operations[i].type);
    if (operations[i].type == "const" || (definition != nullptr && definition->is_constexpr)) {
      continue;
    }
    steps.push_back({std::string(operations[i].label()), {i}, "simulated", ""});
  }
  return steps;
}

class SimulatedExecutable final : public Executable {
 public:
  SimulatedExecutable(const mil::Function& function, std::vector<mil::NamedType> outputs,
                      double time_ns, Machine& machine)
      : inputs_(function.inputs),
        outputs_(std::move(outputs)),
        steps_(steps_of(function)),
        time_ns_(time_ns),
        machine_(machine) {}

  const std::vector<mil::NamedType>& inputs() const override { return inputs_; }
  const std::vector<mil::NamedType>& outputs() const override { return outputs_; }
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
                "the simulated device reads no weights, so {} has no effect", file);
  }
  Result<std::unique_ptr<Request>> create_request() override {
    return std::make_unique<BasicRequest>(inputs_, outputs_);
  }
  Result<void> evaluate(Request&, StepObserver*) override {
    if (!is_loaded_) return fail(ErrorCode::invalid_argument, "the program is not loaded");
    machine_.spend(time_ns_);
    return {};
  }
  const std::vector<Step>& steps() const override { return steps_; }
  const std::vector<std::string>& notes() const override { return notes_; }
  std::size_t resident_bytes() const override { return 0; }
  bool is_bit_exact() const override { return false; }

 private:
  std::vector<mil::NamedType> inputs_;
  std::vector<mil::NamedType> outputs_;
  std::vector<Step> steps_;
  std::vector<std::string> notes_;
  double time_ns_;
  Machine& machine_;
  bool is_loaded_ = false;
};

class SimulatedDeviceImpl final : public SimulatedDevice {
 public:
  explicit SimulatedDeviceImpl(const SimulatedOptions& options)
      : options_(options), machine_(options.noise, options.seed) {
    info_.name = "simulated";
    info_.description = fmt::format("a made-up device whose quantized execution is: {}",
                                    to_string(options.mechanism));
    info_.origin = Origin::simulated;
    info_.remarks = {"computes nothing; its times follow from a cost model and a stream of noise"};
  }

  const DeviceInfo& info() const override { return info_; }
  const Clock& clock() const override { return machine_.clock(); }

  Result<std::vector<Peak>> peaks() override {
    const double fp16 = options_.fp16_ops_per_second;
    const double int8 = options_.mechanism == Mechanism::native ? 2 * fp16 : fp16;
    return std::vector<Peak>{{"fp16", fp16, Origin::simulated, "made up"},
                             {"int8", int8, Origin::simulated, "made up"}};
  }

  Result<std::unique_ptr<Executable>> compile(const mil::Program& program,
                                              std::shared_ptr<weights::WeightFiles>,
                                              const CompileOptions& options) override {
    ANEBENCH_ASSIGN(function, require_function(program, options.function));
    ops::VerifyOptions verify;
    verify.strictness = options.lenient ? ops::Strictness::lenient : ops::Strictness::strict;
    verify.function = options.function;
    ANEBENCH_TRY(ops::require_valid(program, verify));
    ANEBENCH_ASSIGN(time_ns, simulated_time_ns(*function, options_));
    ANEBENCH_ASSIGN(outputs, output_types(*function));
    return std::make_unique<SimulatedExecutable>(*function, std::move(outputs), time_ns, machine_);
  }

  Result<SurfacePointer> create_surface(const mil::Type& type) override {
    return create_memory_surface(type, CompileOptions{}.max_memory);
  }

  void restart(stats::NoiseKind noise, std::uint64_t seed) override {
    machine_.restart(noise, seed);
  }

 private:
  SimulatedOptions options_;
  DeviceInfo info_;
  Machine machine_;
};

}  // namespace

std::string_view to_string(Mechanism mechanism) {
  switch (mechanism) {
    case Mechanism::none: return "none";
    case Mechanism::storage: return "storage only";
    case Mechanism::activations: return "activation traffic only";
    case Mechanism::native: break;
  }
  return "native";
}

std::unique_ptr<SimulatedDevice> open_simulated(const SimulatedOptions& options) {
  return std::make_unique<SimulatedDeviceImpl>(options);
}

}  // namespace anebench::device
