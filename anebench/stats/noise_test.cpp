#include "anebench/stats/noise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "anebench/stats/quantile.h"
#include "anebench/stats/trend.h"

namespace anebench::stats {
namespace {

std::vector<double> draw(NoiseKind kind, std::size_t n) {
  NoiseSource noise(kind, Rng(3));
  std::vector<double> values(n);
  for (double& value : values) value = noise.next();
  return values;
}

double deviation(const std::vector<double>& values) {
  const double centre = mean(values);
  double squares = 0;
  for (const double value : values) squares += (value - centre) * (value - centre);
  return std::sqrt(squares / static_cast<double>(values.size()));
}

TEST(Noise, IsTheSameForTheSameSeed) {
  for (const NoiseKind kind : kAllNoises) EXPECT_EQ(draw(kind, 50), draw(kind, 50));
}

TEST(Noise, IndependentKindsHaveTheirMedian) {
  for (const NoiseKind kind : {NoiseKind::normal, NoiseKind::lognormal, NoiseKind::bimodal}) {
    const auto values = draw(kind, 100'000);
    EXPECT_NEAR(median(values), NoiseSource::median(kind), 1e-3) << to_string(kind);
    EXPECT_LT(std::abs(lag1_autocorrelation(values)), 0.02) << to_string(kind);
  }
}

TEST(Noise, GaussianKindsSpreadByFivePercent) {
  for (const NoiseKind kind :
       {NoiseKind::normal, NoiseKind::lognormal, NoiseKind::ar80, NoiseKind::ar95}) {
    EXPECT_NEAR(deviation(draw(kind, 200'000)), 0.05, 0.003) << to_string(kind);
  }
}

TEST(Noise, AutoregressiveKindsRememberAsMuchAsTheirNamesSay) {
  EXPECT_NEAR(lag1_autocorrelation(draw(NoiseKind::ar80, 100'000)), 0.80, 0.01);
  EXPECT_NEAR(lag1_autocorrelation(draw(NoiseKind::ar95, 100'000)), 0.95, 0.01);
}

TEST(Noise, DriftEndsTwentyPercentHigher) {
  const auto values = draw(NoiseKind::drift, 4000);
  const std::span<const double> all(values);
  EXPECT_NEAR(median(all.last(500)) / median(all.first(10)), 1.2, 0.02);
}

TEST(Noise, BurstsLastFiveToThirtySamplesAThirdOfTheTime) {
  const auto values = draw(NoiseKind::bursts, 100'000);
  std::size_t slow = 0;
  std::size_t run = 0;
  std::size_t shortest = values.size();
  std::size_t longest = 0;
  bool is_first = true;  // may be cut by the start
  for (const double value : values) {
    if (value > 1.15) {
      ++slow;
      ++run;
    } else if (run > 0) {
      if (!is_first) shortest = std::min(shortest, run);
      longest = std::max(longest, run);
      run = 0;
      is_first = false;
    }
  }
  EXPECT_EQ(shortest, 5u);
  EXPECT_EQ(longest, 30u);
  EXPECT_NEAR(static_cast<double>(slow) / 1e5, 1.0 / 3, 0.02);
}

TEST(Noise, NoneIsOne) { EXPECT_EQ(draw(NoiseKind::none, 3), (std::vector<double>{1, 1, 1})); }

}  // namespace
}  // namespace anebench::stats
