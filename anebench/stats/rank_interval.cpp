#include "anebench/stats/rank_interval.h"

#include <algorithm>
#include <vector>

#include "anebench/stats/quantile.h"

namespace anebench::stats {
namespace {

// The lower half of Bin(n, 1/2) as running sums: sums[i] = P(X <= first + i). Terms are scaled from
// the mode downwards and normalised by their own total, which neither underflows nor needs
// logarithms; those below 1e-25 of the mode are left out.
struct LowerHalf {
  std::size_t first = 0;
  std::vector<double> sums;
};

LowerHalf lower_half(std::size_t n) {
  const std::size_t mode = n / 2;
  std::vector<double> terms;  // from the mode downwards
  double term = 1;
  for (std::size_t k = mode;; --k) {
    terms.push_back(term);
    if (k == 0) break;
    term *= static_cast<double>(k) / static_cast<double>(n - k + 1);
    if (term < 1e-25) break;
  }
  std::reverse(terms.begin(), terms.end());
  double total = 0;
  for (double& t : terms) {
    total += t;
    t = total;
  }
  // An odd n has two equal modes, an even one has its mode once.
  const double all = n % 2 == 1 ? 2 * total : 2 * total - 1;
  for (double& t : terms) t /= all;
  return {mode + 1 - terms.size(), std::move(terms)};
}

}  // namespace

double fair_binomial_cdf(std::size_t k, std::size_t n) {
  if (k >= n) return 1;
  if (k > n / 2) return 1 - fair_binomial_cdf(n - k - 1, n);
  const LowerHalf half = lower_half(n);
  return k < half.first ? 0 : half.sums[k - half.first];
}

std::size_t median_rank(std::size_t n, double level) {
  if (n == 0 || !(level > 0 && level < 1)) return 0;
  const double tail = (1 - level) / 2;
  const LowerHalf half = lower_half(n);
  const auto above = std::upper_bound(half.sums.begin(), half.sums.end(), tail);
  const auto fitting = static_cast<std::size_t>(above - half.sums.begin());
  return fitting == 0 ? half.first : std::min(half.first + fitting, (n + 1) / 2);
}

Estimate median_estimate(std::span<const double> values, double level) {
  const std::vector<double> ascending = sorted(values);
  Estimate estimate;
  estimate.value = quantile_of_sorted(ascending, 0.5);
  if (const std::size_t rank = median_rank(ascending.size(), level); rank > 0) {
    estimate.low = ascending[rank - 1];
    estimate.high = ascending[ascending.size() - rank];
  }
  return estimate;
}

double sign_test(std::span<const double> values) {
  if (values.empty()) return 1;
  // Zeros count against either side, as they do in the interval.
  const auto not_above =
      std::count_if(values.begin(), values.end(), [](double v) { return !(v > 0); });
  const auto not_below =
      std::count_if(values.begin(), values.end(), [](double v) { return !(v < 0); });
  const auto fewest = static_cast<std::size_t>(std::min(not_above, not_below));
  return std::min(1.0, 2 * fair_binomial_cdf(fewest, values.size()));
}

double simultaneous_level(std::size_t comparisons) {
  return 1 - (1 - kConfidence) / static_cast<double>(std::max<std::size_t>(comparisons, 1));
}

}  // namespace anebench::stats
