#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "anebench/ops/op_tester.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using mil::Opset;
using mil::Value;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

OpTester reduction(const std::string& type, Tensor x, std::vector<std::int32_t> axes,
                   bool keep_dims = false) {
  OpTester op(type);
  op.input("x", std::move(x)).literal("axes", int32s(std::move(axes)));
  op.literal("keep_dims", Value::scalar<bool>(keep_dims));
  return op;
}

Tensor matrix() { return tensor(DataType::fp32, {2, 3}, {1, 2, 3, -4, 5, -6}); }

TEST(Reduction, WorksAlongAnAxis) {
  const auto along = [](const std::string& type, std::int32_t axis) {
    return reduction(type, matrix(), {axis}).output().to_doubles();
  };
  EXPECT_THAT(along("reduce_sum", 1), ElementsAre(6, -5));
  EXPECT_THAT(along("reduce_sum", -2), ElementsAre(-3, 7, -3));
  EXPECT_THAT(along("reduce_prod", 1), ElementsAre(6, 120));
  EXPECT_THAT(along("reduce_max", 1), ElementsAre(3, 5));
  EXPECT_THAT(along("reduce_min", 0), ElementsAre(-4, 2, -6));
  EXPECT_THAT(along("reduce_mean", 0), ElementsAre(-1.5, 3.5, -1.5));
  EXPECT_THAT(along("reduce_l1_norm", 1), ElementsAre(6, 15));
  EXPECT_THAT(along("reduce_sum_square", 1), ElementsAre(14, 77));
  EXPECT_THAT(along("reduce_l2_norm", 1), ElementsAre(static_cast<float>(std::sqrt(14.0)),
                                                      static_cast<float>(std::sqrt(77.0))));
  EXPECT_THAT(along("reduce_log_sum", -1),
              ElementsAre(static_cast<float>(std::log(6.0)),
                          testing::Truly([](double value) { return std::isnan(value); })));
  EXPECT_NEAR(along("reduce_log_sum_exp", 1)[0], 3.40760596444438, 1e-6);
}

TEST(Reduction, TakesAllAxesWhereNoneAreGiven) {
  OpTester op("reduce_sum");
  op.input("x", matrix());
  EXPECT_EQ(to_string(op.output().type()), "fp32");
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(1));
}

TEST(Reduction, KeepsOrDropsDimensions) {
  const Tensor x = tensor(DataType::fp32, {2, 1, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
  const Tensor kept = reduction("reduce_sum", x, {3, 0}, true).output();
  EXPECT_EQ(to_string(kept.type()), "tensor<fp32, [1, 1, 2, 1]>");
  EXPECT_THAT(kept.to_doubles(), ElementsAre(14, 22));
  const Tensor dropped = reduction("reduce_sum", x, {0, -1}).output();
  EXPECT_EQ(to_string(dropped.type()), "tensor<fp32, [1, 2]>");
  EXPECT_THAT(dropped.to_doubles(), ElementsAre(14, 22));
}

TEST(Reduction, KeepsUnknownDimensionsUnknown) {
  OpTester op("reduce_mean");
  op.declare("x", mil::Type::tensor(DataType::fp16, {mil::Dim::unknown(), 4, mil::Dim::unknown()}));
  op.literal("axes", int32s({0}));
  EXPECT_EQ(to_string(op.infer()->front()), "tensor<fp16, [4, ?]>");
}

TEST(Reduction, RefusesWrongAxes) {
  EXPECT_THAT(reduction("reduce_sum", matrix(), {2}).evaluation_error(), HasSubstr("outside"));
  EXPECT_THAT(reduction("reduce_sum", matrix(), {1, -1}).evaluation_error(), HasSubstr("twice"));
  OpTester scalar("reduce_sum");
  scalar.input("x", fp16({}, {1}));
  EXPECT_THAT(scalar.evaluation_error(), HasSubstr("scalar"));
}

TEST(Reduction, IsExactAndWrapsInIntegers) {
  const Tensor x = tensor(DataType::int32, {3}, {2147483647, 1, -5});
  const auto of = [&](const std::string& type) {
    return reduction(type, x, {0}).output().to_integers();
  };
  EXPECT_THAT(of("reduce_sum"), ElementsAre(2147483643));
  EXPECT_THAT(of("reduce_l1_norm"), ElementsAre(-2147483643));
  EXPECT_THAT(of("reduce_max"), ElementsAre(2147483647));
  EXPECT_THAT(of("reduce_min"), ElementsAre(-5));
  EXPECT_THAT(of("reduce_sum_square"), ElementsAre(27));
  EXPECT_THAT(of("reduce_prod"), ElementsAre(-2147483643));
}

TEST(Reduction, TruncatesFractionsOfIntegers) {
  const Tensor x = tensor(DataType::int32, {2}, {-3, -4});
  EXPECT_THAT(reduction("reduce_mean", x, {0}).output().to_doubles(), ElementsAre(-3));
  EXPECT_THAT(
      reduction("reduce_l2_norm", tensor(DataType::int32, {2}, {2, 3}), {0}).output().to_doubles(),
      ElementsAre(3));
}

TEST(Reduction, RoundsOnceAtTheEnd) {
  // In fp16 after every addition it would stay at 2048.
  const Tensor x = fp16({5}, {2048, 1, 1, 1, 1});
  EXPECT_THAT(reduction("reduce_sum", x, {0}).output().to_doubles(), ElementsAre(2052));
}

TEST(LogSumExp, DoesNotOverflow) {
  const auto of = [](std::vector<double> values) {
    const Tensor x = tensor(DataType::fp32, {2}, std::move(values));
    return reduction("reduce_log_sum_exp", x, {0}).output().to_doubles()[0];
  };
  EXPECT_EQ(of({10000, 10000}), static_cast<float>(10000 + std::log(2.0)));
  EXPECT_EQ(of({-kInfinity, -kInfinity}), -kInfinity);
  EXPECT_EQ(of({kInfinity, 0}), kInfinity);
}

TEST(Reduction, PropagatesNan) {
  const Tensor x = tensor(DataType::fp32, {3}, {1, std::nan(""), 3});
  for (const std::string type : {"reduce_max", "reduce_min", "reduce_log_sum_exp"}) {
    EXPECT_TRUE(std::isnan(reduction(type, x, {0}).output().to_doubles()[0])) << type;
  }
}

TEST(Reduction, OfNothingIsNeutral) {
  const Tensor x = tensor(DataType::fp32, {2, 0}, {});
  EXPECT_THAT(reduction("reduce_sum", x, {1}).output().to_doubles(), ElementsAre(0, 0));
  EXPECT_THAT(reduction("reduce_prod", x, {1}).output().to_doubles(), ElementsAre(1, 1));
  EXPECT_THAT(reduction("reduce_max", x, {1}).output().to_doubles(),
              ElementsAre(-kInfinity, -kInfinity));
  EXPECT_EQ(reduction("reduce_sum", x, {0}).output().element_count(), 0U);
}

TEST(Reduction, CountsItsInputs) {
  const auto cost = reduction("reduce_sum_square", matrix(), {0, 1}).cost();
  ASSERT_TRUE(cost);
  EXPECT_EQ(cost->operations, 12);
}

OpTester arg(const std::string& type, Tensor x, std::int32_t axis, Opset opset = Opset::ios18) {
  OpTester op(type, opset);
  op.input("x", std::move(x)).literal("axis", int32(axis));
  return op;
}

TEST(ArgMax, IsTheFirstOfTheGreatest) {
  const Tensor x = tensor(DataType::fp32, {2, 3}, {1, 7, 7, -1, -1, -2});
  EXPECT_THAT(arg("reduce_argmax", x, -1).output().to_doubles(), ElementsAre(1, 0));
  EXPECT_THAT(arg("reduce_argmin", x, -1).output().to_doubles(), ElementsAre(0, 2));
  EXPECT_THAT(arg("reduce_argmax", x, 0).output().to_doubles(), ElementsAre(0, 0, 0));
  EXPECT_THAT(arg("reduce_argmin", x, 0).output().to_doubles(), ElementsAre(1, 1, 1));
}

TEST(ArgMax, FindsNan) {
  const Tensor x = tensor(DataType::fp32, {4}, {1, std::nan(""), 9, std::nan("")});
  EXPECT_THAT(arg("reduce_argmax", x, 0).output().to_doubles(), ElementsAre(1));
  EXPECT_THAT(arg("reduce_argmin", x, 0).output().to_doubles(), ElementsAre(1));
}

TEST(ArgMax, HasTheTypeAskedForSinceIos17) {
  OpTester op = arg("reduce_argmax", fp16({1, 2}, {1, 2}), 1);
  op.literal("keep_dims", Value::scalar<bool>(true)).literal("output_dtype", string("uint16"));
  EXPECT_EQ(to_string(op.output().type()), "tensor<uint16, [1, 1]>");
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(1));
  OpTester plain = arg("reduce_argmax", fp16({1, 2}, {1, 2}), 1, Opset::ios16);
  EXPECT_EQ(to_string(plain.output().type()), "tensor<int32, [1]>");
  OpTester wrong = arg("reduce_argmax", fp16({2}, {1, 2}), 0);
  EXPECT_THAT(wrong.literal("output_dtype", string("fp16")).evaluation_error(),
              HasSubstr("'fp16'"));
  OpTester long_axis("reduce_argmax");
  long_axis.declare("x", mil::Type::tensor(DataType::fp16, {65537}));
  long_axis.literal("output_dtype", string("uint16"));
  EXPECT_THAT(long_axis.infer().error().to_string(), HasSubstr("65537"));
}

TEST(ArgMax, OfNothingIsAnError) {
  EXPECT_THAT(arg("reduce_argmax", fp16({2, 0}, {}), 1).evaluation_error(),
              HasSubstr("no elements"));
}

}  // namespace
}  // namespace anebench::ops
