#include "anebench/experiments/peak.h"

#include <string>
#include <vector>

namespace anebench::experiments {
namespace {

std::vector<std::string> arguments_of(const PeakOptions& options) {
  std::vector<std::string> arguments = {"peak", std::to_string(options.batch),
                                        std::to_string(options.spatial)};
  if (options.relu) arguments.emplace_back("--relu");
  if (options.flat) arguments.insert(arguments.end(), {"--layout", "flat"});
  arguments.emplace_back("--precision");
  switch (options.precisions) {
    case Precisions::fp16: arguments.emplace_back("fp16"); break;
    case Precisions::w8a8: arguments.emplace_back("w8a8"); break;
    case Precisions::both: arguments.emplace_back("both"); break;
  }
  return arguments;
}

}  // namespace

Result<ChainExperiment> peak_experiment(const PeakOptions& options) {
  if (options.flat && (options.precisions != Precisions::fp16 || options.batch != 1)) {
    return fail(ErrorCode::invalid_argument,
                "--layout flat is [1, channels, 1, spatial] in fp16: it takes --precision fp16 and "
                "a batch of 1");
  }
  ChainExperiment experiment;
  experiment.identity = {.experiment = "peak",
                         .arguments = arguments_of(options),
                         .qos = options.flat ? kDefaultQos : kRealTimeQos};
  experiment.precisions = options.precisions;
  struct Shape {
    std::int64_t channels, depth;
  };
  // The published tables' rows.
  for (const Shape& shape :
       {Shape{512, 128}, Shape{512, 96}, Shape{512, 64}, Shape{512, 48}, Shape{512, 32},
        Shape{256, 256}, Shape{256, 128}, Shape{256, 64}, Shape{384, 128}, Shape{384, 64}}) {
    experiment.configurations.push_back({.channels = shape.channels,
                                         .spatial = options.spatial,
                                         .depth = shape.depth,
                                         .batch = options.batch,
                                         .relu = options.relu,
                                         .flat = options.flat});
  }
  return experiment;
}

}  // namespace anebench::experiments
