#include "anebench/stats/rank_interval.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "anebench/base/rng.h"

namespace anebench::stats {
namespace {

TEST(FairBinomial, IsExactWhereItCanBeCounted) {
  EXPECT_DOUBLE_EQ(fair_binomial_cdf(0, 3), 1.0 / 8);
  EXPECT_DOUBLE_EQ(fair_binomial_cdf(1, 3), 4.0 / 8);
  EXPECT_DOUBLE_EQ(fair_binomial_cdf(2, 3), 7.0 / 8);
  EXPECT_EQ(fair_binomial_cdf(3, 3), 1);
  EXPECT_EQ(fair_binomial_cdf(0, 0), 1);
}

TEST(FairBinomial, DoesNotUnderflowForLargeSamples) {
  EXPECT_NEAR(fair_binomial_cdf(500'000, 1'000'000), 0.5 + 0.5 * 7.978845e-4, 1e-9);
  EXPECT_EQ(fair_binomial_cdf(1, 1'000'000), 0);
}

TEST(MedianRank, LeavesOutTwoValuesAtEitherEndOfTwelve) { EXPECT_EQ(median_rank(12), 3u); }

TEST(MedianRank, NeedsSixValuesFor95Percent) {
  EXPECT_EQ(median_rank(5), 0u);
  EXPECT_EQ(median_rank(6), 1u);
}

TEST(MedianRank, OfNothingOrAnImpossibleLevelIsZero) {
  EXPECT_EQ(median_rank(0), 0u);
  EXPECT_EQ(median_rank(100, 1.0), 0u);
  EXPECT_EQ(median_rank(100, 0.0), 0u);
  EXPECT_EQ(median_rank(100, std::nan("")), 0u);
}

// The definition, checked by its own formula: l fits and l + 1 does not.
TEST(MedianRank, IsTheLargestThatHoldsItsLevel) {
  for (std::size_t n = 6; n < 400; n += 7) {
    for (const double level : {0.95, simultaneous_level(24)}) {
      const std::size_t rank = median_rank(n, level);
      if (rank > 0) {
        EXPECT_LE(fair_binomial_cdf(rank - 1, n), (1 - level) / 2) << n;
      }
      EXPECT_GT(fair_binomial_cdf(rank, n), (1 - level) / 2) << n;
    }
  }
}

TEST(MedianEstimate, IsUnboundedBelowTheSmallestSample) {
  const Estimate estimate = median_estimate(std::vector<double>{1, 2, 3, 4, 5});
  EXPECT_EQ(estimate.value, 3);
  EXPECT_FALSE(estimate.is_bounded());
  EXPECT_TRUE(estimate.contains(1e300));
}

TEST(MedianEstimate, OfEqualValuesHasNoWidth) {
  const Estimate estimate = median_estimate(std::vector<double>(12, 2.5));
  EXPECT_EQ(estimate.low, 2.5);
  EXPECT_EQ(estimate.high, 2.5);
}

TEST(SignTest, RejectsExactlyWhereTheIntervalExcludesZero) {
  Rng rng(7);
  int rejected = 0;
  for (int run = 0; run < 2000; ++run) {
    std::vector<double> values(12 + static_cast<std::size_t>(run) % 30);
    for (double& value : values) value = rng.normal() + 0.4;
    if (run % 5 == 0) values[0] = 0;
    const bool rejects = sign_test(values) <= 0.05;
    EXPECT_EQ(rejects, !median_estimate(values).contains(0));
    rejected += rejects ? 1 : 0;
  }
  EXPECT_GT(rejected, 300);
  EXPECT_LT(rejected, 1900);
}

TEST(SignTest, OfNothingIsOne) { EXPECT_EQ(sign_test({}), 1); }

TEST(SimultaneousLevel, SharesTheErrorOut) {
  EXPECT_DOUBLE_EQ(simultaneous_level(1), 0.95);
  EXPECT_DOUBLE_EQ(simultaneous_level(5), 0.99);
  EXPECT_DOUBLE_EQ(simultaneous_level(0), 0.95);
}

}  // namespace
}  // namespace anebench::stats
