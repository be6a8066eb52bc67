#include "anebench/measure/sampler.h"

#include <gtest/gtest.h>

#include "anebench/measure/fake_work_for_tests.h"

namespace anebench::measure {
namespace {

TEST(Batch, IsOneForLongWork) {
  VirtualClock clock;
  auto work = constant_work(clock, 50'000'000);
  Series series;
  const Work callable = work.work();
  Sampler sampler(callable, clock, series);
  ASSERT_TRUE(sampler.choose_batch());
  EXPECT_EQ(series.batch, 1u);
  EXPECT_EQ(work.calls, 1u);  // one was enough to know
  EXPECT_EQ(series.samples_ns, std::vector<double>{50e6});
  EXPECT_EQ(series.first_ns, 50e6);
}

TEST(Batch, MakesASampleAThousandTimesTheClocksResolution) {
  for (const std::int64_t cost : {1, 7, 40, 900, 29'000}) {
    CoarseClock clock(30);
    auto work = constant_work(clock, cost);
    Series series;
    const Work callable = work.work();
    Sampler sampler(callable, clock, series);
    ASSERT_TRUE(sampler.choose_batch()) << cost;
    const std::int64_t sample = static_cast<std::int64_t>(series.batch) * cost;
    EXPECT_GE(sample + 30, 30'000) << cost;
    EXPECT_LT(sample, 20 * 30'000) << cost;
    ASSERT_TRUE(sampler.sample());
    EXPECT_NEAR(series.samples_ns.back(), static_cast<double>(cost),
                0.002 * static_cast<double>(cost));
  }
}

TEST(Batch, IsNotFooledByASlowFirstEvaluation) {
  VirtualClock clock;
  FakeWork<VirtualClock> work{&clock, [](std::size_t n) { return n == 0 ? 500'000 : 100; }};
  Series series;
  const Work callable = work.work();
  Sampler sampler(callable, clock, series);
  ASSERT_TRUE(sampler.choose_batch());
  EXPECT_GE(series.batch, 10u);
  EXPECT_EQ(series.first_ns, 500'000);
}

TEST(Batch, GrowsDuringWarmupWhenTheWorkBecomesFaster) {
  VirtualClock clock;
  FakeWork<VirtualClock> work{&clock, [](std::size_t n) { return n < 4 ? 2'000 : 100; }};
  Series series;
  const Work callable = work.work();
  Sampler sampler(callable, clock, series);
  ASSERT_TRUE(sampler.choose_batch());
  EXPECT_EQ(series.batch, 1u);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(sampler.warmup_sample());
  EXPECT_GE(series.batch, 10u);
  EXPECT_EQ(series.samples_ns.back(), 100);
}

TEST(Batch, AClockThatStandsStillIsAnError) {
  VirtualClock clock;
  auto work = constant_work(clock, 0);
  Series series;
  const Work callable = work.work();
  Sampler sampler(callable, clock, series);
  const Result<void> result = sampler.choose_batch();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::internal);
}

TEST(Sample, IsNeverZero) {
  VirtualClock clock;
  auto work = constant_work(clock, 0);
  Series series;
  const Work callable = work.work();
  Sampler sampler(callable, clock, series);
  ASSERT_TRUE(sampler.sample());
  EXPECT_EQ(series.samples_ns.back(), 1);
}

}  // namespace
}  // namespace anebench::measure
