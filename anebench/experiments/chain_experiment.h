// The machinery that `int8` and `peak` share: chains of 1x1 convolutions in one or both precisions,
// built, compiled, checked, measured (interleaved where there are two) and recorded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/experiments/context.h"
#include "anebench/experiments/settings.h"
#include "anebench/programs/program_spec.h"
#include "anebench/runner/case.h"

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
  // {"peak", "1", "64", "--relu"} and the quality of service.
  ExperimentIdentity identity;
  Precisions precisions = Precisions::both;
  std::size_t classic_warmup = 10;
  std::size_t classic_iterations = 50;
  std::vector<ChainConfiguration> configurations;
};

// A case for each configuration that the settings' filter lets through, in order; each leaves a
// record for each precision. A configuration that the device refuses, or whose output is wrong,
// becomes a record. With Settings::quick, chains are shortened when they run, by a time that is
// measured then. Errors: the context's; a filter that nothing passes.
Result<std::vector<runner::Case>> chain_cases(const ChainExperiment& experiment,
                                              std::shared_ptr<device::Device> device,
                                              const Settings& settings);

}  // namespace anebench::experiments
