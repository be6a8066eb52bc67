// `peak`: how close to the device's peak do chains of 1x1 convolutions come?
#pragma once

#include <cstdint>

#include "anebench/experiments/chain_experiment.h"

namespace anebench::experiments {

struct PeakOptions {
  std::int64_t batch = 1;
  std::int64_t spatial = 64;
  bool relu = false;
  Precisions precisions = Precisions::fp16;
  // [1, channels, 1, spatial] with fp32 input and output: fp16 only, as the older tables have it.
  bool flat = false;
};

// Errors: the flat layout with W8A8 or a batch.
Result<ChainExperiment> peak_experiment(const PeakOptions& options);

}  // namespace anebench::experiments
