#include "experiment_list.h"

#include <algorithm>
#include <utility>

#include "anebench/experiments/int8.h"
#include "anebench/report/ceiling_report.h"
#include "anebench/report/chain_reports.h"
#include "anebench/report/probe_report.h"
#include "anebench/report/reload_report.h"

namespace anebench::cli {
namespace {

using experiments::Settings;
using DevicePointer = std::shared_ptr<device::Device>;

}  // namespace

Experiment probe_experiment(experiments::ProbeOptions options) {
  return {"probe",
          [options = std::move(options)](const DevicePointer& device, const Settings& settings) {
            return experiments::probe_cases(options, device, settings);
          },
          report::probe_report};
}

Experiment int8_experiment() {
  return {"int8",
          [](const DevicePointer& device, const Settings& settings) {
            return chain_cases(experiments::int8_experiment(), device, settings);
          },
          report::int8_report};
}

Experiment peak_experiment(experiments::ChainExperiment chains) {
  return {"peak",
          [chains = std::move(chains)](const DevicePointer& device, const Settings& settings) {
            return chain_cases(chains, device, settings);
          },
          report::peak_report};
}

Experiment reload_experiment(experiments::ReloadOptions options) {
  return {"reload",
          [options = std::move(options)](const DevicePointer& device, const Settings& settings) {
            return experiments::reload_cases(options, device, settings);
          },
          report::reload_report};
}

Experiment ceiling_experiment(experiments::CeilingOptions options) {
  return {"ceiling",
          [options = std::move(options)](const DevicePointer& device, const Settings& settings) {
            return experiments::ceiling_cases(options, device, settings);
          },
          report::ceiling_report};
}

Experiment with_quick_seconds(Experiment experiment, double seconds) {
  experiment.cases = [cases = std::move(experiment.cases), seconds](const DevicePointer& device,
                                                                    const Settings& settings) {
    Settings limited = settings;
    if (settings.quick) {
      limited.plan.max_seconds = std::min(limited.plan.max_seconds, seconds);
      limited.plan.min_seconds = std::min(limited.plan.min_seconds, seconds / 2);
    }
    return cases(device, limited);
  };
  return experiment;
}

}  // namespace anebench::cli
