#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/ops/op_tester.h"

namespace anebench::ops {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

OpTester pool(const std::string& name, Tensor x, std::vector<std::int32_t> kernel,
              std::vector<std::int32_t> strides, const std::string& pad_type = "valid") {
  OpTester op(name);
  op.input("x", std::move(x)).literal("kernel_sizes", int32s(std::move(kernel)));
  op.literal("strides", int32s(std::move(strides))).literal("pad_type", string(pad_type));
  return op;
}

Tensor row(std::vector<double> values) {
  const auto count = static_cast<std::int64_t>(values.size());
  return fp16({1, 1, count}, std::move(values));
}

TEST(MaxPool, TakesTheLargestWithoutThePadding) {
  EXPECT_THAT(pool("max_pool", row({-3, -2, -5}), {3}, {2}, "same").output().to_doubles(),
              ElementsAre(-2, -2));
}

TEST(AvgPool, CountsPaddingUnlessToldOtherwise) {
  OpTester op = pool("avg_pool", row({2, 4, 6}), {2}, {2}, "custom");
  op.literal("pad", int32s({1, 0}));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(1, 5));
  op.literal("exclude_padding_from_average", mil::Value::boolean(true));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(2, 5));
}

TEST(AvgPool, RunsBeyondTheEndInCeilModeWithoutCountingIt) {
  OpTester op = pool("avg_pool", row({2, 4, 6}), {2}, {2});
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(3));
  op.literal("ceil_mode", mil::Value::boolean(true));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(3, 6));
}

TEST(L2Pool, TakesTheRootOfTheSumOfSquares) {
  EXPECT_THAT(pool("l2_pool", row({3, 4, 0}), {2}, {1}).output().to_doubles(), ElementsAre(5, 4));
}

TEST(MaxPool, WorksInTwoAndThreeDimensions) {
  const Tensor square = fp16({1, 1, 2, 2}, {1, 2, 3, 4});
  EXPECT_THAT(pool("max_pool", square, {2, 1}, {1, 1}).output().to_doubles(), ElementsAre(3, 4));
  const Tensor cube = fp16({1, 1, 2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
  EXPECT_THAT(pool("max_pool", cube, {2, 1, 2}, {1, 1, 1}).output().to_doubles(),
              ElementsAre(6, 8));
}

TEST(Pool, ChecksItsWindow) {
  const auto error = [](const OpTester& op) {
    const auto types = op.infer();
    return types ? "" : types.error().to_string();
  };
  EXPECT_THAT(error(pool("max_pool", row({1, 2}), {3}, {1})), HasSubstr("'kernel_sizes'"));
  EXPECT_THAT(error(pool("max_pool", row({1, 2}), {0}, {1})), HasSubstr("'kernel_sizes'"));
  OpTester ceiled = pool("max_pool", row({1, 2}), {1}, {1}, "same");
  ceiled.literal("ceil_mode", mil::Value::boolean(true));
  EXPECT_THAT(error(ceiled), HasSubstr("'ceil_mode'"));
}

}  // namespace
}  // namespace anebench::ops
