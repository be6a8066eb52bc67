// The conditions of a measurement, read before and after it. Contains no user or host name:
// results are meant to be shared.
//
//   Environment before = read_environment({.threads = 2, .isa = "avx512vnni"});
//   ... measure ...
//   auto reasons = changes(before, read_environment(...));   // empty: nothing changed
//
// What cannot be read on a machine is empty. Reading takes well under a millisecond on Linux.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "anebench/measure/validity.h"

namespace anebench::measure {

struct Environment {
  std::string os;             // "Linux", "macOS 26.1"
  std::string kernel;         // release: "6.1.0-18-amd64"
  std::string machine;        // model, where the system names one: "Mac16,1"
  std::string cpu_model;      // "Intel(R) Xeon(R) ...", "Apple M5"
  std::size_t cpus = 0;       // logical processors that are online
  std::string power_source;   // "ac", "battery"; empty where unknown
  std::string thermal_state;  // "nominal", "fair", "serious", "critical"; empty where unknown
  std::optional<double> temperature_celsius;     // the hottest sensor
  std::optional<std::uint64_t> throttle_events;  // times that the processor slowed against heat
  std::optional<double> load_1min;
  std::optional<double> frequency_mhz;  // mean over the processors that may be used
  std::string governor;                 // of frequency scaling, where there is one
  std::size_t threads = 0;              // that the measured device uses
  std::string affinity;                 // processors that may be used, "0-3,8"
  std::string isa;                      // that the measured device uses
};

struct EnvironmentOptions {
  std::size_t threads = 1;
  std::string isa = {};
  // Where /proc and /sys are looked for; for tests.
  std::filesystem::path root = "/";
};

Environment read_environment(const EnvironmentOptions& options);

// What changed in a way that a measurement does not survive; the thresholds are in
// stats/thresholds.h. Things that either side could not read are not compared.
std::vector<Validity> changes(const Environment& before, const Environment& after);

}  // namespace anebench::measure
