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

Tensor points() { return tensor(DataType::fp32, {5}, {-3, -0.5, 0, 1, 2.5}); }
Tensor scalar(double value) { return tensor(DataType::fp32, {}, {value}); }

void expect_values(const OpTester& op, const std::vector<float>& expected) {
  const auto values = op.output().to_doubles();
  ASSERT_EQ(values.size(), expected.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_FLOAT_EQ(static_cast<float>(values[i]), expected[i]) << i;
  }
}

OpTester activation(const std::string& type) {
  OpTester op(type);
  op.input("x", points());
  return op;
}

// The golden values are from Python's math module.

TEST(Activation, OfNothingButX) {
  expect_values(activation("relu6"), {0, 0, 0, 1, 2.5});
  expect_values(activation("sigmoid"), {0.04742587317756678F, 0.3775406687981454F, 0.5F,
                                        0.7310585786300049F, 0.9241418199787566F});
  expect_values(activation("silu"), {-0.14227761953270035F, -0.1887703343990727F, 0,
                                     0.7310585786300049F, 2.3103545499468914F});
  expect_values(activation("softplus"),
                {0.04858735157374206F, 0.4740769841801067F, 0.6931471805599453F,
                 1.3132616875182228F, 2.5788897342925496F});
  expect_values(activation("softsign"),
                {-0.75F, -0.3333333333333333F, 0, 0.5F, 0.7142857142857143F});
}

TEST(Activation, WithAlpha) {
  expect_values(activation("leaky_relu").literal("alpha", scalar(0.5)),
                {-1.5F, -0.25F, 0, 1, 2.5F});
  expect_values(activation("thresholded_relu").literal("alpha", scalar(1)), {0, 0, 0, 1, 2.5F});
  expect_values(activation("elu").literal("alpha", scalar(2)),
                {-1.900425863264272F, -0.7869386805747332F, 0, 1, 2.5F});
}

TEST(Activation, WithAlphaAndBeta) {
  const auto of = [](const std::string& type, double alpha, double beta) {
    OpTester op = activation(type);
    op.literal("alpha", scalar(alpha)).literal("beta", scalar(beta));
    return op;
  };
  expect_values(of("clamped_relu", 0.5, 2), {-1.5F, -0.25F, 0, 1, 2});
  expect_values(of("clamped_relu", 0.5, -1), {-1.5F, -1, -1, -1, -1});
  expect_values(of("linear_activation", 2, -1), {-7, -2, -1, 1, 4});
  expect_values(of("sigmoid_hard", 0.25, 0.5), {0, 0.375F, 0.5F, 0.75F, 1});
  expect_values(of("scaled_tanh", 2, 0.5), {-1.8102965072897328F, -0.48983732480741826F, 0,
                                            0.9242343145200195F, 1.6965672799150258F});
}

TEST(Activation, TakesAlphaOfAnotherTypeSinceIos17) {
  for (const Opset opset : {Opset::ios16, Opset::ios17}) {
    OpTester op("elu", opset);
    op.input("x", fp16({1}, {1})).literal("alpha", scalar(1));
    EXPECT_EQ(op.rules().empty(), opset == Opset::ios17);
  }
}

TEST(Gelu, HasThreeModes) {
  const std::vector<float> exact = {-0.00404969409489031F, -0.15426876936299344F, 0,
                                    0.8413447460685429F, 2.4844758366855597F};
  expect_values(activation("gelu"), exact);
  expect_values(activation("gelu").literal("mode", string("EXACT")), exact);
  expect_values(
      activation("gelu").literal("mode", string("TANH_APPROXIMATION")),
      {-0.0036373920817729943F, -0.15428599017485606F, 0, 0.8411919906082768F, 2.484915733910001F});
  expect_values(
      activation("gelu").literal("mode", string("SIGMOID_APPROXIMATION")),
      {-0.01807130970778597F, -0.1496115633936199F, 0, 0.8457957659328212F, 2.46501383495143F});
  EXPECT_THAT(activation("gelu").literal("mode", string("exact")).evaluation_error(),
              HasSubstr("'exact'"));
}

TEST(Activation, HasItsLimitsAtInfinity) {
  for (const std::string type : {"gelu", "silu", "softplus", "sigmoid", "softsign"}) {
    SCOPED_TRACE(type);
    OpTester op(type);
    op.input("x", fp16({2}, {-kInfinity, kInfinity}));
    const auto values = op.output().to_doubles();
    EXPECT_EQ(values[0], type == "softsign" ? -1 : 0);
    EXPECT_EQ(values[1], type == "softsign" || type == "sigmoid" ? 1 : kInfinity);
  }
}

TEST(Prelu, HasAnAlphaForEachChannel) {
  OpTester op("prelu");
  op.input("x", fp16({1, 2, 2}, {-1, 2, -3, -4})).literal("alpha", fp16({2}, {0.5, 2}));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(-0.5, 2, -6, -8));
}

TEST(Prelu, AsksForMatchingChannelsAndRank) {
  OpTester channels("prelu");
  channels.input("x", fp16({1, 2, 1}, {1, 2})).literal("alpha", fp16({3}, {1, 2, 3}));
  EXPECT_THAT(channels.rules(), ElementsAre("op-rule"));
  OpTester rank("prelu");
  rank.input("x", fp16({1, 2}, {1, 2})).literal("alpha", fp16({2}, {1, 2}));
  EXPECT_THAT(rank.rules(), ElementsAre("op-rule"));
  OpTester unknown("prelu");
  unknown.declare("x", mil::Type::tensor(DataType::fp16, {1, mil::Dim::unknown(), 3}));
  unknown.literal("alpha", fp16({2}, {1, 2}));
  EXPECT_EQ(to_string(unknown.infer()->front()), "tensor<fp16, [1, ?, 3]>");
}

TEST(SoftplusParametric, HasAlphaAndBetaForEachChannel) {
  OpTester op("softplus_parametric");
  op.input("x", tensor(DataType::fp32, {1, 2, 1, 1}, {1, -1}));
  op.literal("alpha", tensor(DataType::fp32, {2}, {1, 2}));
  op.literal("beta", tensor(DataType::fp32, {2}, {1, 0.5}));
  expect_values(op, {1.3132616875182228F, 2 * 0.4740769841801067F});
}

TEST(Softmax, SumsToOneAlongItsAxis) {
  OpTester op("softmax");
  op.input("x", tensor(DataType::fp32, {2, 3}, {1, 2, 3, 1001, 1002, 1003}));
  const std::vector<float> line = {0.09003057317038046F, 0.24472847105479764F, 0.6652409557748218F};
  expect_values(op, {line[0], line[1], line[2], line[0], line[1], line[2]});
  OpTester across("softmax");
  across.input("x", tensor(DataType::fp32, {3, 2}, {1, 5, 2, 5, 3, 5})).literal("axis", int32(-2));
  const auto third = 1.0F / 3;
  expect_values(across, {line[0], third, line[1], third, line[2], third});
}

TEST(Softmax, RefusesAnAxisOutside) {
  OpTester op("softmax");
  op.input("x", fp16({1, 1}, {1})).literal("axis", int32(2));
  EXPECT_THAT(op.evaluation_error(), HasSubstr("'axis' 2 is outside [-2, 2)"));
}

}  // namespace
}  // namespace anebench::ops
