// A figure with its interval.
#pragma once

#include <cmath>
#include <limits>

namespace anebench::stats {

// The unit is that of the data. An interval that the data cannot give is infinite, so comparisons
// with its ends stay right: nothing lies outside it.
struct Estimate {
  double value = std::numeric_limits<double>::quiet_NaN();
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();

  bool is_bounded() const { return std::isfinite(low) && std::isfinite(high); }
  bool contains(double x) const { return low <= x && x <= high; }
};

}  // namespace anebench::stats
