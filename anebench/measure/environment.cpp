#include "anebench/measure/environment.h"

#include "anebench/stats/thresholds.h"

namespace anebench::measure {
namespace {

// Both known and different.
template <typename T>
bool differ(const std::optional<T>& before, const std::optional<T>& after) {
  return before && after && *before != *after;
}

bool differ(const std::string& before, const std::string& after) {
  return !before.empty() && !after.empty() && before != after;
}

}  // namespace

std::vector<Validity> changes(const Environment& before, const Environment& after) {
  std::vector<Validity> codes;
  if (differ(before.power_source, after.power_source)) {
    codes.push_back(Validity::power_source_changed);
  }
  if (differ(before.thermal_state, after.thermal_state) ||
      differ(before.throttle_events, after.throttle_events)) {
    codes.push_back(Validity::thermal_state_changed);
  }
  // A rise is a processor waking up; only a fall slows the work down.
  if (before.frequency_mhz && after.frequency_mhz &&
      *after.frequency_mhz < stats::kMinFrequencyShare * *before.frequency_mhz) {
    codes.push_back(Validity::frequency_fell);
  }
  // The measured threads raise the load themselves.
  if (before.load_1min && after.load_1min &&
      *after.load_1min >
          *before.load_1min + static_cast<double>(after.threads) + stats::kLoadSlack) {
    codes.push_back(Validity::load_rose);
  }
  if (differ(before.affinity, after.affinity) || before.threads != after.threads) {
    codes.push_back(Validity::affinity_changed);
  }
  if (differ(before.os, after.os) || differ(before.kernel, after.kernel) ||
      differ(before.machine, after.machine) || differ(before.cpu_model, after.cpu_model) ||
      differ(before.governor, after.governor) || differ(before.isa, after.isa) ||
      before.cpus != after.cpus) {
    codes.push_back(Validity::system_changed);
  }
  return codes;
}

}  // namespace anebench::measure
