#include "anebench/stats/looks.h"

#include <algorithm>
#include <cmath>

#include "anebench/stats/thresholds.h"

namespace anebench::stats {

std::size_t next_look(std::size_t n) {
  const auto grown = static_cast<std::size_t>(std::ceil(static_cast<double>(n) * kLookGrowth));
  return std::max(grown, n + 1);
}

double relative_half_width(const Estimate& estimate) {
  if (!estimate.is_bounded() || !(estimate.value > 0)) {
    return std::numeric_limits<double>::infinity();
  }
  return std::max(estimate.high - estimate.value, estimate.value - estimate.low) / estimate.value;
}

bool is_narrow(const Estimate& estimate, double precision) {
  return relative_half_width(estimate) <= precision;
}

}  // namespace anebench::stats
