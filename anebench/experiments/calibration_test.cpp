#include "anebench/experiments/calibration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "anebench/device/cpu/cpu_device.h"
#include "anebench/device/reference/reference_device.h"
#include "anebench/experiments/named_values.h"
#include "anebench/mil/builder.h"
#include "anebench/programs/catalogue.h"

namespace anebench::experiments {
namespace {

using mil::DataType;
using mil::Type;
using mil::Value;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::StartsWith;

const Type kCalibratedRow = Type::tensor(DataType::fp16, {1, 4});

// a = x · 3, y = relu(a).
mil::Program tripled() {
  mil::Builder builder("1.3", mil::Opset::ios18);
  builder.input("x", kCalibratedRow);
  builder.op("mul", "a", kCalibratedRow, {{"x", "x"}, {"y", Value::fp16_scalar(3)}});
  builder.op("relu", "y", kCalibratedRow, {{"x", "a"}});
  return builder.finish({"y"});
}

Value row_of(std::vector<double> values) { return Value::fp16_tensor({1, 4}, values); }

class Calibration : public testing::Test {
 protected:
  Calibration() : reference_(*device::open_reference({.threads = 1})) {}

  static transform::RequantizeOptions with_scheme(std::string_view name) {
    transform::RequantizeOptions options;
    options.scheme = *transform::find_scheme(name);
    return options;
  }

  std::unique_ptr<device::Device> reference_;
};

TEST_F(Calibration, ObservesTheLargestMagnitudeOverAllSamples) {
  const mil::Program program = tripled();
  const auto ranges = observe_ranges(*reference_, {program, nullptr}, {"x", "a", "y"},
                                     {{row_of({1, -4, 0, 2})}, {row_of({3, 1, 1, 1})}});
  ASSERT_TRUE(ranges) << ranges.error().to_string();
  EXPECT_THAT(*ranges, ElementsAre(Pair("a", 12), Pair("x", 4), Pair("y", 9)));
}

TEST_F(Calibration, WhatIsNotFiniteHasAnInfiniteRange) {
  const mil::Program program = tripled();
  const auto overflowing =
      observe_ranges(*reference_, {program, nullptr}, {"a"}, {{row_of({1, 60000, 1, 1})}});
  ASSERT_TRUE(overflowing);
  EXPECT_EQ(overflowing->at("a"), std::numeric_limits<double>::infinity());
  const auto nan =
      observe_ranges(*reference_, {program, nullptr}, {"x"}, {{row_of({1, std::nan(""), 1, 1})}});
  ASSERT_TRUE(nan);
  EXPECT_EQ(nan->at("x"), std::numeric_limits<double>::infinity());
}

TEST_F(Calibration, NamesWhatIsMissing) {
  const mil::Program program = tripled();
  const ModelVersion model{program, nullptr};
  EXPECT_THAT(
      observe_ranges(*reference_, model, {"z"}, {{row_of({1, 1, 1, 1})}}).error().to_string(),
      HasSubstr("no value 'z'"));
  EXPECT_THAT(observe_ranges(*reference_, model, {"a"}, {}).error().to_string(),
              HasSubstr("no inputs"));
  EXPECT_THAT(observe_ranges(*reference_, model, {"a"}, {Sample{}}).error().to_string(),
              HasSubstr("0 values for 1 inputs"));
}

// A chain of 1x1 convolutions whose weights are normally distributed fp16 numbers.
class QuantizedChain : public Calibration {
 protected:
  QuantizedChain()
      : chain_(*programs::build("conv_chain:channels=64,height=4,width=8,depth=4,relu=on,seed=3")),
        cpu_(*device::open_cpu("cpu", best_isa(), {.threads = 1})) {}

  transform::Requantized quantized(std::string_view scheme) {
    auto result = requantize_calibrated(*cpu_, {chain_.program, chain_.weights},
                                        with_scheme(scheme), {chain_.inputs});
    EXPECT_TRUE(result) << result.error().to_string();
    return result ? std::move(*result) : transform::Requantized{};
  }
  static Result<device::LoadedProgram> run(device::Device& device,
                                           const transform::Requantized& quantized,
                                           const std::vector<Value>& inputs) {
    ANEBENCH_ASSIGN(loaded,
                    device::LoadedProgram::open(device, quantized.program, quantized.weights, {}));
    ANEBENCH_TRY(loaded.set_inputs(inputs));
    loaded.poison_outputs();
    ANEBENCH_TRY(loaded.evaluate());
    return loaded;
  }
  // Of the output against the chain's own, on the reference.
  double output_snr(const transform::Requantized& quantized) {
    auto before = run(*reference_, {chain_.program, chain_.weights, {}}, chain_.inputs);
    auto after = run(*reference_, quantized, chain_.inputs);
    EXPECT_TRUE(before && after);
    return device::compare(before->output(0).type(), before->output(0).bytes(),
                           after->output(0).bytes())
        .snr_db;
  }

  programs::BenchmarkProgram chain_;
  std::unique_ptr<device::Device> cpu_;
};

TEST_F(QuantizedChain, OfIntegersIsExecutedInIntegersAndBitIdentical) {
  const transform::Requantized result = quantized("w8a8");
  EXPECT_EQ(result.report.quantized_weights(), 4u);
  EXPECT_EQ(result.report.quantized_activations(), 4u);
  auto mine = run(*cpu_, result, chain_.inputs);
  auto expected = run(*reference_, result, chain_.inputs);
  ASSERT_TRUE(mine) << mine.error().to_string();
  ASSERT_TRUE(expected) << expected.error().to_string();
  std::size_t integer_steps = 0;
  for (const device::Step& step : mine->executable().steps()) {
    if (step.kernel.starts_with("conv1x1_int8")) ++integer_steps;
    EXPECT_EQ(step.fallback_reason, "") << step.name;
  }
  EXPECT_EQ(integer_steps, 4u);
  EXPECT_TRUE(mine->executable().is_bit_exact());
  const auto comparison = device::compare(expected->output(0).type(), expected->output(0).bytes(),
                                          mine->output(0).bytes());
  EXPECT_TRUE(comparison.bit_identical) << comparison.mismatches;
  EXPECT_GT(comparison.distinct_values, 100);
}

TEST_F(QuantizedChain, LosesNoMoreThanTheBitsOfItsLayers) {
  // Errors of four layers add up: 6 dB less than one of them; activations in int8 with scales of
  // powers of two lose as much again. Weights: see transform/requantize_test.cpp. The chain's
  // weights are uniform, which grids and tables of equal spacing fit better than normal ones.
  const std::pair<const char*, double> expected[] = {{"w8", 40},   {"w8a8", 28}, {"w4", 16},
                                                     {"lut8", 40}, {"lut6", 28}, {"lut4", 16}};
  for (const auto& [scheme, least] : expected) {
    const double snr = output_snr(quantized(scheme));
    EXPECT_GE(snr, least) << scheme;
    EXPECT_TRUE(std::isfinite(snr) || std::string_view(scheme).starts_with("w8") ||
                std::string_view(scheme) == "lut8")
        << scheme;
  }
}

TEST_F(QuantizedChain, RunsTheSameOnBothDevicesInEveryScheme) {
  for (const auto& scheme : transform::quantization_schemes()) {
    const transform::Requantized result = quantized(scheme.name);
    auto mine = run(*cpu_, result, chain_.inputs);
    auto expected = run(*reference_, result, chain_.inputs);
    ASSERT_TRUE(mine && expected) << scheme.name;
    const auto comparison = device::compare(expected->output(0).type(), expected->output(0).bytes(),
                                            mine->output(0).bytes());
    EXPECT_EQ(comparison.special_mismatches, 0) << scheme.name;
    EXPECT_GE(comparison.snr_db, 60) << scheme.name;
  }
}

TEST_F(QuantizedChain, WithoutActivationsNothingIsRun) {
  const auto result =
      requantize_calibrated(*reference_, {chain_.program, chain_.weights}, with_scheme("lut4"), {});
  EXPECT_TRUE(result) << result.error().to_string();
}

}  // namespace
}  // namespace anebench::experiments
