#include "anebench/report/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "anebench/base/rng.h"
#include "anebench/record/example_record_for_tests.h"
#include "anebench/report/markdown.h"
#include "anebench/stats/rank_interval.h"

namespace anebench::report {
namespace {

using stats::Outcome;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// W8A8 at `ms` beside fp16 at `fp16_ms`, 40 samples each with a noise of 1 %.
record::Record make_record(int number, double ms, std::uint64_t seed, double fp16_ms = 30) {
  record::Record record = record::example_record();
  record.parameters["number"] = number;
  record.id = record::make_id(record.parameters);
  record.outcome.validity.clear();
  Rng rng = Rng(seed).fork(static_cast<std::uint64_t>(number));
  std::vector<double> fp16;
  std::vector<double> own;
  std::vector<double> ratios;
  for (int i = 0; i < 40; ++i) {
    fp16.push_back(fp16_ms * std::exp(0.01 * rng.normal()));
    own.push_back(ms * std::exp(0.01 * rng.normal()));
  }
  for (std::size_t i = 0; i < 20; ++i) {
    ratios.push_back((fp16[2 * i] + fp16[2 * i + 1]) / (own[2 * i] + own[2 * i + 1]));
  }
  const stats::Estimate time = stats::median_estimate(own);
  const stats::Estimate ratio = stats::median_estimate(ratios);
  record.metrics = {{"time.eval", time.value, "ms", time.low, time.high, ""},
                    {"ratio.fp16", ratio.value, "1", ratio.low, ratio.high, ""}};
  record.pair->orders.assign(20, "ABBA");
  // The first of each is warm-up and far off.
  fp16.insert(fp16.begin(), 1000);
  own.insert(own.begin(), 1000);
  record.samples = record::Samples{"ms", {{"fp16", 1, 1, fp16}, {"w8a8", 1, 1, own}}};
  return record;
}

Comparison compare_one(const record::Record& before, const record::Record& after,
                       double threshold = 0.05) {
  return compare({&before, 1}, {&after, 1}, {.threshold = threshold});
}

TEST(Compare, FindsARegressionBeyondTheThreshold) {
  const Comparison comparison = compare_one(make_record(1, 10, 1), make_record(1, 11, 2));
  ASSERT_THAT(comparison.cases, SizeIs(1));
  const ComparedCase& one = comparison.cases[0];
  EXPECT_EQ(one.time.judgement.outcome, Outcome::slower);
  EXPECT_NEAR(one.time.gain.value, 10.0 / 11, 0.01);
  EXPECT_LT(*one.time.p_value, 1e-4);
  EXPECT_TRUE(one.is_regression);
  EXPECT_TRUE(comparison.has_regression());
  ASSERT_TRUE(one.ratio);
  EXPECT_EQ(one.ratio->judgement.outcome, Outcome::slower);
  EXPECT_NEAR(one.ratio->before, 3, 0.05);
}

TEST(Compare, SlowerWithinTheThresholdIsNoRegression) {
  const Comparison comparison = compare_one(make_record(1, 10, 1), make_record(1, 11, 2), 0.2);
  EXPECT_EQ(comparison.cases[0].time.judgement.outcome, Outcome::slower);
  EXPECT_FALSE(comparison.has_regression());
}

TEST(Compare, TheSameRecordIsTheSame) {
  const record::Record record = make_record(1, 10, 1);
  const Comparison comparison = compare_one(record, record);
  EXPECT_EQ(comparison.cases[0].time.judgement.outcome, Outcome::same);
  EXPECT_EQ(comparison.cases[0].time.p_value, 1);
  EXPECT_FALSE(comparison.has_regression());
}

TEST(Compare, FasterIsFaster) {
  const Comparison comparison = compare_one(make_record(1, 11, 1), make_record(1, 10, 2));
  EXPECT_EQ(comparison.cases[0].time.judgement.outcome, Outcome::faster);
  EXPECT_FALSE(comparison.has_regression());
}

TEST(Compare, AMachineThatSlowedDownLeavesTheRatioAlone) {
  const Comparison comparison = compare_one(make_record(1, 10, 1), make_record(1, 12, 2, 36));
  EXPECT_EQ(comparison.cases[0].time.judgement.outcome, Outcome::slower);
  EXPECT_NE(comparison.cases[0].ratio->judgement.outcome, Outcome::slower);
}

TEST(Compare, MistrustedIsNeverARegression) {
  record::Record after = make_record(1, 20, 2);
  after.outcome.validity = {"core_contended"};
  const Comparison comparison = compare_one(make_record(1, 10, 1), after);
  EXPECT_EQ(comparison.cases[0].time.judgement.outcome, Outcome::mistrusted);
  EXPECT_EQ(comparison.cases[0].time.judgement.reason, "core_contended");
  EXPECT_FALSE(comparison.has_regression());
  EXPECT_TRUE(comparison.has_outcome(Outcome::mistrusted));
}

TEST(Compare, WithoutSamplesTheIntervalsAloneDecideAndThatIsSaid) {
  record::Record before = make_record(1, 10, 1);
  record::Record after = make_record(1, 11, 2);
  before.samples.reset();
  after.samples.reset();
  const Comparison comparison = compare_one(before, after);
  EXPECT_FALSE(comparison.cases[0].time.p_value);
  EXPECT_TRUE(comparison.has_regression());
  EXPECT_THAT(comparison.warnings, Contains(HasSubstr("no raw samples")));
}

TEST(Compare, AMeanWithoutAnIntervalIsInconclusive) {
  record::Record before = make_record(1, 10, 1);
  record::Record after = make_record(1, 20, 2);
  for (record::Record* record : {&before, &after}) {
    record->metrics[0].low.reset();
    record->metrics[0].high.reset();
  }
  const Comparison comparison = compare_one(before, after);
  EXPECT_EQ(comparison.cases[0].time.judgement.outcome, Outcome::inconclusive);
  EXPECT_FALSE(comparison.has_regression());
}

TEST(Compare, ListsWhatIsMissingAddedBrokenOrShortened) {
  std::vector<record::Record> before;
  std::vector<record::Record> after;
  for (int i = 1; i <= 5; ++i) before.push_back(make_record(i, 10, 1));
  for (int i = 2; i <= 6; ++i) after.push_back(make_record(i, 10, 2));
  after[0].outcome = {record::State::failed, "process", "it crashed", {}};
  before[2].outcome.state = record::State::unsupported;
  after[2].program.parameters[3].second = "64";
  before[3].program.parameters[3].second = "32";
  const Comparison comparison = compare(before, after);
  EXPECT_THAT(comparison.missing, SizeIs(1));
  EXPECT_THAT(comparison.added, SizeIs(1));
  EXPECT_THAT(comparison.broken, testing::ElementsAre(HasSubstr("it crashed")));
  EXPECT_THAT(comparison.not_compared,
              testing::ElementsAre(HasSubstr("was unsupported, is ok"), HasSubstr("shortened")));
  EXPECT_THAT(comparison.cases, SizeIs(1));
  EXPECT_TRUE(comparison.has_regression());
  const std::string text = to_markdown(compare_report(comparison));
  for (const char* part : {"it crashed", "Only in the old", "Only in the new", "not interleaved"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
}

TEST(Compare, AnotherMachineIsAWarning) {
  const record::Record before = make_record(1, 10, 1);
  record::Record after = make_record(1, 10, 2);
  after.host.before->cpu_model = "another processor";
  EXPECT_THAT(compare_one(before, after).warnings, Contains(HasSubstr("another processor")));
  after.device.threads = 9;
  EXPECT_THAT(compare_one(before, after).warnings, Contains(HasSubstr("Threads differ")));
}

TEST(Compare, TheLastRecordOfACaseCounts) {
  const std::vector<record::Record> before = {make_record(1, 50, 1), make_record(1, 10, 3)};
  const record::Record after = make_record(1, 10, 2);
  const Comparison comparison = compare(before, {&after, 1});
  EXPECT_NEAR(comparison.cases[0].time.before, 10, 0.2);
  EXPECT_THAT(comparison.warnings, Contains(HasSubstr("older records")));
}

TEST(Compare, DifferentOriginsAreNotCompared) {
  record::Record after = make_record(1, 10, 2);
  after.origin = Origin::predicted;
  const Comparison comparison = compare_one(make_record(1, 10, 1), after);
  EXPECT_THAT(comparison.cases, IsEmpty());
  EXPECT_THAT(comparison.not_compared, testing::ElementsAre(HasSubstr("predicted")));
}

TEST(Compare, SurvivesRecordsWithNonsenseInThem) {
  record::Record odd = make_record(1, 10, 1);
  odd.samples->series[1].warmup_count = 1000;
  odd.samples->series[0].values = {-1, std::nan("")};
  odd.metrics[1].low = -3;
  const Comparison comparison = compare_one(odd, odd);
  ASSERT_THAT(comparison.cases, SizeIs(1));
  EXPECT_FALSE(comparison.has_regression());
}

// Ten cases at a time whose times did not change: how often is any of them called faster, slower or
// a regression?
TEST(Compare, RaisesFewFalseAlarmsOverManyCases) {
  constexpr int kRuns = 200;
  constexpr int kCases = 10;
  int alarms = 0;
  int regressions = 0;
  for (int run = 0; run < kRuns; ++run) {
    std::vector<record::Record> before;
    std::vector<record::Record> after;
    for (int i = 0; i < kCases; ++i) {
      before.push_back(make_record(i, 10, static_cast<std::uint64_t>(2 * run + 1)));
      after.push_back(make_record(i, 10, static_cast<std::uint64_t>(2 * run + 2)));
    }
    const Comparison comparison = compare(before, after, {.threshold = 0.001});
    const bool any =
        comparison.has_outcome(Outcome::faster) || comparison.has_outcome(Outcome::slower);
    alarms += any ? 1 : 0;
    regressions += comparison.has_regression() ? 1 : 0;
  }
  EXPECT_LE(alarms, kRuns / 20);
  EXPECT_LE(regressions, kRuns / 20);
}

}  // namespace
}  // namespace anebench::report
