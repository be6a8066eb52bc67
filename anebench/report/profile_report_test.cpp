#include "anebench/report/profile_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/report/profile_samples_for_tests.h"
#include "anebench/report/roofline.h"
#include "anebench/report/terminal.h"

namespace anebench::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> column(const Table& table, std::string_view header) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].header != header) continue;
    for (const auto& row : table.rows) texts.push_back(row[i].text);
  }
  return texts;
}

std::string printed(const record::Record& record) {
  return to_terminal(profile_report({&record, 1}, {}), {});
}

TEST(ProfileReport, TypesAreSortedByTimeAndAddUpToTheTotal) {
  const Table table = operation_types_table(profile_record());
  EXPECT_THAT(column(table, "Type"), ElementsAre("conv", "add", "residual", "TOTAL"));
  EXPECT_THAT(column(table, "Steps"), ElementsAre("2", "1", "", "3"));
  EXPECT_THAT(column(table, "ms"), ElementsAre("8.000", "1.500", "0.5000", "10.00"));
  EXPECT_THAT(column(table, "Share"), ElementsAre("80.0 %", "15.0 %", "5.0 %", "100.0 %"));
}

TEST(ProfileReport, RatesAreOfTheGroupsTime) {
  const Table table = operation_types_table(profile_record());
  EXPECT_THAT(column(table, "ms/step")[0], "4.000");
  EXPECT_THAT(column(table, "GOP")[0], "1.00");
  EXPECT_THAT(column(table, "GOPS")[0], "125");
  EXPECT_THAT(column(table, "GB/s")[0], "0.500");
}

TEST(ProfileReport, LayersStayInTheirOrder) {
  const Table table = layers_table(profile_record());
  EXPECT_THAT(column(table, "Layer"), ElementsAre("conv_000", "conv_001", "residual", "TOTAL"));
  EXPECT_THAT(column(table, "ms"), ElementsAre("6.500", "3.000", "0.5000", "10.00"));
}

TEST(ProfileReport, OfManyLayersTheLongestAreShownAndTheRestIsSummedUp) {
  record::Record record = profile_record();
  record.profile->steps.clear();
  for (int i = 0; i < 30; ++i) {
    const std::string name = "conv_" + std::to_string(i);
    record.profile->steps.push_back(sample_step(name, "conv", name, i < 29 ? 0.1 : 6.6));
  }
  const Table table = layers_table(record);
  EXPECT_EQ(column(table, "Layer").front(), "conv_29");
  EXPECT_EQ(column(table, "Layer")[20], "10 others");
  EXPECT_EQ(column(table, "ms")[20], "1.000");
  EXPECT_EQ(table.rows.size(), 23u);
}

TEST(ProfileReport, TheLongestStepsComeFirstWithTheirPlaceUnderTheRoof) {
  const Table table = steps_table(profile_record());
  EXPECT_THAT(column(table, "Step"), ElementsAre("conv_000", "conv_001", "add_000"));
  EXPECT_THAT(column(table, "Bound"), ElementsAre("compute", "compute", "memory"));
  EXPECT_THAT(column(table, "OP/B"), ElementsAre("250", "250", "0.0833"));
  // 5e8 operations in 5 ms of 2e11 a second.
  EXPECT_EQ(column(table, "Roof").front(), "50 %");
}

TEST(ProfileReport, ConvolutionsAreShownWithWhatGoesInAndOut) {
  const Table table = convolutions_table(profile_record());
  EXPECT_THAT(column(table, "Step"), ElementsAre("conv_000", "conv_001"));
  EXPECT_EQ(column(table, "In").front(), "fp16 [1, 32, 8, 8]");
  EXPECT_EQ(column(table, "Out").front(), "fp16 [1, 64, 8, 8]");
  EXPECT_THAT(column(table, "Efficiency"), ElementsAre("50 %", "83 %"));
}

TEST(ProfileReport, TheHeaderSaysWhatWasReadAndHowManyOperationsItHas) {
  const std::string text = printed(profile_record());
  EXPECT_THAT(text, HasSubstr("package with an ML program"));
  EXPECT_THAT(text, HasSubstr("3, and 12 that hold or expand constants"));
}

TEST(ProfileReport, KernelsAndTheReasonsOfSlowerOnesAreNamed) {
  const std::string text = printed(profile_record());
  EXPECT_THAT(text, HasSubstr("kernel_of_conv"));
  EXPECT_THAT(text, HasSubstr("1 step, 15.0 %: no kernel for <this> & that"));
}

TEST(ProfileReport, ALargeResidualIsPointedOut) {
  record::Record record = profile_record();
  EXPECT_THAT(printed(record), Not(HasSubstr("explain the evaluation badly")));
  for (record::Metric& metric : record.metrics) {
    if (metric.tag == "share.residual") metric.value = -0.2;
  }
  EXPECT_THAT(printed(record), HasSubstr("explain the evaluation badly: -20.0 %"));
}

TEST(ProfileReport, WithoutStepsItSaysSo) {
  record::Record record = profile_record();
  record.profile->steps.clear();
  EXPECT_THAT(printed(record), HasSubstr("does not tell its steps apart"));
}

TEST(ProfileReport, AWrongResultHasNoTimes) {
  record::Record record = profile_record();
  record.outcome = {record::State::wrong, "check", "3 of 4 values differ", {}};
  const std::string text = printed(record);
  EXPECT_THAT(text, HasSubstr("3 of 4 values differ"));
  EXPECT_THAT(text, Not(HasSubstr("conv_000")));
}

TEST(ProfileReport, AMistrustedMeasurementsTimesAreMarked) {
  record::Record record = profile_record();
  record.outcome.validity = {"core_contended"};
  EXPECT_EQ(column(operation_types_table(record), "ms").front(), "?8.000");
}

TEST(Roofline, ThePeakIsThatOfThePrecision) {
  record::Record record = profile_record();
  record::ProfileStep& step = record.profile->steps.front();
  EXPECT_EQ(*roofline_point(record, step)->roof, 2e11) << "fp16 is computed in fp32";
  step.precision = "int8";
  EXPECT_EQ(*roofline_point(record, step)->roof, 8e11);
  step.arithmetic = 2e7;
  EXPECT_EQ(*roofline_point(record, step)->roof, 1e11) << "10 operations a byte";
  EXPECT_EQ(bound_of(record, step), "memory");
}

TEST(Roofline, WithoutCeilingsThereIsNoBound) {
  record::Record record = profile_record();
  record.device.peaks.clear();
  const record::ProfileStep& step = record.profile->steps.front();
  ASSERT_TRUE(roofline_point(record, step));
  EXPECT_FALSE(roofline_point(record, step)->roof);
  EXPECT_EQ(bound_of(record, step), "");
}

TEST(Roofline, MovingDataIsBoundByMemory) {
  record::Record record = profile_record();
  record::ProfileStep& step = record.profile->steps.front();
  step.arithmetic = 0;
  EXPECT_FALSE(roofline_point(record, step));
  EXPECT_EQ(bound_of(record, step), "memory");
  step.arithmetic.reset();
  EXPECT_EQ(bound_of(record, step), "") << "not known";
}

}  // namespace
}  // namespace anebench::report
