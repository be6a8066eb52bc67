#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "anebench/ops/op_tester.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using mil::Dim;
using mil::Type;
using testing::ElementsAre;
using testing::HasSubstr;

// 0, 1, 2, … in the given shape.
Tensor counting(std::vector<std::int64_t> dims, DataType type = DataType::fp16) {
  std::size_t count = 1;
  for (const std::int64_t dim : dims) count *= static_cast<std::size_t>(dim);
  std::vector<double> values(count);
  std::iota(values.begin(), values.end(), 0.0);
  return tensor(type, std::move(dims), values);
}

mil::Value bools(std::vector<bool> flags) {
  mil::Value::Bytes bytes;
  for (const bool flag : flags) bytes.push_back(flag ? std::byte{1} : std::byte{0});
  return mil::Value::packed(
      Type::tensor(DataType::boolean, {static_cast<std::int64_t>(flags.size())}), bytes);
}

std::string inferred(const OpTester& op) {
  const auto types = op.infer();
  return types ? to_string(types->front()) : types.error().to_string();
}

OpTester op_on(const std::string& name, Tensor x) {
  OpTester op(name);
  op.input("x", std::move(x));
  return op;
}

TEST(Reshape, TakesZeroAsTheOwnDimensionAndMinusOneAsTheRest) {
  OpTester op = op_on("reshape", counting({2, 3, 4}));
  op.literal("shape", int32s({0, -1, 2}));
  EXPECT_EQ(to_string(op.output().type()), "tensor<fp16, [2, 6, 2]>");
  EXPECT_EQ(op.output().to_doubles(), counting({24}).to_doubles());
}

TEST(Reshape, ReadsAShapeComputedAtRunTime) {
  OpTester op = op_on("reshape", counting({2, 3}));
  op.input("shape", tensor(DataType::int32, {2}, {-1, 2}));
  EXPECT_EQ(inferred(op), "tensor<fp16, [?, ?]>");
  EXPECT_EQ(op.output().dims(), (std::vector<std::int64_t>{3, 2}));
}

TEST(Reshape, LeavesWhatDependsOnUnknownDimensionsUnknown) {
  OpTester op("reshape");
  op.declare("x", Type::tensor(DataType::fp16, {Dim::unknown(), 4}));
  op.literal("shape", int32s({0, -1}));
  EXPECT_EQ(inferred(op), "tensor<fp16, [?, ?]>");
}

TEST(Reshape, RefusesShapesThatDoNotComeOutEven) {
  const auto error = [](std::vector<std::int32_t> shape) {
    OpTester op = op_on("reshape", counting({2, 3}));
    op.literal("shape", int32s(std::move(shape)));
    return inferred(op);
  };
  EXPECT_THAT(error({4, -1}), HasSubstr("no even number of the 6"));
  EXPECT_THAT(error({-1, -1}), HasSubstr("-1 twice"));
  EXPECT_THAT(error({5}), HasSubstr("'shape'"));
  EXPECT_THAT(error({-2, 3}), HasSubstr("holds -2"));
}

TEST(Reshape, AlignsZerosToTheRightSinceIos17) {
  const auto reshaped = [](std::vector<std::int32_t> shape, mil::Opset opset) {
    OpTester op("reshape", opset);
    op.input("x", counting({2, 3})).literal("shape", int32s(std::move(shape)));
    return inferred(op);
  };
  EXPECT_EQ(reshaped({1, 0, -1, 0}, mil::Opset::ios17), "tensor<fp16, [1, 1, 2, 3]>");
  EXPECT_EQ(reshaped({0, 0, 0, 0}, mil::Opset::ios17), "tensor<fp16, [1, 1, 2, 3]>");
  EXPECT_THAT(reshaped({0}, mil::Opset::ios17), HasSubstr("'shape'"));
  EXPECT_THAT(reshaped({0, 1, 3}, mil::Opset::ios16), HasSubstr("'shape' holds 0"));
}

TEST(ExpandDims, CountsAxesInTheOutput) {
  OpTester op = op_on("expand_dims", counting({2, 3}));
  op.literal("axes", int32s({-1, 1}));
  EXPECT_EQ(to_string(op.output().type()), "tensor<fp16, [2, 1, 3, 1]>");
}

TEST(Squeeze, RemovesAllDimensionsOfOneOrThoseNamed) {
  EXPECT_EQ(to_string(op_on("squeeze", counting({1, 2, 1})).output().type()), "tensor<fp16, [2]>");
  OpTester named = op_on("squeeze", counting({1, 2, 1}));
  named.literal("axes", int32s({-1}));
  EXPECT_EQ(to_string(named.output().type()), "tensor<fp16, [1, 2]>");
  OpTester wrong = op_on("squeeze", counting({1, 2, 1}));
  wrong.literal("axes", int32s({1}));
  EXPECT_THAT(inferred(wrong), HasSubstr("size is 2"));
}

TEST(Transpose, PermutesDimensions) {
  OpTester op = op_on("transpose", counting({2, 3}));
  op.literal("perm", int32s({1, -2}));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(0, 3, 1, 4, 2, 5));
  OpTester twice = op_on("transpose", counting({2, 3}));
  twice.literal("perm", int32s({1, 1}));
  EXPECT_THAT(inferred(twice), HasSubstr("axis 1 twice"));
}

TEST(Reverse, ReversesAllAxesOrThoseNamed) {
  EXPECT_THAT(op_on("reverse", counting({2, 2})).output().to_doubles(), ElementsAre(3, 2, 1, 0));
  OpTester op = op_on("reverse", counting({2, 2}));
  op.literal("axes", int32s({-1}));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(1, 0, 3, 2));
}

TEST(ReverseSequence, ReversesTheFirstElementsOfEachSequence) {
  OpTester op = op_on("reverse_sequence", counting({2, 4}));
  op.input("lengths", tensor(DataType::int32, {2}, {2, 4}));
  op.literal("seq_axis", int32(1)).literal("batch_axis", int32(0));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(1, 0, 2, 3, 7, 6, 5, 4));
}

OpTester slice(Tensor x, std::vector<std::int32_t> begin, std::vector<std::int32_t> end) {
  OpTester op = op_on("slice_by_index", std::move(x));
  op.literal("begin", int32s(std::move(begin))).literal("end", int32s(std::move(end)));
  return op;
}

TEST(SliceByIndex, CountsNegativeIndicesFromTheEnd) {
  EXPECT_THAT(slice(counting({6}), {-4}, {-1}).output().to_doubles(), ElementsAre(2, 3, 4));
}

TEST(SliceByIndex, StopsAtTheEndsAsNumpyDoes) {
  EXPECT_THAT(slice(counting({4}), {2}, {100}).output().to_doubles(), ElementsAre(2, 3));
  EXPECT_EQ(slice(counting({4}), {3}, {1}).output().element_count(), 0u);
}

TEST(SliceByIndex, WalksBackwardsToTheVeryStart) {
  OpTester op = slice(counting({5}), {0}, {0});
  op.literal("stride", int32s({-2})).literal("begin_mask", bools({true}));
  op.literal("end_mask", bools({true}));
  EXPECT_EQ(inferred(op), "tensor<fp16, [3]>");
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(4, 2, 0));
}

TEST(SliceByIndex, SqueezesToTheElementAtBegin) {
  OpTester op = slice(counting({2, 3}), {-1, 1}, {0, 3});
  op.literal("squeeze_mask", bools({true, false}));
  EXPECT_EQ(inferred(op), "tensor<fp16, [2]>");
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(4, 5));
  OpTester outside = slice(counting({2}), {2}, {0});
  outside.literal("squeeze_mask", bools({true}));
  EXPECT_THAT(inferred(outside), HasSubstr("'begin' is 2"));
}

TEST(SliceByIndex, ReadsIndicesComputedAtRunTime) {
  OpTester op = op_on("slice_by_index", counting({4}));
  op.input("begin", tensor(DataType::int32, {1}, {1}));
  op.input("end", tensor(DataType::int32, {1}, {3}));
  EXPECT_EQ(inferred(op), "tensor<fp16, [?]>");
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(1, 2));
}

TEST(SliceBySize, TakesTheRestForMinusOne) {
  OpTester op = op_on("slice_by_size", counting({2, 4}));
  op.literal("begin", int32s({1, -3})).literal("size", int32s({1, -1}));
  EXPECT_EQ(inferred(op), "tensor<fp16, [1, 3]>");
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(5, 6, 7));
  OpTester outside = op_on("slice_by_size", counting({4}));
  outside.literal("begin", int32s({2})).literal("size", int32s({3}));
  EXPECT_THAT(inferred(outside), HasSubstr("outside"));
}

TEST(SliceUpdate, ReplacesTheSliceAndNothingElse) {
  const Tensor x = counting({2, 3});
  OpTester op = op_on("slice_update", x);
  op.input("update", fp16({2, 1}, {10, 20}));
  op.literal("begin", int32s({0, 2})).literal("end", int32s({2, 3}));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(0, 1, 10, 3, 4, 20));
  EXPECT_THAT(x.to_doubles(), ElementsAre(0, 1, 2, 3, 4, 5));
  OpTester wrong = op_on("slice_update", x);
  wrong.input("update", fp16({3}, {1, 2, 3}));
  wrong.literal("begin", int32s({0, 2})).literal("end", int32s({2, 3}));
  EXPECT_THAT(inferred(wrong), HasSubstr("'update'"));
}

TEST(SlidingWindows, LeavesOutWhatFillsNoWindow) {
  OpTester op = op_on("sliding_windows", counting({6}));
  op.literal("axis", int32(0)).literal("size", int32(3)).literal("stride", int32(2));
  EXPECT_EQ(inferred(op), "tensor<fp16, [2, 3]>");
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(0, 1, 2, 2, 3, 4));
}

TEST(DepthToSpace, NumbersChannelsByPositionFirst) {
  OpTester op = op_on("depth_to_space", counting({1, 8, 1, 1}));
  op.literal("block_size", int32(2));
  EXPECT_EQ(inferred(op), "tensor<fp16, [1, 2, 2, 2]>");
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(0, 2, 4, 6, 1, 3, 5, 7));
}

TEST(PixelShuffle, NumbersChannelsByChannelFirst) {
  OpTester op = op_on("pixel_shuffle", counting({1, 8, 1, 1}));
  op.literal("upscale_factor", int32(2));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
}

// One op undoes the other.
void expect_inverse(const std::string& forth, const std::string& back, const std::string& parameter,
                    const std::string& back_parameter, const mil::Value& back_value) {
  const Tensor x = counting({2, 12, 2, 3});
  OpTester first = op_on(forth, x);
  first.literal(parameter, int32(2));
  OpTester second = op_on(back, first.output());
  second.literal(back_parameter, back_value);
  EXPECT_EQ(second.output(), x);
}

TEST(SpaceToDepth, UndoesDepthToSpace) {
  expect_inverse("depth_to_space", "space_to_depth", "block_size", "block_size", int32(2));
}

TEST(PixelUnshuffle, UndoesPixelShuffle) {
  expect_inverse("pixel_shuffle", "pixel_unshuffle", "upscale_factor", "downscale_factor",
                 mil::Value::scalar<std::uint32_t>(2));
}

TEST(SpaceToBatch, PadsAndPutsThePositionBeforeTheBatch) {
  OpTester op = op_on("space_to_batch", fp16({1, 1, 2, 3}, {1, 2, 3, 4, 5, 6}));
  op.literal("block_shape", int32s({2, 2}));
  const mil::Value margins = mil::Value::tensor<std::int32_t>({2, 2}, {0, 0, 1, 0});
  op.literal("paddings", margins);
  const Tensor batches = op.output();
  EXPECT_EQ(to_string(batches.type()), "tensor<fp16, [4, 1, 1, 2]>");
  EXPECT_THAT(batches.to_doubles(), ElementsAre(0, 2, 1, 3, 0, 5, 4, 6));
  OpTester back = op_on("batch_to_space", batches);
  back.literal("block_shape", int32s({2, 2})).literal("crops", margins);
  EXPECT_THAT(back.output().to_doubles(), ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST(TensorTransformation, OnlyMovesAndCountsNothing) {
  OpTester op = op_on("transpose", counting({2, 3}));
  op.literal("perm", int32s({1, 0}));
  const auto cost = op.cost();
  ASSERT_TRUE(cost) << cost.error().to_string();
  EXPECT_EQ(cost->operations, 0);
}

}  // namespace
}  // namespace anebench::ops
