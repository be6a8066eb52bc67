#include "anebench/experiments/ceiling.h"

#include "anebench/report/ceiling_report.h"
#include "commands.h"
#include "experiment_command.h"

namespace anebench::cli {

int run_ceiling(const CeilingArguments& arguments) {
  const Experiment experiment = {"ceiling",
                                 [&](const auto& device, const auto& settings) {
                                   return experiments::ceiling_cases(arguments.ceiling, device,
                                                                     settings);
                                 },
                                 report::ceiling_report};
  return run_experiments("run ceiling", {&experiment, 1}, arguments.shared);
}

}  // namespace anebench::cli
