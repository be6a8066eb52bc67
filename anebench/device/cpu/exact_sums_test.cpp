#include "anebench/device/cpu/exact_sums.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "anebench/base/half.h"

namespace anebench::device::cpu {
namespace {

std::vector<std::uint16_t> halves(const std::vector<double>& values) {
  std::vector<std::uint16_t> result;
  for (const double value : values) result.push_back(half_from_double(value));
  return result;
}

// 256 inputs, all weights ±100·2^-10: sums of 8-bit integers stay below 2^24.
std::optional<ExactSums> grid_weights() {
  std::vector<double> weights(256, 100.0 / 1024);
  weights[3] = 1.0 / 1024;
  return ExactSums::create(halves(weights), {}, 256, false);
}

TEST(ExactSums, AcceptsInputsOnAnIntegerGrid) {
  const auto sums = grid_weights();
  ASSERT_TRUE(sums);
  std::vector<double> x(64);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = (static_cast<double>(i) * 4 - 128) / 8;
  EXPECT_TRUE(sums->are_exact(halves(x).data(), x.size()));
  EXPECT_TRUE(sums->are_exact(halves(std::vector<double>(64, 0.0)).data(), 64));
  // One value between the grid's points.
  x[40] = 0.001;
  EXPECT_FALSE(sums->are_exact(halves(x).data(), x.size()));
}

TEST(ExactSums, RefusesInfinityAndNan) {
  const auto sums = grid_weights();
  ASSERT_TRUE(sums);
  const std::vector<std::uint16_t> infinity = {kHalfInfinity};
  const std::vector<std::uint16_t> nan = {0x7e00};
  EXPECT_FALSE(sums->are_exact(infinity.data(), 1));
  EXPECT_FALSE(sums->are_exact(nan.data(), 1));
}

TEST(ExactSums, IsNotOfferedWhereNoUsefulInputCouldPass) {
  // Weights of very different exponents: the common unit is tiny.
  EXPECT_FALSE(ExactSums::create(halves({1.0, 1e-6}), {}, 2, false));
  EXPECT_FALSE(ExactSums::create(halves({1.0, INFINITY}), {}, 2, false));
  EXPECT_FALSE(ExactSums::create(halves({1.0, 1.0}), halves({0.5}), 2, false));
  EXPECT_TRUE(ExactSums::create(halves({1.0, 1.0}), halves({0.0}), 2, false));
}

TEST(ExactSums, ComputesInDoubleWithOneRounding) {
  // 2048 + 1 + 1: in fp32 exact, in fp16 2048 + 1 would vanish; 60000 − 60000 + 2^-24 needs double.
  const auto sums = ExactSums::create(halves({1, 1, 1}), {}, 3, false);
  ASSERT_TRUE(sums);
  std::vector<std::uint16_t> in(3 * 32, 0);
  in[0] = half_from_double(60000);
  in[32] = half_from_double(std::ldexp(1.0, -24));
  in[64] = half_from_double(-60000);
  in[1] = half_from_double(2048);
  in[33] = half_from_double(1);
  in[65] = half_from_double(1);
  in[2] = half_from_double(-3);
  std::vector<std::uint16_t> out(32);
  sums->compute(in.data(), out.data(), 0, 1);
  EXPECT_EQ(half_to_double(out[0]), std::ldexp(1.0, -24));
  EXPECT_EQ(half_to_double(out[1]), 2050);
  EXPECT_EQ(half_to_double(out[2]), -3);
  const auto positive = ExactSums::create(halves({1, 1, 1}), {}, 3, true);
  ASSERT_TRUE(positive);
  positive->compute(in.data(), out.data(), 0, 1);
  EXPECT_EQ(half_to_double(out[2]), 0);
}

}  // namespace
}  // namespace anebench::device::cpu
