#include "anebench/experiments/chain_experiment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "anebench/experiments/collector_for_tests.h"
#include "anebench/experiments/int8.h"
#include "anebench/experiments/peak.h"
#include "anebench/runner/run.h"

namespace anebench::experiments {
namespace {

using testing::HasSubstr;

ChainExperiment small_experiment(Precisions precisions = Precisions::both) {
  ChainExperiment experiment;
  experiment.identity = {.experiment = "int8", .arguments = {"int8"}, .qos = 0};
  experiment.precisions = precisions;
  experiment.configurations = {{.channels = 32, .spatial = 8, .depth = 5},
                               {.channels = 16, .spatial = 8, .depth = 3}};
  return experiment;
}

// Few samples: these tests are about what is recorded, not about time.
Settings small_settings() {
  Settings settings;
  settings.plan = measure::classic_plan(1, 3);
  return settings;
}

std::shared_ptr<device::Device> open_cpu() {
  auto device = device::open("cpu", {.threads = 2});
  EXPECT_TRUE(device) << device.error().to_string();
  return std::move(*device);
}

Result<void> run_chain_experiment(const ChainExperiment& experiment,
                                  const std::shared_ptr<device::Device>& device,
                                  const Settings& settings, runner::Reporter& reporter) {
  ANEBENCH_ASSIGN(cases, chain_cases(experiment, device, settings));
  return runner::run_cases(cases, {}, reporter);
}

// The programs that would run.
std::vector<programs::ProgramSpec> chain_specs(const ChainExperiment& experiment,
                                               const Settings& settings) {
  std::vector<programs::ProgramSpec> specs;
  const auto cases = chain_cases(experiment, open_cpu(), settings);
  EXPECT_TRUE(cases) << cases.error().to_string();
  if (!cases) return specs;
  for (const runner::Case& one : *cases) {
    for (const record::Record& record : one.planned) {
      specs.emplace_back(record.program.name, record.program.parameters);
    }
  }
  return specs;
}

TEST(ChainExperiment, RecordsBothPrecisionsWithCheckTimesAndRatio) {
  const auto device = open_cpu();
  Settings settings = small_settings();
  settings.plan = measure::quick_plan();
  settings.plan.samples = 24;
  Collector collector;
  const auto result = run_chain_experiment(small_experiment(), device, settings, collector);
  ASSERT_TRUE(result) << result.error().to_string();
  ASSERT_EQ(collector.collected.size(), 4u);
  for (const record::Record& record : collector.collected) {
    EXPECT_EQ(record.outcome.state, record::State::ok) << record.outcome.message;
    EXPECT_EQ(record.origin, Origin::measured);
    ASSERT_TRUE(record.check);
    EXPECT_EQ(record.check->result, "passed") << record.check->reason;
    EXPECT_EQ(record.check->bit_identical || record.variant == "fp16", true);
    for (const char* tag : {"time.eval", "time.compile", "time.load", "time.first", "rate.ops",
                            "share.peak", "size.weights"}) {
      ASSERT_NE(record.find_metric(tag), nullptr) << tag;
      EXPECT_GT(record.find_metric(tag)->value, 0) << tag;
    }
    EXPECT_TRUE(record.samples);
    EXPECT_THAT(record.repro, HasSubstr("anebench int8 --device cpu"));
  }
  const record::Record& fp16 = collector.collected[0];
  const record::Record& w8a8 = collector.collected[1];
  EXPECT_EQ(fp16.variant, "fp16");
  ASSERT_EQ(w8a8.variant, "w8a8");
  ASSERT_NE(w8a8.find_metric("ratio.fp16"), nullptr);
  ASSERT_TRUE(w8a8.pair);
  EXPECT_EQ(w8a8.pair->baseline, fp16.id);
  EXPECT_EQ(w8a8.pair->orders.size() * 2, 24u);
  EXPECT_EQ(w8a8.samples->series.size(), 2u);
}

TEST(ChainExperiment, IdsDifferBetweenCasesAndRepeatBetweenRuns) {
  const auto device = open_cpu();
  Collector first;
  Collector second;
  ASSERT_TRUE(run_chain_experiment(small_experiment(), device, small_settings(), first));
  ASSERT_TRUE(run_chain_experiment(small_experiment(), device, small_settings(), second));
  std::set<std::string> ids;
  ASSERT_EQ(first.collected.size(), second.collected.size());
  for (std::size_t i = 0; i < first.collected.size(); ++i) {
    ids.insert(first.collected[i].id);
    EXPECT_EQ(first.collected[i].id, second.collected[i].id);
    EXPECT_NE(first.collected[i].run, second.collected[i].run);
  }
  EXPECT_EQ(ids.size(), first.collected.size());
}

TEST(ChainExperiment, DoesNotRunAgainWhatIsDone) {
  const auto device = open_cpu();
  Collector first;
  ASSERT_TRUE(run_chain_experiment(small_experiment(), device, small_settings(), first));
  Collector resumed;
  for (std::size_t i = 0; i < 2; ++i) resumed.done.insert(first.collected[i].id);
  ASSERT_TRUE(run_chain_experiment(small_experiment(), device, small_settings(), resumed));
  ASSERT_EQ(resumed.collected.size(), 2u);
  EXPECT_EQ(resumed.collected[0].id, first.collected[2].id);
}

TEST(ChainExperiment, ClassicProtocolTakesItsCountsAndHasNoInterval) {
  const auto device = open_cpu();
  Collector collector;
  ASSERT_TRUE(run_chain_experiment(small_experiment(Precisions::fp16), device, small_settings(),
                                   collector));
  const record::Record& record = collector.collected[0];
  EXPECT_EQ(record.samples->series[0].warmup_count, 10u);
  EXPECT_EQ(record.samples->series[0].values.size(), 60u);
  EXPECT_FALSE(record.find_metric("time.eval")->low);
  EXPECT_THAT(record.find_metric("time.eval")->description, HasSubstr("mean"));
}

TEST(ChainExperiment, TheFilterChoosesConfigurations) {
  Settings settings = small_settings();
  settings.filter = *CaseFilter::parse("channels=16");
  const auto specs = chain_specs(small_experiment(), settings);
  ASSERT_EQ(specs.size(), 2u);
  EXPECT_EQ(specs[0].integer("channels"), 16);
  settings.filter = *CaseFilter::parse("channels=17");
  const auto device = open_cpu();
  Collector collector;
  const auto result = run_chain_experiment(small_experiment(), device, settings, collector);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message(), HasSubstr("filter"));
}

TEST(Int8, HasTheConfigurationsOfItsSpecification) {
  const auto specs = chain_specs(int8_experiment(), Settings{});
  ASSERT_EQ(specs.size(), 10u);
  EXPECT_EQ(specs[0].integer("channels"), 512);
  EXPECT_EQ(specs[0].integer("depth"), 128);
  EXPECT_EQ(specs[4].integer("depth"), 256);
}

TEST(Peak, HasTheConfigurationsOfItsSpecification) {
  const auto experiment = peak_experiment({.batch = 2, .spatial = 32, .relu = true});
  ASSERT_TRUE(experiment);
  EXPECT_EQ(experiment->configurations.size(), 10u);
  EXPECT_EQ(experiment->configurations[0].batch, 2);
  EXPECT_TRUE(experiment->configurations[0].relu);
  EXPECT_EQ(command_line(experiment->identity.arguments),
            "anebench peak 2 32 --relu --precision fp16");
}

TEST(Peak, TheFlatLayoutIsFp16Only) {
  EXPECT_FALSE(peak_experiment({.precisions = Precisions::both, .flat = true}));
  EXPECT_FALSE(peak_experiment({.batch = 2, .flat = true}));
  EXPECT_TRUE(peak_experiment({.flat = true}));
}

}  // namespace
}  // namespace anebench::experiments
