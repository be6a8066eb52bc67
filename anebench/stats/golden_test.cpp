// Our statistics against frozen values of SciPy and statsmodels (testdata/stats, made by
// tools/make_stats_golden.py).
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "anebench/stats/holm.h"
#include "anebench/stats/quantile.h"
#include "anebench/stats/rank_interval.h"
#include "anebench/stats/trend.h"
#include "test_data.h"

namespace anebench::stats {
namespace {

nlohmann::json golden(const std::string& name) {
  std::ifstream file(tests::testdata("stats/" + name + ".json"));
  return nlohmann::json::parse(file, nullptr, false);
}

// The relative difference that rounding in another order may cause.
void expect_close(double ours, double theirs, const std::string& what) {
  EXPECT_NEAR(ours, theirs, 1e-12 * std::max(1.0, std::abs(theirs))) << what;
}

TEST(Golden, RanksOfMedianIntervalsAreSciPys) {
  const auto file = golden("rank_intervals");
  ASSERT_FALSE(file.is_discarded());
  ASSERT_GE(file["ranks"].size(), 40u);
  for (const auto& c : file["ranks"]) {
    EXPECT_EQ(median_rank(c["n"], simultaneous_level(c["comparisons"])), c["rank"]) << c;
  }
}

TEST(Golden, FairBinomialCdfIsSciPys) {
  const auto file = golden("rank_intervals");
  ASSERT_GE(file["cdf"].size(), 10u);
  for (const auto& c : file["cdf"]) {
    EXPECT_NEAR(fair_binomial_cdf(c["k"], c["n"]), c["p"].get<double>(), 1e-12) << c;
  }
}

TEST(Golden, SignTestIsSciPysBinomialTest) {
  const auto file = golden("rank_intervals");
  ASSERT_GE(file["sign_tests"].size(), 5u);
  for (const auto& c : file["sign_tests"]) {
    std::vector<double> values(c["n"].get<std::size_t>(), 1.0);
    std::fill_n(values.begin(), c["below"].get<std::size_t>(), -1.0);
    EXPECT_NEAR(sign_test(values), c["p"].get<double>(), 1e-12) << c;
  }
}

TEST(Golden, MediansAndTheirIntervalsAreSciPys) {
  const auto file = golden("medians");
  ASSERT_GE(file["cases"].size(), 8u);
  for (const auto& c : file["cases"]) {
    const auto values = c["values"].get<std::vector<double>>();
    const Estimate ours = median_estimate(values);
    expect_close(ours.value, c["median"], c["name"]);
    ASSERT_EQ(ours.is_bounded(), !c["low"].is_null()) << c["name"];
    if (!ours.is_bounded()) continue;
    EXPECT_EQ(ours.low, c["low"].get<double>()) << c["name"];
    EXPECT_EQ(ours.high, c["high"].get<double>()) << c["name"];
  }
}

TEST(Golden, TheilSenSlopesAndIntervalsAreSciPys) {
  const auto file = golden("trends");
  ASSERT_GE(file["cases"].size(), 8u);
  for (const auto& c : file["cases"]) {
    const auto values = c["values"].get<std::vector<double>>();
    const Trend ours = theil_sen(values);
    expect_close(ours.slope.value, c["slope"], c["name"]);
    expect_close(ours.slope.low, c["low"], c["name"]);
    expect_close(ours.slope.high, c["high"], c["name"]);
    EXPECT_EQ(ours.used, values.size());
  }
}

TEST(Golden, Lag1AutocorrelationIsThatOfStatsmodels) {
  const auto file = golden("trends");
  for (const auto& c : file["cases"]) {
    expect_close(lag1_autocorrelation(c["values"].get<std::vector<double>>()), c["lag1"],
                 c["name"]);
  }
}

TEST(Golden, QuantilesAreNumPysAndOutliersTukeys) {
  const auto file = golden("quantiles");
  ASSERT_GE(file["cases"].size(), 8u);
  std::size_t outliers = 0;
  for (const auto& c : file["cases"]) {
    const auto values = c["values"].get<std::vector<double>>();
    for (const auto& q : c["quantiles"]) {
      expect_close(quantile(values, q["p"]), q["value"], c["name"]);
    }
    EXPECT_EQ(count_outliers(values), c["outliers"]) << c["name"];
    outliers += count_outliers(values);
  }
  EXPECT_GT(outliers, 0u);  // the cases test something
}

TEST(Golden, HolmsCorrectionIsThatOfStatsmodels) {
  const auto file = golden("holm");
  ASSERT_GE(file["cases"].size(), 5u);
  for (const auto& c : file["cases"]) {
    const auto p_values = c["p_values"].get<std::vector<double>>();
    const std::vector<double> adjusted = holm_adjusted(p_values);
    ASSERT_EQ(adjusted.size(), p_values.size());
    for (std::size_t i = 0; i < adjusted.size(); ++i) {
      EXPECT_NEAR(adjusted[i], c["adjusted"][i].get<double>(), 1e-15) << c;
    }
    EXPECT_EQ(holm_rejected(p_values), c["rejected"].get<std::vector<bool>>()) << c;
  }
}

}  // namespace
}  // namespace anebench::stats
