#include "anebench/stats/looks.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "anebench/stats/thresholds.h"

namespace anebench::stats {
namespace {

TEST(Looks, FollowTheScheduleOfTheMonteCarloStudy) {
  std::vector<std::size_t> looks = {kFirstLookBlocks};
  while (looks.size() < 6) looks.push_back(next_look(looks.back()));
  EXPECT_EQ(looks, (std::vector<std::size_t>{12, 15, 19, 24, 30, 38}));
}

TEST(Looks, AlwaysMoveOn) {
  EXPECT_EQ(next_look(0), 1u);
  EXPECT_EQ(next_look(1), 2u);
}

TEST(Narrow, NeedsBothEndsNearTheValue) {
  EXPECT_TRUE(is_narrow({100, 99, 101}, 0.01));
  EXPECT_FALSE(is_narrow({100, 99.5, 101.1}, 0.01));
  EXPECT_FALSE(is_narrow({100, 98.9, 100.5}, 0.01));
}

TEST(Narrow, IsNeverTrueWithoutAnInterval) {
  EXPECT_FALSE(is_narrow(Estimate{.value = 5}, 1e300));
  EXPECT_FALSE(is_narrow({0, 0, 0}, 0.01));
  EXPECT_TRUE(std::isinf(relative_half_width(Estimate{})));
}

}  // namespace
}  // namespace anebench::stats
