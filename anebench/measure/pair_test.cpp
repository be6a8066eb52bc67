// measure_pair with a virtual clock: every time is scripted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "anebench/base/rng.h"
#include "anebench/measure/fake_work_for_tests.h"
#include "anebench/measure/measure.h"
#include "anebench/stats/rank_interval.h"

namespace anebench::measure {
namespace {

using stats::BlockOrder;
using stats::Outcome;
using testing::Contains;
using testing::IsEmpty;
using testing::Not;

struct Two {
  VirtualClock clock;
  std::string log;
  FakeWork<VirtualClock> a = constant_work(clock, 3 * kMillisecond);
  FakeWork<VirtualClock> b = constant_work(clock, kMillisecond);

  Two() {
    a.log = b.log = &log;
    b.letter = 'B';
  }
  PairResult measure(const Plan& plan, std::uint64_t seed = 1, const Hooks& hooks = {}) {
    return measure_pair(a.work(), b.work(), plan, seed, clock, hooks);
  }
  void add_noise(double share) {
    const auto noisy = [share](std::uint64_t seed, std::int64_t cost) {
      return [rng = Rng(seed), share, cost](std::size_t) mutable {
        return static_cast<std::int64_t>(static_cast<double>(cost) *
                                         std::exp(share * rng.normal()));
      };
    };
    a.cost = noisy(1, 3 * kMillisecond);
    b.cost = noisy(2, kMillisecond);
  }
};

TEST(Pair, RatioIsTimeOfTheFirstOverTimeOfTheSecond) {
  Two two;
  const PairResult result = two.measure(quiet_plan());
  ASSERT_FALSE(result.error);
  EXPECT_NEAR(result.ratio.value, 3, 1e-12);
  EXPECT_NEAR(result.ratio.low, 3, 1e-12);
  EXPECT_EQ(result.judgement.outcome, Outcome::faster);
  EXPECT_LT(result.p_value, 0.001);
  EXPECT_EQ(result.a.time_ns.value, 3e6);
  EXPECT_EQ(result.b.time_ns.value, 1e6);
  EXPECT_THAT(result.validity, IsEmpty());
}

TEST(Pair, OfConstantWorkEndsAtTwelveBlocks) {
  Two two;
  const PairResult result = two.measure(quiet_plan());
  EXPECT_EQ(result.orders.size(), stats::kFirstLookBlocks);
  EXPECT_EQ(result.a.steady().size(), 24u);
  EXPECT_EQ(result.b.steady().size(), 24u);
}

TEST(Pair, InterleavesInBlocksDrawnBySeed) {
  Two two;
  const PairResult result = two.measure(quiet_plan(), 77);
  std::string expected;
  for (const BlockOrder order : result.orders) expected += stats::to_string(order);
  EXPECT_TRUE(two.log.ends_with(expected));
  EXPECT_THAT(result.orders, Contains(BlockOrder::abba));
  EXPECT_THAT(result.orders, Contains(BlockOrder::baab));

  EXPECT_EQ(Two().measure(quiet_plan(), 77).orders, result.orders);
  EXPECT_NE(Two().measure(quiet_plan(), 78).orders, result.orders);
}

TEST(Pair, RatioComesFromTheBlocksSamples) {
  Two two;
  two.add_noise(0.05);
  const PairResult result = two.measure(quiet_plan(), 5);
  ASSERT_EQ(result.log_ratios.size(), result.orders.size());
  const auto a = result.a.steady();
  const auto b = result.b.steady();
  ASSERT_EQ(a.size(), 2 * result.orders.size());
  for (std::size_t i = 0; i < result.orders.size(); ++i) {
    const double d = std::log((a[2 * i] + a[2 * i + 1]) / (b[2 * i] + b[2 * i + 1]));
    EXPECT_NEAR(result.log_ratios[i], d, 1e-12);
  }
  EXPECT_NEAR(result.ratio.value, 3, 0.1);
  EXPECT_LE(result.ratio.high, result.ratio.value * 1.01);
}

TEST(Pair, BothWarmUpInTurn) {
  Two two;
  Plan plan = quiet_plan();
  plan.warmup = *parse_warmup("4");
  const PairResult result = two.measure(plan);
  EXPECT_EQ(result.a.warmup_count, 4u);
  EXPECT_EQ(result.b.warmup_count, 4u);
  EXPECT_TRUE(two.log.starts_with("ABABABAB"));
  EXPECT_EQ(two.log.size(), 8 + 4 * result.orders.size());
}

TEST(Pair, WarmsUpUntilBothHaveSettled) {
  Two two;
  two.b.cost = [](std::size_t n) {
    return kMillisecond + std::max<std::int64_t>(0, 25 - static_cast<std::int64_t>(n)) * 50'000;
  };
  const PairResult result = two.measure(quiet_plan());
  EXPECT_GE(result.a.warmup_count, 25u);
  EXPECT_EQ(result.b.time_ns.value, 1e6);
}

TEST(Pair, BatchesEachByItsOwnTime) {
  Two two;
  two.a = constant_work(two.clock, 2 * kMillisecond);
  two.b = constant_work(two.clock, 10);
  const PairResult result = two.measure(quiet_plan());
  EXPECT_EQ(result.a.batch, 1u);
  EXPECT_GE(result.b.batch, 100u);
  EXPECT_DOUBLE_EQ(result.ratio.value, 200'000);
}

TEST(Pair, DriftCancelsInTheRatioAndIsToldOfTheSeries) {
  Two two;
  // The machine slows down with time, whichever of the two runs.
  const auto drifting = [&](double cost) {
    return [&two, cost](std::size_t) {
      return static_cast<std::int64_t>(cost * (1 + static_cast<double>(two.clock.now_ns()) * 1e-9));
    };
  };
  two.a.cost = drifting(2e6);
  two.b.cost = drifting(1e6);
  const PairResult result = two.measure(quiet_plan());
  EXPECT_NEAR(result.ratio.value, 2, 0.01);
  EXPECT_THAT(result.a.validity, Contains(Validity::drifting));
  EXPECT_THAT(result.a.validity, Contains(Validity::autocorrelated));
  EXPECT_EQ(result.judgement.outcome, Outcome::faster);
}

TEST(Pair, OfEqualWorkIsTheSame) {
  Two two;
  two.add_noise(0.05);
  two.a = two.b;
  two.b.letter = 'B';
  const PairResult result = two.measure(quiet_plan());
  EXPECT_EQ(result.judgement.outcome, Outcome::same);
  EXPECT_EQ(result.judgement.reason, stats::kInsideMargin);
}

TEST(Pair, ThatReachesItsTimeLimitIsUnconvergedButJudged) {
  Two two;
  two.add_noise(0.5);
  Plan plan = quiet_plan();
  plan.max_seconds = 1;
  const PairResult result = two.measure(plan);
  EXPECT_THAT(result.validity, Contains(Validity::unconverged));
  EXPECT_LE(result.seconds, 1.05);
  EXPECT_EQ(result.judgement.outcome, Outcome::faster);  // 3 times is plain all the same
}

TEST(Pair, TooFewBlocksAreInconclusive) {
  Two two;
  Plan plan = quiet_plan();
  plan.samples = 6;
  const PairResult result = two.measure(plan);
  EXPECT_EQ(result.orders.size(), 3u);
  EXPECT_FALSE(result.ratio.is_bounded());
  EXPECT_THAT(result.validity, Contains(Validity::too_few_samples));
  EXPECT_EQ(result.judgement.outcome, Outcome::inconclusive);
  EXPECT_EQ(result.judgement.reason, stats::kTooFewBlocks);
}

TEST(Pair, AStricterLevelWidensTheInterval) {
  Plan plan = quiet_plan();
  plan.samples = 60;
  Two usual;
  usual.add_noise(0.05);
  const stats::Estimate wide = usual.measure(plan).ratio;
  plan.level = stats::simultaneous_level(24);
  Two strict;
  strict.add_noise(0.05);
  const PairResult result = strict.measure(plan);
  EXPECT_LT(result.ratio.low, wide.low);
  EXPECT_GT(result.ratio.high, wide.high);
  EXPECT_EQ(result.level, plan.level);
}

TEST(Pair, AnErrorMidwayKeepsTheBlocksSoFar) {
  Two two;
  two.add_noise(0.3);
  two.b.fails_at = 100;
  const PairResult result = two.measure(quiet_plan());
  ASSERT_TRUE(result.error);
  EXPECT_EQ(result.error->code(), ErrorCode::wrong_result);
  EXPECT_EQ(result.log_ratios.size(), result.orders.size());
  EXPECT_GT(result.orders.size(), 20u);
  EXPECT_GE(result.a.steady().size(), 2 * result.orders.size());
  EXPECT_EQ(result.b.samples_ns.size(), 100u);
}

TEST(Pair, CancellingWithinABlockLeavesWholeBlocks) {
  Two two;
  std::atomic<bool> cancelled = false;
  two.b.cost = [&](std::size_t n) {
    if (n == 40) cancelled = true;
    return kMillisecond + static_cast<std::int64_t>(n % 3) * 100'000;
  };
  const PairResult result = two.measure(quiet_plan(), 1, {.cancelled = &cancelled});
  EXPECT_EQ(two.b.calls, 41u);
  EXPECT_THAT(result.validity, Contains(Validity::interrupted));
  EXPECT_EQ(result.log_ratios.size(), result.orders.size());
  EXPECT_LE(2 * result.orders.size(), result.b.steady().size());
}

TEST(Pair, ClassicRunsOneAfterTheOtherWithExactCounts) {
  Two two;
  const PairResult result = two.measure(classic_plan(10, 50));
  EXPECT_EQ(two.log, std::string(60, 'A') + std::string(60, 'B'));
  EXPECT_DOUBLE_EQ(result.ratio.value, 3);
  EXPECT_FALSE(result.ratio.is_bounded());
  EXPECT_TRUE(result.orders.empty());
  EXPECT_TRUE(result.a.is_mean);
  EXPECT_EQ(result.judgement.outcome, Outcome::inconclusive);
  EXPECT_EQ(result.judgement.reason, kClassicProtocol);
}

TEST(Pair, ABusyCoreMakesItMistrusted) {
  Two two;
  two.add_noise(0.05);
  int calls = 0;
  Hooks hooks;
  hooks.canary = [&]() -> std::optional<double> {
    // The neighbour is busy half of the time.
    const double ns = ++calls % 4 < 2 ? 10'000 : 14'000;
    two.clock.advance(static_cast<std::int64_t>(ns));
    return ns;
  };
  const PairResult result = two.measure(quiet_plan(), 1, hooks);
  EXPECT_THAT(result.validity, Contains(Validity::core_contended));
  EXPECT_EQ(result.judgement.outcome, Outcome::mistrusted);
  EXPECT_EQ(result.judgement.reason, "core_contended");
  EXPECT_FALSE(result.conditions.flagged_blocks.empty());
}

TEST(Pair, AFewDisturbedBlocksAreFlaggedOnly) {
  Two two;
  two.add_noise(0.05);
  int calls = 0;
  Hooks hooks;
  hooks.canary = [&]() -> std::optional<double> {
    const double ns = ++calls == 5 ? 20'000 : 10'000;
    two.clock.advance(static_cast<std::int64_t>(ns));
    return ns;
  };
  const PairResult result = two.measure(quiet_plan(), 1, hooks);
  EXPECT_EQ(result.conditions.flagged_blocks, (std::vector<std::size_t>{2, 3}));
  EXPECT_THAT(result.validity, Not(Contains(Validity::core_contended)));
  EXPECT_EQ(result.judgement.outcome, Outcome::faster);
}

TEST(Pair, AChangeOfTheEnvironmentMakesItMistrusted) {
  Two two;
  int reads = 0;
  Hooks hooks;
  hooks.environment = [&] {
    Environment environment;
    environment.thermal_state = reads++ == 0 ? "nominal" : "serious";
    return environment;
  };
  const PairResult result = two.measure(quiet_plan(), 1, hooks);
  EXPECT_EQ(result.judgement.outcome, Outcome::mistrusted);
  EXPECT_EQ(result.judgement.reason, "thermal_state_changed");
}

}  // namespace
}  // namespace anebench::measure
