// Golden values: numpy's take, take_along_axis and fancy indexing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/ops/op_tester.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using mil::Dim;
using mil::Opset;
using mil::Type;
using testing::ElementsAre;
using testing::HasSubstr;

Tensor indices(std::vector<std::int64_t> dims, std::vector<double> values) {
  return tensor(DataType::int32, std::move(dims), std::move(values));
}
Tensor six() { return tensor(DataType::fp16, {2, 3}, {1, 2, 3, 4, 5, 6}); }

TEST(Gather, TakesSlicesAlongAnAxis) {
  OpTester op("gather");
  op.input("x", six()).input("indices", indices({2, 2}, {2, 0, -1, 1})).literal("axis", int32(1));
  const Tensor out = op.output();
  EXPECT_THAT(out.dims(), ElementsAre(2, 2, 2));
  EXPECT_THAT(out.to_doubles(), ElementsAre(3, 1, 3, 2, 6, 4, 6, 5));
}

TEST(Gather, AScalarIndexDropsTheDimension) {
  OpTester op("gather", Opset::ios15);
  op.input("x", six()).input("indices", indices({}, {1}));
  const Tensor out = op.output();
  EXPECT_THAT(out.dims(), ElementsAre(3));
  EXPECT_THAT(out.to_doubles(), ElementsAre(4, 5, 6));
}

TEST(Gather, BatchDimensionsBelongTogether) {
  OpTester op("gather");
  op.input("x", six()).input("indices", indices({2, 2}, {2, 0, 1, 1}));
  op.literal("axis", int32(1)).literal("batch_dims", int32(1));
  const Tensor out = op.output();
  EXPECT_THAT(out.dims(), ElementsAre(2, 2));
  EXPECT_THAT(out.to_doubles(), ElementsAre(3, 1, 5, 5));
}

TEST(Gather, IndicesOutsideGiveZerosUnlessTheyAreToBeValidated) {
  OpTester op("gather");
  op.input("x", six()).input("indices", indices({2}, {2, 1}));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(0, 0, 0, 4, 5, 6));
  op.literal("validate_indices", mil::Value::boolean(true));
  EXPECT_THAT(op.evaluation_error(), HasSubstr("has 2, outside [0, 2)"));
}

TEST(Gather, UnknownDimensionsStayUnknown) {
  OpTester op("gather");
  op.declare("x", Type::tensor(DataType::fp16, {Dim::unknown(), 3}));
  op.declare("indices", Type::tensor(DataType::int32, {Dim::unknown(), 2}));
  const auto types = op.infer();
  ASSERT_TRUE(types);
  EXPECT_EQ(types->front(), Type::tensor(DataType::fp16, {Dim::unknown(), 2, 3}));
}

TEST(Gather, EmptyIndicesGiveAnEmptyTensor) {
  OpTester op("gather");
  op.input("x", six()).input("indices", indices({0}, {}));
  EXPECT_THAT(op.output().dims(), ElementsAre(0, 3));
}

TEST(GatherAlongAxis, TakesOneElementForEachIndex) {
  OpTester op("gather_along_axis");
  op.input("x", six()).input("indices", indices({1, 3}, {1, 0, 1}));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(4, 2, 6));
  OpTester along_rows("gather_along_axis");
  along_rows.input("x", six()).input("indices", indices({2, 2}, {2, 0, 1, 1}));
  along_rows.literal("axis", int32(-1));
  EXPECT_THAT(along_rows.output().to_doubles(), ElementsAre(3, 1, 5, 5));
}

TEST(GatherAlongAxis, OtherDimensionsMustAgree) {
  OpTester op("gather_along_axis");
  op.declare("x", Type::tensor(DataType::fp16, {2, 3}));
  op.declare("indices", Type::tensor(DataType::int32, {1, 2}));
  EXPECT_THAT(op.rules(), ElementsAre("op-rule"));
}

TEST(GatherNd, TheLastDimensionHoldsCoordinates) {
  OpTester op("gather_nd");
  op.input("x", six()).input("indices", indices({3, 2}, {0, 2, 1, 0, -1, -1}));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(3, 4, 6));
  OpTester rows("gather_nd");
  rows.input("x", six()).input("indices", indices({2, 1}, {1, 0}));
  EXPECT_THAT(rows.output().dims(), ElementsAre(2, 3));
  EXPECT_THAT(rows.output().to_doubles(), ElementsAre(4, 5, 6, 1, 2, 3));
}

TEST(GatherNd, KnowsBatchDimensions) {
  OpTester op("gather_nd");
  op.input("x", six()).input("indices", indices({2, 1}, {2, 0})).literal("batch_dims", int32(1));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(3, 4));
}

TEST(GatherNd, RefusesMoreCoordinatesThanDimensions) {
  OpTester op("gather_nd");
  op.declare("x", Type::tensor(DataType::fp16, {2, 3}));
  op.declare("indices", Type::tensor(DataType::int32, {4, 3}));
  EXPECT_THAT(op.rules(), ElementsAre("op-rule"));
}

std::vector<double> scattered(const char* mode, DataType type) {
  OpTester op("scatter");
  op.input("data", tensor(type, {2, 2}, {10, 20, 30, 40}));
  op.input("indices", indices({3}, {1, 0, 1}));
  op.input("updates", tensor(type, {3, 2}, {1, 2, 3, 4, 5, 80}));
  op.literal("mode", string(mode));
  return op.output().to_doubles();
}

TEST(Scatter, KnowsSevenModes) {
  for (const DataType type : {DataType::fp32, DataType::int32}) {
    EXPECT_THAT(scattered("update", type), ElementsAre(3, 4, 5, 80));
    EXPECT_THAT(scattered("add", type), ElementsAre(13, 24, 36, 122));
    EXPECT_THAT(scattered("sub", type), ElementsAre(7, 16, 24, -42));
    EXPECT_THAT(scattered("mul", type), ElementsAre(30, 80, 150, 6400));
    EXPECT_THAT(scattered("max", type), ElementsAre(10, 20, 30, 80));
    EXPECT_THAT(scattered("min", type), ElementsAre(3, 4, 1, 2));
  }
  EXPECT_THAT(scattered("div", DataType::fp32)[3], testing::DoubleEq(0.25));
  EXPECT_THAT(scattered("div", DataType::int32), ElementsAre(3, 5, 6, 0));
}

TEST(Scatter, RoundsOnceThoughUpdatesAreMany) {
  OpTester op("scatter");
  op.input("data", fp16({1}, {2048})).input("indices", indices({2}, {0, 0}));
  // 2048 + 1 rounds to 2048 in fp16; 2048 + 1 + 1 is 2050.
  op.input("updates", fp16({2}, {1, 1}));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(2050));
}

TEST(Scatter, UpdatesOutsideAreDroppedUnlessIndicesAreValidated) {
  OpTester op("scatter");
  op.input("data", six()).input("indices", indices({1}, {3}));
  op.input("updates", fp16({2, 1}, {9, 9})).literal("axis", int32(1));
  EXPECT_EQ(op.output(), six());
  op.literal("validate_indices", mil::Value::boolean(true));
  EXPECT_THAT(op.evaluation_error(), HasSubstr("outside"));
}

TEST(Scatter, RefusesUpdatesOfAnotherShapeAndUnknownModes) {
  OpTester op("scatter");
  op.declare("data", Type::tensor(DataType::fp16, {2, 3}));
  op.declare("indices", Type::tensor(DataType::int32, {1}));
  op.declare("updates", Type::tensor(DataType::fp16, {1, 2}));
  EXPECT_THAT(op.rules(), ElementsAre("op-rule"));
  OpTester mode("scatter");
  mode.declare("data", Type::tensor(DataType::fp16, {2}));
  mode.declare("indices", Type::tensor(DataType::int32, {1}));
  mode.declare("updates", Type::tensor(DataType::fp16, {1})).literal("mode", string("pow"));
  EXPECT_THAT(mode.rules(), ElementsAre("op-rule"));
}

TEST(ScatterAlongAxis, PutsOneElementForEachIndex) {
  OpTester op("scatter_along_axis");
  op.input("data", six()).input("indices", indices({1, 3}, {1, 0, 1}));
  op.input("updates", fp16({1, 3}, {7, 8, 9})).literal("mode", string("update"));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(1, 8, 3, 7, 5, 9));
}

TEST(ScatterNd, PutsSlicesAtCoordinates) {
  OpTester op("scatter_nd");
  op.input("data", six()).input("indices", indices({2, 2}, {0, 1, 1, 2}));
  op.input("updates", fp16({2}, {10, 20}));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(1, 12, 3, 4, 5, 26));
  OpTester rows("scatter_nd");
  rows.input("data", six()).input("indices", indices({1, 1}, {1}));
  rows.input("updates", fp16({1, 3}, {1, 1, 1})).literal("mode", string("sub"));
  EXPECT_THAT(rows.output().to_doubles(), ElementsAre(1, 2, 3, 3, 4, 5));
}

}  // namespace
}  // namespace anebench::ops
