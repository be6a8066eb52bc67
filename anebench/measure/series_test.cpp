// measure_series with a virtual clock: every time is scripted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "anebench/base/rng.h"
#include "anebench/measure/fake_work_for_tests.h"
#include "anebench/measure/measure.h"

namespace anebench::measure {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::Not;

// Noise of `share` on a millisecond, by seed.
std::function<std::int64_t(std::size_t)> noisy(double share) {
  return [rng = Rng(1), share](std::size_t) mutable {
    return static_cast<std::int64_t>(kMillisecond * std::exp(share * rng.normal()));
  };
}

TEST(Series, OfConstantWorkEndsAtTheFirstLook) {
  VirtualClock clock;
  auto work = constant_work(clock, kMillisecond);
  const SeriesResult result = measure_series(work.work(), quiet_plan(), clock);
  ASSERT_FALSE(result.error);
  EXPECT_EQ(result.warmup_count, stats::kWarmupWindow);
  EXPECT_EQ(result.steady().size(), stats::kSeriesMinSamples);
  EXPECT_EQ(result.time_ns.value, 1e6);
  EXPECT_EQ(result.time_ns.low, 1e6);
  EXPECT_EQ(result.time_ns.high, 1e6);
  EXPECT_THAT(result.validity, IsEmpty());
  EXPECT_FALSE(result.p90_ns);
}

TEST(Series, WarmsUpUntilNoTrendIsLeft) {
  VirtualClock clock;
  FakeWork<VirtualClock> work{
      &clock, [](std::size_t n) {
        return kMillisecond + std::max<std::int64_t>(0, 25 - static_cast<std::int64_t>(n)) * 50'000;
      }};
  const SeriesResult result = measure_series(work.work(), quiet_plan(), clock);
  EXPECT_GE(result.warmup_count, 30u);
  EXPECT_TRUE(result.warmup_settled);
  EXPECT_EQ(result.samples_ns.front(), 1e6 + 25 * 50e3);  // warm-up samples are kept
  EXPECT_EQ(result.time_ns.value, 1e6);
  EXPECT_THAT(result.validity, IsEmpty());
}

TEST(Series, WarmupOfEndlessDriftIsCappedAndSaidSo) {
  VirtualClock clock;
  FakeWork<VirtualClock> work{
      &clock, [](std::size_t n) { return kMillisecond + static_cast<std::int64_t>(n) * 1000; }};
  const SeriesResult result = measure_series(work.work(), quiet_plan(), clock);
  EXPECT_EQ(result.warmup_count, stats::kWarmupMaxSamples);
  EXPECT_FALSE(result.warmup_settled);
  EXPECT_THAT(result.validity, Contains(Validity::drifting));
}

TEST(Series, WarmupOfSlowWorkTakesAtMostAFifthOfTheTime) {
  VirtualClock clock;
  FakeWork<VirtualClock> work{
      &clock, [](std::size_t n) { return 1'000'000'000 - static_cast<std::int64_t>(n) * 1000; }};
  Plan plan = quick_plan();  // 12 s
  const SeriesResult result = measure_series(work.work(), plan, clock);
  EXPECT_EQ(result.warmup_count, 2u);
  EXPECT_LE(result.seconds, 12.0);
}

TEST(Series, WarmupByCountAndByTimeIsExact) {
  VirtualClock clock;
  auto work = constant_work(clock, kMillisecond);
  Plan plan = quiet_plan();
  plan.warmup = *parse_warmup("7");
  EXPECT_EQ(measure_series(work.work(), plan, clock).warmup_count, 7u);
  plan.warmup = {Warmup::Kind::duration, 0, 0.020};
  EXPECT_EQ(measure_series(work.work(), plan, clock).warmup_count, 20u);
  plan.warmup = *parse_warmup("off");
  EXPECT_EQ(measure_series(work.work(), plan, clock).warmup_count, 1u);
}

TEST(Series, StopsWhenTheIntervalIsNarrow) {
  VirtualClock clock;
  FakeWork<VirtualClock> work{&clock, noisy(0.05)};
  Plan plan = quiet_plan();
  const SeriesResult result = measure_series(work.work(), plan, clock);
  EXPECT_GT(result.steady().size(), stats::kSeriesMinSamples);
  EXPECT_LE(result.time_ns.high, result.time_ns.value * 1.01);
  EXPECT_GE(result.time_ns.low, result.time_ns.value * 0.99);
  EXPECT_THAT(result.validity, Not(Contains(Validity::unconverged)));
}

TEST(Series, CoarserPrecisionNeedsFewerSamples) {
  const auto samples = [](double precision) {
    VirtualClock clock;
    FakeWork<VirtualClock> work{&clock, noisy(0.1)};
    Plan plan = quiet_plan();
    plan.precision = precision;
    return measure_series(work.work(), plan, clock).steady().size();
  };
  EXPECT_LT(samples(0.03) * 4, samples(0.01));
}

TEST(Series, ThatReachesItsTimeLimitIsUnconverged) {
  VirtualClock clock;
  FakeWork<VirtualClock> work{&clock, noisy(0.5)};
  Plan plan = quiet_plan();
  plan.max_seconds = 0.2;
  const SeriesResult result = measure_series(work.work(), plan, clock);
  EXPECT_THAT(result.validity, Contains(Validity::unconverged));
  EXPECT_LE(result.seconds, 0.21);
  EXPECT_GT(result.seconds, 0.15);
}

TEST(Series, TakesOneSampleOfWorkThatIsLongerThanTheLimit) {
  VirtualClock clock;
  auto work = constant_work(clock, 60'000'000'000);
  const SeriesResult result = measure_series(work.work(), quick_plan(), clock);
  EXPECT_EQ(result.steady().size(), 1u);
  EXPECT_EQ(result.time_ns.value, 60e9);
  EXPECT_FALSE(result.time_ns.is_bounded());
  EXPECT_THAT(result.validity, Contains(Validity::too_few_samples));
  EXPECT_THAT(result.validity, Contains(Validity::unconverged));
}

TEST(Series, TakesTheSamplesAskedFor) {
  VirtualClock clock;
  FakeWork<VirtualClock> work{&clock, noisy(0.2)};
  Plan plan = quiet_plan();
  plan.samples = 700;
  const SeriesResult result = measure_series(work.work(), plan, clock);
  EXPECT_EQ(result.steady().size(), 700u);
  EXPECT_THAT(result.validity, Not(Contains(Validity::unconverged)));
  EXPECT_TRUE(result.p90_ns);
  EXPECT_TRUE(result.p99_ns);
  EXPECT_GT(*result.p99_ns, *result.p90_ns);
}

TEST(Series, GoesOnForTheMinimumTime) {
  VirtualClock clock;
  auto work = constant_work(clock, kMillisecond);
  Plan plan;
  plan.min_seconds = 0.5;
  EXPECT_GE(measure_series(work.work(), plan, clock).steady().size(), 500u);
}

TEST(Series, AnErrorEndsItAndTheSamplesStay) {
  VirtualClock clock;
  FakeWork<VirtualClock> work{&clock, noisy(0.05)};
  work.fails_at = 30;
  const SeriesResult result = measure_series(work.work(), quiet_plan(), clock);
  ASSERT_TRUE(result.error);
  EXPECT_EQ(result.error->message(), "call 30 fails");
  EXPECT_EQ(result.samples_ns.size(), 30u);
  EXPECT_GT(result.warmup_count, 0u);
  EXPECT_TRUE(std::isfinite(result.time_ns.value));
}

TEST(Series, AnErrorInTheFirstCallLeavesNothing) {
  VirtualClock clock;
  auto work = constant_work(clock, kMillisecond);
  work.fails_at = 0;
  const SeriesResult result = measure_series(work.work(), quiet_plan(), clock);
  ASSERT_TRUE(result.error);
  EXPECT_TRUE(result.samples_ns.empty());
  EXPECT_TRUE(std::isnan(result.time_ns.value));
}

TEST(Series, AnInvalidPlanIsTheErrorAndNothingRuns) {
  VirtualClock clock;
  auto work = constant_work(clock, kMillisecond);
  Plan plan;
  plan.precision = -1;
  EXPECT_TRUE(measure_series(work.work(), plan, clock).error);
  EXPECT_EQ(work.calls, 0u);
}

TEST(Series, ClassicCountsAreExactAndTheFigureIsTheMean) {
  VirtualClock clock;
  FakeWork<VirtualClock> work{&clock, [](std::size_t n) {
                                return n < 10 ? 9 : (n == 10 ? 51 : 1);  // far below any batch
                              }};
  const SeriesResult result = measure_series(work.work(), classic_plan(10, 50), clock);
  EXPECT_EQ(work.calls, 60u);
  EXPECT_EQ(result.warmup_count, 10u);
  EXPECT_EQ(result.steady().size(), 50u);
  EXPECT_EQ(result.batch, 1u);
  EXPECT_TRUE(result.is_mean);
  EXPECT_DOUBLE_EQ(result.time_ns.value, 2);
  EXPECT_FALSE(result.time_ns.is_bounded());
  EXPECT_EQ(result.first_ns, 9);
  EXPECT_THAT(result.validity, Not(Contains(Validity::unconverged)));
}

TEST(Series, CancellingEndsItAfterTheCurrentSample) {
  VirtualClock clock;
  std::atomic<bool> cancelled = false;
  FakeWork<VirtualClock> work{&clock, [&](std::size_t n) {
                                if (n == 25) cancelled = true;
                                return kMillisecond;
                              }};
  const SeriesResult result =
      measure_series(work.work(), quiet_plan(), clock, {.cancelled = &cancelled});
  EXPECT_EQ(work.calls, 26u);
  EXPECT_FALSE(result.error);
  EXPECT_THAT(result.validity, Contains(Validity::interrupted));
}

TEST(Series, ProgressNeverFallsAndTimeLeftHoldsTheLimit) {
  VirtualClock clock;
  FakeWork<VirtualClock> work{&clock, noisy(0.1)};
  Plan plan = quiet_plan();
  plan.max_seconds = 3;
  std::vector<Progress> reports;
  Hooks hooks;
  hooks.progress = [&](const Progress& progress) { reports.push_back(progress); };
  const SeriesResult result = measure_series(work.work(), plan, clock, hooks);
  ASSERT_GE(reports.size(), result.samples_ns.size() - 1);
  EXPECT_TRUE(reports.front().is_warmup);
  EXPECT_FALSE(reports.back().is_warmup);
  for (std::size_t i = 1; i < reports.size(); ++i) {
    EXPECT_GE(reports[i].fraction, reports[i - 1].fraction);
    EXPECT_LE(reports[i].fraction, 1);
    EXPECT_GE(reports[i].seconds_left, 0);
    EXPECT_LE(reports[i].seconds_left, 3);
  }
}

TEST(Series, EnvironmentIsReadBeforeAndAfter) {
  VirtualClock clock;
  auto work = constant_work(clock, kMillisecond);
  int reads = 0;
  Hooks hooks;
  hooks.environment = [&] {
    Environment environment;
    environment.power_source = reads++ == 0 ? "ac" : "battery";
    return environment;
  };
  const SeriesResult result = measure_series(work.work(), quiet_plan(), clock, hooks);
  EXPECT_EQ(reads, 2);
  EXPECT_EQ(result.conditions.before->power_source, "ac");
  EXPECT_EQ(result.conditions.after->power_source, "battery");
  EXPECT_THAT(result.validity, Contains(Validity::power_source_changed));
}

}  // namespace
}  // namespace anebench::measure
