// The machinery that `int8` and `peak` share: chains of 1x1 convolutions in one or both precisions,
// built, compiled, checked, measured (interleaved where there are two) and recorded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/device/device.h"
#include "anebench/experiments/settings.h"
#include "anebench/programs/program_spec.h"

namespace anebench::experiments {

// One row of an experiment's table.
struct ChainConfiguration {
  std::int64_t channels = 0;
  std::int64_t spatial = 0;  // height and width; the width alone in the flat layout
  std::int64_t depth = 0;
  std::int64_t batch = 1;
  bool relu = false;
  bool flat = false;

  // "512x64x64 depth 128".
  std::string describe() const;
  programs::ProgramSpec spec(std::string_view precision, const Settings& settings) const;
};

enum class Precisions : std::uint8_t { fp16, w8a8, both };

struct ChainExperiment {
  std::string name;     // "int8"
  std::string command;  // how to repeat it: "int8", "peak --relu"
  Precisions precisions = Precisions::both;
  int qos = 0;
  std::size_t classic_warmup = 10;
  std::size_t classic_iterations = 50;
  std::vector<ChainConfiguration> configurations;
};

// Runs every configuration that the settings' filter lets through and hands each record to the
// reporter as its case ends. A configuration that the device refuses, or whose output is wrong,
// becomes a record and the experiment goes on. Errors: the reporter's, or cancellation.
Result<void> run_chain_experiment(const ChainExperiment& experiment, device::Device& device,
                                  const Settings& settings, Reporter& reporter);

// The specs that would run, for --dry-run.
std::vector<programs::ProgramSpec> chain_specs(const ChainExperiment& experiment,
                                               const Settings& settings);

}  // namespace anebench::experiments
