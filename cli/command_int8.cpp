#include "commands.h"
#include "experiment_list.h"

namespace anebench::cli {

int run_int8(const SharedOptions& options) {
  const Experiment experiment = int8_experiment();
  return run_experiments("run int8", {&experiment, 1}, options);
}

}  // namespace anebench::cli
