#include "anebench/experiments/reload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/experiments/faulty_device_for_tests.h"
#include "anebench/runner/run.h"

namespace anebench::experiments {
namespace {

using testing::Contains;
using testing::HasSubstr;

std::vector<record::Record> run_reload(const std::shared_ptr<device::Device>& device,
                                       const ReloadOptions& options, Settings settings) {
  RecordCollector collector;
  const auto cases = reload_cases(options, device, settings);
  EXPECT_TRUE(cases) << cases.error().to_string();
  if (!cases) return {};
  const auto ran = runner::run_cases(*cases, {}, collector);
  EXPECT_TRUE(ran) << ran.error().to_string();
  return collector.collected;
}

Settings few_reload_samples() {
  Settings settings;
  settings.plan = measure::quick_plan();
  settings.plan.samples = 12;
  settings.plan.min_seconds = 0;
  return settings;
}

record::Record run_one(Faults faults) {
  const auto records = run_reload(open_faulty_cpu(std::move(faults)),
                                  {.layers = {2}, .channels = {16}}, few_reload_samples());
  EXPECT_EQ(records.size(), 1u);
  return records.empty() ? record::Record{} : records.front();
}

double value(const record::Record& record, const char* tag) {
  const record::Metric* metric = record.find_metric(tag);
  EXPECT_NE(metric, nullptr) << tag;
  return metric == nullptr ? 0 : metric->value;
}

TEST(Reload, NewWeightsTakeEffectWithoutCompilingAtEverySize) {
  const auto records = run_reload(open_faulty_cpu(), {.layers = {1, 3}, .channels = {16, 512}},
                                  few_reload_samples());
  ASSERT_EQ(records.size(), 4u);
  for (const record::Record& record : records) {
    EXPECT_EQ(record.outcome.state, record::State::ok) << record.outcome.message;
    ASSERT_TRUE(record.verdict);
    EXPECT_EQ(record.verdict->kind, "reload");
    EXPECT_EQ(record.verdict->reason, "success");
    ASSERT_TRUE(record.check);
    EXPECT_EQ(record.check->result, "passed") << record.check->reason;
    EXPECT_TRUE(record.check->bit_identical);
    EXPECT_EQ(record.check->compared_values,
              2 * 32 * std::stoll(record.program.parameters[0].second));
    for (const char* tag :
         {"time.compile", "time.load", "time.compile_load", "time.unload", "time.load_again",
          "time.reload", "time.replace", "ratio.compile", "ratio.reload.load", "rate.reload",
          "time.compile_load.once", "time.unload.once", "time.load.once", "difference.max"}) {
      EXPECT_GT(value(record, tag), 0) << tag;
    }
    ASSERT_TRUE(record.pair);
    ASSERT_TRUE(record.samples);
    EXPECT_EQ(record.samples->series.size(), 4u);
    EXPECT_EQ(record.parameters["qos"], 21);
  }
}

TEST(Reload, TheFiguresAgreeWithOneAnother) {
  const record::Record record = run_one({});
  // A sum of phases is not a sum of their medians, but no phase is longer than the whole.
  EXPECT_LE(value(record, "time.compile"), value(record, "time.compile_load"));
  EXPECT_LE(value(record, "time.load_again"), value(record, "time.reload"));
  EXPECT_DOUBLE_EQ(value(record, "rate.reload"), static_cast<double>(record.program.weight_bytes) /
                                                     (value(record, "time.reload") * 1e-3));
}

TEST(Reload, TheEvidenceShowsBothOutputs) {
  const record::Record record = run_one({});
  EXPECT_THAT(record.verdict->evidence, Contains(HasSubstr("before: first 0.010002")));
  EXPECT_THAT(record.verdict->evidence, Contains(HasSubstr("after: first 0.029999")));
}

TEST(Reload, ALoadThatFailsIsFollowedByCompilingAgain) {
  const record::Record record = run_one({.needs_recompiling = true});
  ASSERT_TRUE(record.verdict);
  EXPECT_EQ(record.verdict->reason, "recompiled");
  EXPECT_EQ(record.outcome.state, record::State::ok);
  EXPECT_GT(value(record, "time.recompile.once"), 0);
  EXPECT_THAT(record.verdict->evidence, Contains(HasSubstr("do not fit the compiled program")));
  EXPECT_EQ(record.find_metric("time.reload"), nullptr);
}

TEST(Reload, WeightsThatAreBakedInAreAFail) {
  const record::Record record =
      run_one({.on_replace = [](std::vector<std::byte>&) { return false; }});
  ASSERT_TRUE(record.verdict);
  EXPECT_EQ(record.verdict->reason, "fail");
  EXPECT_EQ(record.outcome.state, record::State::unsupported);
  EXPECT_EQ(record.outcome.stage, "load");
  EXPECT_EQ(record.check->result, "passed");  // what it computes is right for the old weights
}

TEST(Reload, ChangedButWrongOutputsArePartial) {
  // 3.0 in fp16 is 0x4200; 0x4000 is 2.0.
  const record::Record record = run_one({.on_replace = [](std::vector<std::byte>& content) {
    for (std::size_t i = 128; i < content.size(); ++i) {
      if (content[i] == std::byte{0x42}) content[i] = std::byte{0x40};
    }
    return true;
  }});
  ASSERT_TRUE(record.verdict);
  EXPECT_EQ(record.verdict->reason, "partial");
  EXPECT_EQ(record.outcome.state, record::State::wrong);
  EXPECT_EQ(record.check->result, "failed");
}

TEST(Reload, ARefusedProgramIsARecord) {
  const record::Record record = run_one({.failing_compiles = {0}});
  EXPECT_EQ(record.outcome.state, record::State::unsupported);
  EXPECT_EQ(record.outcome.stage, "compile");
  EXPECT_FALSE(record.verdict);
}

TEST(Reload, TheClassicProtocolTakesSingleReadings) {
  Settings settings;
  settings.plan = measure::classic_plan(1, 1);
  const auto records = run_reload(open_faulty_cpu(), {.layers = {1}, .channels = {64}}, settings);
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].verdict->reason, "success");
  EXPECT_GT(value(records[0], "ratio.compile.once"), 0);
  EXPECT_EQ(records[0].find_metric("time.reload"), nullptr);
}

TEST(Reload, QuickTakesFewerSizes) {
  Settings settings;
  const auto all = reload_cases({}, open_faulty_cpu(), settings);
  settings.quick = true;
  const auto quick = reload_cases({}, open_faulty_cpu(), settings);
  ASSERT_TRUE(all && quick);
  EXPECT_EQ(all->size(), 8u);
  EXPECT_EQ(quick->size(), 4u);
}

TEST(Reload, ACaseRunsAgainByItsArguments) {
  const auto cases = reload_cases({.layers = {1, 2}, .channels = {}}, open_faulty_cpu(), {});
  ASSERT_TRUE(cases);
  EXPECT_THAT(cases->front().planned.front().repro,
              HasSubstr("anebench reload --layers 1,2 --device cpu"));
  EXPECT_THAT(cases->back().arguments, Contains("channels=512,depth=2"));
}

}  // namespace
}  // namespace anebench::experiments
