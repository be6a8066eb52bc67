#include "anebench/measure/stopwatch_clock.h"

#include <gtest/gtest.h>

#include "anebench/measure/measure.h"

namespace anebench::measure {
namespace {

TEST(StopwatchClock, StandsStillWhileStopped) {
  VirtualClock clock;
  StopwatchClock watch(clock);
  clock.advance(5);
  watch.stop();
  clock.advance(100);
  EXPECT_EQ(watch.now_ns(), 5);
  watch.go_on();
  clock.advance(2);
  EXPECT_EQ(watch.now_ns(), 7);
}

TEST(StopwatchClock, StoppingTwiceIsStoppingOnce) {
  VirtualClock clock;
  StopwatchClock watch(clock);
  watch.go_on();
  watch.stop();
  clock.advance(3);
  watch.stop();
  clock.advance(4);
  watch.go_on();
  watch.go_on();
  EXPECT_EQ(watch.now_ns(), 0);
}

TEST(StopwatchClock, LeavesPreparationsOutOfAMeasurement) {
  VirtualClock clock;
  StopwatchClock watch(clock);
  const Work work = [&]() -> Result<void> {
    watch.stop();
    clock.advance(1'000'000);
    watch.go_on();
    clock.advance(50'000);
    return {};
  };
  Plan plan = quick_plan();
  plan.samples = 30;
  const SeriesResult result = measure_series(work, plan, watch);
  ASSERT_FALSE(result.error);
  EXPECT_EQ(result.time_ns.value, 50'000);
}

}  // namespace
}  // namespace anebench::measure
