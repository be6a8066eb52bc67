#include "anebench/stats/unpaired.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include "anebench/base/rng.h"
#include "anebench/stats/rank_interval.h"

namespace anebench::stats {
namespace {

std::vector<double> ramp(std::size_t count, double from) {
  std::vector<double> values(count);
  std::iota(values.begin(), values.end(), from);
  return values;
}

std::vector<double> noise(Rng& rng, std::size_t count, double median) {
  std::vector<double> values(count);
  for (double& value : values) value = median + 0.05 * rng.normal();
  return values;
}

TEST(MedianDifference, LiesBetweenTheFarEndsOfBothIntervals) {
  const auto a = ramp(30, 0);
  const auto b = ramp(20, 100);
  const Estimate left = median_estimate(a, 0.975);
  const Estimate right = median_estimate(b, 0.975);
  const Estimate difference = median_difference(a, b);
  EXPECT_EQ(difference.value, left.value - right.value);
  EXPECT_EQ(difference.low, left.low - right.high);
  EXPECT_EQ(difference.high, left.high - right.low);
}

TEST(MedianDifference, IsUnboundedWhereASampleIsTooSmall) {
  EXPECT_FALSE(median_difference(ramp(4, 0), ramp(30, 0)).is_bounded());
  EXPECT_FALSE(median_difference(ramp(30, 0), {}).is_bounded());
}

TEST(SeparationPValue, IsBelowAlphaExactlyWhereTheIntervalExcludesZero) {
  Rng rng(7);
  int excluded = 0;
  for (int i = 0; i < 300; ++i) {
    const auto a = noise(rng, 25, 0);
    const auto b = noise(rng, 40, 0.0002 * i);
    const bool excludes = !median_difference(a, b).contains(0);
    EXPECT_EQ(separation_p_value(a, b) <= 0.05, excludes);
    EXPECT_DOUBLE_EQ(separation_p_value(a, b), separation_p_value(b, a));
    excluded += excludes ? 1 : 0;
  }
  EXPECT_GT(excluded, 30);
  EXPECT_LT(excluded, 270);
}

TEST(SeparationPValue, OfSamplesThatDoNotOverlapIsThatOfTheirExtremes) {
  // Rank 1 of n = 10: each interval leaves 2 · 2^-10, so both together twice that.
  EXPECT_NEAR(separation_p_value(ramp(10, 0), ramp(10, 100)), 4 * std::pow(2.0, -10), 1e-6);
}

TEST(SeparationPValue, IsOneForEqualAndForEmptySamples) {
  EXPECT_EQ(separation_p_value(ramp(30, 0), ramp(30, 0)), 1);
  EXPECT_EQ(separation_p_value({}, ramp(30, 0)), 1);
}

TEST(SeparationPValue, KeepsTheRateOfFalseAlarmsAndFindsEffects) {
  constexpr int kRuns = 2000;
  int false_alarms = 0;
  int found = 0;
  for (int run = 0; run < kRuns; ++run) {
    Rng rng = Rng(11).fork(static_cast<std::uint64_t>(run));
    const auto a = noise(rng, 60, 1);
    false_alarms += separation_p_value(a, noise(rng, 60, 1)) <= 0.05 ? 1 : 0;
    found += separation_p_value(a, noise(rng, 60, 1.06)) <= 0.05 ? 1 : 0;
  }
  EXPECT_LE(false_alarms, kRuns / 20);
  EXPECT_GE(found, kRuns * 8 / 10);
}

}  // namespace
}  // namespace anebench::stats
