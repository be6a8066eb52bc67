// Does a series drift, and are its values independent? Pure functions over samples in time order.
//
//   Trend trend = theil_sen(times);
//   if (trend.excludes_zero()) ...  // drifting
#pragma once

#include <cstddef>
#include <span>

#include "anebench/stats/estimate.h"

namespace anebench::stats {

// The Theil–Sen slope, in the data's unit a sample, with its 95 % interval.
struct Trend {
  Estimate slope;
  // Samples looked at: fewer than given where the series was thinned (thresholds.h).
  std::size_t used = 0;

  bool excludes_zero() const { return slope.low > 0 || slope.high < 0; }
};

// The median of the slopes of all pairs of samples; the interval from the spread of Kendall's score
// with ties (Sen, J. Am. Stat. Assoc. 63, 1968), as SciPy's theilslopes. Fewer than three samples:
// infinite. Series above kTheilSenMaxSamples are thinned to evenly spaced samples.
Trend theil_sen(std::span<const double> values);

// Σ(x[i]−m)(x[i+1]−m) / Σ(x[i]−m)²; 0 for constant series and fewer than three samples.
double lag1_autocorrelation(std::span<const double> values);

}  // namespace anebench::stats
