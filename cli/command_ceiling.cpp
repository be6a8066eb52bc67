#include "commands.h"
#include "experiment_list.h"

namespace anebench::cli {

int run_ceiling(const CeilingArguments& arguments) {
  const Experiment experiment = ceiling_experiment(arguments.ceiling);
  return run_experiments("run ceiling", {&experiment, 1}, arguments.shared);
}

}  // namespace anebench::cli
