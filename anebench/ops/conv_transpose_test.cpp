#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/ops/op_tester.h"

namespace anebench::ops {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

OpTester conv_transpose(Tensor x, const Tensor& weight) {
  OpTester op("conv_transpose");
  op.input("x", std::move(x)).literal("weight", weight);
  return op;
}

TEST(ConvTranspose, SpreadsEachElementOverTheKernel) {
  OpTester op = conv_transpose(fp16({1, 1, 2}, {1, 10}), fp16({1, 1, 3}, {1, 2, 3}));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(1, 12, 23, 30));
  op.literal("strides", int32s({2})).literal("bias", fp16({1}, {100}));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(101, 102, 113, 120, 130));
}

TEST(ConvTranspose, SpreadsTheKernelOutWhenDilated) {
  OpTester op = conv_transpose(fp16({1, 1, 2}, {1, 10}), fp16({1, 1, 2}, {1, 2}));
  op.literal("dilations", int32s({2}));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(1, 10, 2, 20));
}

TEST(ConvTranspose, CutsThePadding) {
  OpTester op = conv_transpose(fp16({1, 1, 2}, {1, 10}), fp16({1, 1, 3}, {1, 2, 3}));
  op.literal("pad_type", string("custom")).literal("pad", int32s({1, 0}));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(12, 23, 30));
}

TEST(ConvTranspose, GivesSizeTimesStrideForSame) {
  OpTester op = conv_transpose(fp16({1, 1, 2}, {1, 10}), fp16({1, 1, 3}, {1, 2, 3}));
  op.literal("pad_type", string("same")).literal("strides", int32s({2}));
  // 1 2 13 20 30 in full; one is cut, after.
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(1, 2, 13, 20));
}

TEST(ConvTranspose, MakesTheOutputShapeThatIsAskedFor) {
  OpTester op = conv_transpose(fp16({1, 1, 2}, {1, 10}), fp16({1, 1, 3}, {1, 2, 3}));
  op.literal("strides", int32s({2})).literal("output_shape", int32s({1, 1, 6}));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(1, 2, 13, 20, 30, 0));
  OpTester wrong = conv_transpose(fp16({1, 1, 2}, {1, 10}), fp16({1, 1, 3}, {1, 2, 3}));
  wrong.literal("output_shape", int32s({1, 2, 6}));
  EXPECT_THAT(wrong.evaluation_error(), HasSubstr("'output_shape'"));
}

TEST(ConvTranspose, KeepsGroupsApart) {
  // Two groups of one input channel and two output channels each.
  OpTester op = conv_transpose(fp16({1, 2, 1}, {1, 10}), fp16({2, 2, 1}, {1, 2, 3, 4}));
  op.literal("groups", int32(2));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(1, 2, 30, 40));
  const auto cost = op.cost();
  ASSERT_TRUE(cost) << cost.error().to_string();
  EXPECT_EQ(cost->operations, 2 * 2 * 2);
}

TEST(ConvTranspose, WorksInTwoDimensions) {
  OpTester op = conv_transpose(fp16({1, 1, 1, 2}, {1, 10}), fp16({1, 1, 2, 1}, {1, 2}));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(1, 10, 2, 20));
}

}  // namespace
}  // namespace anebench::ops
