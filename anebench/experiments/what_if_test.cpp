#include "anebench/experiments/what_if.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/experiments/collector_for_tests.h"
#include "anebench/programs/catalogue.h"
#include "anebench/runner/run.h"

namespace anebench::experiments {
namespace {

using testing::HasSubstr;

// Large enough that arithmetic decides on an M5, and small enough to run.
constexpr const char* kWhatIfChain = "conv_chain:channels=256,height=32,width=32,depth=4";

struct WhatIfCase {
  programs::BenchmarkProgram program;
  std::unique_ptr<device::Device> cpu;

  Result<std::vector<PredictVariant>> variants(const std::vector<std::string>& schemes) const {
    WhatIf what_if;
    for (const std::string& name : schemes) {
      what_if.schemes.push_back(*transform::find_scheme(name));
    }
    what_if.inputs = program.inputs;
    what_if.inputs_text = "its own";
    return quantized_variants(*cpu, {program.program, program.weights}, what_if);
  }
};

WhatIfCase what_if_case(const std::string& name) {
  auto built = programs::build(name);
  EXPECT_TRUE(built) << built.error().to_string();
  auto cpu = device::open("cpu", {.threads = 2});
  EXPECT_TRUE(cpu) << cpu.error().to_string();
  return {std::move(*built), std::move(*cpu)};
}

std::vector<record::Record> predicted_what_if(const WhatIfCase& what_if,
                                              const std::vector<std::string>& schemes,
                                              const std::vector<std::string>& chips) {
  PredictSubject subject;
  subject.spec = what_if.program.spec;
  subject.argument = kWhatIfChain;
  subject.options = {"--quantize", "w8a8"};
  subject.variants.push_back({"model", what_if.program.program});
  auto variants = what_if.variants(schemes);
  EXPECT_TRUE(variants) << variants.error().to_string();
  if (!variants) return {};
  for (PredictVariant& variant : *variants) subject.variants.push_back(std::move(variant));
  const auto cases = predict_cases(std::move(subject), chips, {});
  EXPECT_TRUE(cases) << cases.error().to_string();
  if (!cases) return {};
  Collector collector;
  EXPECT_TRUE(runner::run_cases(*cases, {}, collector));
  return collector.collected;
}

double metric_value(const record::Record& record, const char* tag) {
  const record::Metric* metric = record.find_metric(tag);
  EXPECT_NE(metric, nullptr) << tag;
  return metric == nullptr ? 0 : metric->value;
}

TEST(WhatIf, AVariantSaysWhatChangedAndWhatItCosts) {
  const auto variants = what_if_case(kWhatIfChain).variants({"w8", "w8a8"});
  ASSERT_TRUE(variants) << variants.error().to_string();
  ASSERT_EQ(variants->size(), 2u);
  const Quantization& weights = *(*variants)[0].quantization;
  EXPECT_EQ((*variants)[0].name, "w8");
  EXPECT_EQ(weights.weights, 4u);
  EXPECT_EQ(weights.activations, 0u);
  ASSERT_TRUE(weights.output_snr_db);
  const Quantization& both = *(*variants)[1].quantization;
  EXPECT_EQ(both.weights, 4u);
  EXPECT_GT(both.activations, 0u);
  ASSERT_TRUE(both.output_snr_db);
  EXPECT_GT(*both.output_snr_db, 20) << "8 bits a layer";
  EXPECT_LT(*both.output_snr_db, *weights.output_snr_db) << "activations lose, too";
}

TEST(WhatIf, Int8ArithmeticGainsWhereTheChipHasIt) {
  const auto records = predicted_what_if(what_if_case(kWhatIfChain), {"w8a8"}, {"m2max", "m5"});
  ASSERT_EQ(records.size(), 4u);
  const record::Record& m2 = records[1];
  const record::Record& m5 = records[3];
  EXPECT_EQ(m2.origin, Origin::predicted);
  EXPECT_DOUBLE_EQ(metric_value(m2, "gain.arithmetic"), 1);
  EXPECT_GT(metric_value(m5, "gain.arithmetic"), 1.05);
  for (const record::Record* record : {&m2, &m5}) {
    const double product =
        metric_value(*record, "gain.arithmetic") * metric_value(*record, "gain.weights") *
        metric_value(*record, "gain.activations") * metric_value(*record, "gain.other");
    EXPECT_NEAR(metric_value(*record, "ratio.model"), product, 1e-12);
    EXPECT_GT(metric_value(*record, "gain.activations"), 1) << "half the bytes";
  }
  EXPECT_THAT(m5.find_metric("snr.output")->description, HasSubstr("computed, not predicted"));
  EXPECT_THAT(m5.repro, HasSubstr("--quantize w8a8"));
}

TEST(WhatIf, WeightsAloneGainNoArithmetic) {
  const auto records = predicted_what_if(what_if_case(kWhatIfChain), {"w8", "lut4"}, {"m5"});
  ASSERT_EQ(records.size(), 3u);
  for (std::size_t i = 1; i < records.size(); ++i) {
    EXPECT_DOUBLE_EQ(metric_value(records[i], "gain.arithmetic"), 1);
    EXPECT_DOUBLE_EQ(metric_value(records[i], "gain.activations"), 1);
    EXPECT_DOUBLE_EQ(metric_value(records[i], "gain.weights"),
                     metric_value(records[i], "ratio.model"));
    EXPECT_LT(records[i].program.weight_bytes, records[0].program.weight_bytes);
  }
}

TEST(WhatIf, ASchemeThatChangesNothingIsAnErrorWithTheReason) {
  const auto variants =
      what_if_case("conv_chain:channels=16,height=4,width=4,depth=2").variants({"w8"});
  ASSERT_FALSE(variants);
  EXPECT_EQ(variants.error().code(), ErrorCode::unsupported);
  EXPECT_THAT(variants.error().to_string(), HasSubstr("w8 changes nothing in this program"));
}

}  // namespace
}  // namespace anebench::experiments
