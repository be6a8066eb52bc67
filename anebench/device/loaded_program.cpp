#include "anebench/device/loaded_program.h"

#include <algorithm>
#include <utility>

namespace anebench::device {

Result<LoadedProgram> LoadedProgram::open(Device& device, const mil::Program& program,
                                          std::shared_ptr<weights::WeightFiles> weights,
                                          const CompileOptions& options) {
  LoadedProgram loaded;
  loaded.device_ = &device;
  const Clock& clock = device.clock();
  const std::int64_t start = clock.now_ns();
  ANEBENCH_ASSIGN(executable, device.compile(program, std::move(weights), options), "compile");
  loaded.executable_ = std::move(executable);
  const std::int64_t compiled = clock.now_ns();
  ANEBENCH_TRY(loaded.executable_->load(), "load");
  loaded.times_ = {compiled - start, clock.now_ns() - compiled};

  ANEBENCH_ASSIGN(request, loaded.executable_->create_request(), "request");
  loaded.request_ = std::move(request);
  const auto& inputs = loaded.executable_->inputs();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!fits_surface(inputs[i].type)) {
      loaded.inputs_.push_back(nullptr);
      continue;
    }
    ANEBENCH_ASSIGN(surface, device.create_surface(inputs[i].type), "surface");
    ANEBENCH_TRY(loaded.request_->bind_input(i, surface), "surface");
    loaded.inputs_.push_back(std::move(surface));
  }
  const auto& outputs = loaded.executable_->outputs();
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (!fits_surface(outputs[i].type)) {
      loaded.outputs_.push_back(nullptr);
      continue;
    }
    ANEBENCH_ASSIGN(surface, device.create_surface(outputs[i].type), "surface");
    ANEBENCH_TRY(loaded.request_->bind_output(i, surface), "surface");
    loaded.outputs_.push_back(std::move(surface));
  }
  if (!loaded.executable_->states().empty()) {
    ANEBENCH_ASSIGN(state, loaded.executable_->create_state(), "state");
    ANEBENCH_TRY(loaded.request_->bind_state(state), "state");
    loaded.state_ = std::move(state);
  }
  return loaded;
}

Result<void> LoadedProgram::set_input(std::size_t index, const mil::Value& value) {
  if (index >= inputs_.size()) {
    return fail(ErrorCode::invalid_argument, "there is no input {}; the program has {}", index,
                inputs_.size());
  }
  const mil::Type& declared = executable_->inputs()[index].type;
  if (!value.is_packed() || !mil::compatible(value.type(), declared)) {
    return fail(ErrorCode::invalid_argument, "input {} is a {}, but the value is a {}", index,
                mil::to_string(declared), mil::to_string(value.type()));
  }
  if (inputs_[index] == nullptr || !(inputs_[index]->type() == value.type())) {
    ANEBENCH_ASSIGN(sized, device_->create_surface(value.type()), "surface");
    ANEBENCH_TRY(request_->bind_input(index, sized), "surface");
    inputs_[index] = std::move(sized);
  }
  Surface& surface = *inputs_[index];
  std::ranges::copy(value.bytes(), surface.bytes().begin());
  return {};
}

Result<void> LoadedProgram::set_inputs(const std::vector<mil::Value>& values) {
  if (!device_->info().has_outputs) return {};
  if (values.size() != inputs_.size()) {
    return fail(ErrorCode::invalid_argument, "the program has {} inputs, but {} values were given",
                inputs_.size(), values.size());
  }
  for (std::size_t i = 0; i < values.size(); ++i) ANEBENCH_TRY(set_input(i, values[i]));
  return {};
}

void LoadedProgram::poison_outputs() {
  for (const SurfacePointer& surface : outputs_) {
    if (surface == nullptr) continue;
    std::ranges::fill(surface->bytes(), std::byte{0xff});
  }
}

Result<mil::Value> LoadedProgram::output_value(std::size_t index) const {
  if (index >= outputs_.size()) {
    return fail(ErrorCode::invalid_argument, "there is no output {}; the program has {}", index,
                outputs_.size());
  }
  if (!device_->info().has_outputs) {
    return fail(ErrorCode::unsupported, "device {} computes nothing, so it has no outputs",
                device_->info().name);
  }
  const Surface* surface = outputs_[index].get();
  if (surface == nullptr) return request_->output_value(index);
  return mil::Value::packed(surface->type(), {surface->bytes().begin(), surface->bytes().end()});
}

Result<void> LoadedProgram::evaluate(StepObserver* observer) {
  return executable_->evaluate(*request_, observer);
}

}  // namespace anebench::device
