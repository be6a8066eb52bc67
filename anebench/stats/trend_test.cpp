#include "anebench/stats/trend.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "anebench/base/rng.h"
#include "anebench/stats/thresholds.h"

namespace anebench::stats {
namespace {

std::vector<double> line(std::size_t n, double slope) {
  std::vector<double> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = 100 + slope * static_cast<double>(i);
  return values;
}

TEST(TheilSen, FindsALineExactly) {
  const Trend trend = theil_sen(line(20, 0.5));
  EXPECT_DOUBLE_EQ(trend.slope.value, 0.5);
  EXPECT_TRUE(trend.excludes_zero());
}

TEST(TheilSen, FindsNoTrendInAConstant) {
  const Trend trend = theil_sen(std::vector<double>(50, 3.0));
  EXPECT_EQ(trend.slope.value, 0);
  EXPECT_FALSE(trend.excludes_zero());
}

TEST(TheilSen, IsUnboundedBelowThreeSamplesAndForNonFiniteOnes) {
  EXPECT_FALSE(theil_sen({}).excludes_zero());
  EXPECT_FALSE(theil_sen(std::vector<double>{1, 2}).slope.is_bounded());
  EXPECT_FALSE(theil_sen(std::vector<double>{1, 2, std::numeric_limits<double>::quiet_NaN(), 4})
                   .excludes_zero());
}

TEST(TheilSen, AQuarterOfWildValuesDoesNotMoveTheSlope) {
  std::vector<double> values = line(40, 1.0);
  for (std::size_t i = 0; i < values.size(); i += 4) values[i] = 1000;
  EXPECT_NEAR(theil_sen(values).slope.value, 1.0, 0.2);
}

TEST(TheilSen, ThinsLongSeriesAndSaysSo) {
  const std::size_t n = 5 * kTheilSenMaxSamples + 3;
  const Trend trend = theil_sen(line(n, 0.25));
  EXPECT_EQ(trend.used, kTheilSenMaxSamples);
  EXPECT_NEAR(trend.slope.value, 0.25, 1e-12);
}

TEST(TheilSen, RaisesAFalseAlarmInAboutOneOfTwentyRuns) {
  Rng rng(11);
  int alarms = 0;
  constexpr int kRuns = 2000;
  for (int run = 0; run < kRuns; ++run) {
    std::vector<double> values(30);
    for (double& value : values) value = rng.normal();
    alarms += theil_sen(values).excludes_zero() ? 1 : 0;
  }
  EXPECT_GT(alarms, kRuns * 3 / 100);
  EXPECT_LT(alarms, kRuns * 7 / 100);
}

TEST(Lag1Autocorrelation, OfAnAlternatingSeriesIsNearMinusOne) {
  std::vector<double> values;
  for (int i = 0; i < 100; ++i) values.push_back(i % 2);
  EXPECT_NEAR(lag1_autocorrelation(values), -0.99, 1e-9);
}

TEST(Lag1Autocorrelation, OfConstantsAndTinySamplesIsZero) {
  EXPECT_EQ(lag1_autocorrelation(std::vector<double>(10, 4.0)), 0);
  EXPECT_EQ(lag1_autocorrelation(std::vector<double>{1, 2}), 0);
}

}  // namespace
}  // namespace anebench::stats
