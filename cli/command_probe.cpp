#include "commands.h"
#include "experiment_list.h"

namespace anebench::cli {

int run_probe(const ProbeArguments& arguments) {
  const Experiment experiment = probe_experiment(arguments.probe);
  return run_experiments("run probe", {&experiment, 1}, arguments.shared);
}

}  // namespace anebench::cli
