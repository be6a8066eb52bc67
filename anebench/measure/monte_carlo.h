// Do the intervals hold what they promise? Whole measurements, by the very code that measures (stop
// rule, looks, warm-up, blocks), on a virtual clock under made-up noise, and how often they are
// right. For monte_carlo_test and `selfcheck --statistics`.
//
//   PairRates rates = pair_rates({.noise = NoiseKind::bursts, .runs = 2000});
//   assert(rates.covered >= 0.93);
//
// The plans have no minimum time: real measurements take at least as many samples as these. Pure
// functions of their arguments; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>

#include "anebench/stats/noise.h"
#include "anebench/stats/thresholds.h"

namespace anebench::measure {

struct PairTrial {
  stats::NoiseKind noise = stats::NoiseKind::none;
  double ratio = 1;  // the true time(a) / time(b)
  double precision = stats::kDefaultPrecision;
  std::size_t runs = 2000;
  std::uint64_t seed = 1;
};

// Shares of the runs.
struct PairRates {
  double covered = 0;    // the interval holds the true ratio
  double same = 0;       // the outcomes
  double different = 0;  // faster or slower
  double converged = 0;
  double mean_blocks = 0;
};
// The noise is the machine's: one stream over all evaluations, whichever of the two runs.
PairRates pair_rates(const PairTrial& trial);

struct SeriesTrial {
  stats::NoiseKind noise = stats::NoiseKind::none;
  std::size_t samples = 101;  // of each run
  std::size_t runs = 2000;
  std::uint64_t seed = 1;
};

// Shares of the runs.
struct SeriesRates {
  double covered = 0;  // the interval holds the noise's median
  // That carry the validity codes.
  double autocorrelated = 0;
  double drifting = 0;
};
SeriesRates series_rates(const SeriesTrial& trial);

// --- What is demanded, source: the measurement specification, §5. ---

inline constexpr double kLeastCoverage = 0.93;
inline constexpr double kMostFalseAlarms = 0.05;
// For an effect of kDemandedEffect at the default precision.
inline constexpr double kLeastPower = 0.90;
inline constexpr double kDemandedEffect = 1.02;

}  // namespace anebench::measure
