#include "anebench/transform/activation_pairs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "anebench/transform/quantized_program_for_tests.h"

namespace anebench::transform {
namespace {

using mil::DataType;
using mil::Type;
using mil::Value;
using testing::ElementsAre;

const std::set<std::string_view> kBothWeights = {"w1", "w2"};
constexpr auto kPowerOfTwo = weights::ScaleForm::power_of_two;

std::vector<ActivationOutcome> outcomes(const ActivationPlan& plan) {
  std::vector<ActivationOutcome> result;
  for (const ActivationResult& one : plan.results) result.push_back(one.outcome);
  return result;
}

std::vector<std::string> types(const mil::Function& function) {
  std::vector<std::string> result;
  for (const mil::Operation& operation : function.body.operations) {
    if (operation.type != "const") result.push_back(operation.type);
  }
  return result;
}

TEST(ActivationPairs, StandBetweenAnActivationAndTheOperationOnly) {
  const TestModel model = two_convolutions();
  mil::Function function = *model.program.main();
  const ActivationRanges ranges = {{"x", 3.0}, {"middle", 100.0}};
  const auto plan = plan_activations(*model.program.main(), kBothWeights, &ranges, kPowerOfTwo);
  EXPECT_THAT(outcomes(plan),
              ElementsAre(ActivationOutcome::quantized, ActivationOutcome::quantized));
  // The smallest powers of two that reach: 127/32 ≥ 3, 127 ≥ 100.
  EXPECT_EQ(plan.results[0].scale, 0.03125);
  EXPECT_EQ(plan.results[1].scale, 1);
  insert_pairs(plan, function);
  EXPECT_THAT(types(function), ElementsAre("quantize", "dequantize", "conv", "relu", "quantize",
                                           "dequantize", "conv", "add"));
  const mil::Operation& second = *std::ranges::find_if(
      function.body.operations, [](const auto& one) { return one.label() == "second"; });
  EXPECT_EQ(std::get<std::string>(second.find_input("x")->bindings.front()), "middle_dequantized");
}

TEST(ActivationPairs, OneServesAllOperationsThatComputeInIntegers) {
  const Type type = Type::tensor(DataType::fp16, {1, 64, 1, 16});
  TestModelBuilder builder;
  builder.builder().input("x", type);
  builder.constant("w1", normal_tensor(DataType::fp16, {64, 64, 1, 1}, 1));
  builder.conv("a", type, "x", "w1");
  builder.conv("b", type, "x", "w1");
  builder.builder().op("add", "c", type, {{"x", "a"}, {"y", "x"}});
  const TestModel model = builder.finish({"b", "c"});
  mil::Function function = *model.program.main();
  const ActivationRanges ranges = {{"x", 1.0}};
  insert_pairs(plan_activations(*model.program.main(), kBothWeights, &ranges, kPowerOfTwo),
               function);
  EXPECT_THAT(types(function), ElementsAre("quantize", "dequantize", "conv", "conv", "add"));
  // The addition keeps the activation as it was.
  EXPECT_EQ(std::get<std::string>(function.body.operations.back().find_input("y")->bindings[0]),
            "x");
}

TEST(ActivationPairs, NewNamesAvoidThoseInUse) {
  const Type type = Type::tensor(DataType::fp16, {1, 64, 1, 16});
  TestModelBuilder builder;
  builder.builder().input("x", type);
  builder.builder().input("x_quantized", type);
  builder.constant("w1", normal_tensor(DataType::fp16, {64, 64, 1, 1}, 1));
  builder.conv("y", type, "x", "w1");
  const TestModel model = builder.finish({"y"});
  mil::Function function = *model.program.main();
  const ActivationRanges ranges = {{"x", 1.0}};
  insert_pairs(plan_activations(*model.program.main(), kBothWeights, &ranges, kPowerOfTwo),
               function);
  const auto quantize = std::ranges::find_if(
      function.body.operations, [](const auto& one) { return one.type == "quantize"; });
  ASSERT_NE(quantize, function.body.operations.end());
  EXPECT_EQ(quantize->outputs.front().name, "x_quantized_1");
}

TEST(ActivationPairs, AreLeftOutWhereARuleIsNotMet) {
  const TestModel model = two_convolutions();
  const double infinity = std::numeric_limits<double>::infinity();
  const auto second_with = [&](const ActivationRanges& ranges,
                               const std::set<std::string_view>& int8 = kBothWeights) {
    const auto plan = plan_activations(*model.program.main(), int8, &ranges, kPowerOfTwo);
    return outcomes(plan).at(1);
  };
  EXPECT_EQ(second_with({{"x", 1.0}}), ActivationOutcome::no_range);
  EXPECT_EQ(second_with({{"middle", 0.0}}), ActivationOutcome::always_zero);
  EXPECT_EQ(second_with({{"middle", infinity}}), ActivationOutcome::no_finite_range);
  EXPECT_EQ(second_with({{"middle", std::nan("")}}), ActivationOutcome::no_finite_range);
  EXPECT_EQ(second_with({{"middle", 1e9}}), ActivationOutcome::no_finite_range);
  EXPECT_EQ(second_with({{"middle", 1.0}}, {"w1"}), ActivationOutcome::no_int8_weight);
  const TestModel single = two_convolutions(mil::Opset::ios18, DataType::fp32);
  const auto plan = plan_activations(*single.program.main(), kBothWeights, nullptr, kPowerOfTwo);
  EXPECT_THAT(outcomes(plan),
              ElementsAre(ActivationOutcome::not_half, ActivationOutcome::not_half));
}

TEST(ActivationPairs, OfTwoComputedOperandsAreNotMade) {
  const Type type = Type::tensor(DataType::fp16, {16, 16});
  mil::Builder builder("1.3", mil::Opset::ios18);
  builder.input("a", type);
  builder.input("b", type);
  builder.op("matmul", "y", type, {{"x", "a"}, {"y", "b"}});
  const auto program = builder.finish({"y"});
  const auto plan = plan_activations(*program.main(), {}, nullptr, kPowerOfTwo);
  EXPECT_THAT(outcomes(plan), ElementsAre(ActivationOutcome::computed_operands));
}

TEST(ActivationPairs, MatmulTakesItsWeightOnEitherSide) {
  const Type type = Type::tensor(DataType::fp16, {16, 16});
  for (const auto& [x, y, parameter] : {std::tuple("a", "w1", "x"), std::tuple("w1", "a", "y")}) {
    mil::Builder builder("1.3", mil::Opset::ios18);
    builder.input("a", type);
    builder.constant("w1", Value::blob(type, {"@model_path/w.bin", 64}));
    builder.op("matmul", "product", type, {{"x", x}, {"y", y}});
    const auto program = builder.finish({"product"});
    const auto plan = plan_activations(*program.main(), kBothWeights, nullptr, kPowerOfTwo);
    ASSERT_EQ(plan.sites.size(), 1u);
    EXPECT_EQ(plan.sites[0].parameter, parameter);
    EXPECT_EQ(plan.sites[0].value, "a");
  }
}

TEST(ActivationPairs, SumsMustFitInto32Bits) {
  // 2^31 / (128·128)
  for (const auto& [channels, fits] : {std::pair(131071, true), std::pair(131072, false)}) {
    const Type x = Type::tensor(DataType::fp16, {1, channels});
    mil::Builder builder("1.3", mil::Opset::ios18);
    builder.input("x", x);
    builder.constant(
        "w1", Value::blob(Type::tensor(DataType::fp16, {2, channels}), {"@model_path/w.bin", 64}));
    builder.op("linear", "y", Type::tensor(DataType::fp16, {1, 2}), {{"x", "x"}, {"weight", "w1"}});
    const auto program = builder.finish({"y"});
    const auto plan = plan_activations(*program.main(), kBothWeights, nullptr, kPowerOfTwo);
    EXPECT_THAT(outcomes(plan), ElementsAre(fits ? ActivationOutcome::quantized
                                                 : ActivationOutcome::sums_too_large));
  }
}

mil::Operation affine(const Value& data, const Value& zero_point) {
  mil::Operation operation;
  operation.type = "constexpr_affine_dequantize";
  operation.outputs.push_back({"w", Type::tensor(DataType::fp16, data.type().shape())});
  operation.attributes = {{"axis", Value::scalar<std::int32_t>(0)},
                          {"quantized_data", data},
                          {"scale", Value::fp16_scalar(0.5)},
                          {"zero_point", zero_point}};
  return operation;
}

TEST(Int8ForProducts, IsInt8WithZeroPointsOfZero) {
  const Value int8 = Value::tensor<std::int8_t>({2, 1}, {1, 2});
  const Value uint8 = Value::tensor<std::uint8_t>({2, 1}, {1, 2});
  const auto test = [](const Value& data, const Value& zero_point) {
    return is_int8_for_products(affine(data, zero_point), 0, nullptr);
  };
  EXPECT_TRUE(test(int8, Value::scalar<std::int8_t>(0)));
  EXPECT_TRUE(test(int8, Value::tensor<std::int8_t>({2}, {0, 0})));
  EXPECT_FALSE(test(int8, Value::tensor<std::int8_t>({2}, {0, 1})));
  EXPECT_FALSE(test(uint8, Value::scalar<std::uint8_t>(0)));
}

TEST(Int8ForProducts, MayBeBlockwiseWithABlockForEachChannel) {
  mil::Operation operation;
  operation.type = "constexpr_blockwise_shift_scale";
  operation.inputs.push_back({"data", {Value::tensor<std::int8_t>({2, 2}, {1, 2, 3, 4})}, false});
  operation.inputs.push_back({"scale", {normal_tensor(DataType::fp16, {2, 1}, 1)}, false});
  EXPECT_TRUE(is_int8_for_products(operation, 0, nullptr));
  EXPECT_FALSE(is_int8_for_products(operation, 1, nullptr)) << "summed over";
  operation.inputs.back().bindings = {normal_tensor(DataType::fp16, {1, 2}, 1)};
  EXPECT_TRUE(is_int8_for_products(operation, 1, nullptr)) << "as matmul has them";
  operation.inputs.back().bindings = {normal_tensor(DataType::fp16, {2, 2}, 1)};
  EXPECT_FALSE(is_int8_for_products(operation, 0, nullptr));
}

TEST(Int8ForProducts, HasItsScalesAlongTheOutputChannels) {
  mil::Operation operation =
      affine(Value::tensor<std::int8_t>({2, 2}, {1, 2, 3, 4}), Value::scalar<std::int8_t>(0));
  for (mil::Attribute& attribute : operation.attributes) {
    if (attribute.name == "scale") attribute.value = normal_tensor(DataType::fp16, {2}, 1);
  }
  EXPECT_TRUE(is_int8_for_products(operation, 0, nullptr));
  EXPECT_FALSE(is_int8_for_products(operation, 1, nullptr));
  operation.attributes.front().value = Value::scalar<std::int32_t>(-1);
  EXPECT_TRUE(is_int8_for_products(operation, 1, nullptr));
}

TEST(ActivationPairs, ARangeWhoseHighestCodeBecomesInfiniteHasNoScale) {
  mil::Builder builder("1.3", mil::Opset::ios18);
  builder.input("x", Type::tensor(DataType::fp16, {1, 4}));
  builder.constant("w1",
                   Value::blob(Type::tensor(DataType::fp16, {2, 4}), {"@model_path/w.bin", 64}));
  builder.op("linear", "y", Type::tensor(DataType::fp16, {1, 2}), {{"x", "x"}, {"weight", "w1"}});
  const auto program = builder.finish({"y"});
  for (const auto& [range, outcome] : {std::pair(65000.0, ActivationOutcome::quantized),
                                       std::pair(65504.0, ActivationOutcome::no_finite_range)}) {
    const ActivationRanges ranges = {{"x", range}};
    EXPECT_THAT(outcomes(plan_activations(*program.main(), kBothWeights, &ranges, kPowerOfTwo)),
                ElementsAre(outcome))
        << range;
  }
}

}  // namespace
}  // namespace anebench::transform
