#include "anebench/experiments/int8.h"

#include "anebench/report/chain_reports.h"
#include "commands.h"
#include "experiment_command.h"

namespace anebench::cli {

int run_int8(const SharedOptions& options) {
  const Experiment experiment = {"int8",
                                 [](const auto& device, const auto& settings) {
                                   return chain_cases(experiments::int8_experiment(), device,
                                                      settings);
                                 },
                                 report::int8_report};
  return run_experiments("run int8", {&experiment, 1}, options);
}

}  // namespace anebench::cli
