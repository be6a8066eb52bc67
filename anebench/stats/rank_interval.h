// The median with an interval that assumes nothing about the noise's shape: each value lies above
// or below the true median like a fair coin, so binomial ranks of the sorted sample bound it.
//
//   Estimate time = median_estimate(times);            // 95 %
//   Estimate strict = median_estimate(times, 1 - 0.05 / 6);
//
// Pure functions; units are those of the data. References: Hahn & Meeker, Statistical Intervals,
// §5.2; Conover, Practical Nonparametric Statistics, §3.2.
#pragma once

#include <cstddef>
#include <span>

#include "anebench/stats/estimate.h"
#include "anebench/stats/thresholds.h"

namespace anebench::stats {

// P(X <= k) for X ~ Bin(n, 1/2); absolute error below 1e-13.
double fair_binomial_cdf(std::size_t k, std::size_t n);

// The largest l with P(Bin(n, 1/2) <= l − 1) <= (1 − level) / 2: the l-th smallest and l-th largest
// values bound the median. 0 where the sample is too small for any such rank. 0 < level < 1.
std::size_t median_rank(std::size_t n, double level = kConfidence);

// The median with its rank interval, infinite where median_rank is 0.
Estimate median_estimate(std::span<const double> values, double level = kConfidence);

// Two-sided p-value of "the median is 0"; 1 for an empty sample. Below 1 − level exactly where
// median_estimate's interval excludes 0.
double sign_test(std::span<const double> values);

// The level for each of `comparisons` intervals that shall all hold at once with 95 %
// (Bonferroni): 1 − 0.05 / comparisons.
double simultaneous_level(std::size_t comparisons);

}  // namespace anebench::stats
