#include "anebench/measure/canary.h"

#include <gtest/gtest.h>

#include <array>

namespace anebench::measure {
namespace {

using Blocks = std::vector<std::size_t>;

TEST(FlagBlocks, FlagsBothSidesOfASlowCanary) {
  // Best 100; slow means a rate below 93 %, a time above 107.5.
  const std::array ns = {100.0, 107.0, 120.0, 101.0};
  EXPECT_EQ(flag_blocks(ns, Blocks{0, 1, 2, 3}), (Blocks{1, 2}));
}

TEST(FlagBlocks, FlagsEveryBlockBetweenTwoTimings) {
  EXPECT_EQ(flag_blocks(std::array{100.0, 150.0}, Blocks{0, 3}), (Blocks{0, 1, 2}));
}

TEST(FlagBlocks, WithoutTimingsThereIsNothingToFlag) {
  EXPECT_TRUE(flag_blocks({}, {}).empty());
  EXPECT_TRUE(flag_blocks(std::array{100.0}, {}).empty());
}

TEST(Canary, TakesAtMostATenthOfTheTime) {
  VirtualClock clock;
  Conditions conditions;
  const std::function<std::optional<double>()> hook = [&] {
    clock.advance(1000);
    return std::optional(1000.0);
  };
  Canary canary(hook, clock, conditions);
  canary.start();
  for (std::size_t block = 1; block <= 100; ++block) {
    clock.advance(1000);  // blocks as long as the canary
    canary.after_block(block);
  }
  canary.finish(100);
  EXPECT_EQ(conditions.canary_ns.size(), 11u);
  EXPECT_EQ(conditions.canary_blocks.back(), 100u);
}

TEST(Canary, ThatTellsNothingFlagsNothing) {
  VirtualClock clock;
  Conditions conditions;
  const std::function<std::optional<double>()> hook = [] { return std::optional<double>(); };
  Canary canary(hook, clock, conditions);
  canary.start();
  canary.after_block(1);
  canary.finish(1);
  EXPECT_TRUE(conditions.canary_ns.empty());
  EXPECT_TRUE(conditions.flagged_blocks.empty());
}

}  // namespace
}  // namespace anebench::measure
