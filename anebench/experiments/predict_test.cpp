#include "anebench/experiments/predict.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/experiments/collector_for_tests.h"
#include "anebench/mil/builder.h"
#include "anebench/programs/catalogue.h"
#include "anebench/record/schema.h"
#include "anebench/record/schema_validator_for_tests.h"
#include "anebench/runner/run.h"

namespace anebench::experiments {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

PredictSubject chain_subject(const std::vector<std::string>& precisions) {
  PredictSubject subject;
  subject.argument = "conv_chain";
  for (const std::string& precision : precisions) {
    auto built = programs::build("conv_chain:channels=512,depth=64,precision=" + precision,
                                 programs::Content::structure);
    EXPECT_TRUE(built) << built.error().to_string();
    subject.spec = built->spec;
    subject.variants.push_back({precision, built->program});
  }
  return subject;
}

std::vector<record::Record> predicted(PredictSubject subject, const std::vector<std::string>& chips,
                                      const Settings& settings = {}) {
  const auto cases = predict_cases(std::move(subject), chips, settings);
  EXPECT_TRUE(cases) << cases.error().to_string();
  if (!cases) return {};
  Collector collector;
  EXPECT_TRUE(runner::run_cases(*cases, {}, collector));
  return collector.collected;
}

double figure(const record::Record& record, const char* tag) {
  const record::Metric* metric = record.find_metric(tag);
  EXPECT_NE(metric, nullptr) << tag;
  return metric == nullptr ? 0 : metric->value;
}

TEST(Predict, LeavesARecordAChipAndVariant) {
  const auto records = predicted(chain_subject({"fp16", "w8a8"}), {"m2max", "m5"});
  ASSERT_EQ(records.size(), 4u);
  record::SchemaValidator validator(*parse_json(record::schema_text()));
  for (const record::Record& record : records) {
    EXPECT_EQ(record.origin, Origin::predicted);
    EXPECT_EQ(record.experiment, "predict");
    EXPECT_EQ(record.outcome.state, record::State::ok);
    EXPECT_THAT(validator.problems(record::to_json(record)), IsEmpty());
    const double parts = figure(record, "time.call") + figure(record, "time.transfer");
    double shares = parts / figure(record, "time.eval");
    for (const record::Metric& metric : record.metrics) {
      if (metric.tag.starts_with("share.bound.")) shares += metric.value;
    }
    EXPECT_NEAR(shares, 1, 1e-9);
  }
  EXPECT_NEAR(figure(records[2], "time.eval"), 7.749, 0.2);  // published
  EXPECT_LT(figure(records[1], "ratio.fp16"), 1.2);          // M2 Max
  EXPECT_GT(figure(records[3], "ratio.fp16"), 1.8);          // M5
}

TEST(Predict, SaysTheKnownErrorOrThatThereIsNone) {
  const auto chain = predicted(chain_subject({"fp16"}), {"m5"});
  ASSERT_EQ(chain.size(), 1u);
  EXPECT_LT(figure(chain[0], "error.mean"), 0.02);
  EXPECT_THAT(chain[0].outcome.message, HasSubstr("published rows of this chip"));

  mil::Builder builder("1.3", mil::Opset::ios18);
  const auto type = mil::Type::tensor(mil::DataType::fp16, {1, 64, 256, 256});
  builder.input("x", type);
  std::string x = "x";
  for (int i = 0; i < 16; ++i) {
    const std::string y = fmt::format("y{}", i);
    builder.op("exp", y, type, {{"x", x}});
    x = y;
  }
  PredictSubject subject;
  subject.spec = programs::ProgramSpec("exponentials", {});
  subject.variants.push_back({"model", builder.finish({x})});
  const auto other = predicted(std::move(subject), {"m5"});
  ASSERT_EQ(other.size(), 1u);
  EXPECT_EQ(other[0].find_metric("error.mean"), nullptr);
  EXPECT_THAT(other[0].outcome.message, HasSubstr("no data for this kind of program"));
}

PredictSubject six_dimensions() {
  mil::Builder builder("1.3", mil::Opset::ios18);
  const auto type = mil::Type::tensor(mil::DataType::fp16, {1, 1, 1, 1, 8, 8});
  builder.input("x", type);
  builder.op("exp", "y", type, {{"x", "x"}});
  PredictSubject subject;
  subject.spec = programs::ProgramSpec("six", {});
  subject.argument = "six.mil";
  subject.variants.push_back({"model", builder.finish({"y"})});
  return subject;
}

TEST(Predict, WhatAnEngineRefusesIsUnsupportedWithTheReason) {
  const auto records = predicted(six_dimensions(), {"m4"});
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].outcome.state, record::State::unsupported);
  EXPECT_THAT(records[0].outcome.message, HasSubstr("at most 5 dimensions"));
  EXPECT_EQ(records[0].find_metric("time.eval"), nullptr);
}

TEST(Predict, LenientlyItIsPredictedWithTheReason) {
  Settings settings;
  settings.lenient = true;
  const auto records = predicted(six_dimensions(), {"m4"}, settings);
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].outcome.state, record::State::ok);
  EXPECT_THAT(records[0].outcome.message, HasSubstr("at most 5 dimensions"));
  EXPECT_GT(figure(records[0], "time.eval"), 0);
  EXPECT_EQ(records[0].repro, "anebench predict six.mil --chip m4 --lenient");
}

TEST(Predict, AnUnknownChipIsAnError) {
  const auto cases = predict_cases(six_dimensions(), {"m77"}, {});
  ASSERT_FALSE(cases);
  EXPECT_THAT(cases.error().message(), HasSubstr("m77"));
}

}  // namespace
}  // namespace anebench::experiments
