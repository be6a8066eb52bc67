#include "anebench/stats/proportion.h"

#include <gtest/gtest.h>

namespace anebench::stats {
namespace {

// The formula's values, from an independent evaluation.
TEST(Proportion, IsWilsonsInterval) {
  const Estimate rate = proportion(2, 100);
  EXPECT_DOUBLE_EQ(rate.value, 0.02);
  EXPECT_NEAR(rate.low, 0.0055023, 1e-6);
  EXPECT_NEAR(rate.high, 0.0700117, 1e-6);
}

TEST(Proportion, ReachesTheEndsAtNoneAndAll) {
  EXPECT_EQ(proportion(0, 20).low, 0);
  EXPECT_NEAR(proportion(0, 20).high, 0.161125, 1e-5);
  EXPECT_EQ(proportion(20, 20).high, 1);
  EXPECT_NEAR(proportion(20, 20).low, 1 - 0.161125, 1e-5);
}

TEST(Proportion, OfNoRunsIsUnknown) {
  const Estimate rate = proportion(0, 0);
  EXPECT_EQ(rate.low, 0);
  EXPECT_EQ(rate.high, 1);
}

}  // namespace
}  // namespace anebench::stats
