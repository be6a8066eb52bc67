// What devices share that compute nothing and only take time: a virtual clock that every evaluation
// advances by what a model says, and an executable around that.
//
//   VirtualMachine machine(stats::NoiseKind::none, seed);
//   auto executable = make_virtual_executable({.inputs = …, .plan = {.call_ns = 1e5}}, machine);
//   executable->evaluate(*request);  // machine.clock() is 100 µs later
//
// Outputs stay as they are, a request may be evaluated without surfaces, and weights are never
// read. Evaluating is thread-safe; restarting the machine is not.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "anebench/base/clock.h"
#include "anebench/device/executable.h"
#include "anebench/stats/noise.h"

namespace anebench::device {

// A device's clock and its noise, one stream over all evaluations: it is the machine's.
class VirtualMachine {
 public:
  VirtualMachine(stats::NoiseKind noise, std::uint64_t seed) : noise_(noise, Rng(seed)) {}

  // Begins a new stream of noise.
  void restart(stats::NoiseKind noise, std::uint64_t seed) {
    noise_ = stats::NoiseSource(noise, Rng(seed));
  }
  const VirtualClock& clock() const { return clock_; }

  // Times of an evaluation without noise, by the call's part and the steps' in their order.
  struct Plan {
    double call_ns = 0;
    std::vector<double> step_ns;
  };
  // Lets one evaluation pass, all its parts stretched by the next factor of the noise. The sum is
  // rounded to nanoseconds once, so that it does not depend on who observes.
  void evaluate(const Plan& plan, StepObserver* observer);

 private:
  std::mutex mutex_;
  VirtualClock clock_;
  stats::NoiseSource noise_;
};

struct VirtualProgram {
  // "the chip model": for messages.
  std::string device;
  std::vector<mil::NamedType> inputs;  // without states
  std::vector<mil::NamedType> outputs;
  std::vector<mil::NamedType> states;
  std::vector<Step> steps;
  // Its steps are as many as `steps`, or none where the model cannot tell them apart.
  VirtualMachine::Plan plan;
  std::vector<std::string> notes;
};

// What such devices do first: verifies the function that the options name and begins its program,
// with inputs, states and outputs. Reads no weights. Errors: not_found, verification_error.
struct VirtualStart {
  const mil::Function* function = nullptr;
  VirtualProgram program;
};
Result<VirtualStart> start_virtual_program(const mil::Program& program,
                                           const CompileOptions& options, std::string device);

// `machine` must outlive it.
std::unique_ptr<Executable> make_virtual_executable(VirtualProgram program,
                                                    VirtualMachine& machine);

}  // namespace anebench::device
