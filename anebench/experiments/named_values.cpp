#include "anebench/experiments/named_values.h"

namespace anebench::experiments {

using device::LoadedProgram;

Result<LoadedProgram> run_on(device::Device& device, const mil::Program& program,
                             const std::shared_ptr<weights::WeightFiles>& weights,
                             const NamedValues& values, const device::CompileOptions& options) {
  ANEBENCH_ASSIGN(loaded, LoadedProgram::open(device, program, weights, options));
  const auto& inputs = loaded.executable().inputs();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto value = values.find(inputs[i].name);
    if (value == values.end()) {
      return fail(ErrorCode::internal, "nothing computed '{}'", inputs[i].name);
    }
    ANEBENCH_TRY(loaded.set_input(i, value->second));
  }
  loaded.poison_outputs();
  ANEBENCH_TRY(loaded.evaluate());
  return loaded;
}

}  // namespace anebench::experiments
