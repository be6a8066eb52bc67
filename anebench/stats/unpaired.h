// Comparing the medians of two samples that were taken at different times. Nothing cancels here, as
// it does in interleaved blocks (paired.h), so the interval is the conservative one: each median
// has an interval at half the error, and the difference lies between their far ends.
//
//   Estimate d = median_difference(log_old, log_new);   // 95 % at least
//   double p = separation_p_value(log_old, log_new);    // for holm.h, over several comparisons
//
// What both need is that each sample is independent noise around its median. Pure functions.
#pragma once

#include <span>

#include "anebench/stats/estimate.h"
#include "anebench/stats/thresholds.h"

namespace anebench::stats {

// median(a) − median(b) with the interval between the far ends of both rank intervals, each at the
// level 1 − (1 − level) / 2 (Bonferroni); infinite where one of them is.
Estimate median_difference(std::span<const double> a, std::span<const double> b,
                           double level = kConfidence);

// The same of two figures whose intervals are given; their common level is what it was before,
// for both at once: twice the error.
Estimate difference_of(const Estimate& a, const Estimate& b);

// The smallest alpha at which the intervals of a and b, each at 1 − alpha / 2, are disjoint: a
// conservative p-value of "the medians are equal". 1 where no alpha below 1 does that. Not below
// 1e-15, where the ranks' arithmetic ends.
double separation_p_value(std::span<const double> a, std::span<const double> b);

}  // namespace anebench::stats
