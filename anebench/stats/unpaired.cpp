#include "anebench/stats/unpaired.h"

#include <cmath>
#include <cstddef>
#include <vector>

#include "anebench/stats/quantile.h"
#include "anebench/stats/rank_interval.h"

namespace anebench::stats {
namespace {

constexpr double kSmallestAlpha = 1e-15;
// Halvings of the logarithm's range: alpha to better than a millionth.
constexpr int kHalvings = 40;

}  // namespace

Estimate difference_of(const Estimate& a, const Estimate& b) {
  Estimate difference;
  difference.value = a.value - b.value;
  if (a.is_bounded() && b.is_bounded()) {
    difference.low = a.low - b.high;
    difference.high = a.high - b.low;
  }
  return difference;
}

Estimate median_difference(std::span<const double> a, std::span<const double> b, double level) {
  const double each = 1 - (1 - level) / 2;
  return difference_of(median_estimate(a, each), median_estimate(b, each));
}

double separation_p_value(std::span<const double> a, std::span<const double> b) {
  const std::vector<double> sorted_a = sorted(a);
  const std::vector<double> sorted_b = sorted(b);
  const auto is_separated = [&](double alpha) {
    const std::size_t rank_a = median_rank(sorted_a.size(), 1 - alpha / 2);
    const std::size_t rank_b = median_rank(sorted_b.size(), 1 - alpha / 2);
    if (rank_a == 0 || rank_b == 0) return false;
    return sorted_a[rank_a - 1] > sorted_b[sorted_b.size() - rank_b] ||
           sorted_a[sorted_a.size() - rank_a] < sorted_b[rank_b - 1];
  };
  if (!is_separated(1)) return 1;
  if (is_separated(kSmallestAlpha)) return kSmallestAlpha;
  // Intervals shrink as alpha grows, so there is one place where they part.
  double low = std::log(kSmallestAlpha);
  double high = 0;
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = (low + high) / 2;
    (is_separated(std::exp(middle)) ? high : low) = middle;
  }
  return std::exp(high);
}

}  // namespace anebench::stats
