// What an experiment is asked to do, and how it talks while it runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/measure/measure.h"
#include "anebench/record/record.h"

namespace anebench::experiments {

struct Settings {
  measure::Plan plan;
  // Shortens configurations that the machine cannot finish in the plan's time; the records and the
  // output say so.
  bool quick = false;
  // "scaled" or "classic".
  std::string initialisation = "scaled";
  std::uint64_t seed = 1;
  // Quality of service of the engine; ignored, but recorded, elsewhere. Nothing: the experiment's.
  std::optional<int> qos;
  // Only programs whose parameters have these values.
  std::map<std::string, std::string> filter;
  // Read weight files strictly.
  bool strict_weights = false;
  // Execute programs that break rules of the language but whose meaning is plain.
  bool lenient = false;
};

// "RealTime", "UserInteractive", …, "custom".
std::string_view qos_name(int qos);

// Callbacks of a running experiment, all on its thread.
class Reporter {
 public:
  virtual ~Reporter() = default;
  // True for a case whose record is there already (a resumed run): it is not run again.
  virtual bool is_done(const std::string& /*id*/) { return false; }
  // A case is over. An error ends the experiment.
  virtual Result<void> record(const record::Record& record) = 0;
  // The case now running, e.g. "512x128 w8a8: checking", `index` of `count`.
  virtual void phase(std::size_t /*index*/, std::size_t /*count*/, std::string_view /*what*/) {}
  virtual void progress(const measure::Progress& /*progress*/) {}
  // Something that a reader of the results must know, as a sentence.
  virtual void note(std::string_view /*text*/) {}
  // Set when the user wants to stop.
  virtual const std::atomic<bool>* cancelled() { return nullptr; }
};

}  // namespace anebench::experiments
