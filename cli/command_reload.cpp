#include "commands.h"
#include "experiment_list.h"

namespace anebench::cli {

int run_reload(const ReloadArguments& arguments) {
  const Experiment experiment = reload_experiment(arguments.reload);
  return run_experiments("run reload", {&experiment, 1}, arguments.shared);
}

}  // namespace anebench::cli
