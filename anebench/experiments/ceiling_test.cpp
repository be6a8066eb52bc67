#include "anebench/experiments/ceiling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>

#include "anebench/experiments/ceiling_calls.h"
#include "anebench/experiments/ceiling_passes.h"
#include "anebench/experiments/faulty_device_for_tests.h"
#include "anebench/runner/run.h"

namespace anebench::experiments {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

struct PassRun {
  std::map<std::string, record::Record> records;  // by variant
  std::vector<std::string> notes;
};

// The smallest configuration on a device with faults.
PassRun run_passes_with(Faults faults, std::int64_t kernels = 4) {
  Settings settings;
  settings.plan = measure::quick_plan();
  settings.plan.samples = 4;
  settings.plan.min_seconds = 0;
  settings.plan.warmup = {.kind = measure::Warmup::Kind::off};
  settings.filter = *CaseFilter::parse("channels=64");
  const auto cases =
      ceiling_cases({.kernels = kernels}, open_faulty_cpu(std::move(faults)), settings);
  EXPECT_TRUE(cases) << cases.error().to_string();
  RecordCollector collector;
  if (cases) {
    const auto ran = runner::run_cases(*cases, {}, collector);
    EXPECT_TRUE(ran) << ran.error().to_string();
  }
  PassRun run;
  for (const record::Record& record : collector.collected) run.records[record.variant] = record;
  run.notes = collector.notes;
  return run;
}

double value(const record::Record& record, const std::string& tag) {
  const record::Metric* metric = record.find_metric(tag);
  EXPECT_NE(metric, nullptr) << record.variant << " " << tag;
  return metric == nullptr ? 0 : metric->value;
}

TEST(Ceiling, EveryWayIsCheckedAndTimed) {
  const PassRun run = run_passes_with({});
  ASSERT_THAT(run.records, SizeIs(kPassVariants.size()));
  for (const auto& [variant, record] : run.records) {
    EXPECT_EQ(record.outcome.state, record::State::ok) << variant << record.outcome.message;
    ASSERT_TRUE(record.check) << variant;
    EXPECT_EQ(record.check->result, "passed") << variant << record.check->reason;
    EXPECT_TRUE(record.check->bit_identical);
    EXPECT_GT(record.check->distinct_values, 100);
    EXPECT_GT(value(record, "time.eval"), 0);
    EXPECT_EQ(value(record, "count.errors"), 0);
    EXPECT_EQ(record.parameters["qos"], 21);
  }
  for (const char* variant : {"sequential", "queue", "shared_surfaces"}) {
    EXPECT_GT(value(run.records.at(variant), "ratio.run_only"), 0);
    EXPECT_EQ(run.records.at(variant).pair->baseline, run.records.at("run_only").id);
  }
  EXPECT_GT(value(run.records.at("one_program"), "ratio.shared_surfaces"), 0);
  EXPECT_NE(run.records.at("sequential").find_metric("time.overhead"), nullptr);
  EXPECT_EQ(value(run.records.at("copies_only"), "size.copy"), 64 * 32 * 2);
}

TEST(Ceiling, TheFiguresOfAPassAgree) {
  const record::Record record = run_passes_with({}).records.at("run_only");
  EXPECT_EQ(value(record, "count.kernels"), 4);
  EXPECT_DOUBLE_EQ(value(record, "time.kernel") * 4, value(record, "time.eval"));
  EXPECT_DOUBLE_EQ(value(record, "rate.kernels"), 1e3 / value(record, "time.kernel"));
}

TEST(Ceiling, GoesOnWithTheKernelsThatCompile) {
  const PassRun run = run_passes_with({.failing_compiles = {1, 2}});
  EXPECT_THAT(run.notes, SizeIs(2));
  EXPECT_THAT(run.notes.front(), HasSubstr("kernel 2 of 4 is left out: compile: "));
  for (const auto& [variant, record] : run.records) {
    EXPECT_EQ(record.outcome.state, record::State::ok) << variant << record.outcome.message;
  }
  EXPECT_EQ(value(run.records.at("sequential"), "count.kernels"), 2);
}

TEST(Ceiling, OneKernelIsTooFew) {
  const PassRun run = run_passes_with({.failing_compiles = {0, 1, 2}});
  ASSERT_THAT(run.records, SizeIs(kPassVariants.size()));
  for (const auto& [variant, record] : run.records) {
    EXPECT_EQ(record.outcome.state, record::State::unsupported) << variant;
    EXPECT_EQ(record.outcome.stage, "compile");
    EXPECT_THAT(record.outcome.message, HasSubstr("the compiler is tired"));
  }
}

TEST(Ceiling, ARefusedWholeProgramLeavesTheOtherWays) {
  const PassRun run = run_passes_with({.failing_compiles = {4}});
  EXPECT_EQ(run.records.at("one_program").outcome.stage, "compile");
  EXPECT_EQ(run.records.at("shared_surfaces").outcome.state, record::State::ok);
}

TEST(Ceiling, FailedCallsAreCountedAndSaid) {
  // The check makes 4 calls in each of four ways and one of the whole program: 17 is the first
  // that is timed, of run_only.
  const PassRun run = run_passes_with({.failing_evaluations = {17, 18}});
  const record::Record& record = run.records.at("run_only");
  EXPECT_EQ(record.outcome.state, record::State::failed);
  EXPECT_EQ(record.outcome.stage, "evaluate");
  EXPECT_EQ(value(record, "count.errors"), 2);
  EXPECT_THAT(record.outcome.message, HasSubstr("the evaluation was lost"));
  EXPECT_EQ(run.records.at("one_program").outcome.state, record::State::ok);
}

TEST(Ceiling, ListsItsConfigurationsAndQuickLeavesTheLargestOut) {
  Settings settings;
  const auto all = ceiling_cases({}, open_faulty_cpu(), settings);
  settings.quick = true;
  const auto quick = ceiling_cases({}, open_faulty_cpu(), settings);
  ASSERT_TRUE(all && quick);
  EXPECT_EQ(all->size(), 5u);
  EXPECT_EQ(quick->size(), 4u);
  EXPECT_EQ(all->front().planned.size(), 6u);
}

TEST(Ceiling, TakesTwoKernelsOrMore) {
  EXPECT_FALSE(ceiling_cases({.kernels = 1}, open_faulty_cpu(), {}));
}

// The experiments' conditions with few bursts and short idle times.
std::vector<record::Record> run_calls_with(std::size_t which, Faults faults) {
  CallExperiment experiment = call_experiments(true)[which];
  for (CallCondition& condition : experiment.conditions) {
    condition.idle = std::min(condition.idle, std::chrono::microseconds(100));
    condition.rounds = 8;
  }
  const auto context = make_context({.experiment = "ceiling", .arguments = {"ceiling"}, .qos = 21},
                                    open_faulty_cpu(std::move(faults)), {});
  EXPECT_TRUE(context);
  std::vector<record::Record> planned;
  for (const CallCondition& condition : experiment.conditions) {
    auto record = plan_record(**context, ceiling_spec(1, 1, 1), condition.variant, {});
    EXPECT_TRUE(record);
    planned.push_back(std::move(*record));
  }
  RecordCollector collector;
  EXPECT_TRUE(run_calls(**context, experiment, planned, collector));
  return collector.collected;
}

TEST(CeilingCalls, IdleTimesAreComparedWithNone) {
  const auto records = run_calls_with(0, {});
  ASSERT_EQ(records.size(), 5u);
  EXPECT_EQ(records[0].variant, "idle_0");
  EXPECT_EQ(records[0].find_metric("ratio.idle_0"), nullptr);
  for (const record::Record& record : records) {
    EXPECT_EQ(record.outcome.state, record::State::ok) << record.outcome.message;
    EXPECT_EQ(record.check->result, "passed");
    EXPECT_EQ(record.samples->series.front().values.size(), 64u);
    EXPECT_GE(value(record, "time.p90"), value(record, "time.eval"));
    EXPECT_EQ(record.find_metric("time.p99"), nullptr);  // 64 samples do not bound it
  }
  EXPECT_GT(value(records[4], "ratio.idle_0"), 0);
  EXPECT_TRUE(records[4].find_metric("ratio.idle_0")->low);
}

TEST(CeilingCalls, SeveralCallsInFlightAreAllTimed) {
  const auto records = run_calls_with(1, {});
  ASSERT_EQ(records.size(), 4u);
  for (const record::Record& record : records) {
    EXPECT_EQ(record.outcome.state, record::State::ok) << record.outcome.message;
    const double in_flight = value(record, "count.in_flight");
    // At least a burst's 28 latencies of each thread, in 8 rounds.
    EXPECT_GE(static_cast<double>(record.samples->series.front().values.size()),
              8 * 28 * in_flight);
    EXPECT_GT(value(record, "rate.calls"), 0);
    EXPECT_GT(value(record, "time.latency"), 0);
  }
  EXPECT_EQ(value(records[3], "count.in_flight"), 8);
}

TEST(CeilingCalls, AFailedCallIsARecord) {
  const auto records = run_calls_with(0, {.failing_evaluations = {5}});
  ASSERT_EQ(records.size(), 5u);
  for (const record::Record& record : records) {
    EXPECT_EQ(record.outcome.state, record::State::failed);
    EXPECT_EQ(record.outcome.stage, "evaluate");
  }
}

TEST(CeilingCalls, EnoughCallsForATail) {
  for (const bool quick : {false, true}) {
    for (const CallExperiment& experiment : call_experiments(quick)) {
      for (const CallCondition& condition : experiment.conditions) {
        const std::size_t calls = condition.burst * condition.rounds;
        EXPECT_GE(calls, quick && condition.idle.count() >= 10000 ? 64u : 662u);
      }
    }
  }
}

}  // namespace
}  // namespace anebench::experiments
