#include "anebench/report/quantize_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "anebench/report/terminal.h"

namespace anebench::report {
namespace {

using mil::DataType;
using mil::Type;
using testing::HasSubstr;
using testing::Not;
using transform::ActivationOutcome;
using transform::WeightOutcome;

QuantizedModel sample_quantized() {
  QuantizedModel quantized;
  quantized.model = "a.mlpackage";
  quantized.output = "b.mlpackage";
  quantized.scheme = *transform::find_scheme("w8a8");
  quantized.calibration = "random, seed 1, on cpu";
  const Type type = Type::tensor(DataType::fp16, {64, 64, 1, 1});
  quantized.report.weights = {
      {"main", "w1", type, "conv 'y'", WeightOutcome::quantized, "", 8192, 4292, 43.25},
      {"main", "w2", type, "conv 'z'", WeightOutcome::quantized, "", 8192, 4292,
       std::numeric_limits<double>::infinity()},
      {"main", "b1", Type::tensor(DataType::fp16, {64}), "conv 'y'", WeightOutcome::vector, "", 128,
       128, 0},
      {"main", "b2", Type::tensor(DataType::fp16, {64}), "conv 'z'", WeightOutcome::vector, "", 128,
       128, 0}};
  quantized.report.activations = {
      {"main", "conv 'y'", "x", ActivationOutcome::quantized, 3.5, 0.03125},
      {"main", "conv 'z'", "y", ActivationOutcome::always_zero, 0, 0}};
  quantized.report.opsets = {{"main", "ios15", "ios17"}};
  return quantized;
}

std::string text_of(const QuantizedModel& quantized, bool lists_all = false) {
  return to_terminal(quantize_report(quantized, {.lists_all = lists_all}), {});
}

TEST(QuantizeReport, SaysWhatChangedAndHowMuchSmallerItIs) {
  const std::string text = text_of(sample_quantized());
  EXPECT_THAT(text, HasSubstr("raised from ios15 to ios17"));
  EXPECT_THAT(text, HasSubstr("2 of 4, 16 KiB → 8.38 KiB (52 %)"));
  EXPECT_THAT(text, HasSubstr("of 1 of 2 operations"));
  EXPECT_THAT(text, HasSubstr("43.2"));
  EXPECT_THAT(text, HasSubstr("equal"));
  EXPECT_THAT(text, HasSubstr("0.03125"));
}

TEST(QuantizeReport, CountsWhatStayedAndNamesItOnRequest) {
  const std::string brief = text_of(sample_quantized());
  EXPECT_THAT(brief, HasSubstr("2: it is a vector, such as a bias"));
  EXPECT_THAT(brief, HasSubstr("1: its activation was always 0"));
  EXPECT_THAT(brief, Not(HasSubstr("b2")));
  const std::string full = text_of(sample_quantized(), true);
  EXPECT_THAT(full, HasSubstr("b2: it is a vector, such as a bias"));
  EXPECT_THAT(full, HasSubstr("conv 'z': its activation was always 0"));
}

TEST(QuantizeReport, SaysThatNothingChanged) {
  QuantizedModel quantized = sample_quantized();
  quantized.report.weights.erase(quantized.report.weights.begin(),
                                 quantized.report.weights.begin() + 2);
  quantized.report.activations.clear();
  quantized.output.clear();
  const std::string text = text_of(quantized);
  EXPECT_THAT(text, HasSubstr("Nothing was changed"));
  EXPECT_THAT(text, HasSubstr("none of 2"));
}

TEST(QuantizeReport, NamesFunctionsWhereThereAreSeveral) {
  QuantizedModel quantized = sample_quantized();
  quantized.report.weights[1].function = "other";
  EXPECT_THAT(text_of(quantized), HasSubstr("other/w2"));
}

TEST(QuantizeJson, HasEveryFigureAndReason) {
  const Json json = quantize_json(sample_quantized());
  EXPECT_EQ(json["schema"], "anebench-quantize/1");
  EXPECT_EQ(json["scheme"], "w8a8");
  EXPECT_EQ(json["weights"].size(), 4u);
  EXPECT_EQ(json["weights"][0]["bytes"]["after"], 4292);
  EXPECT_EQ(json["weights"][0]["snr_db"], 43.25);
  EXPECT_EQ(json["weights"][2]["reason"], "it is a vector, such as a bias");
  EXPECT_EQ(json["activations"][0]["scale"], 0.03125);
  EXPECT_EQ(json["activations"][1]["quantized"], false);
  EXPECT_EQ(json["opsets"][0]["after"], "ios17");
}

}  // namespace
}  // namespace anebench::report
