#include "anebench/experiments/simulated_ladder.h"

#include <algorithm>
#include <utility>

#include "anebench/experiments/ladder_measure.h"
#include "anebench/programs/catalogue.h"

namespace anebench::experiments {
namespace {

constexpr LadderRung kSmallestRung = {64, 1};

}  // namespace

measure::Work SimulatedLadder::Chain::work() const {
  return [this] { return executable->evaluate(*request); };
}

Result<SimulatedLadder::Chain> SimulatedLadder::compile(const LadderRung& rung, std::int64_t depth,
                                                        bool is_w8a8) {
  ANEBENCH_ASSIGN(benchmark, programs::build(ladder_spec(rung, depth, is_w8a8 ? "w8a8" : "fp16"),
                                             programs::Content::structure));
  Chain chain;
  ANEBENCH_ASSIGN(executable, device_->compile(benchmark.program, benchmark.weights, {}));
  chain.executable = std::move(executable);
  ANEBENCH_TRY(chain.executable->load());
  ANEBENCH_ASSIGN(request, chain.executable->create_request());
  chain.request = std::move(request);
  return chain;
}

Result<double> SimulatedLadder::time_ns(const Chain& chain) {
  const std::int64_t start = device_->clock().now_ns();
  ANEBENCH_TRY(chain.executable->evaluate(*chain.request));
  return static_cast<double>(device_->clock().now_ns() - start);
}

Result<SimulatedLadder::Shape> SimulatedLadder::prepare(const LadderRung& rung, double floor_ns) {
  ANEBENCH_ASSIGN(one_layer, compile(rung, 1, false));
  ANEBENCH_ASSIGN(one_ns, time_ns(one_layer));
  Shape shape;
  shape.fp16.rung = rung;
  shape.fp16.depth = ladder_depth(rung, one_ns - floor_ns, floor_ns);
  ANEBENCH_ASSIGN(baseline, compile(rung, shape.fp16.depth, false));
  ANEBENCH_ASSIGN(variant, compile(rung, shape.fp16.depth, true));
  shape.baseline = std::move(baseline);
  shape.variant = std::move(variant);
  return shape;
}

Result<std::unique_ptr<SimulatedLadder>> SimulatedLadder::open(device::Mechanism mechanism,
                                                               LadderSize size) {
  std::unique_ptr<SimulatedLadder> ladder(
      new SimulatedLadder(device::open_simulated({.mechanism = mechanism})));
  ANEBENCH_ASSIGN(smallest, ladder->compile(kSmallestRung, 1, false));
  ladder->smallest_ = std::move(smallest);
  ANEBENCH_ASSIGN(floor_ns, ladder->time_ns(ladder->smallest_));
  for (const LadderRung& rung : ladder_rungs(size)) {
    ANEBENCH_ASSIGN(shape, ladder->prepare(rung, floor_ns));
    ladder->shapes_.push_back(std::move(shape));
  }
  const auto weights = [](const Shape& shape) {
    return shape.fp16.rung.channels * shape.fp16.rung.channels * shape.fp16.depth;
  };
  const auto lightest =
      std::min_element(ladder->shapes_.begin(), ladder->shapes_.end(),
                       [&](const Shape& a, const Shape& b) { return weights(a) < weights(b); });
  ladder->anchor_ = static_cast<std::size_t>(lightest - ladder->shapes_.begin());
  return ladder;
}

Result<Finding> SimulatedLadder::run(const ConfusionOptions& options, stats::NoiseKind noise,
                                     std::uint64_t seed) {
  device_->restart(noise, seed);
  LadderMeter meter(device_->clock(),
                    {.plan = options.plan, .shapes = shapes_.size(), .seed = seed});
  ANEBENCH_TRY(meter.start(smallest_.work(), shapes_[anchor_].baseline.work()));
  VerdictInput input;
  input.floor_ns = meter.floor_ns();
  for (std::size_t i = 0; i < shapes_.size(); ++i) {
    const Shape& shape = shapes_[i];
    const auto pair = meter.compare(shape.baseline.work(), shape.variant.work(), 2 * i);
    if (pair.error) return fail(*pair.error);
    LadderShape& measured = input.shapes.emplace_back();
    measured.fp16 = shape.fp16;
    measured.ratio = pair.ratio;
    measured.fp16.time_ns = pair.a.time_ns.value;
    if (options.anchored) {
      ANEBENCH_ASSIGN(anchored, meter.anchored_time(shape.baseline.work(), 2 * i + 1));
      measured.fp16.time_ns = anchored.time_ns;
    }
  }
  return judge(input, options.rules);
}

}  // namespace anebench::experiments
