#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/ops/op_tester.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using mil::Dim;
using mil::Type;
using mil::Value;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(BandPart, KeepsDiagonals) {
  const auto of = [](std::int32_t lower, std::int32_t upper) {
    OpTester op("band_part");
    op.input("x", integers({1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9}));
    op.literal("lower", int32(lower)).literal("upper", int32(upper));
    return op.output().to_doubles();
  };
  EXPECT_THAT(of(0, -1), ElementsAre(1, 2, 3, 0, 5, 6, 0, 0, 9));
  EXPECT_THAT(of(-1, 0), ElementsAre(1, 0, 0, 4, 5, 0, 7, 8, 9));
  EXPECT_THAT(of(1, 0), ElementsAre(1, 0, 0, 4, 5, 0, 0, 8, 9));
  EXPECT_THAT(of(-1, -1), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9));
}

TEST(Cumsum, SumsForwardsAndBackwards) {
  const auto of = [](bool exclusive, bool reverse) {
    OpTester op("cumsum");
    op.input("x", fp32({2, 3}, {1, 2, 3, 4, 5, 6})).literal("axis", int32(-1));
    op.literal("exclusive", Value::scalar<bool>(exclusive));
    op.literal("reverse", Value::scalar<bool>(reverse));
    return op.output().to_doubles();
  };
  EXPECT_THAT(of(false, false), ElementsAre(1, 3, 6, 4, 9, 15));
  EXPECT_THAT(of(true, false), ElementsAre(0, 1, 3, 0, 4, 9));
  EXPECT_THAT(of(false, true), ElementsAre(6, 5, 3, 15, 11, 6));
  EXPECT_THAT(of(true, true), ElementsAre(5, 3, 0, 11, 6, 0));
}

TEST(Cumsum, RunsAlongTheFirstAxisAndWrapsInIntegers) {
  OpTester op("cumsum");
  op.input("x", integers({2, 2}, {2147483647, 1, 1, 1}));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(2147483647, 1, -2147483648.0, 2));
}

TEST(Flatten2d, JoinsBeforeAndAfterItsAxis) {
  const auto type_of = [](mil::Shape shape, std::int32_t axis) {
    OpTester op("flatten2d");
    op.declare("x", Type::tensor(DataType::fp16, std::move(shape))).literal("axis", int32(axis));
    return to_string(op.infer()->front());
  };
  EXPECT_EQ(type_of({3}, -1), "tensor<fp16, [1, 3]>");
  EXPECT_EQ(type_of({3}, 1), "tensor<fp16, [3, 1]>");
  EXPECT_EQ(type_of({2, 3, 2}, -1), "tensor<fp16, [6, 2]>");
  EXPECT_EQ(type_of({5, Dim::unknown(), 2}, 1), "tensor<fp16, [5, ?]>");
  OpTester op("flatten2d");
  op.input("x", fp16({1, 2, 2}, {1, 2, 3, 4}));
  EXPECT_EQ(to_string(op.output().type()), "tensor<fp16, [1, 4]>");
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(1, 2, 3, 4));
}

OpTester join(const std::string& type, const std::vector<Tensor>& values, std::int32_t axis) {
  OpTester op(type);
  op.inputs("values", values).literal("axis", int32(axis));
  return op;
}

TEST(Concat, JoinsAlongItsAxis) {
  const Tensor a = integers({2, 1}, {1, 2});
  const Tensor b = integers({2, 2}, {3, 4, 5, 6});
  const Tensor out = join("concat", {a, b, a}, -1).output();
  EXPECT_EQ(to_string(out.type()), "tensor<int32, [2, 4]>");
  EXPECT_THAT(out.to_doubles(), ElementsAre(1, 3, 4, 1, 2, 5, 6, 2));
  EXPECT_THAT(join("concat", {b, b}, 0).output().to_doubles(), ElementsAre(3, 4, 5, 6, 3, 4, 5, 6));
}

TEST(Concat, Interleaves) {
  OpTester op =
      join("concat", {fp16({3, 2}, {1, 2, 3, 4, 5, 6}), fp16({3, 2}, {7, 8, 9, 10, 11, 12})}, 0);
  op.literal("interleave", Value::scalar<bool>(true));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(1, 2, 7, 8, 3, 4, 9, 10, 5, 6, 11, 12));
}

TEST(Concat, RefusesWhatDoesNotFit) {
  EXPECT_THAT(join("concat", {fp16({1, 2}, {1, 2}), fp16({1, 3}, {1, 2, 3})}, 0).evaluation_error(),
              HasSubstr("does not fit"));
  EXPECT_THAT(join("concat", {fp16({1}, {1}), integers({1}, {1})}, 0).evaluation_error(),
              HasSubstr("does not fit"));
  OpTester op = join("concat", {fp16({1}, {1}), fp16({2}, {1, 2})}, 0);
  op.literal("interleave", Value::scalar<bool>(true));
  EXPECT_THAT(op.evaluation_error(), HasSubstr("does not fit"));
}

TEST(Concat, OfAnUnknownLengthIsUnknown) {
  OpTester op("concat");
  op.declare("a", Type::tensor(DataType::fp16, {Dim::unknown(), Dim::unknown()}));
  op.declare("b", Type::tensor(DataType::fp16, {3, 4}));
  op.operation().inputs = {{"values", {"a", "b"}, true}};
  op.literal("axis", int32(0));
  EXPECT_EQ(to_string(op.infer()->front()), "tensor<fp16, [?, 4]>");
}

TEST(Stack, MakesANewAxis) {
  const Tensor a = fp16({2}, {1, 2});
  const Tensor b = fp16({2}, {3, 4});
  EXPECT_THAT(join("stack", {a, b}, 0).output().to_doubles(), ElementsAre(1, 2, 3, 4));
  const Tensor last = join("stack", {a, b, a}, -1).output();
  EXPECT_EQ(to_string(last.type()), "tensor<fp16, [2, 3]>");
  EXPECT_THAT(last.to_doubles(), ElementsAre(1, 3, 1, 2, 4, 2));
  EXPECT_EQ(to_string(join("stack", {fp16({}, {1}), fp16({}, {2})}, 0).output().type()),
            "tensor<fp16, [2]>");
}

OpTester split(std::size_t outputs, Tensor x, std::int32_t axis) {
  OpTester op("split", mil::Opset::ios18, outputs);
  op.input("x", std::move(x)).literal("axis", int32(axis));
  return op;
}

TEST(Split, CutsIntoEqualParts) {
  OpTester op = split(2, fp16({2, 4}, {1, 2, 3, 4, 5, 6, 7, 8}), 1);
  op.literal("num_splits", int32(2));
  const auto parts = op.evaluate();
  ASSERT_TRUE(parts);
  EXPECT_THAT((*parts)[0].to_doubles(), ElementsAre(1, 2, 5, 6));
  EXPECT_THAT((*parts)[1].to_doubles(), ElementsAre(3, 4, 7, 8));
  OpTester uneven = split(2, fp16({3}, {1, 2, 3}), 0);
  EXPECT_THAT(uneven.literal("num_splits", int32(2)).evaluation_error(),
              HasSubstr("does not divide"));
}

TEST(Split, CutsIntoGivenSizes) {
  OpTester op = split(3, fp16({4}, {1, 2, 3, 4}), -1);
  op.literal("split_sizes", int32s({1, 0, 3}));
  const auto parts = op.evaluate();
  ASSERT_TRUE(parts);
  EXPECT_THAT((*parts)[0].to_doubles(), ElementsAre(1));
  EXPECT_EQ((*parts)[1].element_count(), 0U);
  EXPECT_THAT((*parts)[2].to_doubles(), ElementsAre(2, 3, 4));
  OpTester wrong = split(2, fp16({4}, {1, 2, 3, 4}), 0);
  EXPECT_THAT(wrong.literal("split_sizes", int32s({2, 3})).evaluation_error(),
              HasSubstr("[2, 3] does not split"));
}

TEST(Split, BelievesNoCountBeyondItsOutputs) {
  OpTester op = split(1, fp16({4}, {1, 2, 3, 4}), 0);
  EXPECT_THAT(op.literal("num_splits", int32(2147483647)).evaluation_error(),
              HasSubstr("1 outputs are declared"));
  EXPECT_THAT(split(1, fp16({1}, {1}), 0).evaluation_error(), HasSubstr("is missing"));
}

TEST(Tile, RepeatsEachDimension) {
  OpTester op("tile");
  op.input("x", fp16({1, 2}, {1, 2})).literal("reps", int32s({2, 3}));
  const Tensor out = op.output();
  EXPECT_EQ(to_string(out.type()), "tensor<fp16, [2, 6]>");
  EXPECT_THAT(out.to_doubles(), ElementsAre(1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2));
  OpTester both("tile");
  both.input("x", fp16({2, 2}, {1, 2, 3, 4})).literal("reps", int32s({1, 2}));
  EXPECT_THAT(both.output().to_doubles(), ElementsAre(1, 2, 1, 2, 3, 4, 3, 4));
}

TEST(Tile, IsOfUnknownSizeUntilItsRepetitionsAreKnown) {
  OpTester op("tile");
  op.declare("x", Type::tensor(DataType::fp16, {2, 3}));
  op.declare("reps", Type::tensor(DataType::int32, {2}));
  EXPECT_EQ(to_string(op.infer()->front()), "tensor<fp16, [?, ?]>");
  OpTester run("tile");
  run.input("x", fp16({2}, {1, 2})).input("reps", integers({1}, {2}));
  EXPECT_THAT(run.output().to_doubles(), ElementsAre(1, 2, 1, 2));
}

OpTester padded(Tensor x, std::vector<std::int32_t> pad, const std::string& mode) {
  OpTester op("pad");
  op.input("x", std::move(x)).literal("pad", int32s(std::move(pad))).literal("mode", string(mode));
  return op;
}

TEST(Pad, SurroundsWithAConstant) {
  OpTester op = padded(fp16({1, 2, 1}, {1, 2}), {1, 0, 0, 2}, "constant");
  op.literal("constant_val", fp16({}, {9}));
  EXPECT_EQ(to_string(op.output().type()), "tensor<fp16, [1, 3, 3]>");
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(9, 9, 9, 1, 9, 9, 2, 9, 9));
  OpTester zero("pad");
  zero.input("x", fp16({1}, {5})).literal("pad", int32s({1, 1}));
  EXPECT_THAT(zero.output().to_doubles(), ElementsAre(0, 5, 0));
}

TEST(Pad, ReflectsWithoutTheEdge) {
  EXPECT_THAT(padded(fp16({4}, {1, 2, 3, 4}), {2, 3}, "reflect").output().to_doubles(),
              ElementsAre(3, 2, 1, 2, 3, 4, 3, 2, 1));
  EXPECT_THAT(padded(fp16({2, 2}, {1, 2, 3, 4}), {1, 0, 0, 1}, "reflect").output().to_doubles(),
              ElementsAre(3, 4, 3, 1, 2, 1, 3, 4, 3));
  EXPECT_THAT(padded(fp16({2}, {1, 2}), {2, 0}, "reflect").evaluation_error(),
              HasSubstr("there may be 1"));
}

TEST(Pad, ReplicatesTheEdge) {
  EXPECT_THAT(padded(fp16({2}, {1, 2}), {2, 1}, "replicate").output().to_doubles(),
              ElementsAre(1, 1, 1, 2, 2));
  EXPECT_THAT(padded(fp16({2, 2}, {1, 2, 3, 4}), {1, 0, 1, 0}, "replicate").output().to_doubles(),
              ElementsAre(1, 1, 2, 1, 1, 2, 3, 3, 4));
}

TEST(Pad, RefusesWhatItCannotMean) {
  EXPECT_THAT(padded(fp16({2}, {1, 2}), {1, 1}, "wrap").evaluation_error(), HasSubstr("'wrap'"));
  EXPECT_THAT(padded(fp16({2}, {1, 2}), {1, 1, 1, 1}, "constant").evaluation_error(),
              HasSubstr("4 numbers"));
  EXPECT_THAT(padded(fp16({2}, {1, 2}), {-1, 1}, "constant").evaluation_error(),
              HasSubstr("holds -1"));
}

TEST(Pad, TakesPaddingsComputedAtRunTime) {
  OpTester op("pad");
  op.input("x", fp16({2}, {1, 2})).input("pad", integers({2}, {0, 1}));
  EXPECT_EQ(to_string(op.infer()->front()), "tensor<fp16, [?]>");
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(1, 2, 0));
}

}  // namespace
}  // namespace anebench::ops
