#include "anebench/experiments/probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "anebench/experiments/collector_for_tests.h"
#include "anebench/runner/run.h"

namespace anebench::experiments {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::shared_ptr<device::Device> open(const std::string& name) {
  auto device = device::open(name, {.threads = 2});
  EXPECT_TRUE(device) << device.error().to_string();
  return std::move(*device);
}

Settings small_settings(std::string_view filter) {
  Settings settings;
  settings.quick = true;
  settings.plan = measure::quick_plan();
  settings.plan.samples = 24;
  settings.plan.warmup = {.kind = measure::Warmup::Kind::count, .count = 2};
  settings.filter = CaseFilter::parse(filter).value();
  return settings;
}

const ProbeOptions kSmallLadder = {.channels = {32, 64}, .positions = {4, 16}, .variants = {}};

// One for all tests: its peaks are measured when it is first asked for them.
const std::shared_ptr<device::Device>& cpu() {
  static const std::shared_ptr<device::Device> device = open("cpu");
  return device;
}

std::vector<runner::Case> cases_of(const ProbeOptions& options, const Settings& settings) {
  auto cases = probe_cases(options, cpu(), settings);
  EXPECT_TRUE(cases) << cases.error().to_string();
  return cases.value_or(std::vector<runner::Case>{});
}

std::string parameter(const record::Record& record, const char* key) {
  return json_string(record.parameters, key).value_or("");
}

TEST(Probe, EveryPlannedIdIsUnlike) {
  Settings settings;
  const auto cases = cases_of({}, settings);
  std::set<std::string> ids;
  std::size_t records = 0;
  for (const runner::Case& one : cases) {
    for (const record::Record& record : one.planned) {
      ids.insert(record.id);
      ++records;
    }
  }
  EXPECT_EQ(ids.size(), records);
  // 5 shapes of the published probe and 24 rungs, each in fp16 and every variant.
  EXPECT_GT(records, 5u * 16 + 24u * 14);
}

TEST(Probe, TheCommandOfACaseSelectsThatCaseAlone) {
  const Settings all = small_settings("variant=w8a8,part=ladder,verdict");
  const auto cases = cases_of(kSmallLadder, all);
  for (const runner::Case& one : cases) {
    const auto filter = std::find(one.arguments.begin(), one.arguments.end(), "--filter");
    ASSERT_NE(filter, one.arguments.end());
    Settings only = all;
    only.filter = CaseFilter::parse(*(filter + 1)).value();
    const auto again = cases_of(kSmallLadder, only);
    ASSERT_EQ(again.size(), 1u) << one.name;
    EXPECT_EQ(again.front().planned.front().id, one.planned.front().id) << one.name;
  }
}

TEST(Probe, LadderRecordsHoldWhatTheVerdictNeeds) {
  const auto cases = cases_of(kSmallLadder, small_settings("part=ladder,verdict,variant=w8,w8a8"));
  Collector collector;
  ASSERT_TRUE(runner::run_cases(cases, {}, collector));
  std::map<std::string, int> count;
  std::set<std::string> fp16_ids;
  for (const record::Record& record : collector.collected) {
    EXPECT_EQ(record.outcome.state, record::State::ok) << record.outcome.message;
    if (parameter(record, "part") == "verdict") {
      ++count["verdict"];
      ASSERT_TRUE(record.verdict);
      EXPECT_THAT(record.verdict->evidence, Not(IsEmpty()));
      continue;
    }
    ASSERT_TRUE(record.check);
    EXPECT_EQ(record.check->result, "passed") << record.check->reason;
    ASSERT_NE(record.find_metric("time.floor"), nullptr);
    if (record.variant == "fp16") {
      ++count["fp16"];
      fp16_ids.insert(record.id);
      EXPECT_NE(record.find_metric("time.anchored"), nullptr);
      continue;
    }
    const std::string baseline = parameter(record, "baseline");
    ++count[record.variant + "/" + baseline];
    EXPECT_NE(record.find_metric("ratio." + baseline), nullptr);
    EXPECT_NE(record.find_metric("ratio." + baseline + ".joint"), nullptr);
    ASSERT_TRUE(record.pair);
    if (baseline == "fp16") {
      EXPECT_THAT(fp16_ids, Contains(record.pair->baseline));
    }
  }
  EXPECT_EQ(count["fp16"], 4);
  EXPECT_EQ(count["w8/fp16"], 4);
  EXPECT_EQ(count["w8a8/fp16"], 4);
  EXPECT_EQ(count["w8a8/w8"], 4);
  EXPECT_EQ(count["verdict"], 2);
}

TEST(Probe, AVerdictBringsTheFp16TimesThatItNeeds) {
  const auto cases = cases_of(kSmallLadder, small_settings("variant=lut4"));
  std::set<std::string> variants;
  for (const runner::Case& one : cases) variants.insert(one.planned.front().variant);
  EXPECT_EQ(variants, (std::set<std::string>{"fp16", "lut4"}));
}

TEST(Probe, ProgramsOutsideTheLanguageAreRunByTheirMeaningAndSaidToBe) {
  ProbeOptions options = kSmallLadder;
  options.variants = {"u4", "lut4_ios16"};
  const auto cases = cases_of(options, small_settings("part=classic,out_channels=768"));
  Collector collector;
  ASSERT_TRUE(runner::run_cases(cases, {}, collector));
  for (const record::Record& record : collector.collected) {
    if (record.variant == "fp16") continue;
    EXPECT_EQ(record.outcome.state, record::State::ok) << record.outcome.message;
    EXPECT_THAT(record.outcome.message, HasSubstr("outside the language"));
    EXPECT_NE(record.find_metric("ratio.fp16"), nullptr);
  }
}

TEST(Probe, ShapesThatCannotEndInTimeAreLeftOutAndSaidToBe) {
  Settings settings = small_settings("part=ladder,variant=fp16");
  settings.plan.max_seconds = 1e-7;
  settings.plan.min_seconds = 0;
  const auto cases = cases_of(kSmallLadder, settings);
  Collector collector;
  ASSERT_TRUE(runner::run_cases(cases, {}, collector));
  ASSERT_FALSE(collector.collected.empty());
  for (const record::Record& record : collector.collected) {
    EXPECT_EQ(record.outcome.state, record::State::timeout);
    EXPECT_EQ(record.outcome.stage, "plan");
    EXPECT_THAT(record.outcome.message, HasSubstr("--max-time"));
  }
}

TEST(Probe, RefusesUnknownVariants) {
  const auto cases =
      probe_cases({.channels = {}, .positions = {}, .variants = {"w9"}}, open("cpu"), Settings{});
  ASSERT_FALSE(cases);
  EXPECT_THAT(cases.error().message(), HasSubstr("w9"));
}

TEST(MissingVerdicts, MergedShardsGetTheVerdictThatTheWholeRunHas) {
  const Settings settings = small_settings("part=ladder,verdict,variant=w8");
  const auto cases = cases_of(kSmallLadder, settings);
  Collector whole;
  ASSERT_TRUE(runner::run_cases(cases, {}, whole));
  ASSERT_THAT(missing_verdicts(whole.collected), IsEmpty());
  std::vector<record::Record> shards;
  record::Record verdict;
  for (const record::Record& record : whole.collected) {
    if (record.verdict) {
      verdict = record;
    } else {
      shards.push_back(record);
    }
  }
  const auto missing = missing_verdicts(shards);
  ASSERT_EQ(missing.size(), 1u);
  EXPECT_EQ(missing.front().id, verdict.id);
  EXPECT_EQ(missing.front().verdict->kind, verdict.verdict->kind);
  EXPECT_EQ(missing.front().verdict->evidence, verdict.verdict->evidence);
}

}  // namespace
}  // namespace anebench::experiments
