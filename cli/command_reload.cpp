#include "anebench/experiments/reload.h"

#include "anebench/report/reload_report.h"
#include "commands.h"
#include "experiment_command.h"

namespace anebench::cli {

int run_reload(const ReloadArguments& arguments) {
  const Experiment experiment = {"reload",
                                 [&](const auto& device, const auto& settings) {
                                   return experiments::reload_cases(arguments.reload, device,
                                                                    settings);
                                 },
                                 report::reload_report};
  return run_experiments("run reload", {&experiment, 1}, arguments.shared);
}

}  // namespace anebench::cli
