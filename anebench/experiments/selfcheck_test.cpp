#include "anebench/experiments/selfcheck.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "anebench/device/device.h"
#include "anebench/experiments/collector_for_tests.h"

namespace anebench::experiments {
namespace {

TEST(Selfcheck, CountsFalseAlarmsAndCoverageOfThisMachine) {
  auto device = device::open("cpu", {.threads = 1});
  ASSERT_TRUE(device) << device.error().to_string();
  Settings settings;
  settings.plan = measure::quick_plan();
  settings.plan.samples = 24;
  settings.plan.min_seconds = 0;
  const auto cases = selfcheck_cases({.comparisons = 5}, std::move(*device), settings);
  ASSERT_TRUE(cases) << cases.error().to_string();
  ASSERT_EQ(cases->size(), 1u);
  Collector collector;
  ASSERT_TRUE(cases->front().run(collector));
  ASSERT_EQ(collector.collected.size(), 1u);
  const record::Record& record = collector.collected.front();
  EXPECT_EQ(record.experiment, "selfcheck");
  EXPECT_EQ(record.id, cases->front().planned.front().id);
  const auto* counted = record.find_metric("selfcheck.comparisons");
  const auto* mistrusted = record.find_metric("selfcheck.mistrusted");
  ASSERT_NE(counted, nullptr);
  ASSERT_NE(mistrusted, nullptr);
  EXPECT_EQ(counted->value + mistrusted->value, 5);
  ASSERT_NE(record.find_metric("selfcheck.coverage"), nullptr);
  ASSERT_TRUE(record.verdict);
  EXPECT_EQ(record.verdict->evidence.size(), 2u);
}

TEST(Selfcheck, RefusesTheClassicProtocol) {
  auto device = device::open("cpu", {.threads = 1});
  ASSERT_TRUE(device);
  Settings settings;
  settings.plan = measure::classic_plan(1, 3);
  EXPECT_FALSE(selfcheck_cases({}, std::move(*device), settings));
}

TEST(StatisticsCheck, IsTheSameWhateverTheNumberOfThreads) {
  ThreadPool one(1);
  ThreadPool three(3);
  const auto a = statistics_check(5, 1, one);
  const auto b = statistics_check(5, 1, three);
  ASSERT_TRUE(a);
  ASSERT_TRUE(b);
  ASSERT_EQ(a->size(), stats::kAllNoises.size());
  for (std::size_t i = 0; i < a->size(); ++i) {
    EXPECT_EQ((*a)[i].noise, stats::kAllNoises[i]);
    EXPECT_EQ((*a)[i].equal.mean_blocks, (*b)[i].equal.mean_blocks);
    EXPECT_EQ((*a)[i].series.covered, (*b)[i].series.covered);
  }
}

TEST(StatisticsCheck, ACellFailsWhereItProvablyMissesABar) {
  StatisticsCell cell{.noise = stats::NoiseKind::normal, .runs = 1000};
  cell.equal = {.covered = 0.95, .different = 0.02};
  cell.effect = {.covered = 0.95, .different = 0.97};
  cell.series.covered = 0.95;
  EXPECT_EQ(failure_of(cell), "");
  cell.effect.different = 0.8;
  EXPECT_NE(failure_of(cell), "");
  cell.effect.different = 0.97;
  cell.equal.different = 0.2;
  EXPECT_NE(failure_of(cell), "");
}

}  // namespace
}  // namespace anebench::experiments
