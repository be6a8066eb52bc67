// What an experiment is asked to do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "anebench/experiments/filter.h"
#include "anebench/measure/plan.h"

namespace anebench::experiments {

struct Settings {
  measure::Plan plan;
  // Fewer and shorter configurations, and those that the machine cannot finish in the plan's time
  // are shortened; the records and the output say so.
  bool quick = false;
  // "scaled" or "classic".
  std::string initialisation = "scaled";
  std::uint64_t seed = 1;
  // Quality of service of the engine; ignored, but recorded, elsewhere. Nothing: the experiment's.
  std::optional<int> qos;
  // Only cases that it matches.
  CaseFilter filter;
  // Read weight files strictly.
  bool strict_weights = false;
  // Execute programs that break rules of the language but whose meaning is plain.
  bool lenient = false;
};

// "RealTime", "UserInteractive", …, "custom".
std::string_view qos_name(int qos);

}  // namespace anebench::experiments
