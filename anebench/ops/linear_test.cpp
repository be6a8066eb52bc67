#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/ops/op_tester.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using mil::Dim;
using mil::Type;
using testing::ElementsAre;
using testing::HasSubstr;

std::string inferred(const OpTester& op) {
  const auto types = op.infer();
  return types ? to_string(types->front()) : types.error().to_string();
}

OpTester matmul(Tensor x, Tensor y) {
  OpTester op("matmul");
  op.input("x", std::move(x)).input("y", std::move(y));
  return op;
}

TEST(Matmul, MultipliesMatrices) {
  EXPECT_THAT(matmul(fp16({2, 2}, {1, 2, 3, 4}), fp16({2, 2}, {5, 6, 7, 8})).output().to_doubles(),
              ElementsAre(19, 22, 43, 50));
}

TEST(Matmul, TransposesEitherOperand) {
  OpTester op = matmul(fp16({2, 1}, {1, 2}), fp16({3, 2}, {1, 2, 3, 4, 5, 6}));
  op.literal("transpose_x", mil::Value::boolean(true));
  op.literal("transpose_y", mil::Value::boolean(true));
  EXPECT_EQ(inferred(op), "tensor<fp16, [1, 3]>");
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(5, 11, 17));
}

TEST(Matmul, BroadcastsBatches) {
  OpTester op = matmul(fp16({2, 1, 1, 2}, {1, 2, 3, 4}), fp16({3, 2, 1}, {1, 0, 0, 1, 1, 1}));
  EXPECT_EQ(inferred(op), "tensor<fp16, [2, 3, 1, 1]>");
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(1, 2, 3, 3, 4, 7));
}

TEST(Matmul, TakesVectorsForRowsAndColumns) {
  EXPECT_EQ(inferred(matmul(fp16({2}, {1, 2}), fp16({2}, {3, 4}))), "fp16");
  EXPECT_THAT(matmul(fp16({2}, {1, 2}), fp16({2}, {3, 4})).output().to_doubles(), ElementsAre(11));
  EXPECT_THAT(matmul(fp16({2}, {1, 2}), fp16({2, 2}, {1, 2, 3, 4})).output().to_doubles(),
              ElementsAre(7, 10));
  EXPECT_THAT(matmul(fp16({2, 2}, {1, 2, 3, 4}), fp16({2}, {1, 2})).output().to_doubles(),
              ElementsAre(5, 11));
}

TEST(Matmul, RoundsTheSumOnce) {
  EXPECT_THAT(matmul(fp16({1, 3}, {2048, 1, 1}), fp16({3, 1}, {1, 1, 1})).output().to_doubles(),
              ElementsAre(2050));
}

TEST(Matmul, WrapsIntegersAround) {
  const auto int32_tensor = [](std::vector<std::int64_t> dims, std::vector<double> values) {
    return tensor(DataType::int32, std::move(dims), std::move(values));
  };
  EXPECT_THAT(matmul(int32_tensor({1, 2}, {65536, 3}), int32_tensor({2, 1}, {65536, 5}))
                  .output()
                  .to_doubles(),
              ElementsAre(15));
}

TEST(Matmul, ChecksTheInnerDimensionAndCounts) {
  EXPECT_THAT(inferred(matmul(fp16({1, 2}, {1, 2}), fp16({3, 1}, {1, 2, 3}))), HasSubstr("'y'"));
  const auto cost = matmul(fp16({1, 2}, {1, 2}), fp16({2, 3}, {1, 2, 3, 4, 5, 6})).cost();
  ASSERT_TRUE(cost) << cost.error().to_string();
  EXPECT_EQ(cost->operations, 12);
}

TEST(Matmul, GivesTheTypeOfTheOperandThatIsNoConstant) {
  OpTester op("matmul");
  op.input("x", fp16({1, 2}, {0.5, 2})).literal("y", tensor(DataType::int32, {2, 1}, {3, 4}));
  EXPECT_EQ(inferred(op), "tensor<fp16, [1, 1]>");
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(9.5));
  OpTester left("matmul");
  left.literal("x", tensor(DataType::int32, {1, 2}, {3, 4})).input("y", fp16({2, 1}, {0.5, 2}));
  EXPECT_THAT(left.output().to_doubles(), ElementsAre(9.5));
  EXPECT_THAT(inferred(matmul(fp16({1, 1}, {1}), tensor(DataType::fp32, {1, 1}, {1}))),
              HasSubstr("only where one is a constant"));
}

TEST(Matmul, LeavesUnknownDimensionsUnknown) {
  OpTester op("matmul");
  op.declare("x", Type::tensor(DataType::fp16, {Dim::unknown(), Dim::unknown()}));
  op.declare("y", Type::tensor(DataType::fp16, {4, 3}));
  EXPECT_EQ(inferred(op), "tensor<fp16, [?, 3]>");
}

TEST(Linear, AddsTheBiasBeforeItRounds) {
  OpTester op("linear");
  op.input("x", fp16({2, 1, 2}, {1, 2, 2048, 1}));
  op.literal("weight", fp16({1, 2}, {1, 1})).literal("bias", fp16({1}, {1}));
  EXPECT_EQ(inferred(op), "tensor<fp16, [2, 1, 1]>");
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(4, 2050));
}

TEST(Linear, TakesAVector) {
  OpTester op("linear");
  op.input("x", fp16({2}, {1, 2})).literal("weight", fp16({3, 2}, {1, 0, 0, 1, 1, 1}));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(1, 2, 3));
}

OpTester einsum(Tensor x, Tensor y, const std::string& equation) {
  OpTester op("einsum");
  op.input("x", std::move(x)).input("y", std::move(y)).literal("equation", string(equation));
  op.operation().inputs[0] = {"values", {std::string("x"), std::string("y")}, false};
  op.operation().inputs.erase(op.operation().inputs.begin() + 1);
  return op;
}

TEST(Einsum, MultipliesOverTheOuterAndTheInnerDimension) {
  // Height 2: [c, h, w] = [1, 2, 2] times [w, h, u] = [2, 2, 1].
  OpTester op =
      einsum(fp16({1, 2, 2}, {1, 2, 3, 4}), fp16({2, 2, 1}, {5, 6, 7, 8}), "abc,cbd->abd");
  EXPECT_EQ(inferred(op), "tensor<fp16, [1, 2, 1]>");
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(1 * 5 + 2 * 7, 3 * 6 + 4 * 8));
}

TEST(Einsum, KnowsNoOtherEquation) {
  EXPECT_THAT(inferred(einsum(fp16({1, 2, 2}, {1, 2, 3, 4}), fp16({2, 2, 1}, {5, 6, 7, 8}),
                              "abc,cbd->bad")),
              HasSubstr("'equation'"));
}

}  // namespace
}  // namespace anebench::ops
