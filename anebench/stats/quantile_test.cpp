#include "anebench/stats/quantile.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "anebench/stats/thresholds.h"

namespace anebench::stats {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(Quantile, OfNothingIsNaN) {
  EXPECT_TRUE(std::isnan(median({})));
  EXPECT_TRUE(std::isnan(mean({})));
}

TEST(Quantile, OfAnImpossibleProbabilityIsNaN) {
  const std::vector<double> values = {1, 2, 3};
  EXPECT_TRUE(std::isnan(quantile(values, -0.1)));
  EXPECT_TRUE(std::isnan(quantile(values, 1.1)));
  EXPECT_TRUE(std::isnan(quantile(values, kNaN)));
}

TEST(Quantile, MedianOfAnEvenCountIsTheMiddleOfTwo) {
  EXPECT_EQ(median(std::vector<double>{4, 1, 3, 2}), 2.5);
}

TEST(Quantile, NaNsSortLast) {
  const std::vector<double> ascending = sorted(std::vector<double>{kNaN, 2, kNaN, 1});
  EXPECT_EQ(ascending[0], 1);
  EXPECT_EQ(ascending[1], 2);
  EXPECT_TRUE(std::isnan(ascending[2]));
}

TEST(Quantile, AnInfiniteValueDoesNotSpoilTheOthers) {
  EXPECT_EQ(median(std::vector<double>{1, 2, kInfinity}), 2);
}

TEST(TailQuantile, IsGivenOnlyFromTheSizeThatBoundsTheTail) {
  const std::vector<double> values(kP99MinSamples, 1.0);
  const std::span<const double> all(values);
  EXPECT_FALSE(tail_quantile(all.first(kP90MinSamples - 1), Tail::p90));
  EXPECT_TRUE(tail_quantile(all.first(kP90MinSamples), Tail::p90));
  EXPECT_FALSE(tail_quantile(all.first(kP99MinSamples - 1), Tail::p99));
  EXPECT_TRUE(tail_quantile(all, Tail::p99));
}

// The rule behind the two constants: the second largest value lies above the quantile with 99 %.
TEST(TailQuantile, SizesAreTheSmallestThatBoundTheTailAt99Percent) {
  const auto second_largest_below = [](double q, std::size_t n) {
    const auto size = static_cast<double>(n);
    return std::pow(q, size) + size * (1 - q) * std::pow(q, size - 1);
  };
  EXPECT_LE(second_largest_below(0.90, kP90MinSamples), 0.01);
  EXPECT_GT(second_largest_below(0.90, kP90MinSamples - 1), 0.01);
  EXPECT_LE(second_largest_below(0.99, kP99MinSamples), 0.01);
  EXPECT_GT(second_largest_below(0.99, kP99MinSamples - 1), 0.01);
}

TEST(Outliers, AreCountedOnBothSides) {
  std::vector<double> values(20, 10.0);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] += 0.01 * static_cast<double>(i);
  EXPECT_EQ(count_outliers(values), 0u);
  values.push_back(30);
  values.push_back(1);
  EXPECT_EQ(count_outliers(values), 2u);
}

TEST(Outliers, NeedFourValues) { EXPECT_EQ(count_outliers(std::vector<double>{1, 1, 99}), 0u); }

}  // namespace
}  // namespace anebench::stats
