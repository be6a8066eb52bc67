#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/base/half.h"
#include "anebench/ops/op_tester.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using testing::ElementsAre;
using testing::HasSubstr;

OpTester blockwise(const Tensor& data, const Tensor& scale) {
  OpTester op("constexpr_blockwise_shift_scale");
  op.literal("data", data).literal("scale", scale);
  return op;
}

TEST(ConstexprBlockwise, ScalesEachBlock) {
  const Tensor data = tensor(DataType::int4, {2, 4}, {-8, 7, 1, 2, 3, 4, 5, 6});
  OpTester op = blockwise(data, fp16({2, 2}, {1, 10, 0.5, 2}));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(-8, 7, 10, 20, 1.5, 2, 10, 12));
  op.literal("offset", tensor(DataType::int4, {2, 2}, {1, 1, -1, 2}));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(-9, 6, 0, 10, 2, 2.5, 6, 8));
}

TEST(ConstexprBlockwise, AgreesWithTheDefinitionOnEveryGrid) {
  const std::vector<std::int64_t> dims = {4, 6, 2, 3};
  std::vector<double> values(144);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i) - 100;
  const Tensor data = tensor(DataType::int8, dims, values);
  for (const std::vector<std::int64_t>& grid :
       std::vector<std::vector<std::int64_t>>{{1, 1, 1, 1},
                                              {4, 1, 1, 1},
                                              {4, 3, 1, 1},
                                              {1, 6, 1, 1},
                                              {2, 2, 1, 3},
                                              {4, 6, 2, 3},
                                              {1, 1, 2, 1}}) {
    std::size_t blocks = 1;
    for (const auto size : grid) blocks *= static_cast<std::size_t>(size);
    std::vector<double> scales(blocks);
    for (std::size_t i = 0; i < blocks; ++i) scales[i] = static_cast<double>(i + 1);
    const auto out = blockwise(data, tensor(DataType::fp32, grid, scales)).output().to_doubles();
    for (std::size_t i = 0; i < out.size(); ++i) {
      std::size_t rest = i;
      std::size_t block = 0;
      std::size_t stride = 1;
      for (std::size_t d = dims.size(); d-- > 0;) {
        const auto index = static_cast<std::int64_t>(rest % static_cast<std::size_t>(dims[d]));
        rest /= static_cast<std::size_t>(dims[d]);
        block += static_cast<std::size_t>(index / (dims[d] / grid[d])) * stride;
        stride *= static_cast<std::size_t>(grid[d]);
      }
      ASSERT_EQ(out[i], scales[block] * values[i]) << i;
    }
  }
}

TEST(ConstexprBlockwise, RoundsTheProductOnceToTheScalesType) {
  const OpTester op = blockwise(tensor(DataType::int8, {1}, {-125}), fp16({1}, {0.1}));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(-12.5));
}

TEST(ConstexprBlockwise, RoundsFloatingDifferencesToTheScalesType) {
  OpTester op = blockwise(fp16({1}, {2048}), fp16({1}, {0.5}));
  op.literal("offset", fp16({1}, {-1}));
  // 2049 is a tie between 2048 and 2050.
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(1024));
}

TEST(ConstexprBlockwise, TakesAFloatingOffsetForIntegers) {
  OpTester op = blockwise(tensor(DataType::uint4, {2}, {0, 15}), fp16({1}, {2}));
  op.literal("offset", fp16({1}, {7.5}));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(-15, 15));
}

TEST(ConstexprBlockwise, ChecksItsGrid) {
  const Tensor data = tensor(DataType::int8, {2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_THAT(inference_error(blockwise(data, fp16({2}, {1, 1}))), HasSubstr("rank"));
  EXPECT_THAT(inference_error(blockwise(data, fp16({2, 2}, {1, 1, 1, 1}))), HasSubstr("blocks"));
  EXPECT_THAT(inference_error(blockwise(data, fp16({0, 1}, {}))), HasSubstr("blocks"));
  OpTester other_shape = blockwise(data, fp16({2, 1}, {1, 1}));
  other_shape.literal("offset", tensor(DataType::int8, {1, 1}, {0}));
  EXPECT_THAT(inference_error(other_shape), HasSubstr("'offset'"));
  OpTester other_type = blockwise(data, fp16({2, 1}, {1, 1}));
  other_type.literal("offset", tensor(DataType::uint8, {2, 1}, {0, 0}));
  EXPECT_THAT(inference_error(other_type), HasSubstr("'offset'"));
  EXPECT_THAT(inference_error(blockwise(tensor(DataType::int8, {}, {1}), fp16({}, {1}))),
              HasSubstr("scalar"));
}

TEST(ConstexprSparseBlockwise, ScalesTheValuesWhereTheyStand) {
  OpTester op("constexpr_sparse_blockwise_shift_scale", mil::Opset::ios18, 2);
  op.literal("data_mask", tensor(DataType::uint1, {2, 3}, {1, 0, 1, 0, 1, 1}))
      .literal("nonzero_data", tensor(DataType::int8, {4}, {1, 2, 3, 4}))
      .literal("scale", fp16({2, 1}, {1, 10}))
      .literal("offset", tensor(DataType::int8, {2, 1}, {0, 1}));
  const auto outputs = op.evaluate();
  ASSERT_TRUE(outputs) << outputs.error().to_string();
  EXPECT_THAT((*outputs)[0].to_doubles(), ElementsAre(1, 0, 1, 0, 1, 1));
  EXPECT_THAT((*outputs)[1].to_doubles(), ElementsAre(1, 2, 20, 30));
}

TEST(ConstexprSparseBlockwise, FeedsSparseToDense) {
  OpTester op("constexpr_sparse_blockwise_shift_scale", mil::Opset::ios18, 2);
  op.literal("data_mask", tensor(DataType::uint1, {2, 2}, {0, 1, 1, 0}))
      .literal("nonzero_data", tensor(DataType::uint4, {2}, {3, 5}))
      .literal("scale", fp16({1, 2}, {1, 2}));
  const auto outputs = op.evaluate();
  ASSERT_TRUE(outputs) << outputs.error().to_string();
  OpTester dense("constexpr_sparse_to_dense");
  dense.literal("nonzero_data", (*outputs)[1]).literal("mask", (*outputs)[0]);
  EXPECT_THAT(dense.output().to_doubles(), ElementsAre(0, 6, 5, 0));
}

}  // namespace
}  // namespace anebench::ops
