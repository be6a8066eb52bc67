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

TEST(Fill, HasAShapeAndAValue) {
  OpTester op("fill");
  op.literal("shape", int32s({2, 2})).literal("value", int32(7));
  EXPECT_EQ(to_string(op.output().type()), "tensor<int32, [2, 2]>");
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(7, 7, 7, 7));
  OpTester zero("fill");
  zero.literal("shape", int32s({1}));
  EXPECT_EQ(to_string(zero.output().type()), "tensor<fp32, [1]>");
  EXPECT_THAT(zero.output().to_doubles(), ElementsAre(0));
}

TEST(Fill, TakesAShapeComputedAtRunTime) {
  OpTester op("fill");
  op.input("shape", integers({2}, {1, 3})).literal("value", fp16({}, {0.5}));
  EXPECT_EQ(to_string(op.infer()->front()), "tensor<fp16, [?, ?]>");
  EXPECT_TRUE(op.rules().empty());
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(0.5, 0.5, 0.5));
}

TEST(Fill, RefusesShapesThatAreNone) {
  OpTester negative("fill");
  negative.literal("shape", int32s({2, -1}));
  EXPECT_THAT(negative.evaluation_error(), HasSubstr("holds -1"));
  OpTester huge("fill");
  huge.literal("shape", int32s({2147483647, 2147483647, 2147483647}));
  EXPECT_FALSE(huge.evaluate());
}

TEST(FillLike, HasTheShapeOfAnother) {
  OpTester op("fill_like");
  op.input("ref_tensor", fp16({1, 2}, {5, 6}));
  op.literal("value", tensor(DataType::boolean, {}, {1}));
  EXPECT_EQ(to_string(op.output().type()), "tensor<bool, [1, 2]>");
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(1, 1));
}

OpTester one_hot(Tensor indices, std::int32_t size) {
  OpTester op("one_hot");
  op.input("indices", std::move(indices)).literal("one_hot_vector_size", int32(size));
  return op;
}

TEST(OneHot, MarksPositions) {
  OpTester op = one_hot(integers({2}, {2, 0}), 3);
  EXPECT_EQ(to_string(op.output().type()), "tensor<int32, [2, 3]>");
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(0, 0, 1, 1, 0, 0));
  OpTester first = one_hot(integers({2}, {2, 0}), 3);
  first.literal("axis", int32(0));
  first.literal("on_value", fp16({}, {5})).literal("off_value", fp16({}, {-1}));
  EXPECT_EQ(to_string(first.output().type()), "tensor<fp16, [3, 2]>");
  EXPECT_THAT(first.output().to_doubles(), ElementsAre(-1, 5, -1, -1, 5, -1));
}

TEST(OneHot, LeavesVectorsOfOutsideIndicesOff) {
  EXPECT_THAT(one_hot(integers({3}, {-1, 2, 1}), 2).output().to_doubles(),
              ElementsAre(0, 0, 0, 0, 0, 1));
}

TEST(OneHot, TakesASizeComputedAtRunTime) {
  OpTester op("one_hot");
  op.input("indices", integers({1}, {1})).input("one_hot_vector_size", integers({}, {2}));
  EXPECT_EQ(to_string(op.infer()->front()), "tensor<int32, [1, ?]>");
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(0, 1));
}

OpTester range(Tensor start, Tensor end, Tensor step) {
  OpTester op("range_1d");
  op.input("end", std::move(end)).input("start", std::move(start)).input("step", std::move(step));
  return op;
}

TEST(Range1d, EndsBeforeItsEnd) {
  const auto integer = [](double value) { return integers({}, {value}); };
  const auto half = [](double value) { return fp16({}, {value}); };
  EXPECT_THAT(range(integer(2), integer(9), integer(3)).output().to_doubles(),
              ElementsAre(2, 5, 8));
  EXPECT_THAT(range(integer(2), integer(8), integer(3)).output().to_doubles(), ElementsAre(2, 5));
  EXPECT_THAT(range(integer(3), integer(0), integer(-2)).output().to_doubles(), ElementsAre(3, 1));
  EXPECT_THAT(range(half(0), half(1), half(0.25)).output().to_doubles(),
              ElementsAre(0, 0.25, 0.5, 0.75));
  EXPECT_EQ(range(integer(3), integer(0), integer(1)).output().element_count(), 0U);
  EXPECT_THAT(range(integer(0), integer(3), integer(0)).evaluation_error(), HasSubstr("step"));
}

TEST(Range1d, IsOfUnknownLengthUntilTheProgramRuns) {
  OpTester op = range(integers({}, {0}), integers({}, {2}), integers({}, {1}));
  EXPECT_EQ(to_string(op.infer()->front()), "tensor<int32, [?]>");
  OpTester known("range_1d");
  known.literal("start", int32(0)).literal("end", int32(4)).literal("step", int32(1));
  EXPECT_EQ(to_string(known.infer()->front()), "tensor<int32, [4]>");
}

TEST(NonZero, ListsIndices) {
  OpTester op("non_zero");
  op.input("x", fp16({2, 2, 1}, {0, 3, -1, 0}));
  EXPECT_EQ(to_string(op.infer()->front()), "tensor<int32, [?, 3]>");
  EXPECT_EQ(to_string(op.output().type()), "tensor<int32, [2, 3]>");
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(0, 1, 0, 1, 0, 0));
  OpTester none("non_zero");
  none.input("x", fp16({2}, {0, 0}));
  EXPECT_EQ(to_string(none.output().type()), "tensor<int32, [0, 1]>");
}

TEST(ShapeOp, TellsTheActualSizes) {
  OpTester op("shape");
  op.input("x", fp16({2, 0, 3}, {}));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(2, 0, 3));
  OpTester unknown("shape");
  unknown.declare("x", Type::tensor(DataType::fp16, {Dim::unknown(), 2}));
  EXPECT_EQ(to_string(unknown.infer()->front()), "tensor<int32, [2]>");
}

}  // namespace
}  // namespace anebench::ops
