#include <gtest/gtest.h>

#include "anebench/device/cpu/kernels/conv1x1.h"
#include "anebench/device/cpu/kernels/kernel.h"
#include "anebench/device/cpu/kernels/kernel_test_support.h"

namespace anebench::kernels {
namespace {

struct F16Problem {
  std::size_t in_channels = 0;
  std::size_t out_channels = 0;
  std::size_t positions = 0;
  std::vector<std::uint16_t> weights;  // [out][in]
  std::vector<std::uint16_t> input;    // [channel][position]
  std::vector<std::uint16_t> bias;
  bool relu = false;

  Conv1x1F16Spec spec() const {
    return {.in_channels = in_channels,
            .out_channels = out_channels,
            .weights = weights,
            .bias = bias,
            .relu = relu};
  }
};

struct Reference {
  double exact = 0;      // before rounding and relu
  double magnitude = 0;  // sum |w x|
};

Reference reference(const F16Problem& problem, std::size_t p, std::size_t o) {
  Reference result;
  for (std::size_t i = 0; i < problem.in_channels; ++i) {
    const double product = half_to_double(problem.input[i * problem.positions + p]) *
                           half_to_double(problem.weights[o * problem.in_channels + i]);
    result.exact += product;
    result.magnitude += std::abs(product);
  }
  if (!problem.bias.empty()) result.exact += half_to_double(problem.bias[o]);
  return result;
}

std::vector<std::uint16_t> computed(const F16Kernel& kernel, const F16Problem& problem) {
  auto layer = pack_f16(problem.spec(), kernel);
  if (!layer) {
    ADD_FAILURE() << layer.error().to_string();
    return {};
  }
  const NchwShape in_shape{
      .images = 1, .channels = problem.in_channels, .plane = problem.positions};
  const NchwShape out_shape{
      .images = 1, .channels = problem.out_channels, .plane = problem.positions};
  const TileRange tiles{.first = 0, .count = tile_count(problem.positions)};
  TileBytes in(tiles.count * (*layer)->params.in_tile_bytes);
  TileBytes out(tiles.count * (*layer)->params.out_tile_bytes);
  f16_tiles_from_nchw(Isa::portable, in_shape, problem.input.data(), in.halves(), tiles);
  kernel.run((*layer)->params, in.halves(), out.halves(), problem.positions, 0,
             (*layer)->panel_count);
  EXPECT_TRUE(out.guards_hold());
  std::vector<std::uint16_t> result(problem.out_channels * problem.positions);
  nchw_from_f16_tiles(Isa::portable, out_shape, out.halves(), result.data(), tiles);
  return result;
}

F16Problem random_f16_problem(std::size_t in_channels, std::size_t out_channels,
                              std::size_t positions, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  F16Problem problem;
  problem.in_channels = in_channels;
  problem.out_channels = out_channels;
  problem.positions = positions;
  const double scale = 1.0 / std::sqrt(static_cast<double>(in_channels));
  for (std::size_t i = 0; i < in_channels * out_channels; ++i) {
    problem.weights.push_back(half_from_double(normal(random) * scale));
  }
  for (std::size_t i = 0; i < in_channels * positions; ++i) {
    problem.input.push_back(half_from_double(normal(random)));
  }
  return problem;
}

class F16KernelTest : public testing::TestWithParam<const F16Kernel*> {
 protected:
  void SetUp() override {
    if (!isa_available(GetParam()->isa)) {
      GTEST_SKIP() << "this machine lacks " << to_string(GetParam()->isa);
    }
  }
  const F16Kernel& kernel() const { return *GetParam(); }

  void expect_within_bound(const F16Problem& problem) {
    const std::vector<std::uint16_t> got = computed(kernel(), problem);
    int shown = 0;
    for (std::size_t i = 0; i < got.size() && shown < 5; ++i) {
      const Reference want = reference(problem, i % problem.positions, i / problem.positions);
      const double y = problem.relu ? std::max(want.exact, 0.0) : want.exact;
      const double bound =
          half_ulp(y) + static_cast<double>(problem.in_channels) * 0x1p-24 * want.magnitude;
      if (std::abs(half_to_double(got[i]) - y) <= bound) continue;
      ++shown;
      ADD_FAILURE() << "output " << i << ": " << half_to_double(got[i]) << " instead of " << y;
    }
  }

  // Sums of integers below 2^24: every rounding but the last is exact, so the result is known.
  void expect_exact(const F16Problem& problem) {
    const std::vector<std::uint16_t> got = computed(kernel(), problem);
    int shown = 0;
    for (std::size_t i = 0; i < got.size() && shown < 5; ++i) {
      const double exact = reference(problem, i % problem.positions, i / problem.positions).exact;
      double y = half_nearest(static_cast<long double>(exact));
      if (problem.relu && y < 0) y = 0;
      if (got[i] == half_from_double(y)) continue;
      ++shown;
      ADD_FAILURE() << "output " << i << ": " << half_to_double(got[i]) << " instead of " << y;
    }
  }
};

std::vector<const F16Kernel*> all_f16_kernels() {
  std::vector<const F16Kernel*> kernels;
  for (const F16Kernel& kernel : f16_kernels()) kernels.push_back(&kernel);
  return kernels;
}

INSTANTIATE_TEST_SUITE_P(Table, F16KernelTest, testing::ValuesIn(all_f16_kernels()),
                         [](const auto& entry) { return std::string(entry.param->name); });

TEST_P(F16KernelTest, EveryShapeAndOptionIsWithinTheBound) {
  std::uint32_t seed = 1;
  for (const std::size_t in_channels : {1U, 3U, 17U, 64U, 100U}) {
    for (const std::size_t out_channels : {1U, 3U, 12U, 14U, 17U, 63U, 65U}) {
      for (const std::size_t positions : {1U, 7U, 16U, 31U, 33U, 64U}) {
        F16Problem problem = random_f16_problem(in_channels, out_channels, positions, seed++);
        problem.relu = seed % 3 == 0;
        if (seed % 2 == 0) {
          for (std::size_t o = 0; o < out_channels; ++o) {
            problem.bias.push_back(half_from_double(0.7 * static_cast<double>(o) - 9.0));
          }
        }
        expect_within_bound(problem);
        if (HasFailure()) return;
      }
    }
  }
}

TEST_P(F16KernelTest, ManyInputChannelsAreWithinTheBound) {
  for (const std::size_t in_channels : {1024U, 1025U, 2100U}) {
    F16Problem problem =
        random_f16_problem(in_channels, 30, 33, static_cast<std::uint32_t>(in_channels));
    expect_within_bound(problem);
    problem.bias.assign(30, half_from_double(-3.0));
    problem.relu = true;
    expect_within_bound(problem);
  }
}

TEST_P(F16KernelTest, SumsOfTheInt8GridAreExact) {
  // Dequantized operands: products of 8-bit integers with power-of-two scales, up to 2^14 each and
  // 2^24 in a block of 1024, more in all.
  for (const std::size_t in_channels : {64U, 1024U, 1500U, 2049U}) {
    std::mt19937 random(static_cast<std::uint32_t>(in_channels));
    F16Problem problem = random_f16_problem(in_channels, 20, 40, 1);
    for (std::uint16_t& w : problem.weights) {
      w = half_from_double((static_cast<int>(random() % 256) - 128) * 0x1p-7);
    }
    for (std::uint16_t& x : problem.input) {
      x = half_from_double((static_cast<int>(random() % 256) - 128) * 0x1p-4);
    }
    expect_exact(problem);
    problem.bias.assign(20, half_from_double(1.0 + 0x1p-10));
    problem.relu = true;
    expect_exact(problem);
  }
}

TEST_P(F16KernelTest, ALargeSumOfOneSignInBlocksIsExact) {
  F16Problem problem;
  problem.in_channels = 3000;
  problem.out_channels = 15;
  problem.positions = 20;
  // 3000 * 127 * 127 is above 2^25; the odd last product is lost if blocks are added in float.
  problem.weights.assign(3000 * 15, half_from_double(127 * 0x1p-7));
  problem.input.assign(3000 * 20, half_from_double(127 * 0x1p-7));
  for (std::size_t i = 0; i < 15; ++i) problem.weights[i * 3000 + 2999] = half_from_double(0x1p-7);
  expect_exact(problem);
}

TEST_P(F16KernelTest, ABiasNextToATieIsRoundedOnce) {
  // 2^-24 beside 1 + 2^-11, the tie between 1 and its neighbour.
  F16Problem problem;
  problem.in_channels = 2;
  problem.out_channels = 2;
  problem.positions = 20;
  problem.weights.assign(4, half_from_double(1.0));
  problem.input.assign(20, half_from_double(1.0));
  problem.input.resize(40, half_from_double(0x1p-11));
  problem.bias = {half_from_double(0x1p-24), half_from_double(-0x1p-24)};
  expect_exact(problem);
  EXPECT_EQ(half_to_double(computed(kernel(), problem)[0]), 1.0 + 0x1p-10);
}

TEST_P(F16KernelTest, InfinityAndNanFollowTheArithmetic) {
  F16Problem problem = random_f16_problem(20, 15, 40, 3);
  const std::uint16_t nan = 0x7e00;
  const std::uint16_t infinity = kHalfInfinity;
  for (std::size_t o = 0; o < 15; ++o) problem.weights[o * 20] = half_from_double(1.0);
  problem.input[3] = nan;
  problem.input[5] = infinity;
  problem.input[7] = static_cast<std::uint16_t>(infinity | 0x8000);
  for (const bool relu : {false, true}) {
    problem.relu = relu;
    const std::vector<std::uint16_t> got = computed(kernel(), problem);
    for (std::size_t o = 0; o < 15; ++o) {
      const std::uint16_t* y = got.data() + o * 40;
      EXPECT_TRUE(std::isnan(half_to_float(y[3])));
      EXPECT_EQ(y[5], infinity);
      EXPECT_EQ(y[7], relu ? 0 : (infinity | 0x8000));
      for (std::size_t p = 0; p < 40; ++p) {
        if (p != 3 && p != 5 && p != 7) {
          EXPECT_TRUE(std::isfinite(half_to_float(y[p])));
        }
      }
    }
  }
}

TEST_P(F16KernelTest, LargeSumsBecomeInfinite) {
  F16Problem problem;
  problem.in_channels = 4;
  problem.out_channels = 2;
  problem.positions = 3;
  problem.weights.assign(8, half_from_double(1.0));
  problem.input.assign(12, half_from_double(16376.0));  // four of them: 65504
  EXPECT_EQ(computed(kernel(), problem)[0], half_from_double(65504.0));
  problem.input.assign(12, half_from_double(16380.0));  // 65520
  EXPECT_EQ(computed(kernel(), problem)[0], kHalfInfinity);
}

TEST_P(F16KernelTest, AChangedWeightChangesTheOutput) {
  const F16Problem problem = random_f16_problem(64, 30, 40, 7);
  const std::vector<std::uint16_t> before = computed(kernel(), problem);
  for (const std::size_t index :
       {std::size_t{0}, std::size_t{64 * 13 + 5}, std::size_t{64 * 30 - 1}}) {
    F16Problem changed = problem;
    changed.weights[index] = half_from_double(half_to_double(changed.weights[index]) + 0.5);
    EXPECT_NE(computed(kernel(), changed), before);
  }
}

TEST(Conv1x1F16, RefusesSizesThatDoNotMatch) {
  F16Problem problem = random_f16_problem(8, 8, 8, 5);
  EXPECT_TRUE(Conv1x1F16::create(problem.spec(), Isa::portable));
  problem.bias.assign(7, 0);
  EXPECT_FALSE(Conv1x1F16::create(problem.spec(), Isa::portable));
  problem.bias.clear();
  problem.weights.pop_back();
  EXPECT_FALSE(Conv1x1F16::create(problem.spec(), Isa::portable));
  problem.in_channels = 0;
  EXPECT_FALSE(Conv1x1F16::create(problem.spec(), Isa::portable));
}

}  // namespace
}  // namespace anebench::kernels
