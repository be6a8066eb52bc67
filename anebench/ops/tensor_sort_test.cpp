#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "anebench/ops/op_tester.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using mil::Opset;
using mil::Value;
using testing::ElementsAre;
using testing::HasSubstr;

OpTester argsort(Tensor x, bool ascending, std::int32_t axis = -1) {
  OpTester op("argsort");
  op.input("x", std::move(x)).literal("axis", int32(axis));
  op.literal("ascending", Value::scalar<bool>(ascending));
  return op;
}

TEST(Argsort, KeepsEqualElementsInOrder) {
  const Tensor x = tensor(DataType::fp32, {5}, {3, 1, 3, 2, 1});
  EXPECT_THAT(argsort(x, true).output().to_doubles(), ElementsAre(1, 4, 3, 0, 2));
  EXPECT_THAT(argsort(x, false).output().to_doubles(), ElementsAre(0, 2, 3, 1, 4));
}

TEST(Argsort, PutsNanLast) {
  const Tensor x = tensor(DataType::fp32, {3}, {std::nan(""), 1, 2});
  EXPECT_THAT(argsort(x, true).output().to_doubles(), ElementsAre(1, 2, 0));
  EXPECT_THAT(argsort(x, false).output().to_doubles(), ElementsAre(2, 1, 0));
}

TEST(Argsort, SortsAlongAnyAxis) {
  const Tensor x = tensor(DataType::int32, {3, 2}, {1, 9, 3, 8, 2, 7});
  EXPECT_THAT(argsort(x, true, 0).output().to_doubles(), ElementsAre(0, 2, 2, 1, 1, 0));
}

OpTester topk(Tensor x, std::int32_t k, std::size_t outputs = 2, Opset opset = Opset::ios18) {
  OpTester op("topk", opset, outputs);
  op.input("x", std::move(x)).literal("k", int32(k));
  return op;
}

TEST(Topk, GivesValuesAndIndices) {
  const Tensor x = tensor(DataType::fp32, {2, 3}, {1, 5, 3, 9, 7, 8});
  const auto largest = topk(x, 2).evaluate();
  ASSERT_TRUE(largest);
  EXPECT_THAT((*largest)[0].to_doubles(), ElementsAre(5, 3, 9, 8));
  EXPECT_THAT((*largest)[1].to_doubles(), ElementsAre(1, 2, 0, 2));
  OpTester op = topk(x, 1);
  op.literal("axis", int32(0)).literal("ascending", Value::scalar<bool>(true));
  const auto least = op.evaluate();
  ASSERT_TRUE(least);
  EXPECT_THAT((*least)[0].to_doubles(), ElementsAre(1, 5, 3));
  EXPECT_THAT((*least)[1].to_doubles(), ElementsAre(0, 0, 0));
}

TEST(Topk, GivesOneWhereNotAskedForMore) {
  OpTester op("topk", Opset::ios15, 2);
  op.input("x", fp16({3}, {1, 5, 3}));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(5));
}

TEST(Topk, GivesAllForMinusOne) {
  EXPECT_THAT(topk(fp16({3}, {1, 5, 3}), -1).output().to_doubles(), ElementsAre(5, 3, 1));
  EXPECT_THAT(topk(fp16({3}, {1, 5, 3}), 4).evaluation_error(), HasSubstr("has [3] elements"));
}

TEST(Topk, LeavesIndicesOutWhenAsked) {
  OpTester op = topk(fp16({2}, {1, 2}), 1, 1);
  op.literal("return_indices", Value::scalar<bool>(false));
  EXPECT_TRUE(op.rules().empty());
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(2));
}

TEST(Topk, HasIndicesOfTheTypeAskedFor) {
  OpTester op = topk(tensor(DataType::int8, {3}, {-7, 3, 5}), 2);
  op.literal("output_indices_dtype", string("uint16"));
  const auto outputs = op.evaluate();
  ASSERT_TRUE(outputs);
  EXPECT_EQ(to_string((*outputs)[0].type()), "tensor<int8, [2]>");
  EXPECT_EQ(to_string((*outputs)[1].type()), "tensor<uint16, [2]>");
  EXPECT_THAT((*outputs)[1].to_doubles(), ElementsAre(2, 1));
}

}  // namespace
}  // namespace anebench::ops
