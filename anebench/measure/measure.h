// Measures callables: warm-up, batching, a stop rule on the interval of the reported figure, and,
// for comparisons, interleaving in blocks. Knows no devices and reads no global clock.
//
//   Plan plan = quick_plan();
//   PairResult pair = measure_pair(run_fp16, run_w8a8, plan, seed, device->clock(), hooks);
//   if (pair.error) ...
//   print("{:.2f}x [{:.2f}, {:.2f}] {}", pair.ratio.value, pair.ratio.low, pair.ratio.high,
//         to_string(pair.judgement.outcome));
//
// Times are nanoseconds of `clock`, per evaluation. Calls of the callables and hooks all happen on
// the calling thread; the canary and the environment outside the timed regions.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "anebench/base/clock.h"
#include "anebench/base/result.h"
#include "anebench/measure/environment.h"
#include "anebench/measure/plan.h"
#include "anebench/measure/validity.h"
#include "anebench/stats/estimate.h"
#include "anebench/stats/outcome.h"
#include "anebench/stats/paired.h"
#include "anebench/stats/trend.h"

namespace anebench::measure {

// Reason code of a comparison under the classic protocol.
inline constexpr std::string_view kClassicProtocol = "classic_protocol";

// One evaluation of what is measured. An error ends the measurement.
using Work = std::function<Result<void>()>;

struct Progress {
  double fraction = 0;      // 0–1, of the expected time; never falls
  double seconds_left = 0;  // expected, at most what is left of the time limit
  bool is_warmup = false;
};

// Whatever is not set is left out.
struct Hooks {
  // A kernel-shaped loop: nanoseconds that it took, or nothing. Timed between blocks (or samples of
  // a single series), at most a tenth of the time.
  std::function<std::optional<double>()> canary = {};
  // Called between samples; must be quick.
  std::function<void(const Progress&)> progress = {};
  // Set from elsewhere, e.g. a signal handler: the measurement ends after the current sample.
  const std::atomic<bool>* cancelled = nullptr;
  // Called before and after.
  std::function<Environment()> environment = {};
};

// What the machine did meanwhile.
struct Conditions {
  // Every timing of the canary in time order, and how many blocks (or samples of a single series)
  // were complete when it was taken.
  std::vector<double> canary_ns;
  std::vector<std::size_t> canary_blocks;
  // Indices of the blocks (or samples) around which its rate fell below 93 % of its best.
  std::vector<std::size_t> flagged_blocks;
  std::optional<Environment> before;
  std::optional<Environment> after;
};

// Samples of one callable.
struct Series {
  // Every sample in time order, warm-up first: nanoseconds an evaluation.
  std::vector<double> samples_ns;
  std::size_t warmup_count = 0;
  // Whether the warm-up ended because no trend was left (true for fixed counts and durations).
  bool warmup_settled = true;
  // Evaluations a sample.
  std::size_t batch = 1;
  // The very first evaluation (also part of the first sample where batch is 1).
  double first_ns = 0;

  // The reported figure: the median with its rank interval, or, under the classic protocol, the
  // mean without one.
  stats::Estimate time_ns;
  bool is_mean = false;
  stats::Trend trend;  // ns a sample
  double autocorrelation = 0;
  std::size_t outliers = 0;
  // Only where there are samples enough to bound them.
  std::optional<double> p90_ns;
  std::optional<double> p99_ns;
  std::vector<Validity> validity;

  // The samples after the warm-up.
  std::span<const double> steady() const {
    return std::span<const double>(samples_ns).subspan(warmup_count);
  }
};

struct SeriesResult : Series {
  Conditions conditions;
  double seconds = 0;  // the whole measurement took
  // What ended the measurement early; the samples so far are there.
  std::optional<Error> error;
};

// B against A.
struct PairResult {
  // Their validity holds what concerns one alone: autocorrelated, drifting. Their intervals are at
  // 95 %, whatever the level of the ratio's.
  Series a;
  Series b;
  std::uint64_t seed = 0;
  // Blocks in time order (empty under the classic protocol): block i took samples 2i and 2i + 1 of
  // each steady series.
  std::vector<stats::BlockOrder> orders;
  std::vector<double> log_ratios;  // d of each block

  // time(a) / time(b): above 1 where b is faster.
  stats::Estimate ratio;
  double level = stats::kConfidence;
  // Of ratio = 1; for stats::correct_together over several comparisons.
  double p_value = 1;
  stats::Judgement judgement;
  std::vector<Validity> validity;
  Conditions conditions;
  double seconds = 0;
  std::optional<Error> error;
};

// Measures one callable. An invalid plan is reported as the error.
SeriesResult measure_series(const Work& work, const Plan& plan, const Clock& clock,
                            const Hooks& hooks = {});

// Compares `b` with `a` in interleaved blocks whose orders are drawn from `seed`. The classic
// protocol runs a to its end, then b; its ratio of means has no interval and its outcome is
// inconclusive.
PairResult measure_pair(const Work& a, const Work& b, const Plan& plan, std::uint64_t seed,
                        const Clock& clock, const Hooks& hooks = {});

}  // namespace anebench::measure
