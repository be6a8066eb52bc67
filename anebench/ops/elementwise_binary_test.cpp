#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "anebench/ops/op_tester.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using testing::ElementsAre;

std::vector<double> apply(const std::string& type, const Tensor& x, const Tensor& y) {
  OpTester op(type);
  op.input("x", x).input("y", y);
  return op.output().to_doubles();
}

Tensor int32_tensor(const std::vector<double>& values) {
  return tensor(DataType::int32, {static_cast<std::int64_t>(values.size())}, values);
}
Tensor fp32_tensor(const std::vector<double>& values) {
  return tensor(DataType::fp32, {static_cast<std::int64_t>(values.size())}, values);
}

TEST(Subtract, WrapsAroundInIntegers) {
  EXPECT_THAT(apply("sub", fp32_tensor({1, 0.5}), fp32_tensor({3, 0.25})), ElementsAre(-2, 0.25));
  EXPECT_THAT(apply("sub", int32_tensor({5, kLeastInt32}), int32_tensor({7, 1})),
              ElementsAre(-2, -kLeastInt32 - 1));
}

TEST(RealDiv, RoundsOnceAndTruncatesIntegers) {
  EXPECT_THAT(apply("real_div", fp16({3}, {1, 1, -1}), fp16({3}, {3, 0, 0})),
              ElementsAre(0x1.554p-2, kInfinity, -kInfinity));
  EXPECT_THAT(apply("real_div", int32_tensor({7, -7, 7, kLeastInt32}), int32_tensor({2, 2, 0, -1})),
              ElementsAre(3, -3, 0, kLeastInt32));
}

TEST(FloorDiv, RoundsTowardMinusInfinity) {
  EXPECT_THAT(apply("floor_div", fp32_tensor({7, -7, 7, -7}), fp32_tensor({2, 2, -2, -2})),
              ElementsAre(3, -4, -4, 3));
  EXPECT_THAT(
      apply("floor_div", int32_tensor({7, -7, 7, -7, -6, 1}), int32_tensor({2, 2, -2, -2, 2, 0})),
      ElementsAre(3, -4, -4, 3, -3, 0));
}

TEST(Mod, HasTheSignOfTheDivisor) {
  EXPECT_THAT(apply("mod", fp32_tensor({5.5, -5.5, 5.5, -5.5, 6}), fp32_tensor({2, 2, -2, -2, 3})),
              ElementsAre(1.5, 0.5, -0.5, -1.5, 0));
  EXPECT_THAT(apply("mod", int32_tensor({5, -5, 5, -5, 6, 6}), int32_tensor({3, 3, -3, -3, 3, 0})),
              ElementsAre(2, 1, -1, -2, 0, 0));
}

TEST(Pow, IsExactInIntegers) {
  EXPECT_THAT(apply("pow", fp32_tensor({2, 9, 2}), fp32_tensor({10, 0.5, -1})),
              ElementsAre(1024, 3, 0.5));
  EXPECT_THAT(apply("pow", int32_tensor({3, -2, 7, 2, 0}), int32_tensor({19, 3, 0, 31, 0})),
              ElementsAre(1162261467, -8, 1, kLeastInt32, 1));
}

TEST(Pow, TruncatesIntegersWithNegativeExponents) {
  EXPECT_THAT(apply("pow", int32_tensor({2, 1, -1, -1, 0}), int32_tensor({-1, -5, -2, -3, -1})),
              ElementsAre(0, 1, 1, -1, 0));
}

TEST(MaximumAndMinimum, PropagateNan) {
  const double nan = std::nan("");
  const auto greater = apply("maximum", fp32_tensor({1, 2, nan, 1}), fp32_tensor({2, 1, 1, nan}));
  EXPECT_THAT(std::vector(greater.begin(), greater.begin() + 2), ElementsAre(2, 2));
  EXPECT_TRUE(std::isnan(greater[2]) && std::isnan(greater[3]));
  const auto less = apply("minimum", fp32_tensor({1, 2, nan, 1}), fp32_tensor({2, 1, 1, nan}));
  EXPECT_THAT(std::vector(less.begin(), less.begin() + 2), ElementsAre(1, 1));
  EXPECT_TRUE(std::isnan(less[2]) && std::isnan(less[3]));
  EXPECT_THAT(apply("maximum", int32_tensor({-3, 4}), int32_tensor({2, -9})), ElementsAre(2, 4));
  EXPECT_THAT(apply("minimum", int32_tensor({-3, 4}), int32_tensor({2, -9})), ElementsAre(-3, -9));
}

TEST(MaximumAndMinimum, PutPositiveZeroAboveNegativeZeroInEitherOrder) {
  const auto greater =
      apply("maximum", fp32_tensor({0.0, -0.0, -0.0}), fp32_tensor({-0.0, 0.0, -0.0}));
  EXPECT_FALSE(std::signbit(greater[0]) || std::signbit(greater[1]));
  EXPECT_TRUE(std::signbit(greater[2]));
  const auto less = apply("minimum", fp32_tensor({0.0, -0.0, 0.0}), fp32_tensor({-0.0, 0.0, 0.0}));
  EXPECT_TRUE(std::signbit(less[0]) && std::signbit(less[1]));
  EXPECT_FALSE(std::signbit(less[2]));
}

TEST(Comparison, GivesBools) {
  const Tensor x = fp32_tensor({1, 2, 3, std::nan("")});
  const Tensor y = fp32_tensor({2, 2, 2, 2});
  EXPECT_THAT(apply("equal", x, y), ElementsAre(0, 1, 0, 0));
  EXPECT_THAT(apply("not_equal", x, y), ElementsAre(1, 0, 1, 1));
  EXPECT_THAT(apply("less", x, y), ElementsAre(1, 0, 0, 0));
  EXPECT_THAT(apply("less_equal", x, y), ElementsAre(1, 1, 0, 0));
  EXPECT_THAT(apply("greater", x, y), ElementsAre(0, 0, 1, 0));
  EXPECT_THAT(apply("greater_equal", x, y), ElementsAre(0, 1, 1, 0));
  OpTester op("less");
  op.input("x", int32_tensor({1, 5})).input("y", tensor(DataType::int32, {2, 1}, {2, 6}));
  EXPECT_EQ(to_string(op.output().type()), "tensor<bool, [2, 2]>");
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(1, 0, 1, 1));
}

TEST(Logical, CombinesBools) {
  const Tensor x = tensor(DataType::boolean, {4}, {0, 0, 1, 1});
  const Tensor y = tensor(DataType::boolean, {4}, {0, 1, 0, 1});
  EXPECT_THAT(apply("logical_and", x, y), ElementsAre(0, 0, 0, 1));
  EXPECT_THAT(apply("logical_or", x, y), ElementsAre(0, 1, 1, 1));
  EXPECT_THAT(apply("logical_xor", x, y), ElementsAre(0, 1, 1, 0));
}

TEST(Logical, TakesNoNumbers) {
  OpTester op("logical_and");
  op.input("x", fp32_tensor({1})).input("y", fp32_tensor({1}));
  EXPECT_THAT(op.rules(), testing::Contains("type-domain"));
}

}  // namespace
}  // namespace anebench::ops
