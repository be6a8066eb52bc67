// `int8`: W8A8 against fp16 on chains of 1x1 convolutions.
#pragma once

#include "anebench/experiments/chain_experiment.h"

namespace anebench::experiments {

// Configurations (channels, spatial, depth) and counts of the experiments' specification.
ChainExperiment int8_experiment();

}  // namespace anebench::experiments
