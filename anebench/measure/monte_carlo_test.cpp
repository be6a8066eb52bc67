// The intervals hold what they promise: thousands of whole measurements under every kind of noise.
#include "anebench/measure/monte_carlo.h"

#include <gtest/gtest.h>

#include <string>

namespace anebench::measure {
namespace {

using stats::NoiseKind;

// Unoptimised and sanitized builds are an order of magnitude slower: they check that it runs, and
// the rates only roughly.
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
constexpr bool kIsFullRun = true;
#else
constexpr bool kIsFullRun = false;
#endif
constexpr std::size_t kRuns = kIsFullRun ? 2000 : 100;
// Bars are for the estimate from 2,000 runs; fewer runs are allowed three standard errors.
constexpr double kSlack = kIsFullRun ? 0 : 0.12;

// The rates are kept in the test's report (--gtest_output).
PairRates pair_rates_at(NoiseKind noise, double ratio, double precision) {
  const PairRates rates =
      pair_rates({.noise = noise, .ratio = ratio, .precision = precision, .runs = kRuns});
  testing::Test::RecordProperty("covered", std::to_string(rates.covered));
  testing::Test::RecordProperty("same", std::to_string(rates.same));
  testing::Test::RecordProperty("different", std::to_string(rates.different));
  testing::Test::RecordProperty("mean_blocks", std::to_string(rates.mean_blocks));
  return rates;
}

class PairUnder : public testing::TestWithParam<NoiseKind> {};

TEST_P(PairUnder, CoversTheTruthAndRaisesNoFalseAlarms) {
  const PairRates rates = pair_rates_at(GetParam(), 1, stats::kDefaultPrecision);
  EXPECT_GE(rates.covered, kLeastCoverage - kSlack);
  EXPECT_LE(rates.different, kMostFalseAlarms + kSlack);
  EXPECT_GE(rates.same, 0.90 - kSlack);
  EXPECT_GE(rates.converged, 0.99 - kSlack);
}

TEST_P(PairUnder, FindsATwoPercentEffect) {
  const PairRates rates = pair_rates_at(GetParam(), kDemandedEffect, stats::kDefaultPrecision);
  EXPECT_GE(rates.covered, kLeastCoverage - kSlack);
  EXPECT_GE(rates.different, kLeastPower - kSlack);
}

TEST_P(PairUnder, CoversTheTruthWhenQuick) {
  const PairRates rates = pair_rates_at(GetParam(), 2.5, stats::kQuickPrecision);
  EXPECT_GE(rates.covered, kLeastCoverage - kSlack);
  EXPECT_GE(rates.different, 0.99 - kSlack);
}

std::string name_of(const testing::TestParamInfo<NoiseKind>& info) {
  return std::string(stats::to_string(info.param));
}

INSTANTIATE_TEST_SUITE_P(Noise, PairUnder, testing::ValuesIn(stats::kAllNoises), name_of);

class SeriesUnder : public testing::TestWithParam<NoiseKind> {};

TEST_P(SeriesUnder, CoversTheTruthAtAFixedCount) {
  for (const std::size_t count : {std::size_t{30}, std::size_t{101}}) {
    const SeriesRates rates = series_rates({.noise = GetParam(), .samples = count, .runs = kRuns});
    RecordProperty("covered_" + std::to_string(count), std::to_string(rates.covered));
    EXPECT_GE(rates.covered, kLeastCoverage - kSlack) << count;
  }
}

INSTANTIATE_TEST_SUITE_P(IndependentNoise, SeriesUnder,
                         testing::Values(NoiseKind::normal, NoiseKind::lognormal,
                                         NoiseKind::bimodal),
                         name_of);

// Of runs of 200 samples.
SeriesRates code_rates(NoiseKind noise) {
  const SeriesRates rates = series_rates({.noise = noise, .samples = 200, .runs = kRuns});
  testing::Test::RecordProperty("autocorrelated", std::to_string(rates.autocorrelated));
  testing::Test::RecordProperty("drifting", std::to_string(rates.drifting));
  return rates;
}

TEST_P(SeriesUnder, RaisesNoCodes) {
  const SeriesRates rates = code_rates(GetParam());
  EXPECT_LE(rates.autocorrelated, 0.01 + kSlack);
  EXPECT_LE(rates.drifting, 0.07 + kSlack);  // the trend's level is 95 %
}

class DependentSeriesUnder : public testing::TestWithParam<NoiseKind> {};

TEST_P(DependentSeriesUnder, IsSaidToBeAutocorrelated) {
  const SeriesRates rates = code_rates(GetParam());
  EXPECT_GE(rates.autocorrelated, 0.99 - kSlack);
  if (GetParam() == NoiseKind::drift) {
    EXPECT_GE(rates.drifting, 0.99 - kSlack);
  }
}

INSTANTIATE_TEST_SUITE_P(DependentNoise, DependentSeriesUnder,
                         testing::Values(NoiseKind::drift, NoiseKind::bursts, NoiseKind::ar80,
                                         NoiseKind::ar95),
                         name_of);

}  // namespace
}  // namespace anebench::measure
