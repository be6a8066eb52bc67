#include "anebench/experiments/value_diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "anebench/device/reference/reference_device.h"
#include "anebench/mil/builder.h"

namespace anebench::experiments {
namespace {

using mil::DataType;
using mil::Type;
using mil::Value;
using testing::HasSubstr;

const Type kValueDiffRow = Type::tensor(DataType::fp16, {1, 4});

Value fp16_row(std::vector<double> values) { return Value::fp16_tensor({1, 4}, values); }

// a = x + first, b = a * second, y = relu(b).
mil::Program two_layers(double first, double second, DataType input = DataType::fp16) {
  mil::Builder builder("1.3", mil::Opset::ios18);
  std::string x = "x";
  builder.input("x", Type::tensor(input, {1, 4}));
  if (input != DataType::fp16) {
    x = "x_to_fp16";
    builder.op("cast", x, kValueDiffRow, {{"x", "x"}, {"dtype", Value::string("fp16")}});
  }
  builder.op("add", "a", kValueDiffRow, {{"x", x}, {"y", Value::fp16_scalar(first)}});
  builder.op("mul", "b", kValueDiffRow, {{"x", "a"}, {"y", Value::fp16_scalar(second)}});
  builder.op("relu", "y", kValueDiffRow, {{"x", "b"}});
  return builder.finish({"y"});
}

class ValueDiffs : public testing::Test {
 protected:
  Result<ValueDiff> diff(const mil::Program& before, const mil::Program& after,
                         const std::vector<Value>& inputs) {
    auto device = device::open_reference({.threads = 1});
    EXPECT_TRUE(device);
    const auto structure = transform::diff_programs(before, after);
    return diff_values(**device, {before, nullptr}, {after, nullptr}, structure.functions.at(0),
                       inputs);
  }
  static const ValueDifference& layer(const ValueDiff& diff, std::string_view name) {
    for (const ValueDifference& one : diff.layers) {
      if (one.name_before == name) return one;
    }
    ADD_FAILURE() << name;
    return diff.layers.front();
  }
};

TEST_F(ValueDiffs, EqualProgramsAreEqualInEveryValue) {
  const auto result = diff(two_layers(1, 2), two_layers(1, 2), {fp16_row({1, 2, 3, -4})});
  ASSERT_TRUE(result) << result.error().to_string();
  ASSERT_EQ(result->outputs.size(), 1u);
  EXPECT_EQ(result->layers.size(), 3u);
  for (const ValueDifference& one : result->layers) {
    EXPECT_TRUE(one.comparison->bit_identical) << one.name_before;
    EXPECT_FALSE(one.is_changed);
  }
  EXPECT_EQ(lowest_output_snr(*result), std::numeric_limits<double>::infinity());
}

TEST_F(ValueDiffs, TellsAnOperationsOwnErrorFromWhatCameBefore) {
  // The first layer is off by 1, the second by a factor: 10 to 8 times.
  const auto result = diff(two_layers(1, 10), two_layers(2, 8), {fp16_row({1, 2, 3, 4})});
  ASSERT_TRUE(result) << result.error().to_string();
  const ValueDifference& a = layer(*result, "a");
  EXPECT_TRUE(a.is_changed);
  // Σ(x + 1)² = 54, Σ1² = 4: alone and with what came before, which is nothing.
  EXPECT_NEAR(a.comparison->snr_db, 10 * std::log10(54.0 / 4), 1e-9);
  EXPECT_NEAR(a.alone->snr_db, a.comparison->snr_db, 1e-9);
  const ValueDifference& b = layer(*result, "b");
  // Alone it loses a fifth of every value, which is 10·log10(25).
  EXPECT_NEAR(b.alone->snr_db, 10 * std::log10(25.0), 1e-9);
  // 10·(x + 1) = 20 30 40 50 against 8·(x + 2) = 24 32 40 48.
  EXPECT_NEAR(b.comparison->snr_db, 10 * std::log10(5400.0 / 24), 1e-9);
  const ValueDifference& y = layer(*result, "y");
  EXPECT_FALSE(y.is_changed);
  EXPECT_FALSE(y.alone);
  EXPECT_NEAR(*lowest_output_snr(*result), b.comparison->snr_db, 1e-9);
}

TEST_F(ValueDiffs, InputsOfAnotherPrecisionGetTheSameValuesRounded) {
  // 1 + 2^-12 is no fp16 number.
  const auto result = diff(two_layers(1, 2, DataType::fp32), two_layers(1, 2),
                           {Value::tensor<float>({1, 4}, {1.000244140625f, 2, 3, 4})});
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_TRUE(result->outputs.at(0).comparison->bit_identical);
}

TEST_F(ValueDiffs, InfinitiesAreNoSmallDifference) {
  const auto result = diff(two_layers(1, 2), two_layers(1, 60000), {fp16_row({1, 2, 3, 4})});
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_EQ(result->outputs.at(0).comparison->special_mismatches, 4);
  EXPECT_EQ(lowest_output_snr(*result), -std::numeric_limits<double>::infinity());
}

TEST_F(ValueDiffs, ValuesOfOtherShapesAreNotCompared) {
  mil::Builder builder("1.3", mil::Opset::ios18);
  builder.input("x", kValueDiffRow);
  const Type column = Type::tensor(DataType::fp16, {4, 1});
  builder.op("reshape", "y", column,
             {{"x", "x"}, {"shape", Value::tensor<std::int32_t>({2}, {4, 1})}});
  const auto result = diff(two_layers(1, 2), builder.finish({"y"}), {fp16_row({1, 2, 3, 4})});
  ASSERT_TRUE(result) << result.error().to_string();
  EXPECT_FALSE(result->outputs.at(0).comparison);
  EXPECT_THAT(result->outputs.at(0).reason, HasSubstr("tensor<fp16, [4, 1]> after"));
  EXPECT_FALSE(lowest_output_snr(*result));
}

TEST_F(ValueDiffs, InputsThatOnlyTheSecondHasAreAnError) {
  mil::Builder builder("1.3", mil::Opset::ios18);
  builder.input("x", kValueDiffRow);
  builder.input("z", kValueDiffRow);
  builder.op("add", "y", kValueDiffRow, {{"x", "x"}, {"y", "z"}});
  const auto result = diff(two_layers(1, 2), builder.finish({"y"}), {fp16_row({1, 2, 3, 4})});
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().to_string(), HasSubstr("'z'"));
  EXPECT_FALSE(diff(two_layers(1, 2), two_layers(1, 2), {}));
}

}  // namespace
}  // namespace anebench::experiments
