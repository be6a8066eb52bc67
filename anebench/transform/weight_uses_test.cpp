#include "anebench/transform/weight_uses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "anebench/transform/quantized_program_for_tests.h"

namespace anebench::transform {
namespace {

using mil::DataType;
using mil::Type;
using mil::Value;

const Type kMatrix = Type::tensor(DataType::fp16, {16, 32});

// The constant's use that decides about its axes.
WeightAxes leading_axes(const mil::Program& program, std::string_view name) {
  for (const ConstantUses& constant : constants_of(*program.main(), nullptr)) {
    if (constant.operation->outputs.front().name != name) continue;
    EXPECT_NE(constant.leading_use(), nullptr);
    return constant.leading_use()->axes;
  }
  ADD_FAILURE() << name;
  return {};
}

WeightAxes axes_in(const std::string& op_type, const std::string& parameter, const Type& type,
                   std::vector<mil::Builder::Input> more = {}) {
  mil::Builder builder("1.3", mil::Opset::ios18);
  builder.input("x", kMatrix);
  builder.constant("w", Value::blob(type, {"@model_path/w.bin", 64}));
  more.emplace_back(parameter, "w");
  builder.op(op_type, "y", kMatrix, std::move(more));
  return leading_axes(builder.finish({"y"}), "w");
}

TEST(WeightUses, OutputChannelsAreWhereTheOperationHasThem) {
  const Type kernel = Type::tensor(DataType::fp16, {8, 16, 3, 3});
  EXPECT_EQ(axes_in("conv", "weight", kernel), (WeightAxes{0, 1}));
  EXPECT_EQ(axes_in("conv_transpose", "weight", kernel), (WeightAxes{1, 0}));
  EXPECT_EQ(axes_in("linear", "weight", kMatrix), (WeightAxes{0, 1}));
  EXPECT_EQ(axes_in("lstm", "weight_ih", kMatrix), (WeightAxes{0, 1}));
}

TEST(WeightUses, OfMatmulDependOnSideAndTransposition) {
  const auto with = [](const char* parameter, const char* flag, bool value) {
    const std::string other = std::string(parameter) == "x" ? "y" : "x";
    return axes_in("matmul", parameter, Type::tensor(DataType::fp16, {2, 16, 32}),
                   {{other, "x"}, {flag, Value::boolean(value)}});
  };
  // y is [inner, columns], or [columns, inner].
  EXPECT_EQ(with("y", "transpose_y", false), (WeightAxes{2, 1}));
  EXPECT_EQ(with("y", "transpose_y", true), (WeightAxes{1, 2}));
  // x is [rows, inner], or [inner, rows].
  EXPECT_EQ(with("x", "transpose_x", false), (WeightAxes{1, 2}));
  EXPECT_EQ(with("x", "transpose_x", true), (WeightAxes{2, 1}));
}

TEST(WeightUses, OfGatherAreTheRowsThatItTakes) {
  mil::Builder builder("1.3", mil::Opset::ios18);
  builder.input("i", Type::tensor(DataType::int32, {4}));
  builder.constant("w", Value::blob(kMatrix, {"@model_path/w.bin", 64}));
  builder.op("gather", "y", Type::tensor(DataType::fp16, {16, 4}),
             {{"x", "w"}, {"indices", "i"}, {"axis", Value::scalar<std::int32_t>(-1)}});
  EXPECT_EQ(leading_axes(builder.finish({"y"}), "w"), (WeightAxes{1, 0}));
}

TEST(WeightUses, OfOtherOperationsAreTheFirstAndLastRealDimensions) {
  EXPECT_EQ(axes_in("add", "y", Type::tensor(DataType::fp16, {1, 16, 32}), {{"x", "x"}}),
            (WeightAxes{1, 2}));
  EXPECT_EQ(axes_in("add", "y", Type::tensor(DataType::fp16, {1, 1, 32}), {{"x", "x"}}),
            (WeightAxes{2, 1}));
}

TEST(WeightUses, AKnownOperationDecidesBeforeAnUnknownOne) {
  mil::Builder builder("1.3", mil::Opset::ios18);
  builder.input("x", kMatrix);
  builder.constant("w", Value::blob(kMatrix, {"@model_path/w.bin", 64}));
  builder.op("add", "a", kMatrix, {{"x", "x"}, {"y", "w"}});
  builder.op("matmul", "y", kMatrix, {{"x", "a"}, {"y", "w"}});
  const auto program = builder.finish({"y"});
  const auto constants = constants_of(*program.main(), nullptr);
  ASSERT_EQ(constants.size(), 1u);
  ASSERT_EQ(constants[0].uses.size(), 2u);
  EXPECT_FALSE(constants[0].uses[0].has_known_axes);
  EXPECT_EQ(constants[0].leading_use()->operation->type, "matmul");
}

TEST(WeightUses, OfCompressedWeightsAreKnown) {
  mil::Builder builder("1.3", mil::Opset::ios18);
  builder.input("x", kMatrix);
  mil::Operation weight;
  weight.type = "constexpr_blockwise_shift_scale";
  weight.outputs.push_back({"w", kMatrix});
  builder.append(weight);
  builder.op("matmul", "y", kMatrix, {{"x", "x"}, {"y", "w"}});
  const auto program = builder.finish({"y"});
  const auto constants = constants_of(*program.main(), nullptr);
  ASSERT_EQ(constants.size(), 1u);
  EXPECT_EQ(constants[0].value, nullptr);
  ASSERT_EQ(constants[0].uses.size(), 1u);
  EXPECT_TRUE(constants[0].uses[0].has_known_axes);
  EXPECT_EQ(constants[0].uses[0].operation->type, "matmul");
}

TEST(WeightUses, AreFoundInNestedBlocks) {
  mil::Builder builder("1.3", mil::Opset::ios18);
  builder.input("p", Type::scalar(DataType::boolean));
  builder.input("x", kMatrix);
  builder.constant("w", Value::blob(kMatrix, {"@model_path/w.bin", 64}));
  mil::Operation cond;
  cond.type = "cond";
  cond.inputs.push_back({"pred", {std::string("p")}, false});
  cond.outputs.push_back({"y", kMatrix});
  for (const char* operand : {"w", "x"}) {
    mil::Block block;
    mil::Operation add;
    add.type = "add";
    const std::string output = std::string("sum_") + operand;
    add.outputs.push_back({output, kMatrix});
    add.inputs.push_back({"x", {std::string("x")}, false});
    add.inputs.push_back({"y", {std::string(operand)}, false});
    block.operations.push_back(add);
    block.outputs.push_back(output);
    cond.blocks.push_back(block);
  }
  builder.append(cond);
  const auto program = builder.finish({"y"});
  const auto constants = constants_of(*program.main(), nullptr);
  ASSERT_EQ(constants.size(), 1u);
  EXPECT_FALSE(constants[0].is_nested);
  ASSERT_EQ(constants[0].uses.size(), 1u);
  EXPECT_EQ(describe(*constants[0].uses[0].operation), "add 'sum_w'");
}

}  // namespace
}  // namespace anebench::transform
