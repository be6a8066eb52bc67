#include "anebench/measure/stop_rule.h"

#include <gtest/gtest.h>

#include <vector>

namespace anebench::measure {
namespace {

using Decision = StopRule::Decision;

constexpr auto kNarrow = [] { return stats::Estimate{100, 99.9, 100.1}; };
constexpr auto kWide = [] { return stats::Estimate{100, 90, 110}; };

Plan plan_without_min_time() {
  Plan plan;
  plan.min_seconds = 0;
  return plan;
}

TEST(StopRule, NeverStopsBeforeMinSamples) {
  Plan plan = plan_without_min_time();
  plan.min_samples = 40;
  StopRule rule(plan, 12, 2);
  for (std::size_t units = 1; units < 20; ++units) {
    EXPECT_EQ(rule.after(units, {}, kNarrow), Decision::go_on) << units;
  }
  EXPECT_EQ(rule.after(20, {}, kNarrow), Decision::done);
}

TEST(StopRule, LooksOnlyOnTheSchedule) {
  const Plan plan = plan_without_min_time();
  StopRule rule(plan, 12, 2);
  std::vector<std::size_t> looks;
  for (std::size_t units = 1; units <= 30; ++units) {
    rule.after(units, {}, [&] {
      looks.push_back(units);
      return kWide();
    });
  }
  EXPECT_EQ(looks, (std::vector<std::size_t>{12, 15, 19, 24, 30}));
}

TEST(StopRule, GoesOnUntilTheMinimumTime) {
  Plan plan;
  plan.min_seconds = 1;
  StopRule rule(plan, 12, 2);
  EXPECT_EQ(rule.after(12, {.sampling_seconds = 0.9}, kNarrow), Decision::go_on);
  EXPECT_EQ(rule.after(15, {.sampling_seconds = 1.1}, kNarrow), Decision::done);
}

TEST(StopRule, DoesNotBeginAUnitThatWouldEndTooLate) {
  Plan plan = plan_without_min_time();
  plan.max_seconds = 10;
  StopRule rule(plan, 12, 2);
  EXPECT_EQ(rule.after(1, {.total_seconds = 5, .last_unit_seconds = 4}, kWide), Decision::go_on);
  EXPECT_EQ(rule.after(2, {.total_seconds = 7, .last_unit_seconds = 4}, kWide),
            Decision::exhausted);
}

TEST(StopRule, TakesExactlyTheSamplesAskedForInWholeUnits) {
  Plan plan = plan_without_min_time();
  plan.samples = 5;
  StopRule rule(plan, 12, 2);
  EXPECT_EQ(rule.after(1, {}, kNarrow), Decision::go_on);
  EXPECT_EQ(rule.after(2, {}, kNarrow), Decision::go_on);
  EXPECT_EQ(rule.after(3, {}, kWide), Decision::done);
}

TEST(StopRule, TheTimeLimitHoldsForFixedCountsToo) {
  Plan plan = plan_without_min_time();
  plan.samples = 1000;
  StopRule rule(plan, 12, 2);
  EXPECT_EQ(rule.after(1, {.total_seconds = 1e6}, kWide), Decision::exhausted);
}

TEST(StopRule, EndsAtTheLimitOfMemory) {
  const Plan plan = plan_without_min_time();
  StopRule rule(plan, 12, 2);
  EXPECT_EQ(rule.after(stats::kMaxSamples / 2, {}, kWide), Decision::exhausted);
}

TEST(StopRule, ExpectsTimeByTheWidthOfTheInterval) {
  Plan plan = plan_without_min_time();
  StopRule rule(plan, 12, 2);
  // ±10 % wide and ±1 % asked: a hundred times the blocks.
  rule.after(12, {.sampling_seconds = 0.012}, kWide);
  EXPECT_NEAR(rule.seconds_left(12, {.sampling_seconds = 0.012}), 1.2 - 0.012, 1e-9);
  // Never beyond the limit.
  EXPECT_DOUBLE_EQ(rule.seconds_left(12, {.sampling_seconds = 12, .total_seconds = 100}), 20);
}

}  // namespace
}  // namespace anebench::measure
