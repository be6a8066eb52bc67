// The experiments on the chip model: what they say of chips whose answers are published.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "anebench/device/chip/chip_device.h"
#include "anebench/experiments/ceiling.h"
#include "anebench/experiments/chain_experiment.h"
#include "anebench/experiments/collector_for_tests.h"
#include "anebench/experiments/int8.h"
#include "anebench/experiments/probe.h"
#include "anebench/experiments/profile.h"
#include "anebench/experiments/reload.h"
#include "anebench/programs/catalogue.h"
#include "anebench/runner/run.h"

namespace anebench::experiments {
namespace {

using testing::HasSubstr;

Settings quick_settings() {
  Settings settings;
  settings.quick = true;
  settings.plan = measure::quick_plan();
  return settings;
}

std::shared_ptr<device::Device> chip(const char* name, const device::ChipOptions& options = {}) {
  auto opened = device::open_chip(name, options);
  EXPECT_TRUE(opened) << opened.error().to_string();
  return std::move(*opened);
}

std::vector<record::Record> records_of(const Result<std::vector<runner::Case>>& cases) {
  EXPECT_TRUE(cases) << cases.error().to_string();
  if (!cases) return {};
  Collector collector;
  const auto ran = runner::run_cases(*cases, {}, collector);
  EXPECT_TRUE(ran) << ran.error().to_string();
  for (const record::Record& record : collector.collected) {
    EXPECT_EQ(record.origin, Origin::predicted) << record.variant;
  }
  return collector.collected;
}

// The verdict on a variant, as kind and whole evidence.
std::pair<std::string, std::string> verdict_on(const char* chip_name, const std::string& variant,
                                               const device::ChipOptions& options = {}) {
  ProbeOptions probe;
  probe.variants = {variant};
  probe.ladder_only = true;
  for (const record::Record& record :
       records_of(probe_cases(probe, chip(chip_name, options), quick_settings()))) {
    if (!record.verdict) continue;
    std::string evidence = record.verdict->reason;
    for (const std::string& sentence : record.verdict->evidence) evidence += " " + sentence;
    return {record.verdict->kind, evidence};
  }
  ADD_FAILURE() << "no verdict on " << variant;
  return {};
}

TEST(ChipProbe, W8A8IsNativeOnM5AndNotOnM2) {
  EXPECT_EQ(verdict_on("m5", "w8a8").first, "native_compute");
  const auto [kind, evidence] = verdict_on("m2", "w8a8");
  EXPECT_EQ(kind, "not_native");
  // It moves fewer bytes, of weights and of activations, and computes in fp16.
  EXPECT_THAT(evidence, HasSubstr("compressed"));
}

TEST(ChipProbe, WeightsAloneAreNotNativeAnywhere) {
  for (const char* name : {"m1", "m4", "m5"}) {
    EXPECT_EQ(verdict_on(name, "w8").first, "not_native") << name;
  }
}

TEST(ChipProbe, NoiseDoesNotChangeTheVerdict) {
  const device::ChipOptions noisy = {.noise = stats::NoiseKind::lognormal, .seed = 3};
  EXPECT_EQ(verdict_on("m5", "w8a8", noisy).first, "native_compute");
}

TEST(ChipInt8, RunsWithoutArithmeticAndSaysSo) {
  const auto records = records_of(chain_cases(int8_experiment(), chip("m5"), quick_settings()));
  ASSERT_EQ(records.size(), 10u);
  for (const record::Record& record : records) {
    EXPECT_EQ(record.outcome.state, record::State::ok) << record.outcome.message;
    ASSERT_TRUE(record.check);
    EXPECT_EQ(record.check->result, "skipped");
    EXPECT_THAT(record.check->reason, HasSubstr("computes nothing"));
    EXPECT_FALSE(record.host.before);
    EXPECT_THAT(record.device.remarks, testing::Contains(HasSubstr("published rows of this chip")));
  }
  const record::Metric* gain = records[1].find_metric("ratio.fp16");
  ASSERT_NE(gain, nullptr);
  EXPECT_NEAR(gain->value, 15.083 / 8.032, 0.06);
}

TEST(ChipReload, CannotBeAnsweredByAModel) {
  ReloadOptions options;
  options.layers = {1};
  options.channels = {64};
  const auto records = records_of(reload_cases(options, chip("m4"), quick_settings()));
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].outcome.state, record::State::unsupported);
  EXPECT_THAT(records[0].outcome.message, HasSubstr("reads no weights"));
}

TEST(ChipCeiling, PredictsEvaluationsAndLeavesTheHostsWorkOut) {
  const auto records = records_of(ceiling_cases({}, chip("m4"), quick_settings()));
  ASSERT_FALSE(records.empty());
  const auto of = [&](const char* variant) {
    return *std::ranges::find(records, variant, &record::Record::variant);
  };
  const double floor_ms = device::chip_table().find("m4")->call_floor_us.value * 1e-3;
  EXPECT_EQ(of("run_only").outcome.state, record::State::ok) << of("run_only").outcome.message;
  EXPECT_GT(of("run_only").find_metric("time.kernel")->value, floor_ms);
  // Eleven calls less.
  EXPECT_GT(of("one_program").find_metric("ratio.shared_surfaces")->value, 5);
  EXPECT_EQ(of("copies_only").outcome.state, record::State::unsupported);
  EXPECT_EQ(of("queue").outcome.state, record::State::unsupported);
}

TEST(ChipProfile, StepsAreThePredictionsAndNothingIsLeft) {
  auto built = programs::build("conv_chain:channels=64,height=16,width=16,depth=4,precision=w8a8",
                               programs::Content::structure);
  ASSERT_TRUE(built);
  const ProfileSubject subject = {
      std::make_shared<const programs::BenchmarkProgram>(std::move(*built)), "conv_chain"};
  const auto records = records_of(profile_cases(subject, chip("m5"), quick_settings()));
  ASSERT_EQ(records.size(), 1u);
  EXPECT_NEAR(records[0].find_metric("share.residual")->value, 0, 1e-6);
  ASSERT_TRUE(records[0].profile);
  EXPECT_EQ(records[0].profile->steps.size(), 6u);  // call, transfer, four layers
}

}  // namespace
}  // namespace anebench::experiments
