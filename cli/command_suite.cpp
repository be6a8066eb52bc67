#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "anebench/base/cpu_features.h"
#include "anebench/device/device.h"
#include "anebench/experiments/peak.h"
#include "commands.h"
#include "console.h"
#include "experiment_list.h"

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

// Seconds a configuration under --quick.
constexpr double kQuickInt8Seconds = 5;
constexpr double kQuickPeakSeconds = 2.5;

Result<std::vector<Experiment>> suite_experiments(const std::vector<std::string>& devices) {
  ANEBENCH_ASSIGN(chains,
                  experiments::peak_experiment({.precisions = experiments::Precisions::both}));
  std::vector<Experiment> list = {
      probe_experiment({}),
      with_quick_seconds(int8_experiment(), kQuickInt8Seconds),
      with_quick_seconds(peak_experiment(std::move(chains)), kQuickPeakSeconds),
      reload_experiment({}),
      ceiling_experiment({}),
  };
  const std::vector<std::string> controls = control_devices(devices);
  if (!controls.empty()) {
    list.push_back(probe_experiment(
        {.channels = {}, .positions = {}, .variants = {"w8a8"}, .ladder_only = true}));
    list.back().name = "probe of the controls";
    list.back().devices = controls;
  }
  return list;
}

}  // namespace

int run_suite(const SharedOptions& options) {
  SharedOptions actual = options;
  if (actual.devices.empty()) actual.devices = suite_devices(options.quick);
  const auto list = suite_experiments(actual.devices);
  if (!list) return Console(options.console).error("plan the suite", list.error());
  return run_experiments("run the suite", *list, actual);
}

}  // namespace anebench::cli
