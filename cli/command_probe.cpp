#include "anebench/experiments/probe.h"

#include "anebench/report/probe_report.h"
#include "commands.h"
#include "experiment_command.h"

namespace anebench::cli {

int run_probe(const ProbeArguments& arguments) {
  const Experiment experiment = {"probe",
                                 [&](const auto& device, const auto& settings) {
                                   return probe_cases(arguments.probe, device, settings);
                                 },
                                 report::probe_report};
  return run_experiments("run probe", {&experiment, 1}, arguments.shared);
}

}  // namespace anebench::cli
