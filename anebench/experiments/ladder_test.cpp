#include "anebench/experiments/ladder.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace anebench::experiments {
namespace {

constexpr double kFloor = 100e3;

// A roofline by the layer, nanoseconds: arithmetic, weights, activations.
struct Machine {
  double ns_per_op = 1e9 / 16e12;
  double ns_per_weight_byte = 1e9 / 267e9;
  double ns_per_activation_byte = 1e9 / 80e9;

  LadderTime time(const LadderRung& rung) const {
    const auto c = static_cast<double>(rung.channels);
    const auto p = static_cast<double>(rung.positions);
    const double layer = std::max({2 * c * c * p * ns_per_op, 2 * c * c * ns_per_weight_byte,
                                   4 * c * p * ns_per_activation_byte});
    const std::int64_t depth = ladder_depth(rung, layer, kFloor);
    return {rung, depth, kFloor + static_cast<double>(depth) * layer};
  }
  std::vector<LadderTime> times() const {
    std::vector<LadderTime> result;
    for (const LadderRung& rung : ladder_rungs(LadderSize::full)) result.push_back(time(rung));
    return result;
  }
};

Regime regime_at(const std::vector<LadderTime>& times, const LadderRung& rung) {
  const std::vector<Regime> regimes = classify(times, kFloor);
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (times[i].rung == rung) return regimes[i];
  }
  ADD_FAILURE() << "no such rung";
  return Regime::mixed;
}

TEST(Ladder, HasTheShapesOfItsSpecification) {
  const auto full = ladder_rungs(LadderSize::full);
  ASSERT_EQ(full.size(), 24u);
  EXPECT_EQ(full.front(), (LadderRung{256, 1}));
  EXPECT_EQ(full.back(), (LadderRung{2048, 4096}));
  const auto quick = ladder_rungs(LadderSize::shortened);
  ASSERT_EQ(quick.size(), 12u);
  EXPECT_EQ(quick.front(), (LadderRung{256, 16}));
  EXPECT_EQ(quick.back(), (LadderRung{1024, 1024}));
}

TEST(Ladder, ChainsAreSquareWherePositionsAre) {
  const auto spec = ladder_spec({512, 1024}, 4, "w8a8");
  EXPECT_EQ(spec.get("height"), "32");
  EXPECT_EQ(spec.get("width"), "32");
  EXPECT_EQ(spec.get("quantize_input"), "on");
  EXPECT_EQ(ladder_spec({512, 1}, 4, "fp16").get("width"), "1");
  EXPECT_FALSE(ladder_spec({512, 1}, 4, "fp16").get("quantize_input"));
}

TEST(LadderDepth, IsTheSmallestPowerOfTwoOfTenFloors) {
  // 9 floors of layers are needed: 900 µs at 100 µs a layer.
  EXPECT_EQ(ladder_depth({256, 4096}, 100e3, kFloor), 16);
  EXPECT_EQ(ladder_depth({256, 4096}, 112.5e3, kFloor), 8);
  EXPECT_EQ(ladder_depth({256, 4096}, 1e6, kFloor), 1);
}

TEST(LadderDepth, KeepsWeightsWithinTheLimit) {
  // 8 MiB a layer.
  EXPECT_EQ(ladder_depth({2048, 1}, 1, kFloor), 64);
  // Nothing measurable: the programs' own limit.
  EXPECT_EQ(ladder_depth({256, 1}, 0, kFloor), 4096);
}

TEST(Regimes, FollowTheRoofline) {
  const auto times = Machine{}.times();
  // Arithmetic meets weights at 60 positions, activations at 400 channels.
  EXPECT_EQ(regime_at(times, {512, 16}), Regime::weight_bound);
  EXPECT_EQ(regime_at(times, {2048, 64}), Regime::weight_bound);
  EXPECT_EQ(regime_at(times, {512, 1024}), Regime::compute_bound);
  EXPECT_EQ(regime_at(times, {1024, 4096}), Regime::compute_bound);
  EXPECT_EQ(regime_at(times, {256, 1024}), Regime::activation_bound);
}

TEST(Regimes, TheWidestShapeInheritsFromItsNarrowerNeighbour) {
  EXPECT_EQ(regime_at(Machine{}.times(), {2048, 1024}), Regime::compute_bound);
  // Slower by activations up to 1,600 channels: the rate still rises to 2,048.
  Machine slow{.ns_per_activation_byte = 1e9 / 20e9};
  EXPECT_EQ(regime_at(slow.times(), {2048, 1024}), Regime::activation_bound);
}

TEST(Regimes, TheLowestRungIsWeightBoundWhereTimeHardlyGrowsAboveIt) {
  EXPECT_EQ(regime_at(Machine{}.times(), {512, 1}), Regime::weight_bound);
  // Where time grows above it, nothing is known of the lowest rung itself.
  const std::vector<LadderTime> growing = {
      {{512, 1}, 1, 1e6}, {{512, 16}, 1, 8e6}, {{512, 64}, 1, 32e6}};
  EXPECT_EQ(regime_at(growing, {512, 1}), Regime::mixed);
}

TEST(Regimes, BelowFiveFloorsTheCallDecides) {
  auto times = Machine{}.times();
  for (LadderTime& time : times) {
    if (time.rung == LadderRung{512, 1024}) time.time_ns = 4.9 * kFloor;
  }
  EXPECT_EQ(regime_at(times, {512, 1024}), Regime::dispatch);
}

TEST(Regimes, AShapeWithoutNeighboursInChannelsIsMixed) {
  std::vector<LadderTime> times;
  for (const std::int64_t positions : {256, 1024}) {
    times.push_back(Machine{}.time({512, positions}));
  }
  EXPECT_EQ(regime_at(times, {512, 1024}), Regime::mixed);
}

TEST(Regimes, GrowthIsScaledToAHalving) {
  // Twice the time for four times the positions is 1.41 a halving: neither.
  std::vector<LadderTime> times = {{{512, 64}, 1, 2e6}, {{512, 256}, 1, 4e6}};
  EXPECT_EQ(classify(times, 0)[1], Regime::mixed);
  times[1].time_ns = 2.9e6;  // 1.20
  EXPECT_EQ(classify(times, 0)[1], Regime::weight_bound);
}

TEST(Regimes, SurviveTimesThatMakeNoSense) {
  const std::vector<LadderTime> times = {{{512, 64}, 1, 0}, {{512, 256}, 1, 0}, {{1024, 64}, 1, 1}};
  for (const Regime regime : classify(times, kFloor)) EXPECT_EQ(regime, Regime::dispatch);
  EXPECT_TRUE(classify({}, kFloor).empty());
}

}  // namespace
}  // namespace anebench::experiments
