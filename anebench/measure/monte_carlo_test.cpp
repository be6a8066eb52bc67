// Do the intervals hold what they promise? Thousands of whole measurements, by the very code that
// measures (stop rule, looks, warm-up, blocks), on a virtual clock under every kind of noise.
//
// The plan has no minimum time: real measurements take at least as many samples as these.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "anebench/base/rng.h"
#include "anebench/measure/measure.h"
#include "anebench/stats/noise.h"

namespace anebench::measure {
namespace {

using stats::NoiseKind;
using stats::NoiseSource;
using stats::Outcome;

// Unoptimised and sanitized builds are an order of magnitude slower: they check that it runs, and
// the rates only roughly.
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
constexpr bool kIsFullRun = true;
#else
constexpr bool kIsFullRun = false;
#endif
constexpr std::uint64_t kRuns = kIsFullRun ? 2000 : 100;
// Bars are for the estimate from 2,000 runs; fewer runs are allowed three standard errors.
constexpr double kSlack = kIsFullRun ? 0 : 0.12;

constexpr double kMillisecond = 1e6;
constexpr double kEffect = 1.02;

Plan plan_at(double precision) {
  Plan plan;
  plan.precision = precision;
  plan.min_seconds = 0;
  return plan;
}

// The noise is the machine's: one stream over all evaluations, whichever of the two runs.
PairResult run_pair(NoiseKind kind, double ratio, const Plan& plan, std::uint64_t seed) {
  VirtualClock clock;
  NoiseSource noise(kind, Rng(seed).fork(1));
  const auto work = [&](double cost) {
    return [&clock, &noise, cost]() -> Result<void> {
      clock.advance(std::llround(cost * noise.next()));
      return {};
    };
  };
  return measure_pair(work(ratio * kMillisecond), work(kMillisecond), plan, seed, clock);
}

SeriesResult run_series(NoiseKind kind, const Plan& plan, std::uint64_t seed) {
  VirtualClock clock;
  NoiseSource noise(kind, Rng(seed).fork(1));
  return measure_series(
      [&]() -> Result<void> {
        clock.advance(std::llround(kMillisecond * noise.next()));
        return {};
      },
      plan, clock);
}

// Shares of the runs.
struct Rates {
  double covered = 0;    // the interval holds the true ratio
  double same = 0;       // the outcomes
  double different = 0;  // faster or slower
  double converged = 0;
  double blocks = 0;  // mean number
};

Rates pair_rates(NoiseKind kind, double ratio, double precision) {
  const Plan plan = plan_at(precision);
  Rates rates;
  for (std::uint64_t seed = 1; seed <= kRuns; ++seed) {
    const PairResult result = run_pair(kind, ratio, plan, seed);
    const Outcome outcome = result.judgement.outcome;
    rates.covered += result.ratio.contains(ratio) ? 1 : 0;
    rates.same += outcome == Outcome::same ? 1 : 0;
    rates.different += outcome == Outcome::faster || outcome == Outcome::slower ? 1 : 0;
    rates.converged += result.validity.empty() ? 1 : 0;
    rates.blocks += static_cast<double>(result.orders.size());
  }
  for (double* rate :
       {&rates.covered, &rates.same, &rates.different, &rates.converged, &rates.blocks}) {
    *rate /= static_cast<double>(kRuns);
  }
  // Kept in the test's report (--gtest_output).
  testing::Test::RecordProperty("covered", std::to_string(rates.covered));
  testing::Test::RecordProperty("same", std::to_string(rates.same));
  testing::Test::RecordProperty("different", std::to_string(rates.different));
  testing::Test::RecordProperty("mean_blocks", std::to_string(rates.blocks));
  return rates;
}

class PairUnder : public testing::TestWithParam<NoiseKind> {};

TEST_P(PairUnder, CoversTheTruthAndRaisesNoFalseAlarms) {
  const Rates rates = pair_rates(GetParam(), 1, stats::kDefaultPrecision);
  EXPECT_GE(rates.covered, 0.93 - kSlack);
  EXPECT_LE(rates.different, 0.05 + kSlack);
  EXPECT_GE(rates.same, 0.90 - kSlack);
  EXPECT_GE(rates.converged, 0.99 - kSlack);
}

TEST_P(PairUnder, FindsATwoPercentEffect) {
  const Rates rates = pair_rates(GetParam(), kEffect, stats::kDefaultPrecision);
  EXPECT_GE(rates.covered, 0.93 - kSlack);
  EXPECT_GE(rates.different, 0.90 - kSlack);
}

TEST_P(PairUnder, CoversTheTruthWhenQuick) {
  const Rates rates = pair_rates(GetParam(), 2.5, stats::kQuickPrecision);
  EXPECT_GE(rates.covered, 0.93 - kSlack);
  EXPECT_GE(rates.different, 0.99 - kSlack);
}

std::string name_of(const testing::TestParamInfo<NoiseKind>& info) {
  return std::string(stats::to_string(info.param));
}

INSTANTIATE_TEST_SUITE_P(Noise, PairUnder, testing::ValuesIn(stats::kAllNoises), name_of);

class SeriesUnder : public testing::TestWithParam<NoiseKind> {};

TEST_P(SeriesUnder, CoversTheTruthAtAFixedCount) {
  for (const std::size_t count : {std::size_t{30}, std::size_t{101}}) {
    Plan plan = plan_at(stats::kDefaultPrecision);
    plan.samples = count;
    double covered = 0;
    for (std::uint64_t seed = 1; seed <= kRuns; ++seed) {
      const SeriesResult result = run_series(GetParam(), plan, seed);
      covered += result.time_ns.contains(kMillisecond * NoiseSource::median(GetParam())) ? 1 : 0;
    }
    covered /= static_cast<double>(kRuns);
    RecordProperty("covered_" + std::to_string(count), std::to_string(covered));
    EXPECT_GE(covered, 0.93 - kSlack) << count;
  }
}

INSTANTIATE_TEST_SUITE_P(IndependentNoise, SeriesUnder,
                         testing::Values(NoiseKind::normal, NoiseKind::lognormal,
                                         NoiseKind::bimodal),
                         name_of);

// Shares of runs of 200 samples that carry each code.
struct CodeShares {
  double autocorrelated = 0;
  double drifting = 0;
};

CodeShares code_shares(NoiseKind kind) {
  Plan plan = plan_at(stats::kDefaultPrecision);
  plan.samples = 200;
  CodeShares shares;
  for (std::uint64_t seed = 1; seed <= kRuns; ++seed) {
    const std::vector<Validity> codes = run_series(kind, plan, seed).validity;
    const auto has = [&](Validity code) {
      return std::find(codes.begin(), codes.end(), code) != codes.end() ? 1.0 / kRuns : 0.0;
    };
    shares.autocorrelated += has(Validity::autocorrelated);
    shares.drifting += has(Validity::drifting);
  }
  testing::Test::RecordProperty("autocorrelated", std::to_string(shares.autocorrelated));
  testing::Test::RecordProperty("drifting", std::to_string(shares.drifting));
  return shares;
}

TEST_P(SeriesUnder, RaisesNoCodes) {
  const CodeShares shares = code_shares(GetParam());
  EXPECT_LE(shares.autocorrelated, 0.01 + kSlack);
  EXPECT_LE(shares.drifting, 0.07 + kSlack);  // the trend's level is 95 %
}

class DependentSeriesUnder : public testing::TestWithParam<NoiseKind> {};

TEST_P(DependentSeriesUnder, IsSaidToBeAutocorrelated) {
  const CodeShares shares = code_shares(GetParam());
  EXPECT_GE(shares.autocorrelated, 0.99 - kSlack);
  if (GetParam() == NoiseKind::drift) {
    EXPECT_GE(shares.drifting, 0.99 - kSlack);
  }
}

INSTANTIATE_TEST_SUITE_P(DependentNoise, DependentSeriesUnder,
                         testing::Values(NoiseKind::drift, NoiseKind::bursts, NoiseKind::ar80,
                                         NoiseKind::ar95),
                         name_of);

}  // namespace
}  // namespace anebench::measure
