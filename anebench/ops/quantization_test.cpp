#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "anebench/base/half.h"
#include "anebench/ops/op_tester.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using testing::ElementsAre;
using testing::HasSubstr;

OpTester quantize(Tensor input, Tensor scale, const std::string& dtype = "int8") {
  OpTester op("quantize");
  op.input("input", std::move(input))
      .literal("scale", scale)
      .literal("output_dtype", string(dtype));
  return op;
}

TEST(Quantize, RoundsTiesToEven) {
  const Tensor x = fp16({5}, {-0.5, 0.5, 1.5, 2.5, -1.5});
  EXPECT_THAT(quantize(x, fp16({}, {1})).output().to_doubles(), ElementsAre(0, 0, 2, 2, -2));
}

TEST(Quantize, RoundsBeforeTheZeroPointIsAdded) {
  OpTester op = quantize(fp16({2}, {0.5, 2.5}), fp16({}, {1}));
  op.literal("zero_point", tensor(DataType::int8, {}, {1}));
  // Adding first would give 1.5 -> 2 and 3.5 -> 4.
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(1, 3));
}

TEST(Quantize, SaturatesAfterTheZeroPoint) {
  OpTester op = quantize(fp16({4}, {130, -130, kInfinity, -kInfinity}), fp16({}, {1}));
  op.literal("zero_point", tensor(DataType::int8, {}, {-5}));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(125, -128, 127, -128));
  EXPECT_THAT(quantize(fp16({3}, {-1, 255, 300}), fp16({}, {1}), "uint8").output().to_doubles(),
              ElementsAre(0, 255, 255));
}

TEST(Quantize, MakesNanZeroWhateverTheZeroPoint) {
  OpTester op = quantize(fp16({1}, {std::nan("")}), fp16({}, {1}));
  op.literal("zero_point", tensor(DataType::int8, {}, {7}));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(0));
}

TEST(Quantize, RoundsTheQuotientToFp16First) {
  // 1539 / 439.75 = 3.49971… rounds to the fp16 3.5, which is a tie and goes to 4.
  const double x = 1539;
  const double s = 439.75;
  ASSERT_EQ(round_to_half(x), x);
  ASSERT_EQ(round_to_half(s), s);
  ASSERT_LT(x / s, 3.5);
  ASSERT_EQ(round_to_half(x / s), 3.5);
  EXPECT_THAT(quantize(fp16({1}, {x}), fp16({}, {s})).output().to_doubles(), ElementsAre(4));
  const Tensor wide = tensor(DataType::fp32, {1}, {x});
  EXPECT_THAT(quantize(wide, tensor(DataType::fp32, {}, {s})).output().to_doubles(),
              ElementsAre(3));
}

// The contract, step by step and in double, for every fp16 number.
TEST(Quantize, FollowsItsFormulaForEveryFp16) {
  mil::Value::Bytes bytes(65536 * 2);
  std::vector<double> x(65536);
  for (std::size_t i = 0; i < x.size(); ++i) {
    bytes[2 * i] = static_cast<std::byte>(i & 255);
    bytes[2 * i + 1] = static_cast<std::byte>(i >> 8);
    x[i] = half_to_double(static_cast<std::uint16_t>(i));
  }
  const mil::Value all =
      mil::Value::packed(mil::Type::tensor(DataType::fp16, {65536}), std::move(bytes));
  for (const double wanted : {1.0, 0.1, 0.001, 1.0 / 512, 600.0, 0x1p-24, -0.3}) {
    const double scale = round_to_half(wanted);
    OpTester op("quantize");
    op.literal("input", all)
        .literal("scale", fp16({}, {scale}))
        .literal("zero_point", tensor(DataType::int8, {}, {-7}))
        .literal("output_dtype", string("int8"));
    const auto q = op.output().to_doubles();
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double steps = std::nearbyint(round_to_half(x[i] / scale));
      const double expected = std::isnan(steps) ? 0 : std::min(127.0, std::max(-128.0, steps - 7));
      ASSERT_EQ(q[i], expected) << x[i] << " / " << scale;
    }
  }
}

TEST(Quantize, TakesAScaleForEachRowOfItsAxis) {
  OpTester op = quantize(fp16({1, 2, 2}, {1, 2, 3, 4}), fp16({2}, {1, 0.5}));
  op.literal("axis", int32(-2)).literal("zero_point", tensor(DataType::int8, {2}, {0, 1}));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(1, 2, 7, 9));
}

TEST(Quantize, DividesByAZeroScaleOfOneRow) {
  OpTester op = quantize(fp16({2, 2}, {1, 0, 1, 1}), fp16({2}, {0, 1}));
  op.literal("axis", int32(0));
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(127, 0, 1, 1));
}

TEST(Quantize, RefusesAScaleOfZero) {
  EXPECT_THAT(quantize(fp16({1}, {1}), fp16({}, {0})).evaluation_error(), HasSubstr("zero"));
}

TEST(Quantize, ChecksItsScaleAndZeroPoint) {
  const Tensor x = fp16({2, 3}, {1, 2, 3, 4, 5, 6});
  const auto error = [](OpTester op) {
    const auto types = op.infer();
    return types ? std::string() : types.error().to_string();
  };
  OpTester scalar_with_axis = quantize(x, fp16({}, {1}));
  scalar_with_axis.literal("axis", int32(0));
  EXPECT_THAT(error(scalar_with_axis), HasSubstr("'axis'"));

  EXPECT_THAT(error(quantize(x, fp16({2}, {1, 1}))), HasSubstr("'axis' is missing"));

  OpTester wrong_length = quantize(x, fp16({2}, {1, 1}));
  wrong_length.literal("axis", int32(1));
  EXPECT_THAT(error(wrong_length), HasSubstr("'scale'"));

  OpTester axis_outside = quantize(x, fp16({2}, {1, 1}));
  axis_outside.literal("axis", int32(2));
  EXPECT_THAT(error(axis_outside), HasSubstr("outside"));

  OpTester mixed_forms = quantize(x, fp16({2}, {1, 1}));
  mixed_forms.literal("axis", int32(0)).literal("zero_point", tensor(DataType::int8, {}, {0}));
  EXPECT_THAT(error(mixed_forms), HasSubstr("'zero_point'"));

  OpTester vector_zero = quantize(x, fp16({}, {1}));
  vector_zero.literal("zero_point", tensor(DataType::int8, {2}, {0, 0}));
  EXPECT_THAT(error(vector_zero), HasSubstr("'zero_point'"));

  OpTester other_type = quantize(x, fp16({}, {1}), "uint8");
  other_type.literal("zero_point", tensor(DataType::int8, {}, {0}));
  EXPECT_THAT(error(other_type), HasSubstr("'zero_point'"));

  EXPECT_THAT(error(quantize(x, fp16({}, {1}), "int4")), HasSubstr("'output_dtype'"));
}

TEST(Dequantize, MatchesTheKnownAnswer) {
  OpTester op("dequantize");
  op.input("input", tensor(DataType::int8, {1}, {-128}))
      .literal("zero_point", tensor(DataType::int8, {}, {-3}))
      .literal("scale", fp16({}, {0.1}));
  // fp16(0.1) · -125 = -12.4969…, which fp16 rounds to -12.5.
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(-12.5));
}

TEST(Dequantize, TakesScalesForEachRowOfItsAxis) {
  OpTester op("dequantize");
  op.input("input", tensor(DataType::uint8, {2, 2}, {0, 255, 0, 255}))
      .literal("zero_point", tensor(DataType::uint8, {2}, {0, 128}))
      .literal("scale", tensor(DataType::fp32, {2}, {1, 0.5}))
      .literal("axis", int32(1));
  const Tensor out = op.output();
  EXPECT_EQ(out.data_type(), DataType::fp32);
  EXPECT_THAT(out.to_doubles(), ElementsAre(0, 63.5, 0, 63.5));
}

TEST(Dequantize, RoundsTheProductOnceInFp32) {
  OpTester op("dequantize");
  op.input("input", tensor(DataType::int8, {1}, {3}))
      .literal("scale", tensor(DataType::fp32, {}, {0.1}));
  const double expected = static_cast<double>(3.0f * 0.1f);
  EXPECT_THAT(op.output().to_doubles(), ElementsAre(expected));
}

TEST(Dequantize, UndoesQuantizeForEveryInt8) {
  std::vector<double> values;
  for (int q = -128; q < 128; ++q) values.push_back(q * 0.25);
  OpTester down = quantize(fp16({256}, values), fp16({}, {0.25}));
  OpTester up("dequantize");
  up.input("input", down.output()).literal("scale", fp16({}, {0.25}));
  EXPECT_EQ(up.output().to_doubles(), values);
}

}  // namespace
}  // namespace anebench::ops
