#include "anebench/experiments/int8.h"

namespace anebench::experiments {
namespace {}  // namespace

ChainExperiment int8_experiment() {
  ChainExperiment experiment;
  experiment.identity = {.experiment = "int8", .arguments = {"int8"}, .qos = kRealTimeQos};
  experiment.configurations = {
      {.channels = 512, .spatial = 64, .depth = 128},
      {.channels = 512, .spatial = 64, .depth = 64},
      {.channels = 256, .spatial = 64, .depth = 256},
      {.channels = 256, .spatial = 64, .depth = 128},
      {.channels = 384, .spatial = 64, .depth = 128},
  };
  return experiment;
}

}  // namespace anebench::experiments
