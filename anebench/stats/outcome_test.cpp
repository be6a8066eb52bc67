#include "anebench/stats/outcome.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace anebench::stats {
namespace {

TEST(Outcome, MistrustComesFirst) {
  const Judgement judged = judge({2, 1.9, 2.1}, "core_contended");
  EXPECT_EQ(judged.outcome, Outcome::mistrusted);
  EXPECT_EQ(judged.reason, "core_contended");
}

TEST(Outcome, SameComesBeforeFasterEvenIfOneIsExcluded) {
  const Judgement judged = judge({1.01, 1.005, 1.015});
  EXPECT_EQ(judged.outcome, Outcome::same);
  EXPECT_EQ(judged.reason, kInsideMargin);
}

TEST(Outcome, FasterWhereTheBaselineTakesLonger) {
  EXPECT_EQ(judge({1.5, 1.4, 1.6}).outcome, Outcome::faster);
  EXPECT_EQ(judge({1.03, 1.001, 1.06}).outcome, Outcome::faster);
}

TEST(Outcome, SlowerWhereTheBaselineTakesLess) {
  const Judgement judged = judge({0.7, 0.65, 0.75});
  EXPECT_EQ(judged.outcome, Outcome::slower);
  EXPECT_EQ(judged.reason, kExcludesOne);
}

TEST(Outcome, InconclusiveWhereTheIntervalHoldsOneAndIsWide) {
  const Judgement judged = judge({1.02, 0.99, 1.05});
  EXPECT_EQ(judged.outcome, Outcome::inconclusive);
  EXPECT_EQ(judged.reason, kContainsOne);
}

TEST(Outcome, InconclusiveWithoutAnInterval) {
  EXPECT_EQ(judge(Estimate{.value = 3}).reason, kTooFewBlocks);
  // What ratio_estimate gives for too few blocks.
  EXPECT_EQ(judge({3, 0, std::numeric_limits<double>::infinity()}).reason, kTooFewBlocks);
}

TEST(Outcome, MarginIsSymmetricUnderSwappingTheTwo) {
  EXPECT_EQ(judge({1.01, 1 / 1.0199, 1.0199}).outcome, Outcome::same);
  EXPECT_NE(judge({1.01, 1 / 1.0201, 1.01}).outcome, Outcome::same);
  EXPECT_EQ(judge({1.05, 1.04, 1.06}, {}, 0.1).outcome, Outcome::same);
}

TEST(Outcome, TogetherOnlyWhatHolmRejectsStays) {
  std::vector<Judgement> judged = {judge({1.5, 1.4, 1.6}), judge({0.9, 0.8, 0.99}),
                                   judge({1, 0.999, 1.001})};
  correct_together(judged, std::array{0.001, 0.04, 0.9});
  EXPECT_EQ(judged[0].outcome, Outcome::faster);
  EXPECT_EQ(judged[1].outcome, Outcome::inconclusive);
  EXPECT_EQ(judged[1].reason, kNotSignificantTogether);
  EXPECT_EQ(judged[2].outcome, Outcome::same);
}

TEST(Outcome, TogetherWithMismatchedTestsNothingChanges) {
  std::vector<Judgement> judged = {judge({1.5, 1.4, 1.6})};
  correct_together(judged, {});
  EXPECT_EQ(judged[0].outcome, Outcome::faster);
}

TEST(Outcome, NamesAreThoseOfTheRecords) {
  EXPECT_EQ(to_string(Outcome::mistrusted), "mistrusted");
  EXPECT_EQ(to_string(Outcome::inconclusive), "inconclusive");
}

}  // namespace
}  // namespace anebench::stats
