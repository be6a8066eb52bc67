#include <algorithm>

#include "anebench/base/cpu_features.h"
#include "anebench/device/device.h"
#include "anebench/experiments/int8.h"
#include "anebench/experiments/peak.h"
#include "anebench/experiments/probe.h"
#include "anebench/report/chain_reports.h"
#include "anebench/report/probe_report.h"
#include "commands.h"
#include "experiment_command.h"

namespace anebench::cli {
namespace {

// The engine's or the processor's own devices; the others are the processor with limits.
bool is_own(const std::string& device) { return device == "ane" || device == "cpu"; }

std::vector<std::string> suite_devices(bool quick) {
  std::vector<std::string> names;
  for (const device::DeviceListing& listing : device::list_devices()) {
    if (!listing.unavailable_reason.empty() || listing.name == "reference") continue;
    if (!quick || is_own(listing.name)) names.push_back(listing.name);
  }
  return names;
}

// Devices whose verdict on W8A8 is known, so that the judge is seen to be right on this machine.
std::vector<std::string> control_devices(const std::vector<std::string>& measured) {
  std::vector<std::string> controls = {"cpu:dequant"};
  for (const Isa isa : {Isa::avx512vnni, Isa::neondot}) {
    if (isa_available(isa)) controls.push_back("cpu:" + std::string(to_string(isa)));
  }
  // `cpu` itself is the best of them.
  std::erase_if(controls, [&](const std::string& control) {
    const auto has = [&](const std::string& name) {
      return std::find(measured.begin(), measured.end(), name) != measured.end();
    };
    return has(control) || (control != "cpu:dequant" && has("cpu"));
  });
  return controls;
}

// With --quick the whole suite is to end in about two minutes: seconds a configuration.
constexpr double kQuickInt8Seconds = 5;
constexpr double kQuickPeakSeconds = 2.5;

experiments::Settings limited(experiments::Settings settings, double quick_seconds) {
  if (settings.quick) {
    settings.plan.max_seconds = std::min(settings.plan.max_seconds, quick_seconds);
  }
  return settings;
}

std::vector<Experiment> suite_experiments(const std::vector<std::string>& devices) {
  using experiments::Settings;
  using DevicePointer = std::shared_ptr<device::Device>;
  std::vector<Experiment> list;
  list.push_back({"probe",
                  [](const DevicePointer& device, const Settings& settings) {
                    return experiments::probe_cases({}, device, settings);
                  },
                  report::probe_report});
  list.push_back({"int8",
                  [](const DevicePointer& device, const Settings& settings) {
                    return chain_cases(experiments::int8_experiment(), device,
                                       limited(settings, kQuickInt8Seconds));
                  },
                  report::int8_report});
  list.push_back({"peak",
                  [](const DevicePointer& device,
                     const Settings& settings) -> Result<std::vector<runner::Case>> {
                    ANEBENCH_ASSIGN(chains, experiments::peak_experiment(
                                                {.precisions = experiments::Precisions::both}));
                    return chain_cases(chains, device, limited(settings, kQuickPeakSeconds));
                  },
                  report::peak_report});
  const std::vector<std::string> controls = control_devices(devices);
  if (!controls.empty()) {
    list.push_back({"probe controls",
                    [](const DevicePointer& device, const Settings& settings) {
                      experiments::ProbeOptions options;
                      options.variants = {"w8a8"};
                      options.ladder_only = true;
                      return experiments::probe_cases(options, device, settings);
                    },
                    report::probe_report, controls});
  }
  return list;
}

}  // namespace

int run_suite(const SharedOptions& options) {
  SharedOptions actual = options;
  if (actual.devices.empty()) actual.devices = suite_devices(options.quick);
  return run_experiments("run the suite", suite_experiments(actual.devices), actual);
}

}  // namespace anebench::cli
