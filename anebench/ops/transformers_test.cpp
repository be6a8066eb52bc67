#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "anebench/ops/op_tester.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;

Tensor fp32(std::vector<std::int64_t> dims, std::vector<double> values) {
  return tensor(DataType::fp32, std::move(dims), std::move(values));
}

// One query of width 4, two keys, values 1 and 5.
OpTester attention(std::vector<double> query) {
  OpTester op("scaled_dot_product_attention");
  op.input("query", fp32({1, 1, 4}, std::move(query)));
  op.input("key", fp32({1, 2, 4}, {0, 0, 0, 0, 1, 1, 1, 1}));
  op.input("value", fp32({1, 2, 1}, {1, 5}));
  return op;
}

TEST(Attention, WeighsValuesBySoftmaxOfScaledProducts) {
  EXPECT_THAT(attention({0, 0, 0, 0}).output().to_doubles(), ElementsAre(3));
  // The products are 0 and 4·ln(3)/2; divided by √4 they differ by ln(3).
  const double half = std::log(3.0) / 2;
  EXPECT_THAT(attention({half, half, half, half}).output().to_doubles(),
              ElementsAre(DoubleNear(4, 1e-6)));
}

TEST(Attention, AddsAMaskToTheScores) {
  OpTester op = attention({0, 0, 0, 0});
  op.input("attn_mask", fp32({1, 2}, {std::log(3.0), 0}));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(DoubleNear(2, 1e-6)));
}

TEST(Attention, LeavesOutWhatABooleanMaskForbids) {
  OpTester op("scaled_dot_product_attention");
  op.input("query", fp32({2, 2, 1}, {0, 0, 0, 0}));
  op.input("key", fp32({2, 2, 1}, {1, 2, 3, 4}));
  op.input("value", fp32({2, 2, 1}, {1, 3, 5, 7}));
  op.input("attn_mask", tensor(DataType::boolean, {2, 2}, {1, 0, 1, 1}));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(1, 2, 5, 6));
  op.operation().inputs.pop_back();
  op.literal("attn_mask", tensor(DataType::boolean, {2, 1, 2}, {0, 1, 1, 0}));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(3, 3, 5, 5));
}

TEST(Attention, IsNanWhereEverythingIsForbidden) {
  OpTester op = attention({0, 0, 0, 0});
  op.input("attn_mask", tensor(DataType::boolean, {1, 2}, {0, 0}));
  EXPECT_TRUE(std::isnan(op.output().to_doubles().front()));
}

TEST(Attention, ChecksItsShapes) {
  OpTester op = attention({0, 0, 0, 0});
  op.input("attn_mask", fp32({1, 3}, {0, 0, 0}));
  EXPECT_THAT(op.evaluation_error(), HasSubstr("'attn_mask'"));
  OpTester flat("scaled_dot_product_attention");
  flat.input("query", fp32({1, 4}, {0, 0, 0, 0})).input("key", fp32({1, 4}, {0, 0, 0, 0}));
  flat.input("value", fp32({1, 1}, {1}));
  EXPECT_THAT(flat.evaluation_error(), HasSubstr("rank 2"));
}

}  // namespace
}  // namespace anebench::ops
