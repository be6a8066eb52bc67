#include "anebench/device/simulated/simulated_device.h"

#include <fmt/format.h>

#include <utility>

#include "anebench/device/basic_request.h"
#include "anebench/device/simulated/cost_model.h"
#include "anebench/device/virtual_executable.h"
#include "anebench/ops/registry.h"

namespace anebench::device {
namespace {

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

class SimulatedDeviceImpl final : public SimulatedDevice {
 public:
  explicit SimulatedDeviceImpl(const SimulatedOptions& options)
      : options_(options), machine_(options.noise, options.seed) {
    info_.name = "simulated";
    info_.description = fmt::format("a made-up device whose quantized execution is: {}",
                                    to_string(options.mechanism));
    info_.origin = Origin::simulated;
    info_.has_outputs = false;
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
    ANEBENCH_ASSIGN(start, start_virtual_program(program, options, "the simulated device"));
    ANEBENCH_ASSIGN(time_ns, simulated_time_ns(*start.function, options_));
    start.program.steps = steps_of(*start.function);
    start.program.plan.call_ns = time_ns;
    return make_virtual_executable(std::move(start.program), machine_);
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
  VirtualMachine machine_;
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
