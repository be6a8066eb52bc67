#include "anebench/stats/paired.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace anebench::stats {
namespace {

TEST(Block, OrdersSayWhoseSampleEachIs) {
  const auto row = [](BlockOrder order) {
    std::string text;
    for (std::size_t i = 0; i < 4; ++i) text += is_a(order, i) ? 'A' : 'B';
    return text;
  };
  EXPECT_EQ(row(BlockOrder::abba), to_string(BlockOrder::abba));
  EXPECT_EQ(row(BlockOrder::baab), to_string(BlockOrder::baab));
}

TEST(Block, LogRatioIsOfTheMeansAndDoesNotDependOnTheOrder) {
  EXPECT_DOUBLE_EQ(log_ratio(BlockOrder::abba, {3, 1, 2, 5}), std::log(4.0 / 1.5));
  EXPECT_DOUBLE_EQ(log_ratio(BlockOrder::baab, {1, 3, 5, 2}), std::log(4.0 / 1.5));
}

TEST(Block, ALinearDriftCancels) {
  EXPECT_NEAR(log_ratio(BlockOrder::abba, {10, 11, 12, 13}), 0, 1e-15);
  EXPECT_NEAR(log_ratio(BlockOrder::baab, {10, 11, 12, 13}), 0, 1e-15);
}

TEST(Block, BothOrdersAreDrawnBySeed) {
  Rng first(5);
  Rng second(5);
  int abba = 0;
  for (int i = 0; i < 1000; ++i) {
    const BlockOrder order = draw_block_order(first);
    EXPECT_EQ(order, draw_block_order(second));
    abba += order == BlockOrder::abba ? 1 : 0;
  }
  EXPECT_NEAR(abba, 500, 80);
}

TEST(RatioEstimate, IsTheExponentialOfTheMedianAndItsRanks) {
  std::vector<double> d(12);
  for (std::size_t i = 0; i < d.size(); ++i) d[i] = 0.01 * static_cast<double>(i);
  const Estimate ratio = ratio_estimate(d);
  EXPECT_DOUBLE_EQ(ratio.value, std::exp(0.055));
  EXPECT_DOUBLE_EQ(ratio.low, std::exp(0.02));
  EXPECT_DOUBLE_EQ(ratio.high, std::exp(0.09));
}

TEST(RatioEstimate, OfTooFewBlocksHasNoInterval) {
  const Estimate ratio = ratio_estimate(std::vector<double>{0.1, 0.1, 0.1});
  EXPECT_DOUBLE_EQ(ratio.value, std::exp(0.1));
  EXPECT_EQ(ratio.low, 0);
  EXPECT_FALSE(ratio.is_bounded());
}

}  // namespace
}  // namespace anebench::stats
