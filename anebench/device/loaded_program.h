// A program ready to run on a device, with surfaces for all its inputs and outputs: compile, load,
// one request. What experiments, `run` and tests use.
//
//   ANEBENCH_ASSIGN(loaded, LoadedProgram::open(*device, program, weights, options));
//   ANEBENCH_TRY(loaded.set_input(0, value));
//   ANEBENCH_TRY(loaded.evaluate());
//   std::span<const std::byte> y = loaded.output(0).bytes();
//
// Must not outlive the device. Movable; not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "anebench/device/device.h"

namespace anebench::device {

class LoadedProgram {
 public:
  // How long each phase took, by the device's clock.
  struct Times {
    std::int64_t compile_ns = 0;
    std::int64_t load_ns = 0;
  };

  // Errors carry the stage ("compile", "load", …) as context.
  static Result<LoadedProgram> open(Device& device, const mil::Program& program,
                                    std::shared_ptr<weights::WeightFiles> weights,
                                    const CompileOptions& options);

  // Errors: an index or a type that does not fit. An input with unknown dimensions gets a surface
  // of the value's size.
  Result<void> set_input(std::size_t index, const mil::Value& value);
  // One for each input; a device that computes nothing (DeviceInfo::has_outputs) takes any number.
  Result<void> set_inputs(const std::vector<mil::Value>& values);
  // Fills the outputs with bytes that no correct result consists of (NaN in every floating type),
  // so that an output that is never written cannot pass a check.
  void poison_outputs();
  Result<void> evaluate(StepObserver* observer = nullptr);

  // Preconditions: the input's dimensions are known or it has been set; the output fits a surface.
  Surface& input(std::size_t index) { return *inputs_[index]; }
  Surface& output(std::size_t index) { return *outputs_[index]; }
  // A copy of any output, whether it fits a surface or not. Errors: unsupported where the device
  // computes nothing.
  Result<mil::Value> output_value(std::size_t index) const;
  // The states, zeros at first and kept from evaluation to evaluation; null where there are none.
  ProgramState* state() { return state_.get(); }
  std::size_t input_count() const { return inputs_.size(); }
  std::size_t output_count() const { return outputs_.size(); }
  Executable& executable() { return *executable_; }
  const Executable& executable() const { return *executable_; }
  const Times& times() const { return times_; }

 private:
  LoadedProgram() = default;

  Device* device_ = nullptr;
  Times times_;
  std::unique_ptr<Executable> executable_;
  std::vector<SurfacePointer> inputs_;
  std::vector<SurfacePointer> outputs_;  // null where none fits
  ProgramStatePointer state_;
  std::unique_ptr<Request> request_;
};

}  // namespace anebench::device
