#include "anebench/report/chip_reports.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/report/chip_plot.h"
#include "anebench/report/predict_report.h"
#include "anebench/report/terminal.h"
#include "anebench/report/text_width.h"
#include "anebench/report/xml_checker_for_tests.h"

namespace anebench::report {
namespace {

using experiments::chip_validation;
using testing::HasSubstr;
using testing::Not;

void expect_fits(const std::string& text) {
  std::size_t start = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', start)) {
    EXPECT_LE(display_width(text.substr(start, end - start)), 100u)
        << text.substr(start, end - start);
    start = end + 1;
  }
}

TEST(ChipReports, TheListSaysThatNothingWasMeasuredAndNamesEverySource) {
  const std::string text = to_terminal(chip_list(device::chip_table()));
  EXPECT_THAT(text, HasSubstr("nothing here was measured"));
  EXPECT_THAT(text, HasSubstr("the vendor's rating of the M1"));
  EXPECT_THAT(text, HasSubstr("macOS 15"));
  expect_fits(text);
}

TEST(ChipReports, TheValidationShowsEveryPredictedRow) {
  const std::vector<ValidationTarget> targets = {
      {"64×64 chains", {.rows = 3, .mean = 0.01, .worst = 0.07}, 0.02, 0.06}};
  const std::string short_text = to_terminal(validation_report(chip_validation(), targets, false));
  EXPECT_THAT(short_text, HasSubstr("missed"));
  EXPECT_THAT(short_text, Not(HasSubstr("Published ms")));
  const std::string text = to_terminal(validation_report(chip_validation(), targets, true));
  EXPECT_THAT(text, HasSubstr("Published ms"));
  EXPECT_THAT(text, HasSubstr("15.08"));
  expect_fits(text);
}

TEST(ChipReports, ATargetWithoutABoundOnTheWorstAsksForTheMeanAlone) {
  EXPECT_TRUE((ValidationTarget{"", {.rows = 1, .mean = 0.1, .worst = 0.9}, 0.12, 0}.is_met()));
  EXPECT_FALSE((ValidationTarget{"", {.rows = 1, .mean = 0.1, .worst = 0.9}, 0.12, 0.5}.is_met()));
}

TEST(ChipPlot, IsWellFormedAndTellsPredictedFromPublished) {
  const std::string svg = validation_svg(chip_validation());
  EXPECT_THAT(XmlChecker::problem(svg), testing::IsEmpty());
  EXPECT_THAT(svg, HasSubstr("published 15.083 ms, predicted"));
  EXPECT_THAT(svg, HasSubstr("hollow: not fitted"));
}

TEST(PredictReport, WithoutRecordsItIsEmpty) { EXPECT_TRUE(predict_report({}, {}).blocks.empty()); }

}  // namespace
}  // namespace anebench::report
