#include "anebench/experiments/step_times.h"

#include <gtest/gtest.h>

#include <limits>

namespace anebench::experiments {
namespace {

// An evaluation of two steps with 5 ns before, between and after.
void evaluate_two_steps(VirtualClock& clock, StepTimes& times, std::int64_t first,
                        std::int64_t second) {
  times.begin();
  for (const std::int64_t duration : {first, second}) {
    clock.advance(5);
    const std::int64_t start = clock.now_ns();
    clock.advance(duration);
    times.on_step(duration == first ? 0 : 1, start, clock.now_ns());
  }
  clock.advance(5);
  times.end();
}

TEST(StepTimes, GivesEachStepsMedianWithItsInterval) {
  VirtualClock clock;
  StepTimes times(2, clock);
  for (std::int64_t i = 0; i < 9; ++i) evaluate_two_steps(clock, times, 100 + i, 1000);
  const StepSummary summary = times.summary(9);
  EXPECT_EQ(summary.evaluations, 9u);
  EXPECT_EQ(summary.steps[0].value, 104);
  EXPECT_LT(summary.steps[0].low, 104);
  EXPECT_GT(summary.steps[0].high, 104);
  EXPECT_EQ(summary.steps[1].value, 1000);
}

TEST(StepTimes, LeavesOutEarlierEvaluations) {
  VirtualClock clock;
  StepTimes times(2, clock);
  for (int i = 0; i < 10; ++i) evaluate_two_steps(clock, times, 900, 1000);
  for (int i = 0; i < 5; ++i) evaluate_two_steps(clock, times, 100, 1000);
  const StepSummary summary = times.summary(5);
  EXPECT_EQ(summary.evaluations, 5u);
  EXPECT_EQ(summary.steps[0].value, 100);
  EXPECT_EQ(summary.steps[0].low, -std::numeric_limits<double>::infinity())
      << "five are too few for an interval";
}

TEST(StepTimes, ShowsTheEvaluationOfMedianLength) {
  VirtualClock clock;
  StepTimes times(2, clock);
  for (const std::int64_t first : {300, 100, 200}) {
    evaluate_two_steps(clock, times, first, 1000);
  }
  const StepSummary summary = times.summary(3);
  EXPECT_EQ(summary.shown_ns, 5 + 200 + 5 + 1000 + 5);
  EXPECT_EQ(summary.shown_steps[0].start_ns, 5);
  EXPECT_EQ(summary.shown_steps[0].duration_ns, 200);
  EXPECT_EQ(summary.shown_steps[1].start_ns, 210);
}

TEST(StepTimes, AStepThatRepeatsCountsWithItsSum) {
  VirtualClock clock;
  StepTimes times(1, clock);
  times.begin();
  times.on_step(0, 10, 30);
  times.on_step(0, 40, 50);
  times.end();
  const StepSummary summary = times.summary(1);
  EXPECT_EQ(summary.steps[0].value, 30);
  EXPECT_EQ(summary.shown_steps[0].start_ns, 10);
}

TEST(StepTimes, AnEvaluationThatFailedDoesNotCount) {
  VirtualClock clock;
  StepTimes times(2, clock);
  times.begin();
  times.on_step(0, 0, 100000);
  evaluate_two_steps(clock, times, 100, 1000);
  const StepSummary summary = times.summary(10);
  EXPECT_EQ(summary.evaluations, 1u);
  EXPECT_EQ(summary.steps[0].value, 100);
}

TEST(StepTimes, OfVeryManyEvaluationsEvenlySpreadOnesAreKept) {
  VirtualClock clock;
  StepTimes times(2, clock);
  constexpr std::int64_t kMany = 100000;
  for (std::int64_t i = 0; i < kMany; ++i) evaluate_two_steps(clock, times, 1 + i, 2 * kMany);
  const StepSummary summary = times.summary(kMany);
  EXPECT_GT(summary.evaluations, 1000u);
  EXPECT_LT(summary.evaluations, 5000u);
  EXPECT_NEAR(summary.steps[0].value, kMany / 2.0, kMany / 1000.0);
}

TEST(StepTimes, WithoutEvaluationsThereIsNoSummary) {
  VirtualClock clock;
  const StepTimes times(2, clock);
  EXPECT_EQ(times.summary(10).evaluations, 0u);
  EXPECT_TRUE(times.summary(10).steps.empty());
}

}  // namespace
}  // namespace anebench::experiments
