// Every constant of the statistics and of the measuring, with its reason. Nothing else in the
// project decides what counts as narrow, equal, drifting or too noisy.
#pragma once

#include <cstddef>

namespace anebench::stats {

// --- Intervals -----------------------------------------------------------------------------------

// The level of every interval that is printed; what readers of benchmark tables expect.
inline constexpr double kConfidence = 0.95;

// The 97.5 % quantile of the standard normal distribution: Kendall's score, whose spread gives the
// interval of the Theil–Sen slope, is very nearly normal from ten values on.
inline constexpr double kNormalQuantile975 = 1.959963984540054;

// The smallest sample whose second largest value lies above the 90 % (99 %) quantile with 99 %
// confidence: q^n + n(1 − q)q^(n−1) <= 0.01. With fewer samples a tail quantile is a guess.
inline constexpr std::size_t kP90MinSamples = 64;
inline constexpr std::size_t kP99MinSamples = 662;

// --- When to look and when to stop ---------------------------------------------------------------

// Blocks before the first look at a comparison. At 12 the 95 % rank interval leaves out two values
// at either end, so that one disturbed block cannot widen it; fewer blocks would make it the range.
inline constexpr std::size_t kFirstLookBlocks = 12;

// Each look lets chance stop the run at a lucky moment, so looks are few: their distance grows by a
// quarter (12, 15, 19, 24, …). This wastes at most a fifth of the time and keeps the coverage of
// the interval above 93 % (monte_carlo_test).
inline constexpr double kLookGrowth = 1.25;

// Samples before the first look at a single series: the size from which the rank interval of
// independent noise covers at its level and lag-1 autocorrelation can be told from zero at all.
inline constexpr std::size_t kSeriesMinSamples = 30;

// Half the relative width of the interval at which a measurement is done. A tenth of the smallest
// effect that the verdicts ask for (ratios of 0.9 and 1.1); --quick trades it for time.
inline constexpr double kDefaultPrecision = 0.01;
inline constexpr double kQuickPrecision = 0.03;

// Time limits a configuration, seconds. Quick: ten configurations of two precisions in about two
// minutes. Default: enough for ±1 % at 5 % noise (about 600 evaluations) of 200 ms each.
inline constexpr double kDefaultMaxSeconds = 120;
inline constexpr double kQuickMaxSeconds = 12;

// Short evaluations reach the first look within a millisecond, in which neither a timer tick nor a
// change of clock frequency has happened; so sampling goes on for at least this long, seconds.
inline constexpr double kDefaultMinSeconds = 0.25;
inline constexpr double kQuickMinSeconds = 0.1;

// --- Single samples ------------------------------------------------------------------------------

// The clock's resolution as a share of one sample: ten times finer than the default precision would
// allow, so that it never shows in a result.
inline constexpr double kMaxResolutionShare = 0.001;

// A call cheaper than a thousandth of a nanosecond does not exist; a batch beyond this means that
// the clock does not move with the work.
inline constexpr std::size_t kMaxBatch = std::size_t{1} << 20;

// How many times slower than the rest a first evaluation is expected to be at most (page faults,
// cold caches, a clock at its lowest): one that is longer than this many sufficient samples
// chooses a batch of one by itself; after a shorter one the batch is chosen by a second call.
inline constexpr double kColdFactor = 1000;

// Samples of each callable; bounds memory (8 MiB a series) where the time limit does not.
inline constexpr std::size_t kMaxSamples = std::size_t{1} << 20;

// --- Warm-up -------------------------------------------------------------------------------------

// The window that must show no trend. Ten values are the fewest for which Kendall's normal
// approximation holds (and a 5 % trend test has power against the usual 2× first evaluation).
inline constexpr std::size_t kWarmupWindow = 10;
// New samples between two tests of the window: half of it, so that tests overlap but little.
inline constexpr std::size_t kWarmupStep = 5;
// Caps: what has not settled by then drifts, and the validity code says so.
inline constexpr std::size_t kWarmupMaxSamples = 300;
inline constexpr double kWarmupMaxShare = 0.2;  // of the time limit

// --- Validity ------------------------------------------------------------------------------------

// Lag-1 autocorrelation above which the rank interval of a series is called approximate: at 0.2 the
// variance of a mean is 1.5 times that of independent samples, so the interval is a fifth too
// narrow.
inline constexpr double kMaxAutocorrelation = 0.2;

// Theil–Sen looks at every pair of samples: 523,776 slopes at 1,024 samples take a few
// milliseconds and 4 MiB. Longer series are thinned evenly to at most this many.
inline constexpr std::size_t kTheilSenMaxSamples = 1024;

// Tukey's fences: a value is an outlier when it lies more than 1.5 interquartile ranges outside the
// quartiles (0.7 % of normal noise). Outliers are counted, never dropped.
inline constexpr double kTukeyFence = 1.5;

// A block is flagged when the canary's rate around it falls below this share of its best: a busy
// hyperthread sibling takes 40 %, an idle machine varies by 2–3 %.
inline constexpr double kCanaryFloor = 0.93;
// Medians shrug off a quarter of disturbed blocks (the median of d then moves by at most a quarter
// of the undisturbed spread); beyond that the figure says more about the neighbour.
inline constexpr double kMaxFlaggedShare = 0.25;
// The canary's share of the measuring time is kept below this.
inline constexpr double kCanaryMaxShare = 0.1;

// --- Comparing -----------------------------------------------------------------------------------

// Two times that provably differ by less than this are called the same: twice the default
// precision, the smallest effect that the default plan finds with a power above 90 %.
inline constexpr double kDefaultMargin = 0.02;

// --- Environment ---------------------------------------------------------------------------------

// A fall of the mean clock frequency below this share of what it was before: more than turbo's
// usual steps (100 MHz of 3 GHz), less than any throttling.
inline constexpr double kMinFrequencyShare = 0.85;
// A rise of the load average beyond our own threads and this many more runnable tasks.
inline constexpr double kLoadSlack = 1.0;

}  // namespace anebench::stats
