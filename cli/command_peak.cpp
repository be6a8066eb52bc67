#include "anebench/experiments/peak.h"

#include "anebench/report/chain_reports.h"
#include "commands.h"
#include "console.h"
#include "experiment_command.h"

namespace anebench::cli {

int run_peak(const PeakArguments& arguments) {
  const auto chains = experiments::peak_experiment(arguments.peak);
  if (!chains) return Console(arguments.shared.console).error("run peak", chains.error());
  const Experiment experiment = {"peak",
                                 [&](const auto& device, const auto& settings) {
                                   return chain_cases(*chains, device, settings);
                                 },
                                 report::peak_report};
  return run_experiments("run peak", {&experiment, 1}, arguments.shared);
}

}  // namespace anebench::cli
