// The ladder compiled for one simulated device, to be measured and judged again and again under
// other noise. Internal to the layer. Not thread-safe.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "anebench/device/simulated/simulated_device.h"
#include "anebench/experiments/confusion.h"
#include "anebench/measure/measure.h"

namespace anebench::experiments {

class SimulatedLadder {
 public:
  static Result<std::unique_ptr<SimulatedLadder>> open(device::Mechanism mechanism,
                                                       LadderSize size);

  // One whole measurement of the ladder and its verdict.
  Result<Finding> run(const ConfusionOptions& options, stats::NoiseKind noise, std::uint64_t seed);

 private:
  // An executable that can be evaluated.
  struct Chain {
    std::unique_ptr<device::Executable> executable;
    std::unique_ptr<device::Request> request;
    measure::Work work() const;
  };
  struct Shape {
    LadderTime fp16;
    Chain baseline;
    Chain variant;
  };

  explicit SimulatedLadder(std::unique_ptr<device::SimulatedDevice> device)
      : device_(std::move(device)) {}

  Result<Chain> compile(const LadderRung& rung, std::int64_t depth, bool is_w8a8);
  Result<Shape> prepare(const LadderRung& rung, double floor_ns);
  // Of one evaluation, without noise.
  Result<double> time_ns(const Chain& chain);

  std::unique_ptr<device::SimulatedDevice> device_;
  Chain smallest_;
  std::vector<Shape> shapes_;
  std::size_t anchor_ = 0;
};

}  // namespace anebench::experiments
