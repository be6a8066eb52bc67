#include "anebench/experiments/peak.h"

#include <fmt/format.h>

namespace anebench::experiments {
namespace {

constexpr int kRealTime = 0;
constexpr int kDefaultQos = 21;

std::string command_of(const PeakOptions& options) {
  std::string command = fmt::format("peak {} {}", options.batch, options.spatial);
  if (options.relu) command += " --relu";
  if (options.flat) command += " --layout flat";
  switch (options.precisions) {
    case Precisions::fp16: return command + " --precision fp16";
    case Precisions::w8a8: return command + " --precision w8a8";
    case Precisions::both: break;
  }
  return command + " --precision both";
}

}  // namespace

Result<ChainExperiment> peak_experiment(const PeakOptions& options) {
  if (options.flat && (options.precisions != Precisions::fp16 || options.batch != 1)) {
    return fail(ErrorCode::invalid_argument,
                "--layout flat is [1, channels, 1, spatial] in fp16: it takes --precision fp16 and "
                "a batch of 1");
  }
  ChainExperiment experiment;
  experiment.name = "peak";
  experiment.command = command_of(options);
  experiment.precisions = options.precisions;
  experiment.qos = options.flat ? kDefaultQos : kRealTime;
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
