#include "anebench/experiments/peak.h"

#include "commands.h"
#include "console.h"
#include "experiment_list.h"

namespace anebench::cli {

int run_peak(const PeakArguments& arguments) {
  const auto chains = experiments::peak_experiment(arguments.peak);
  if (!chains) return Console(arguments.shared.console).error("run peak", chains.error());
  const Experiment experiment = peak_experiment(*chains);
  return run_experiments("run peak", {&experiment, 1}, arguments.shared);
}

}  // namespace anebench::cli
