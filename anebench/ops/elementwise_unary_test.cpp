#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "anebench/ops/op_tester.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using mil::Opset;
using testing::ElementsAre;
using testing::HasSubstr;

struct Golden {
  const char* name;
  double at_minus_three_quarters;
  double at_half;
};

// Computed in double precision with Python's math module.
constexpr Golden kGolden[] = {
    {"abs", 0.75, 0.5},
    {"acos", 2.4188584057763776, 1.0471975511965979},
    {"asin", -0.848062078981481, 0.5235987755982989},
    {"atan", -0.6435011087932844, 0.4636476090008061},
    {"atanh", -0.9729550745276566, 0.5493061443340548},
    {"ceil", 0, 1},
    {"cos", 0.7316888688738209, 0.8775825618903728},
    {"cosh", 1.2946832846768448, 1.1276259652063807},
    {"erf", -0.7111556336535151, 0.5204998778130465},
    {"exp", 0.4723665527410147, 1.6487212707001282},
    {"exp2", 0.5946035575013605, 1.4142135623730951},
    {"floor", -1, 0},
    {"sign", -1, 1},
    {"sin", -0.6816387600233341, 0.479425538604203},
    {"sinh", -0.82231673193583, 0.5210953054937474},
    {"square", 0.5625, 0.25},
    {"tan", -0.9315964599440725, 0.5463024898437905},
    {"tanh", -0.6351489523872873, 0.46211715726000974},
};

TEST(Unary, AgreesWithPythonsMath) {
  for (const Golden& golden : kGolden) {
    SCOPED_TRACE(golden.name);
    OpTester op(golden.name);
    op.input("x", tensor(DataType::fp32, {2}, {-0.75, 0.5}));
    EXPECT_THAT(op.output().to_doubles(),
                ElementsAre(static_cast<float>(golden.at_minus_three_quarters),
                            static_cast<float>(golden.at_half)));
  }
}

std::vector<double> apply(const std::string& type, const Tensor& x) {
  OpTester op(type);
  op.input("x", x);
  return op.output().to_doubles();
}

TEST(Sqrt, IsNanBelowZero) {
  const auto values = apply("sqrt", tensor(DataType::fp32, {3}, {2.25, 0, -1}));
  EXPECT_EQ(values[0], 1.5);
  EXPECT_EQ(values[1], 0);
  EXPECT_TRUE(std::isnan(values[2]));
}

TEST(Round, TakesHalvesToTheEvenInteger) {
  EXPECT_THAT(apply("round", fp16({6}, {0.5, 1.5, 2.5, -0.5, -1.5, 0.75})),
              ElementsAre(0, 2, 2, 0, -2, 1));
}

TEST(Unary, IsExactInIntegers) {
  const Tensor x = tensor(DataType::int32, {4}, {-3, 0, 46341, kLeastInt32});
  EXPECT_THAT(apply("abs", x), ElementsAre(3, 0, 46341, kLeastInt32));
  EXPECT_THAT(apply("sign", x), ElementsAre(-1, 0, 1, -1));
  EXPECT_THAT(apply("square", x), ElementsAre(9, 0, 46341.0 * 46341.0 - 0x1p32, 0));
  EXPECT_THAT(apply("exp2", tensor(DataType::int32, {5}, {-1, 0, 30, 31, 32})),
              ElementsAre(0, 1, 0x1p30, kLeastInt32, 0));
}

TEST(LogicalNot, TurnsBools) {
  EXPECT_THAT(apply("logical_not", tensor(DataType::boolean, {2}, {0, 1})), ElementsAre(1, 0));
}

OpTester with(const std::string& type, Tensor x, Opset opset = Opset::ios18) {
  OpTester op(type, opset);
  op.input("x", std::move(x));
  return op;
}

TEST(Clip, BoundsBothSides) {
  OpTester op = with("clip", fp16({4}, {-5, 0.5, 7, std::nan("")}));
  op.literal("alpha", fp16({}, {-1})).literal("beta", fp16({}, {2}));
  const auto values = op.output().to_doubles();
  EXPECT_THAT(std::vector(values.begin(), values.end() - 1), ElementsAre(-1, 0.5, 2));
  EXPECT_TRUE(std::isnan(values.back()));
}

TEST(Clip, AsksForAscendingBoundsSinceIos17) {
  for (const Opset opset : {Opset::ios16, Opset::ios17}) {
    OpTester op = with("clip", fp16({1}, {0}), opset);
    op.literal("alpha", fp16({}, {2})).literal("beta", fp16({}, {2}));
    EXPECT_EQ(op.rules().empty(), opset == Opset::ios16);
  }
}

TEST(Threshold, IsALowerBound) {
  OpTester op = with("threshold", tensor(DataType::int32, {3}, {-5, 3, 9}));
  op.literal("alpha", int32(3));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(3, 3, 9));
  OpTester wrong = with("threshold", fp16({2}, {1, 2}));
  wrong.literal("alpha", fp16({2}, {1, 2}));
  EXPECT_THAT(wrong.infer().error().to_string(), HasSubstr("wants one number"));
}

TEST(Inverse, AddsEpsilonFirst) {
  OpTester plain = with("inverse", tensor(DataType::fp32, {1}, {2}));
  EXPECT_FLOAT_EQ(static_cast<float>(plain.output().to_doubles()[0]), 0.49997500124993743F);
  OpTester given = with("inverse", tensor(DataType::fp32, {1}, {2}));
  given.literal("epsilon", tensor(DataType::fp32, {}, {2}));
  EXPECT_THAT(given.output().to_doubles(), ElementsAre(0.25));
}

TEST(Log, HasAnEpsilonThatFp16CannotHold) {
  EXPECT_THAT(apply("log", fp16({2}, {1, 0})), ElementsAre(0, -kInfinity));
  // The least positive fp32.
  EXPECT_THAT(apply("log", tensor(DataType::fp32, {1}, {0})),
              ElementsAre(static_cast<float>(std::log(0x1p-149))));
}

TEST(Rsqrt, TakesEpsilonOfAnotherTypeSinceIos17) {
  for (const Opset opset : {Opset::ios16, Opset::ios17}) {
    OpTester op = with("rsqrt", fp16({2}, {4, 0.25}), opset);
    op.literal("epsilon", tensor(DataType::fp32, {}, {0}));
    EXPECT_EQ(op.rules().empty(), opset == Opset::ios17);
    EXPECT_THAT(op.output().to_doubles(), ElementsAre(0.5, 2));
  }
}

}  // namespace
}  // namespace anebench::ops
