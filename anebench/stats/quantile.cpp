#include "anebench/stats/quantile.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "anebench/stats/thresholds.h"

namespace anebench::stats {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// A strict weak order in the presence of NaNs, which come last.
bool less(double a, double b) { return a < b || (std::isnan(b) && !std::isnan(a)); }

}  // namespace

std::vector<double> sorted(std::span<const double> values) {
  std::vector<double> copy(values.begin(), values.end());
  std::sort(copy.begin(), copy.end(), less);
  return copy;
}

double mean(std::span<const double> values) {
  if (values.empty()) return kNaN;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double median(std::span<const double> values) { return quantile(values, 0.5); }

double quantile_of_sorted(std::span<const double> ascending, double p) {
  if (ascending.empty() || !(p >= 0 && p <= 1)) return kNaN;
  const double position = p * static_cast<double>(ascending.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  if (below + 1 >= ascending.size()) return ascending.back();
  const double share = position - static_cast<double>(below);
  if (share == 0) return ascending[below];  // also keeps infinities from meeting 0 * inf
  return ascending[below] + share * (ascending[below + 1] - ascending[below]);
}

double quantile(std::span<const double> values, double p) {
  return quantile_of_sorted(sorted(values), p);
}

std::optional<double> tail_quantile(std::span<const double> values, Tail tail) {
  const bool is_p90 = tail == Tail::p90;
  if (values.size() < (is_p90 ? kP90MinSamples : kP99MinSamples)) return std::nullopt;
  return quantile(values, is_p90 ? 0.90 : 0.99);
}

std::size_t count_outliers(std::span<const double> values) {
  if (values.size() < 4) return 0;
  const std::vector<double> ascending = sorted(values);
  const double q1 = quantile_of_sorted(ascending, 0.25);
  const double q3 = quantile_of_sorted(ascending, 0.75);
  const double reach = kTukeyFence * (q3 - q1);
  return static_cast<std::size_t>(std::count_if(values.begin(), values.end(), [&](double value) {
    return value < q1 - reach || value > q3 + reach;
  }));
}

}  // namespace anebench::stats
