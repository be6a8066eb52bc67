// Measures the ladder: the call floor, each fp16 chain's time, and each variant against fp16. What
// `probe` runs on a device and what selfcheck runs on the simulated one.
//
//   LadderMeter meter(device.clock(), {.plan = plan, .shapes = rungs.size(), .seed = seed});
//   ANEBENCH_TRY(meter.start(smallest, anchor));
//   for (each rung) {
//     ANEBENCH_ASSIGN(time, meter.anchored_time(fp16, index));
//     measure::PairResult pair = meter.compare(fp16, variant, index);
//   }
//
// Why an anchor. Regimes follow from ratios of fp16 times of different shapes, and single times
// that were taken minutes apart give no such ratio: a machine that heats up in between (20 %), or a
// busy neighbour during half of one of them (30 %), moves it across the 10 % that tell
// compute-bound from activation-bound. So these ratios, too, come from interleaved blocks: every
// fp16 chain is compared with the same small fp16 chain, the anchor, which stays loaded, and its
// time is anchor time ÷ ratio. On simulated devices under bursts, single times made 2 to 5 % of the
// verdicts inconclusive; the anchor left none (docs/verdict.md).
//
// Not thread-safe. Works and clock must outlive the meter.
#pragma once

#include <cstddef>
#include <cstdint>

#include "anebench/base/clock.h"
#include "anebench/base/result.h"
#include "anebench/measure/measure.h"

namespace anebench::experiments {

class LadderMeter {
 public:
  struct Options {
    // For the comparisons; its level is replaced by that of `shapes` comparisons that hold at once.
    // The classic protocol has no intervals, hence no verdict.
    measure::Plan plan;
    std::size_t shapes = 1;
    std::uint64_t seed = 1;
    measure::Hooks hooks = {};
  };

  LadderMeter(const Clock& clock, Options options);

  // Times the smallest program, whose time is the call floor, and the anchor. Errors: theirs.
  Result<void> start(const measure::Work& smallest, measure::Work anchor);
  double floor_ns() const { return floor_ns_; }
  double anchor_ns() const { return anchor_ns_; }

  // anchor against fp16; `time_ns` of the chain and what makes it mistrusted.
  struct AnchoredTime {
    double time_ns = 0;
    measure::PairResult pair;
  };
  // `stream` tells the shapes' seeds apart. Errors: the works'.
  Result<AnchoredTime> anchored_time(const measure::Work& fp16, std::uint64_t stream) const;

  // time(baseline) / time(variant) with its interval at the simultaneous level; the 95 % one is
  // stats::ratio_estimate(pair.log_ratios).
  measure::PairResult compare(const measure::Work& baseline, const measure::Work& variant,
                              std::uint64_t stream) const;

 private:
  std::uint64_t seed_of(std::uint64_t stream) const;

  const Clock& clock_;
  Options options_;
  measure::Work anchor_;
  double floor_ns_ = 0;
  double anchor_ns_ = 0;
};

}  // namespace anebench::experiments
