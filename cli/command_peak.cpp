#include "anebench/experiments/peak.h"

#include "anebench/report/chain_reports.h"
#include "chain_command.h"
#include "commands.h"
#include "console.h"

namespace anebench::cli {

int run_peak(const PeakArguments& arguments) {
  const auto experiment = experiments::peak_experiment(arguments.peak);
  if (!experiment) {
    return Console(arguments.shared.console).error("run peak", experiment.error());
  }
  return run_chain_command(*experiment, arguments.shared, report::peak_report);
}

}  // namespace anebench::cli
