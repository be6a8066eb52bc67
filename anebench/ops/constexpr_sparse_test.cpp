#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/ops/op_tester.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using mil::Opset;
using testing::ElementsAre;
using testing::HasSubstr;

OpTester sparse16(const Tensor& data, mil::Value mask, std::vector<std::uint32_t> shape) {
  OpTester op("constexpr_sparse_to_dense", Opset::ios16);
  op.attribute("nonzero_data", data).attribute("mask", std::move(mask));
  op.attribute("shape", uint32s(std::move(shape)));
  return op;
}

TEST(ConstexprSparse16, FillsTheSetBitsLowestFirst) {
  // Bits 0, 3, 8 of nine.
  const OpTester op =
      sparse16(fp16({3}, {1, 2, 3}), packed(DataType::uint8, {2}, {0x09, 0x01}), {3, 3});
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(1, 0, 0, 2, 0, 0, 0, 0, 3));
}

TEST(ConstexprSparse16, WantsAsManyBitsAsValues) {
  EXPECT_THAT(
      sparse16(fp16({2}, {1, 2}), packed(DataType::uint8, {1}, {0x01}), {8}).evaluation_error(),
      HasSubstr("1 bits set for 2 values"));
}

TEST(ConstexprSparse16, WantsClearPaddingBits) {
  EXPECT_THAT(
      sparse16(fp16({1}, {1}), packed(DataType::uint8, {1}, {0x81}), {7}).evaluation_error(),
      HasSubstr("padding"));
}

TEST(ConstexprSparse16, WantsAMaskOfTheShapesSize) {
  EXPECT_THAT(
      sparse16(fp16({1}, {1}), packed(DataType::uint8, {1}, {0x01}), {9}).evaluation_error(),
      HasSubstr("'mask' has 1 bytes"));
}

TEST(ConstexprSparse18, TakesItsShapeFromTheMask) {
  OpTester op("constexpr_sparse_to_dense", Opset::ios18);
  op.literal("nonzero_data", tensor(DataType::int4, {3}, {-8, 7, 3}))
      .literal("mask", tensor(DataType::uint1, {2, 3}, {0, 1, 1, 0, 0, 1}));
  const Tensor out = op.output();
  EXPECT_EQ(to_string(out.type()), "tensor<int4, [2, 3]>");
  EXPECT_THAT(out.to_doubles(), ElementsAre(0, -8, 7, 0, 0, 3));
}

TEST(ConstexprSparse18, KeepsEveryBitPattern) {
  OpTester op("constexpr_sparse_to_dense", Opset::ios18);
  // An fp16 NaN with a payload, and -0.
  op.literal("nonzero_data", packed(DataType::fp16, {2}, {0x23, 0x7e, 0x00, 0x80}))
      .literal("mask", tensor(DataType::uint1, {3}, {1, 0, 1}));
  const Tensor out = op.output();
  EXPECT_THAT(std::vector<std::byte>(out.bytes().begin(), out.bytes().end()),
              ElementsAre(std::byte{0x23}, std::byte{0x7e}, std::byte{0}, std::byte{0},
                          std::byte{0}, std::byte{0x80}));
}

}  // namespace
}  // namespace anebench::ops
