#include "anebench/experiments/ladder_measure.h"

#include <utility>

#include "anebench/base/rng.h"
#include "anebench/stats/rank_interval.h"

namespace anebench::experiments {
namespace {

// Blocks of a comparison with the anchor. The regimes' bounds lie 10 % and more from what they tell
// apart, and the quotient of two medians of twelve blocks under 5 % noise is known to 2.5 %.
constexpr std::size_t kAnchorBlocks = stats::kFirstLookBlocks;
// The chain has been measured or is about to be, and the anchor runs all the time.
constexpr std::size_t kAnchorWarmup = 2;

measure::Plan anchor_plan(measure::Plan plan) {
  plan.protocol = measure::Protocol::standard;
  plan.samples = 2 * kAnchorBlocks;
  plan.warmup = {.kind = measure::Warmup::Kind::count, .count = kAnchorWarmup};
  plan.level = stats::kConfidence;
  return plan;
}

}  // namespace

LadderMeter::LadderMeter(const Clock& clock, Options options)
    : clock_(clock), options_(std::move(options)) {
  options_.plan.level = stats::simultaneous_level(options_.shapes);
}

std::uint64_t LadderMeter::seed_of(std::uint64_t stream) const {
  return Rng(options_.seed).fork(stream).next();
}

Result<void> LadderMeter::start(const measure::Work& smallest, measure::Work anchor) {
  measure::Plan plan = anchor_plan(options_.plan);
  plan.samples = stats::kSeriesMinSamples;
  const auto time = [&](const measure::Work& work) -> Result<double> {
    const auto series = measure::measure_series(work, plan, clock_, options_.hooks);
    if (series.error) return fail(*series.error);
    return series.time_ns.value;
  };
  ANEBENCH_ASSIGN(floor_ns, time(smallest), "timing the smallest program");
  ANEBENCH_ASSIGN(anchor_ns, time(anchor), "timing the anchor");
  floor_ns_ = floor_ns;
  anchor_ns_ = anchor_ns;
  anchor_ = std::move(anchor);
  return {};
}

Result<LadderMeter::AnchoredTime> LadderMeter::anchored_time(const measure::Work& fp16,
                                                             std::uint64_t stream) const {
  if (!anchor_) return fail(ErrorCode::internal, "the ladder's anchor was not started");
  AnchoredTime result;
  result.pair = measure::measure_pair(anchor_, fp16, anchor_plan(options_.plan), seed_of(stream),
                                      clock_, options_.hooks);
  if (result.pair.error) return fail(*result.pair.error);
  result.time_ns = anchor_ns_ / result.pair.ratio.value;
  return result;
}

measure::PairResult LadderMeter::compare(const measure::Work& baseline,
                                         const measure::Work& variant, std::uint64_t stream) const {
  return measure::measure_pair(baseline, variant, options_.plan, seed_of(stream), clock_,
                               options_.hooks);
}

}  // namespace anebench::experiments
