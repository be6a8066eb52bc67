#include "anebench/stats/holm.h"

#include <gtest/gtest.h>

#include <cmath>

namespace anebench::stats {
namespace {

TEST(Holm, OfOneTestChangesNothing) {
  EXPECT_EQ(holm_adjusted(std::vector<double>{0.04}), std::vector<double>{0.04});
}

TEST(Holm, StopsAtTheFirstTestThatIsNotRejected) {
  // 0.01 <= 0.05/3 is rejected; 0.03 > 0.05/2 is not, so 0.04 <= 0.05/1 is not either.
  const std::vector<double> p_values = {0.04, 0.01, 0.03};
  EXPECT_EQ(holm_rejected(p_values), (std::vector<bool>{false, true, false}));
}

TEST(Holm, TakesNaNForOne) {
  const std::vector<double> p_values = {std::nan(""), 0.01};
  EXPECT_EQ(holm_adjusted(p_values), (std::vector<double>{1, 0.02}));
}

TEST(Holm, OfNothingIsNothing) { EXPECT_TRUE(holm_adjusted({}).empty()); }

}  // namespace
}  // namespace anebench::stats
