#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/ops/op_tester.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using mil::Opset;
using testing::ElementsAre;
using testing::HasSubstr;

// The parameters in attributes, as iOS 16 programs have them, or in inputs.
enum class Form { attributes, inputs };

OpTester affine_dequantize(Form form, Tensor data, Tensor zero_point, Tensor scale, int axis) {
  OpTester op("constexpr_affine_dequantize", Opset::ios16);
  const auto give = [&](const char* name, mil::Value value) {
    if (form == Form::attributes)
      op.attribute(name, std::move(value));
    else
      op.literal(name, std::move(value));
  };
  give("quantized_data", data.to_value());
  give("zero_point", zero_point.to_value());
  give("scale", scale.to_value());
  give("axis", int32(axis));
  return op;
}

TEST(ConstexprAffine, ReadsBothForms) {
  const Tensor data = tensor(DataType::int8, {2, 2}, {-128, 127, 0, 1});
  const Tensor zero = tensor(DataType::int8, {2}, {0, 1});
  const Tensor scale = fp16({2}, {0.5, 2});
  for (const Form form : {Form::attributes, Form::inputs}) {
    EXPECT_THAT(affine_dequantize(form, data, zero, scale, 0).output().to_doubles(),
                ElementsAre(-64, 63.5, -2, 0));
    EXPECT_THAT(affine_dequantize(form, data, zero, scale, -1).output().to_doubles(),
                ElementsAre(-64, 252, 0, 0));
  }
}

TEST(ConstexprAffine, MixesScalarAndVector) {
  const Tensor data = tensor(DataType::uint8, {2, 2}, {0, 1, 2, 255});
  EXPECT_THAT(affine_dequantize(Form::attributes, data, tensor(DataType::uint8, {}, {1}),
                                fp16({2}, {1, 10}), 1)
                  .output()
                  .to_doubles(),
              ElementsAre(-1, 0, 1, 2540));
  EXPECT_THAT(affine_dequantize(Form::attributes, data, tensor(DataType::uint8, {2}, {1, 2}),
                                fp16({}, {1}), 0)
                  .output()
                  .to_doubles(),
              ElementsAre(-1, 0, 0, 253));
}

TEST(ConstexprAffine, MatchesTheKnownAnswerOfDequantize) {
  EXPECT_THAT(affine_dequantize(Form::attributes, tensor(DataType::int8, {1}, {-128}),
                                tensor(DataType::int8, {}, {-3}), fp16({}, {0.1}), 0)
                  .output()
                  .to_doubles(),
              ElementsAre(-12.5));
}

TEST(ConstexprAffine, ComputesInFp32) {
  // 200 - 0.1f is rounded to fp32 before it is multiplied.
  const float expected = (200.0f - 0.1f) * 0.3f;
  EXPECT_THAT(
      affine_dequantize(Form::attributes, tensor(DataType::uint8, {1}, {200}),
                        tensor(DataType::fp32, {}, {0.1}), tensor(DataType::fp32, {}, {0.3}), 0)
          .output()
          .to_doubles(),
      ElementsAre(static_cast<double>(expected)));
}

TEST(ConstexprAffine, ExecutesUint4AsThePlainMeaning) {
  const Tensor data = tensor(DataType::uint4, {2, 3}, {0, 1, 15, 8, 7, 9});
  EXPECT_THAT(affine_dequantize(Form::attributes, data, tensor(DataType::uint4, {2}, {8, 7}),
                                fp16({2}, {1, 1}), 0)
                  .output()
                  .to_doubles(),
              ElementsAre(-8, -7, 7, 1, 0, 2));
}

TEST(ConstexprAffine, ChecksItsVectors) {
  const Tensor data = tensor(DataType::int8, {2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor zero = tensor(DataType::int8, {}, {0});
  EXPECT_THAT(
      inference_error(affine_dequantize(Form::attributes, data, zero, fp16({2}, {1, 1}), 1)),
      HasSubstr("'scale'"));
  EXPECT_THAT(inference_error(affine_dequantize(
                  Form::attributes, data, tensor(DataType::int8, {2}, {0, 0}), fp16({}, {1}), 1)),
              HasSubstr("'zero_point'"));
  EXPECT_THAT(
      inference_error(affine_dequantize(Form::attributes, data, zero, fp16({2, 1}, {1, 1}), 0)),
      HasSubstr("'scale'"));
  EXPECT_THAT(inference_error(affine_dequantize(Form::attributes, data, zero, fp16({}, {1}), 2)),
              HasSubstr("'axis'"));
  EXPECT_THAT(inference_error(affine_dequantize(Form::attributes, data, zero, fp16({}, {1}), -3)),
              HasSubstr("'axis'"));
  EXPECT_THAT(inference_error(affine_dequantize(Form::attributes, tensor(DataType::int8, {}, {1}),
                                                zero, fp16({}, {1}), 0)),
              HasSubstr("'quantized_data'"));
}

TEST(ConstexprCast, WidensFp16InBothForms) {
  for (const Opset opset : {Opset::ios16, Opset::ios18}) {
    OpTester op("constexpr_cast", opset);
    if (opset == Opset::ios16) {
      op.attribute("source_val", fp16({2}, {0.1, -2})).attribute("output_dtype", string("fp32"));
    } else {
      op.literal("source_val", fp16({2}, {0.1, -2})).literal("output_dtype", string("fp32"));
    }
    const Tensor out = op.output();
    EXPECT_EQ(out.data_type(), DataType::fp32);
    EXPECT_THAT(out.to_doubles(), ElementsAre(0.0999755859375, -2));
  }
}

TEST(ConstexprCast, HasNoOtherTarget) {
  OpTester op("constexpr_cast");
  op.literal("source_val", fp16({1}, {1})).literal("output_dtype", string("fp16"));
  EXPECT_THAT(op.evaluation_error(), HasSubstr("'output_dtype'"));
}

}  // namespace
}  // namespace anebench::ops
