#include "anebench/stats/proportion.h"

#include <algorithm>
#include <cmath>

#include "anebench/stats/thresholds.h"

namespace anebench::stats {

Estimate proportion(std::size_t successes, std::size_t runs) {
  if (runs == 0) return {.low = 0, .high = 1};
  const auto n = static_cast<double>(runs);
  const double share = static_cast<double>(successes) / n;
  const double z2 = kNormalQuantile975 * kNormalQuantile975;
  const double center = (share + z2 / (2 * n)) / (1 + z2 / n);
  const double half =
      kNormalQuantile975 / (1 + z2 / n) * std::sqrt(share * (1 - share) / n + z2 / (4 * n * n));
  // At the ends the interval reaches the share itself; rounding must not take that away.
  return {share, successes == 0 ? 0 : std::max(center - half, 0.0),
          successes == runs ? 1 : std::min(center + half, 1.0)};
}

}  // namespace anebench::stats
