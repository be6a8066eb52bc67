#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "anebench/ops/op_tester.h"
#include "anebench/ops/program_runner_for_tests.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using mil::Dim;
using mil::Type;
using testing::Each;
using testing::ElementsAre;

constexpr std::int32_t kDraws = 20000;

struct Moments {
  double mean = 0;
  double deviation = 0;
};

Moments moments(const std::vector<double>& values) {
  Moments result;
  for (const double value : values) result.mean += value;
  result.mean /= static_cast<double>(values.size());
  for (const double value : values) result.deviation += std::pow(value - result.mean, 2);
  result.deviation = std::sqrt(result.deviation / static_cast<double>(values.size()));
  return result;
}

OpTester distribution(const char* type) {
  OpTester op(type);
  op.literal("shape", int32s({kDraws})).literal("seed", int32(42));
  return op;
}

mil::Value fp32(float value) { return mil::Value::scalar<float>(value); }

// Tolerances are four standard errors of 20,000 draws; the seed is fixed.
TEST(RandomNormal, HasItsMeanAndDeviation) {
  OpTester op = distribution("random_normal");
  op.literal("mean", fp32(3)).literal("stddev", fp32(2));
  const Moments found = moments(op.output().to_doubles());
  EXPECT_NEAR(found.mean, 3, 0.06);
  EXPECT_NEAR(found.deviation, 2, 0.04);
}

TEST(RandomUniform, IsHalfOpenAndHasItsMoments) {
  OpTester op = distribution("random_uniform");
  op.literal("low", fp16({}, {-1}).to_value()).literal("high", fp16({}, {3}).to_value());
  const Tensor out = op.output();
  EXPECT_EQ(out.data_type(), DataType::fp16);
  const std::vector<double> values = out.to_doubles();
  EXPECT_THAT(values, Each(testing::AllOf(testing::Ge(-1), testing::Lt(3))));
  const Moments found = moments(values);
  EXPECT_NEAR(found.mean, 1, 0.04);
  EXPECT_NEAR(found.deviation, 4 / std::sqrt(12), 0.02);
}

TEST(RandomBernoulli, GivesOnesWithItsProbability) {
  OpTester op = distribution("random_bernoulli");
  op.literal("prob", fp32(0.25F));
  const std::vector<double> values = op.output().to_doubles();
  EXPECT_THAT(values, Each(testing::AnyOf(0.0, 1.0)));
  EXPECT_NEAR(moments(values).mean, 0.25, 0.013);
}

TEST(RandomCategorical, DrawsClassesByTheirProbabilities) {
  for (const bool are_logits : {false, true}) {
    OpTester op("random_categorical");
    const std::vector<double> weights = {0.5, 0, 0.25, 0.25};
    std::vector<double> x;
    for (const double p : weights) x.push_back(are_logits ? std::log(p) : p);
    op.input("x", tensor(DataType::fp32, {1, 4}, x));
    op.literal("mode", string(are_logits ? "logits" : "probs"));
    op.literal("size", int32(kDraws)).literal("seed", int32(7));
    const Tensor out = op.output();
    EXPECT_THAT(out.dims(), ElementsAre(1, kDraws));
    std::vector<double> share(4, 0.0);
    for (const double drawn : out.to_doubles()) {
      share[static_cast<std::size_t>(drawn)] += 1.0 / kDraws;
    }
    for (std::size_t k = 0; k < 4; ++k) EXPECT_NEAR(share[k], weights[k], 0.015) << k;
  }
}

TEST(Random, ASeedMakesNumbersReproducible) {
  EXPECT_EQ(distribution("random_normal").output(), distribution("random_normal").output());
}

constexpr std::string_view kTwoDraws = R"(program(1.3) {
  func main<ios17>(tensor<int32, [1]> shape) {
    tensor<fp32, [?]> a = random_uniform(shape = shape);
    tensor<fp32, [?]> b = random_uniform(shape = shape);
  } -> (a, b);
})";

TEST(Random, WithoutASeedEveryOperationDrawsItsOwnNumbersFromTheEvaluations) {
  const RuntimeValue shape = tensor(DataType::int32, {1}, {5});
  const auto first = run_text(kTwoDraws, {shape});
  ASSERT_TRUE(first) << first.error().to_string();
  const Tensor a = *(*first)[0].tensor();
  EXPECT_EQ(a.element_count(), 5u);
  EXPECT_FALSE(a == *(*first)[1].tensor());
  const auto again = run_text(kTwoDraws, {shape});
  ASSERT_TRUE(again);
  EXPECT_EQ(a, *(*again)[0].tensor());
  EvaluationOptions other;
  other.generator = Rng(1);
  const auto differently = run_text(kTwoDraws, {shape}, other);
  ASSERT_TRUE(differently);
  EXPECT_FALSE(a == *(*differently)[0].tensor());
}

TEST(Random, AShapeOfUnknownValueGivesUnknownDimensions) {
  OpTester op("random_normal");
  op.declare("shape", Type::tensor(DataType::int32, {2}));
  const auto types = op.infer();
  ASSERT_TRUE(types) << types.error().to_string();
  EXPECT_EQ(types->front(), Type::tensor(DataType::fp32, {Dim::unknown(), Dim::unknown()}));
  OpTester negative("random_normal");
  negative.literal("shape", int32s({-1}));
  EXPECT_FALSE(negative.infer());
}

}  // namespace
}  // namespace anebench::ops
