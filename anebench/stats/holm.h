// Holm's correction: among k simultaneous tests, the chance of any false alarm stays below alpha
// (Holm, Scand. J. Stat. 6, 1979). Pure functions.
#pragma once

#include <span>
#include <vector>

#include "anebench/stats/thresholds.h"

namespace anebench::stats {

// Adjusted p-values in the order given: significant at alpha where <= alpha. NaN counts as 1.
std::vector<double> holm_adjusted(std::span<const double> p_values);

// True where the test's null hypothesis is rejected.
std::vector<bool> holm_rejected(std::span<const double> p_values, double alpha = 1 - kConfidence);

}  // namespace anebench::stats
