#include <gtest/gtest.h>

#include <array>
#include <bit>

#include "anebench/device/cpu/kernels/conv1x1.h"
#include "anebench/device/cpu/kernels/kernel.h"
#include "anebench/device/cpu/kernels/kernel_test_support.h"

namespace anebench::kernels {
namespace {

struct Int8Problem {
  std::size_t in_channels = 0;
  std::size_t out_channels = 0;
  std::size_t positions = 0;
  std::vector<std::int8_t> weights;
  bool input_is_signed = true;
  std::int32_t input_zero_point = 0;
  std::vector<int> input;  // [channel][position]
  std::vector<double> scales;
  std::vector<double> bias;
  bool relu = false;
  Int8Output output = Int8Output::quantized;
  Quantization quantization;
  // Of every output channel, where they are chosen: [position].
  std::vector<std::int64_t> known_sums;

  Conv1x1Int8Spec spec() const {
    return {.in_channels = in_channels,
            .out_channels = out_channels,
            .weights = weights,
            .input_is_signed = input_is_signed,
            .input_zero_point = input_zero_point,
            .scales = scales,
            .bias = bias,
            .relu = relu,
            .output = output,
            .quantization = quantization};
  }
};

std::int64_t computed_sum(const Int8Problem& problem, std::size_t p, std::size_t o) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < problem.in_channels; ++i) {
    sum += std::int64_t{problem.input[i * problem.positions + p] - problem.input_zero_point} *
           problem.weights[o * problem.in_channels + i];
  }
  return sum;
}

std::int64_t sum_of(const Int8Problem& problem, std::size_t p, std::size_t o) {
  return problem.known_sums.empty() ? computed_sum(problem, p, o) : problem.known_sums[p];
}

// y [channel][position]: fp16 values.
std::vector<double> expected_halves(const Int8Problem& problem) {
  std::vector<double> out(problem.out_channels * problem.positions);
  for (std::size_t o = 0; o < problem.out_channels; ++o) {
    for (std::size_t p = 0; p < problem.positions; ++p) {
      long double exact = static_cast<long double>(sum_of(problem, p, o)) *
                          static_cast<long double>(problem.scales[o]);
      if (!problem.bias.empty()) exact += static_cast<long double>(problem.bias[o]);
      double y = half_nearest(exact);
      if (problem.relu && y < 0) y = 0;
      out[o * problem.positions + p] = y;
    }
  }
  return out;
}

std::vector<double> computed(const Int8Kernel& kernel, const Int8Problem& problem) {
  auto layer = pack_int8(problem.spec(), kernel);
  if (!layer) {
    ADD_FAILURE() << layer.error().to_string();
    return {};
  }
  const NchwShape in_shape{
      .images = 1, .channels = problem.in_channels, .plane = problem.positions};
  const NchwShape out_shape{
      .images = 1, .channels = problem.out_channels, .plane = problem.positions};
  const TileRange tiles{.first = 0, .count = tile_count(problem.positions)};
  std::vector<std::uint8_t> bytes(problem.input.size());
  std::ranges::transform(problem.input, bytes.begin(),
                         [](int value) { return static_cast<std::uint8_t>(value); });
  TileBytes in(tiles.count * (*layer)->params.in_tile_bytes);
  TileBytes out(tiles.count * (*layer)->params.out_tile_bytes);
  u8_tiles_from_nchw(Isa::portable, in_shape, bytes.data(), problem.input_is_signed, in.data(),
                     tiles);
  kernel.run((*layer)->params, in.data(), out.data(), problem.positions, 0, (*layer)->panel_count);
  EXPECT_TRUE(out.guards_hold());

  std::vector<double> result(problem.out_channels * problem.positions);
  if (problem.output == Int8Output::f16) {
    std::vector<std::uint16_t> halves(result.size());
    nchw_from_f16_tiles(Isa::portable, out_shape, out.halves(), halves.data(), tiles);
    std::ranges::transform(halves, result.begin(), half_to_double);
  } else {
    const bool is_signed = problem.quantization.is_signed;
    std::vector<std::uint8_t> values(result.size());
    nchw_from_u8_tiles(Isa::portable, out_shape, out.data(), is_signed, values.data(), tiles);
    std::ranges::transform(values, result.begin(), [is_signed](std::uint8_t value) {
      return static_cast<double>(is_signed ? int{static_cast<std::int8_t>(value)} : int{value});
    });
  }
  return result;
}

// `halves` are expected_halves(problem), which do not depend on the quantization. ±0 must agree, so
// values are compared as bits; none is NaN here.
void expect_exact(const Int8Kernel& kernel, const Int8Problem& problem,
                  const std::vector<double>& halves) {
  const std::vector<double> got = computed(kernel, problem);
  ASSERT_EQ(halves.size(), got.size());
  const bool is_quantized = problem.output == Int8Output::quantized;
  int shown = 0;
  for (std::size_t i = 0; i < halves.size() && shown < 5; ++i) {
    const double want = is_quantized
                            ? static_cast<double>(quantize_exactly(halves[i], problem.quantization))
                            : halves[i];
    if (std::bit_cast<std::uint64_t>(want) == std::bit_cast<std::uint64_t>(got[i])) continue;
    const std::size_t o = i / problem.positions;
    const std::size_t p = i % problem.positions;
    ++shown;
    ADD_FAILURE() << "channel " << o << ", position " << p << ": " << got[i] << " instead of "
                  << want << " for a sum of " << sum_of(problem, p, o);
  }
}
void expect_exact(const Int8Kernel& kernel, const Int8Problem& problem) {
  expect_exact(kernel, problem, expected_halves(problem));
}

// A problem whose output channels all see the given sums: digits of the sum in base 127 as uint8
// activations against weights 127 and 1. Negative sums take a second set of channels.
Int8Problem with_sums(const std::vector<std::int64_t>& sums) {
  std::int64_t largest = 1;
  for (const std::int64_t sum : sums) largest = std::max(largest, std::abs(sum));
  const auto coarse = static_cast<std::size_t>(largest / 127 / 255 + 1);
  Int8Problem problem;
  problem.in_channels = 2 * (coarse + 1);
  problem.positions = sums.size();
  problem.known_sums = sums;
  problem.input_is_signed = false;
  problem.input.resize(problem.in_channels * sums.size());
  for (std::size_t p = 0; p < sums.size(); ++p) {
    const std::size_t side = sums[p] < 0 ? coarse + 1 : 0;
    std::int64_t left = std::abs(sums[p]) / 127;
    problem.input[side * sums.size() + p] = static_cast<int>(std::abs(sums[p]) % 127);
    for (std::size_t i = 1; i <= coarse; ++i) {
      const std::int64_t digit = std::min<std::int64_t>(left, 255);
      problem.input[(side + i) * sums.size() + p] = static_cast<int>(digit);
      left -= digit;
    }
  }
  return problem;
}

void add_output(Int8Problem& problem, double scale) {
  const std::size_t half = problem.in_channels / 2;
  for (std::size_t i = 0; i < problem.in_channels; ++i) {
    const int weight = i % half == 0 ? 1 : 127;
    problem.weights.push_back(static_cast<std::int8_t>(i < half ? weight : -weight));
  }
  problem.scales.push_back(scale);
  ++problem.out_channels;
}

TEST(ChosenSums, AreThoseOfInputsAndWeights) {
  Int8Problem problem = with_sums({0, 1, -1, 126, 127, -128, 32767, -100'000, 1 << 25});
  add_output(problem, 1.0);
  add_output(problem, 0.5);
  for (std::size_t p = 0; p < problem.positions; ++p) {
    for (const std::size_t o : {0U, 1U}) {
      EXPECT_EQ(computed_sum(problem, p, o), problem.known_sums[p]);
    }
  }
}

Int8Problem random_int8_problem(std::size_t in_channels, std::size_t out_channels,
                                std::size_t positions, std::uint32_t seed) {
  std::mt19937 random(seed);
  Int8Problem problem;
  problem.in_channels = in_channels;
  problem.out_channels = out_channels;
  problem.positions = positions;
  for (std::size_t i = 0; i < in_channels * out_channels; ++i) {
    problem.weights.push_back(static_cast<std::int8_t>(static_cast<int>(random() % 256) - 128));
  }
  for (std::size_t i = 0; i < in_channels * positions; ++i) {
    problem.input.push_back(static_cast<int>(random() % 256) - 128);
  }
  // About the standard deviation of the sums, so that outputs spread over the range.
  const double spread = 5400.0 * std::sqrt(static_cast<double>(in_channels));
  problem.scales.assign(out_channels, std::exp2(std::round(std::log2(64.0 / spread))));
  return problem;
}

class Int8KernelTest : public testing::TestWithParam<const Int8Kernel*> {
 protected:
  void SetUp() override {
    if (!isa_available(GetParam()->isa)) {
      GTEST_SKIP() << "this machine lacks " << to_string(GetParam()->isa);
    }
  }
  const Int8Kernel& kernel() const { return *GetParam(); }
};

std::vector<const Int8Kernel*> all_int8_kernels() {
  std::vector<const Int8Kernel*> kernels;
  for (const Int8Kernel& kernel : int8_kernels()) kernels.push_back(&kernel);
  return kernels;
}

INSTANTIATE_TEST_SUITE_P(Table, Int8KernelTest, testing::ValuesIn(all_int8_kernels()),
                         [](const auto& entry) { return std::string(entry.param->name); });

TEST_P(Int8KernelTest, EveryHalfIsQuantizedExactly) {
  // Integers of 11 bits times 2^-24 … 2^5 are the normal fp16 numbers, smaller ones times 2^-24 the
  // subnormal ones; 4096 and more overflow at 2^5.
  std::vector<std::int64_t> sums;
  for (std::int64_t sum = 1024; sum <= 2050; ++sum) sums.insert(sums.end(), {sum, -sum});
  Int8Problem normal = with_sums(sums);
  for (int exponent = -24; exponent <= 5; ++exponent) add_output(normal, std::exp2(exponent));
  sums.clear();
  for (std::int64_t sum = -1024; sum <= 1024; ++sum) sums.push_back(sum);
  Int8Problem subnormal = with_sums(sums);
  add_output(subnormal, 0x1p-24);
  Int8Problem large = with_sums({4095, -4095, 4096, -4096, 1 << 20, -(1 << 20)});
  for (int exponent = -24; exponent <= 5; ++exponent) add_output(large, std::exp2(exponent));
  for (Int8Problem* problem : {&normal, &subnormal, &large}) {
    const std::vector<double> halves = expected_halves(*problem);
    for (const double s : {0x1p-13, 0x1p-7, 1.0, 0x1p8, 0x1p-14, 0x1p9, 0.1, 3.0, 513.5, 1000.0,
                           65504.0, 0x1p-24, -2.0, 0.0}) {
      SCOPED_TRACE(s);
      problem->quantization.scale = static_cast<float>(round_to_half(s));
      problem->quantization.zero_point = s == 0.0 ? 9 : 0;  // 0 / 0 gives 0 all the same
      expect_exact(kernel(), *problem, halves);
    }
    problem->output = Int8Output::f16;
    expect_exact(kernel(), *problem, halves);
  }
}

TEST_P(Int8KernelTest, TheFastEpilogueIsExactForEverySumUpToTwoToThe13AndAcrossTwoToThe18) {
  // Every sum that fp16 rounds by up to two bits, then every 31st, so that all endings occur.
  constexpr std::int64_t kEvery = std::int64_t{1} << 13;
  constexpr std::int64_t kLimit = std::int64_t{1} << 18;
  constexpr std::int64_t kStep = 31;
  std::vector<std::int64_t> every;
  for (std::int64_t sum = -kEvery; sum <= kEvery; ++sum) every.push_back(sum);
  std::vector<std::int64_t> across = {kLimit, -kLimit};
  for (std::int64_t sum = kEvery; sum < kLimit; sum += kStep) {
    across.insert(across.end(), {sum, -sum});
  }
  for (const std::vector<std::int64_t>& sums : {every, across}) {
    Int8Problem problem = with_sums(sums);
    for (const int shift : {0, 3, 6, 9, 11}) add_output(problem, std::exp2(-shift));
    expect_exact(kernel(), problem);
    if (HasFailure()) return;
  }
}

TEST_P(Int8KernelTest, SumsAroundEveryTieAreExact) {
  for (const int shift : {4, 9, 14}) {
    std::vector<std::int64_t> sums;
    for (std::int64_t n = -280; n <= 280; ++n) {
      const auto magnitude = static_cast<std::uint64_t>(std::abs(n) + 1);
      const auto binade_of_n = static_cast<std::int64_t>(std::bit_floor(magnitude));
      // The largest sums take hundreds of channels: there only the numbers at binades' ends.
      const bool is_at_end = std::abs(n) <= 4 || std::has_single_bit(magnitude) ||
                             std::has_single_bit(magnitude - 1) || std::abs(n) == 280;
      if (shift == 14 && !is_at_end) continue;
      // The tie between n and n + 1, and where y's rounding to 11 bits ends on it, for a scale of 1
      // and of a half.
      const std::int64_t tie = (2 * n + 1) * (std::int64_t{1} << (shift - 1));
      for (std::int64_t binade = (binade_of_n + 1) / 2; binade <= 2 * binade_of_n; binade *= 2) {
        const std::int64_t half_ulp = (binade << shift) >> 11;
        for (std::int64_t i = -1; i <= 1; ++i) {
          sums.insert(sums.end(), {tie + i, tie + half_ulp + i, tie - half_ulp + i});
        }
      }
    }
    std::ranges::sort(sums);
    sums.erase(std::unique(sums.begin(), sums.end()), sums.end());
    for (const std::int32_t zero_point : {0, 5, -128}) {
      for (const bool relu : {false, true}) {
        Int8Problem problem = with_sums(sums);
        for (const double s : {1.0, 0.5}) add_output(problem, s * std::exp2(-shift));
        problem.quantization.zero_point = zero_point;
        problem.relu = relu;
        expect_exact(kernel(), problem);
        problem.quantization = {.scale = 0.25F, .zero_point = zero_point + 128, .is_signed = false};
        expect_exact(kernel(), problem);
      }
    }
  }
}

TEST_P(Int8KernelTest, InfinityIsKeptWhereYOverflows) {
  // y from 65504 to beyond 65520 with s = 1000: 66 below the overflow, 127 above it.
  std::vector<std::int64_t> sums;
  for (std::int64_t sum = 1048064 - 40; sum <= 1048576 + 40; ++sum) {
    sums.insert(sums.end(), {sum, -sum});
  }
  Int8Problem problem = with_sums(sums);
  add_output(problem, 0x1p-4);
  problem.quantization.scale = 1000.0F;
  expect_exact(kernel(), problem);
  problem.output = Int8Output::f16;
  expect_exact(kernel(), problem);
}

TEST_P(Int8KernelTest, SumsAboveTwoToThe24AreExact) {
  std::vector<std::int64_t> sums;
  for (const std::int64_t base : {1 << 24, 3 << 23, 1 << 25}) {
    for (std::int64_t i = -20; i <= 20; ++i) sums.insert(sums.end(), {base + i, -base - i});
  }
  for (std::int64_t i = -300; i <= 300; ++i) sums.push_back(i * 4096 + i % 3);
  Int8Problem problem = with_sums(sums);
  add_output(problem, 0x1p-12);  // clamped: beyond 2^20 everything saturates
  add_output(problem, 0x1p-8);
  expect_exact(kernel(), problem);
  add_output(problem, 0x1p-18);  // the clamp would lie above 2^24
  expect_exact(kernel(), problem);
  problem.output = Int8Output::f16;
  expect_exact(kernel(), problem);
}

TEST_P(Int8KernelTest, ExtremeOperandsAreExact) {
  for (const int x : {-128, 127}) {
    for (const int w : {-128, 127}) {
      for (const std::int32_t zero_point : {-128, 0, 127}) {
        Int8Problem problem;
        problem.in_channels = 600;
        problem.out_channels = 13;
        problem.positions = 17;
        problem.weights.assign(600 * 13, static_cast<std::int8_t>(w));
        problem.input.assign(600 * 17, x);
        problem.input_zero_point = zero_point;
        problem.scales.assign(13, 0x1p-17);
        expect_exact(kernel(), problem);
        problem.output = Int8Output::f16;
        problem.scales.assign(13, 0x1.8p-20);
        expect_exact(kernel(), problem);
      }
    }
  }
}

TEST_P(Int8KernelTest, EveryShapeAndOptionIsExact) {
  std::uint32_t seed = 1;
  for (const std::size_t in_channels : {1U, 3U, 17U, 65U, 100U}) {
    for (const std::size_t out_channels : {1U, 3U, 12U, 17U, 63U, 100U}) {
      for (const std::size_t positions : {1U, 7U, 16U, 31U, 33U, 64U}) {
        const std::uint32_t options = seed++ * 2654435761U >> 16;
        Int8Problem problem = random_int8_problem(in_channels, out_channels, positions, seed);
        if (options & 1U) {
          problem.input_is_signed = false;
          for (int& value : problem.input) value += 128;
        }
        problem.input_zero_point = (options & 2U) ? (problem.input_is_signed ? -7 : 131) : 0;
        problem.relu = (options & 4U) != 0;
        for (std::size_t o = 0; o < out_channels; ++o) {
          if (options & 8U) problem.scales[o] *= std::exp2(static_cast<int>(o % 5) - 2);
          if (options & 16U) problem.scales[o] = round_to_half(problem.scales[o] * 1.37) * 0.75;
          if (options & 32U)
            problem.bias.push_back(round_to_half(40.0 - 1.618 * static_cast<double>(o)));
        }
        if (options & 64U) problem.output = Int8Output::f16;
        if (options & 128U) problem.quantization.scale = static_cast<float>(round_to_half(0.7));
        problem.quantization.is_signed = (options & 256U) != 0;
        problem.quantization.zero_point =
            (options & 512U) ? (problem.quantization.is_signed ? -3 : 120) : 0;
        SCOPED_TRACE(testing::Message() << in_channels << " to " << out_channels << " channels, "
                                        << positions << " positions, options " << options % 1024);
        expect_exact(kernel(), problem);
        if (HasFailure()) return;
      }
    }
  }
}

TEST_P(Int8KernelTest, BiasBesideAFarLargerOrSmallerSumIsRoundedOnce) {
  // The sum needs more than 53 bits: acc * S next to a tie of fp16, and a bias far below its last
  // place that decides it.
  std::vector<std::int64_t> sums;
  for (std::int64_t i = -70; i <= 70; ++i) sums.push_back((std::int64_t{1} << 24) + i * 4096);
  Int8Problem problem = with_sums(sums);
  for (const double bias : {0x1p-24, -0x1p-24, 0x1p-14, -1.0}) {
    add_output(problem, 0x1p-10);
    problem.bias.push_back(bias);
  }
  problem.output = Int8Output::f16;
  expect_exact(kernel(), problem);
  // A scale of 22 bits with a sum of 31 fills the double by itself.
  for (double& scale : problem.scales) scale = 4194303.0 * 0x1p-32;
  expect_exact(kernel(), problem);
}

TEST_P(Int8KernelTest, AChangedWeightChangesTheOutput) {
  Int8Problem problem = random_int8_problem(64, 24, 40, 7);
  const std::vector<double> before = computed(kernel(), problem);
  for (const std::size_t index :
       {std::size_t{0}, std::size_t{64 * 13 + 5}, std::size_t{64 * 24 - 1}}) {
    Int8Problem changed = problem;
    changed.weights[index] = static_cast<std::int8_t>(changed.weights[index] ^ 0x40);
    EXPECT_NE(computed(kernel(), changed), before);
  }
}

TEST_P(Int8KernelTest, PanelRangesAndTileRangesAddUpToTheWhole) {
  Int8Problem problem = random_int8_problem(40, 50, 100, 9);
  const auto layer = pack_int8(problem.spec(), kernel());
  ASSERT_TRUE(layer);
  const Int8Params& params = (*layer)->params;
  TileBytes in(4 * params.in_tile_bytes);
  TileBytes whole(4 * params.out_tile_bytes);
  TileBytes parts(4 * params.out_tile_bytes);
  for (std::size_t i = 0; i < 4 * params.in_tile_bytes; ++i) {
    in.data()[i] = static_cast<std::uint8_t>(i * 37);
  }
  kernel().run(params, in.data(), whole.data(), 128, 0, (*layer)->panel_count);
  for (std::size_t tile = 0; tile < 4; ++tile) {
    for (std::size_t panel = 0; panel < (*layer)->panel_count; ++panel) {
      kernel().run(params, in.data() + tile * params.in_tile_bytes,
                   parts.data() + tile * params.out_tile_bytes, 32, panel, 1);
    }
  }
  EXPECT_TRUE(std::equal(whole.data(), whole.data() + 4 * params.out_tile_bytes, parts.data()));
}

TEST(Conv1x1Int8, PowersOfTwoTakeTheFastEpilogue) {
  Int8Problem problem = random_int8_problem(64, 20, 32, 3);
  EXPECT_EQ(Conv1x1Int8::create(problem.spec(), Isa::portable)->epilogue_name(), "power_of_two");
  problem.bias.assign(20, 16 * problem.scales[0]);
  EXPECT_EQ(Conv1x1Int8::create(problem.spec(), Isa::portable)->epilogue_name(), "power_of_two");
  problem.bias[3] = problem.scales[0] / 2;
  EXPECT_EQ(Conv1x1Int8::create(problem.spec(), Isa::portable)->epilogue_name(), "exact");
  problem.bias.clear();
  problem.quantization.scale = 512.0F;
  EXPECT_EQ(Conv1x1Int8::create(problem.spec(), Isa::portable)->epilogue_name(), "exact");
}

TEST(Conv1x1Int8, RefusesWhatItCannotComputeExactly) {
  const auto code_of = [](const Int8Problem& problem) {
    const auto conv = Conv1x1Int8::create(problem.spec(), Isa::portable);
    return conv ? std::string("fine") : std::string(to_string(conv.error().code()));
  };
  const Int8Problem good = random_int8_problem(8, 8, 8, 5);
  EXPECT_EQ(code_of(good), "fine");
  Int8Problem bad = good;
  bad.scales[2] = 1.0 + 0x1p-22;
  EXPECT_EQ(code_of(bad), "invalid_argument");
  bad = good;
  bad.scales[2] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(code_of(bad), "invalid_argument");
  bad = good;
  bad.weights.pop_back();
  EXPECT_EQ(code_of(bad), "invalid_argument");
  bad = good;
  bad.bias.assign(7, 0.0);
  EXPECT_EQ(code_of(bad), "invalid_argument");
  bad = good;
  bad.input_zero_point = 128;
  EXPECT_EQ(code_of(bad), "invalid_argument");
  bad = good;
  bad.quantization.scale = std::numeric_limits<float>::infinity();
  EXPECT_EQ(code_of(bad), "invalid_argument");
  bad = good;
  bad.in_channels = std::size_t{1} << 62;
  EXPECT_EQ(code_of(bad), "invalid_argument");
  // 255 * 128 * 70,000 is above 2^31.
  bad = good;
  bad.in_channels = 70'000;
  bad.out_channels = 1;
  bad.weights.assign(70'000, -128);
  bad.scales.assign(1, 1.0);
  bad.input_zero_point = -128;
  EXPECT_EQ(code_of(bad), "unsupported");
  EXPECT_FALSE(int8_sums_fit(70'000, 1, bad.weights, true, -128));
  EXPECT_TRUE(int8_sums_fit(70'000, 1, bad.weights, true, 0));
}

}  // namespace
}  // namespace anebench::kernels
