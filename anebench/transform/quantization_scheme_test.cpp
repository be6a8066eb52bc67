#include "anebench/transform/quantization_scheme.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/transform/quantized_program_for_tests.h"

namespace anebench::transform {
namespace {

using mil::DataType;
using mil::Opset;
using testing::HasSubstr;

std::vector<float> floats(const mil::Value& value) {
  const auto elements = value.as_doubles();
  return {elements->begin(), elements->end()};
}

Result<StoredWeight> store(std::string_view scheme, const mil::Value& weight, Opset opset,
                           const WeightAxes& axes = {}) {
  ANEBENCH_ASSIGN(found, find_scheme(scheme));
  return store_weight(*found, weight.type(), floats(weight), axes, opset);
}

const mil::Value& parameter(const StoredWeight& stored, std::string_view name) {
  for (const auto& [key, value] : stored.parameters) {
    if (key == name) return value;
  }
  ADD_FAILURE() << name;
  return stored.parameters.front().second;
}

TEST(QuantizationSchemes, AreFoundByName) {
  for (const QuantizationScheme& scheme : quantization_schemes()) {
    ASSERT_TRUE(find_scheme(scheme.name));
    EXPECT_EQ(*find_scheme(scheme.name), &scheme);
  }
  const auto unknown = find_scheme("w7");
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message(), HasSubstr("w8, w8_per_tensor, w8a8, w4, lut8"));
}

TEST(QuantizationSchemes, Int8HasAScaleForEachOutputChannel) {
  const auto weight = normal_tensor(DataType::fp16, {8, 32, 1, 1}, 1);
  const auto stored = store("w8", weight, Opset::ios16);
  ASSERT_TRUE(stored) << stored.error().to_string();
  EXPECT_EQ(stored->op_type, "constexpr_affine_dequantize");
  EXPECT_EQ(parameter(*stored, "scale").type(), mil::Type::tensor(DataType::fp16, {8}));
  EXPECT_EQ(parameter(*stored, "zero_point").as_doubles(), std::vector<double>(8, 0));
  // Data, scales, zero points, axis.
  EXPECT_EQ(stored->bytes, 8 * 32 + 8 * 2 + 8 + 4);
  const auto transposed = store("w8", weight, Opset::ios16, {.output = 1, .input = 0});
  EXPECT_EQ(parameter(*transposed, "scale").type(), mil::Type::tensor(DataType::fp16, {32}));
  EXPECT_EQ(parameter(*transposed, "axis").as_int(), 1);
  const auto one = store("w8_per_tensor", weight, Opset::ios16);
  EXPECT_TRUE(parameter(*one, "scale").type().is_scalar());
}

TEST(QuantizationSchemes, Int4HasAScaleForEachBlockOfInputChannels) {
  const auto weight = normal_tensor(DataType::fp16, {8, 96, 3}, 1);
  const auto stored = store("w4", weight, Opset::ios18);
  ASSERT_TRUE(stored) << stored.error().to_string();
  EXPECT_EQ(stored->op_type, "constexpr_blockwise_shift_scale");
  EXPECT_FALSE(stored->in_attributes);
  EXPECT_EQ(parameter(*stored, "scale").type(), mil::Type::tensor(DataType::fp16, {8, 3, 1}));
  EXPECT_EQ(stored->bytes, 8 * 96 * 3 / 2 + 8 * 3 * 2);
}

TEST(QuantizationSchemes, BlocksMustDivideTheChannels) {
  EXPECT_EQ(block_problem({8, 96, 3}, {}), "");
  EXPECT_EQ(block_problem({8, 7, 3}, {}), "");
  EXPECT_THAT(block_problem({8, 129, 3}, {}), HasSubstr("129 input channels"));
}

TEST(QuantizationSchemes, TablesHaveTheFormOfTheOpset) {
  const auto weight = normal_tensor(DataType::fp32, {16, 32}, 1);
  const auto old_form = store("lut6", weight, Opset::ios17);
  ASSERT_TRUE(old_form) << old_form.error().to_string();
  EXPECT_TRUE(old_form->in_attributes);
  EXPECT_EQ(parameter(*old_form, "lut").type(), mil::Type::tensor(DataType::fp32, {64}));
  EXPECT_EQ(parameter(*old_form, "indices").type(),
            mil::Type::tensor(DataType::uint8, {16 * 32 * 6 / 8}));
  const auto new_form = store("lut6", weight, Opset::ios18);
  ASSERT_TRUE(new_form) << new_form.error().to_string();
  EXPECT_FALSE(new_form->in_attributes);
  EXPECT_EQ(parameter(*new_form, "lut").type(), mil::Type::tensor(DataType::fp32, {1, 1, 64, 1}));
  EXPECT_EQ(new_form->error.snr_db, old_form->error.snr_db);
}

TEST(QuantizationSchemes, SparseOnesKeepTheShareThatTheyName) {
  const auto weight = normal_tensor(DataType::fp16, {16, 64}, 1);
  for (const auto& [name, kept] : {std::pair("sparse50", 512), std::pair("sparse75", 256)}) {
    const auto stored = store(name, weight, Opset::ios16);
    ASSERT_TRUE(stored) << stored.error().to_string();
    EXPECT_EQ(parameter(*stored, "nonzero_data").type().element_count(), kept);
  }
}

TEST(QuantizationSchemes, ForIntegersHaveScalesThatRoundNothing) {
  const auto stored = store("w8a8", normal_tensor(DataType::fp16, {32, 32}, 7), Opset::ios17);
  ASSERT_TRUE(stored);
  const std::vector<double> scales = *parameter(*stored, "scale").as_doubles();
  for (const double scale : scales) {
    for (int code = -128; code < 128; ++code) {
      const auto product = mil::Value::fp16_scalar(code * scale);
      ASSERT_EQ(product.as_double(), code * scale);
    }
  }
}

}  // namespace
}  // namespace anebench::transform
