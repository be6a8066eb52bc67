#include "anebench/stats/trend.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "anebench/stats/quantile.h"
#include "anebench/stats/thresholds.h"

namespace anebench::stats {
namespace {

struct Point {
  double index;
  double value;
};

std::vector<Point> thinned(std::span<const double> values) {
  const std::size_t n = values.size();
  const std::size_t used = std::min(n, kTheilSenMaxSamples);
  std::vector<Point> points(used);
  for (std::size_t i = 0; i < used; ++i) {
    // First and last stay in.
    const std::size_t at = used == n ? i : i * (n - 1) / (used - 1);
    points[i] = {static_cast<double>(at), values[at]};
  }
  return points;
}

// Variance of Kendall's score, with the correction for equal values.
double score_variance(const std::vector<Point>& points) {
  const auto term = [](double k) { return k * (k - 1) * (2 * k + 5); };
  std::vector<double> values(points.size());
  std::transform(points.begin(), points.end(), values.begin(),
                 [](const Point& point) { return point.value; });
  std::sort(values.begin(), values.end());
  double sum = term(static_cast<double>(values.size()));
  for (auto run = values.begin(); run != values.end();) {
    const auto end = std::upper_bound(run, values.end(), *run);
    sum -= term(static_cast<double>(end - run));
    run = end;
  }
  return sum / 18;
}

using Position = std::vector<double>::iterator;

double nth(Position begin, Position nth, Position end) {
  std::nth_element(begin, nth, end);
  return *nth;
}

}  // namespace

Trend theil_sen(std::span<const double> values) {
  Trend trend;
  // A non-finite value has no slope (and would break the ordering).
  if (!std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); })) {
    return trend;
  }
  const std::vector<Point> points = thinned(values);
  trend.used = points.size();
  if (points.size() < 3) return trend;

  std::vector<double> slopes;
  slopes.reserve(points.size() * (points.size() - 1) / 2);
  for (std::size_t i = 0; i + 1 < points.size(); ++i) {
    for (std::size_t j = i + 1; j < points.size(); ++j) {
      slopes.push_back((points[j].value - points[i].value) / (points[j].index - points[i].index));
    }
  }
  const auto count = static_cast<std::int64_t>(slopes.size());
  const double reach = kNormalQuantile975 * std::sqrt(score_variance(points));
  const auto rank = [&](double position) {
    return static_cast<std::size_t>(
        std::clamp(std::llrint(position), 0LL, static_cast<long long>(count - 1)));
  };
  const auto pairs = static_cast<double>(count);
  const auto at = [&](std::size_t n) { return slopes.begin() + static_cast<std::ptrdiff_t>(n); };
  // The median parts the slopes, so that each end of the interval is sought in one half only.
  const std::size_t middle = slopes.size() / 2;
  const std::size_t low = std::min(rank(std::nearbyint((pairs - reach) / 2) - 1), middle);
  const std::size_t high = std::max(rank(std::nearbyint((pairs + reach) / 2)), middle);
  trend.slope.value = nth(slopes.begin(), at(middle), slopes.end());
  trend.slope.high = nth(at(middle), at(high), slopes.end());
  if (slopes.size() % 2 == 0) {
    const double below = *std::max_element(slopes.begin(), at(middle));
    trend.slope.value = (trend.slope.value + below) / 2;
  }
  trend.slope.low = nth(slopes.begin(), at(low), at(middle + 1));
  return trend;
}

double lag1_autocorrelation(std::span<const double> values) {
  if (values.size() < 3) return 0;
  const double centre = mean(values);
  double products = 0;
  double squares = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double deviation = values[i] - centre;
    squares += deviation * deviation;
    if (i + 1 < values.size()) products += deviation * (values[i + 1] - centre);
  }
  return squares > 0 && std::isfinite(squares) ? products / squares : 0;
}

}  // namespace anebench::stats
