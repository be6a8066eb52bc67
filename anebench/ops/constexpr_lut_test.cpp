#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/ops/op_tester.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using mil::Opset;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<double> ramp(std::size_t count, double step = 1) {
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = step * static_cast<double>(i);
  return values;
}

// --- iOS 16 form ------------------------------------------------------------------------------

OpTester packed_lut(mil::Value indices, const Tensor& lut, std::vector<std::uint32_t> shape) {
  OpTester op("constexpr_lut_to_dense", Opset::ios16);
  op.attribute("indices", std::move(indices)).attribute("lut", lut);
  op.attribute("shape", uint32s(std::move(shape)));
  return op;
}

TEST(ConstexprLut16, TakesTheLowNibbleFirst) {
  const Tensor lut = fp16({16}, ramp(16, 0.5));
  const OpTester op = packed_lut(packed(DataType::uint8, {2}, {0x21, 0x0f}), lut, {3, 1});
  const Tensor out = op.output();
  EXPECT_EQ(to_string(out.type()), "tensor<fp16, [3, 1]>");
  EXPECT_THAT(out.to_doubles(), ElementsAre(0.5, 1, 7.5));
}

TEST(ConstexprLut16, LetsSixBitIndicesStraddleBytes) {
  // uint6 1 2 3 63 5: the known answer of the weight-file format.
  const Tensor lut = tensor(DataType::fp32, {64}, ramp(64));
  const OpTester op = packed_lut(packed(DataType::uint8, {4}, {0x81, 0x30, 0xfc, 0x05}), lut, {5});
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(1, 2, 3, 63, 5));
}

TEST(ConstexprLut16, ReadsOneTwoAndEightBits) {
  EXPECT_THAT(packed_lut(packed(DataType::uint8, {2}, {0x8d, 0x01}),
                         tensor(DataType::int8, {2}, {-7, 7}), {9})
                  .output()
                  .to_doubles(),
              ElementsAre(7, -7, 7, 7, -7, -7, -7, 7, 7));
  EXPECT_THAT(packed_lut(packed(DataType::uint8, {2}, {0x93, 0x01}),
                         tensor(DataType::uint8, {4}, {10, 11, 12, 13}), {5})
                  .output()
                  .to_doubles(),
              ElementsAre(13, 10, 11, 12, 11));
  EXPECT_THAT(packed_lut(packed(DataType::uint8, {2}, {255, 3}),
                         tensor(DataType::fp32, {256}, ramp(256)), {2})
                  .output()
                  .to_doubles(),
              ElementsAre(255, 3));
}

TEST(ConstexprLut16, ChecksItsSizes) {
  const mil::Value indices = packed(DataType::uint8, {2}, {0, 0});
  EXPECT_THAT(inference_error(packed_lut(indices, fp16({8}, ramp(8)), {4})), HasSubstr("'lut'"));
  EXPECT_THAT(inference_error(packed_lut(indices, fp16({16}, ramp(16)), {5})),
              HasSubstr("'indices'"));
  EXPECT_THAT(inference_error(packed_lut(indices, fp16({4, 4}, ramp(16)), {4})),
              HasSubstr("'lut'"));
  EXPECT_THAT(inference_error(
                  packed_lut(indices, fp16({16}, ramp(16)), {0xffffffff, 0xffffffff, 0xffffffff})),
              HasSubstr("too large"));
}

TEST(ConstexprLut16, ExecutesTheFormOfTheClassicProbe) {
  OpTester op("constexpr_lut_to_dense", Opset::ios18);
  op.literal("indices", packed(DataType::uint8, {2}, {0x21, 0x43}))
      .literal("lut", fp16({1, 1, 16}, ramp(16)))
      .literal("shape", int32s({2, 2}));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(1, 2, 3, 4));
}

// --- iOS 18 form ------------------------------------------------------------------------------

OpTester lut(const Tensor& indices, const Tensor& table) {
  OpTester op("constexpr_lut_to_dense", Opset::ios18);
  op.literal("indices", indices).literal("lut", table);
  return op;
}

TEST(ConstexprLut18, ReadsEveryIndexWidth) {
  for (const DataType type : {DataType::uint1, DataType::uint2, DataType::uint3, DataType::uint4,
                              DataType::uint6, DataType::uint8}) {
    const auto entries = std::size_t{1} << mil::bit_width(type);
    std::vector<double> indices(17);
    for (std::size_t i = 0; i < indices.size(); ++i) {
      indices[i] = static_cast<double>(i * 7 % entries);
    }
    const Tensor table =
        tensor(DataType::fp32, {1, static_cast<std::int64_t>(entries), 1}, ramp(entries, 0.25));
    const auto out = lut(tensor(type, {17}, indices), table).output().to_doubles();
    for (std::size_t i = 0; i < out.size(); ++i) EXPECT_EQ(out[i], 0.25 * indices[i]);
  }
}

TEST(ConstexprLut18, HasATableForEachGroup) {
  // 2 x 4 indices, tables for each row and each half of a row.
  const Tensor indices = tensor(DataType::uint1, {2, 4}, {0, 1, 0, 1, 1, 0, 1, 0});
  const Tensor table = fp16({2, 2, 2, 1}, {0, 1, 10, 11, 20, 21, 30, 31});
  EXPECT_THAT(lut(indices, table).output().to_doubles(), ElementsAre(0, 1, 10, 11, 21, 20, 31, 30));
}

TEST(ConstexprLut18, SpreadsVectorsAlongTheirAxis) {
  const Tensor indices = tensor(DataType::uint1, {2, 3}, {0, 1, 1, 1, 0, 0});
  const Tensor table = fp16({1, 1, 2, 2}, {1, 2, 3, 4});
  OpTester rows = lut(indices, table);
  rows.literal("vector_axis", int32(0));
  EXPECT_EQ(to_string(rows.output().type()), "tensor<fp16, [4, 3]>");
  EXPECT_THAT(rows.output().to_doubles(), ElementsAre(1, 3, 3, 2, 4, 4, 3, 1, 1, 4, 2, 2));
  OpTester columns = lut(indices, table);
  columns.literal("vector_axis", int32(-1));
  EXPECT_EQ(to_string(columns.output().type()), "tensor<fp16, [2, 6]>");
  EXPECT_THAT(columns.output().to_doubles(), ElementsAre(1, 2, 3, 4, 3, 4, 3, 4, 1, 2, 1, 2));
}

// The definition, written as it stands: out[.., a·V + v, ..] = lut[c][indices[.., a, ..]][v].
TEST(ConstexprLut18, AgreesWithTheDefinitionOnOddShapes) {
  const std::vector<std::int64_t> dims = {6, 5, 4};
  const std::vector<std::int64_t> grid = {3, 1, 2};
  const std::size_t length = 3;
  const std::size_t axis = 1;
  std::vector<double> indices(120);
  for (std::size_t i = 0; i < indices.size(); ++i) indices[i] = static_cast<double>(i * 5 % 8);
  const auto table = ramp(3 * 1 * 2 * 8 * length);
  OpTester op =
      lut(tensor(DataType::uint3, dims, indices), tensor(DataType::fp32, {3, 1, 2, 8, 3}, table));
  op.literal("vector_axis", int32(1));
  const auto out = op.output().to_doubles();
  ASSERT_EQ(out.size(), 360u);
  for (std::size_t i = 0; i < 6; ++i) {
    for (std::size_t j = 0; j < 5; ++j) {
      for (std::size_t k = 0; k < 4; ++k) {
        const std::size_t group = (i / 2) * 2 + k / 2;
        const auto index = static_cast<std::size_t>(indices[(i * 5 + j) * 4 + k]);
        for (std::size_t v = 0; v < length; ++v) {
          ASSERT_EQ(out[(i * 15 + j * 3 + v) * 4 + k], table[(group * 8 + index) * 3 + v]);
        }
      }
    }
  }
  EXPECT_EQ(axis, 1u);
  EXPECT_EQ(grid.size(), dims.size());
}

TEST(ConstexprLut18, ChecksItsTable) {
  const Tensor indices = tensor(DataType::uint1, {2, 4}, {0, 1, 0, 1, 1, 0, 1, 0});
  EXPECT_THAT(inference_error(lut(indices, fp16({1, 2, 1}, {0, 1}))), HasSubstr("rank"));
  EXPECT_THAT(inference_error(lut(indices, fp16({1, 3, 2, 1}, ramp(6)))), HasSubstr("'lut'"));
  EXPECT_THAT(inference_error(lut(indices, fp16({1, 1, 4, 1}, ramp(4)))), HasSubstr("entries"));
  EXPECT_THAT(inference_error(lut(indices, fp16({1, 1, 2, 2}, ramp(4)))),
              HasSubstr("'vector_axis'"));
  OpTester outside = lut(indices, fp16({1, 1, 2, 2}, ramp(4)));
  outside.literal("vector_axis", int32(2));
  EXPECT_THAT(inference_error(outside), HasSubstr("'vector_axis'"));
}

TEST(ConstexprLut18, RefusesAbsurdVectors) {
  OpTester op("constexpr_lut_to_dense", Opset::ios18);
  op.declare("indices", mil::Type::tensor(DataType::uint1, {std::int64_t{1} << 40}));
  op.declare("lut", mil::Type::tensor(DataType::fp16, {1, 2, std::int64_t{1} << 40}));
  op.literal("vector_axis", int32(0));
  EXPECT_THAT(inference_error(op), HasSubstr("too large"));
}

// --- Sparse -----------------------------------------------------------------------------------

TEST(ConstexprLutToSparse, GivesTheMaskAndTheValues) {
  OpTester op("constexpr_lut_to_sparse", Opset::ios18, 2);
  op.literal("indices_mask", tensor(DataType::uint1, {2, 3}, {1, 0, 1, 0, 0, 1}))
      .literal("indices_nonzero_data", tensor(DataType::uint2, {3}, {3, 0, 1}))
      .literal("lut", fp16({1, 1, 4, 1}, {10, 11, 12, 13}));
  const auto outputs = op.evaluate();
  ASSERT_TRUE(outputs) << outputs.error().to_string();
  EXPECT_EQ((*outputs)[0].data_type(), DataType::uint1);
  EXPECT_THAT((*outputs)[0].to_doubles(), ElementsAre(1, 0, 1, 0, 0, 1));
  EXPECT_THAT((*outputs)[1].to_doubles(), ElementsAre(13, 10, 11));
}

TEST(ConstexprLutToSparse, RepeatsTheMaskForVectors) {
  OpTester op("constexpr_lut_to_sparse", Opset::ios18, 2);
  op.literal("indices_mask", tensor(DataType::uint1, {2, 2}, {1, 0, 0, 1}))
      .literal("indices_nonzero_data", tensor(DataType::uint1, {2}, {0, 1}))
      .literal("lut", fp16({1, 1, 2, 2}, {1, 2, 3, 4}))
      .literal("vector_axis", int32(0));
  const auto outputs = op.evaluate();
  ASSERT_TRUE(outputs) << outputs.error().to_string();
  EXPECT_EQ(to_string((*outputs)[0].type()), "tensor<uint1, [4, 2]>");
  EXPECT_THAT((*outputs)[0].to_doubles(), ElementsAre(1, 0, 1, 0, 0, 1, 0, 1));
  EXPECT_THAT((*outputs)[1].to_doubles(), ElementsAre(1, 2, 3, 4));
}

TEST(ConstexprLutToSparse, RefusesAMaskWithOtherCounts) {
  OpTester op("constexpr_lut_to_sparse", Opset::ios18, 2);
  op.literal("indices_mask", tensor(DataType::uint1, {3}, {1, 0, 1}))
      .literal("indices_nonzero_data", tensor(DataType::uint1, {1}, {0}))
      .literal("lut", fp16({1, 2, 1}, {1, 2}));
  EXPECT_THAT(op.evaluation_error(), HasSubstr("mask"));
}

}  // namespace
}  // namespace anebench::ops
