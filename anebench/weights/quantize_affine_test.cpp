#include <gmock/gmock.h>

#include <limits>

#include "anebench/weights/quantize.h"
#include "anebench/weights/quantize_test_util.h"

namespace anebench::weights {
namespace {

using mil::DataType;
using mil::Shape;
using mil::Type;
using testing::HasSubstr;

constexpr DataType kDataTypes[] = {DataType::int8, DataType::uint8, DataType::int4,
                                   DataType::uint4};

std::vector<float> expand(const AffineTensor& tensor, const Shape& shape) {
  std::vector<float> values(static_cast<std::size_t>(*mil::element_count(shape)));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t channel = tensor.scale.type().rank() == 0
                                    ? 0
                                    : static_cast<std::size_t>(coordinates(
                                          shape, i)[static_cast<std::size_t>(tensor.axis)]);
    values[i] = expanded(tensor.scale.type().data_type(), element(tensor.data, i),
                         element(tensor.zero_point, channel), element(tensor.scale, channel));
  }
  return values;
}

double scale_at(const AffineTensor& tensor, const Shape& shape, std::size_t index) {
  if (tensor.scale.type().rank() == 0) return element(tensor.scale, 0);
  return element(tensor.scale, static_cast<std::size_t>(coordinates(
                                   shape, index)[static_cast<std::size_t>(tensor.axis)]));
}

TEST(QuantizeAffine, RestoresEachValueToWithinHalfAStep) {
  const Shape shape = {6, 5, 2, 3};
  const auto values = normal_values(180, 7);
  for (const DataType type : kDataTypes) {
    for (const RangeMode range : {RangeMode::symmetric, RangeMode::asymmetric}) {
      for (const DataType scale_type : {DataType::fp16, DataType::fp32}) {
        for (const std::optional<int> axis : {std::optional<int>(), std::optional<int>(0),
                                              std::optional<int>(1), std::optional<int>(-1)}) {
          SCOPED_TRACE(fmt::format("{} {} {} axis {}", mil::to_string(type),
                                   static_cast<int>(range), mil::to_string(scale_type),
                                   axis.value_or(99)));
          const auto tensor = quantize_affine(
              values, shape,
              {.data_type = type, .range = range, .axis = axis, .scale_type = scale_type});
          ASSERT_TRUE(tensor) << tensor.error().to_string();
          EXPECT_EQ(tensor->data.type(), Type::tensor(type, shape));
          const auto restored = expand(*tensor, shape);
          for (std::size_t i = 0; i < values.size(); ++i) {
            const double value = static_cast<double>(values[i]);
            const double rounding =
                scale_type == DataType::fp16 ? half_ulp(value) : std::abs(value) * 0x1p-23;
            EXPECT_LE(std::abs(static_cast<double>(restored[i]) - value),
                      scale_at(*tensor, shape, i) / 2 + rounding)
                << i;
          }
          const auto error = quantization_error(values, restored);
          EXPECT_EQ(tensor->error.max_abs, error.max_abs);
          EXPECT_EQ(tensor->error.snr_db, error.snr_db);
        }
      }
    }
  }
}

TEST(QuantizeAffine, GivesParametersTheShapesThatTheOperationAsksFor) {
  const Shape shape = {4, 6};
  const auto values = normal_values(24, 1);
  const auto whole = quantize_affine(values, shape, {});
  EXPECT_EQ(whole->scale.type(), Type::scalar(DataType::fp16));
  EXPECT_EQ(whole->zero_point.type(), Type::scalar(DataType::int8));
  EXPECT_EQ(whole->axis, 0);
  const auto columns = quantize_affine(values, shape, {.data_type = DataType::uint4, .axis = -1});
  EXPECT_EQ(columns->scale.type(), Type::tensor(DataType::fp16, {6}));
  EXPECT_EQ(columns->zero_point.type(), Type::tensor(DataType::uint4, {6}));
  EXPECT_EQ(columns->zero_point.bytes().size(), 3u);  // packed nibbles
  EXPECT_EQ(columns->axis, 1);
}

TEST(QuantizeAffine, IsExactOnAGridOfIntegersTimesAPowerOfTwo) {
  std::vector<float> values;
  for (int q = -127; q <= 127; ++q) values.push_back(static_cast<float>(q) * 0x1p-5F);
  const auto tensor = quantize_affine(values, {255}, {});
  ASSERT_TRUE(tensor);
  EXPECT_EQ(element(tensor->scale, 0), 0x1p-5);
  EXPECT_EQ(tensor->error.max_abs, 0);
  EXPECT_EQ(tensor->error.snr_db, std::numeric_limits<double>::infinity());
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(element(tensor->data, i), static_cast<double>(i) - 127);
  }
}

TEST(QuantizeAffine, AsymmetricUsesEveryCodeAndRestoresZeroExactly) {
  std::vector<float> values;
  for (int i = 0; i < 256; ++i) values.push_back(static_cast<float>(i - 10) * 0.25F);
  for (const DataType type : {DataType::int8, DataType::uint8}) {
    const auto tensor =
        quantize_affine(values, {256}, {.data_type = type, .range = RangeMode::asymmetric});
    ASSERT_TRUE(tensor);
    EXPECT_EQ(tensor->error.max_abs, 0);
    EXPECT_EQ(element(tensor->data, 0), static_cast<double>(mil::integer_range(type).low));
    EXPECT_EQ(element(tensor->data, 255), static_cast<double>(mil::integer_range(type).high));
    EXPECT_EQ(element(tensor->data, 10), element(tensor->zero_point, 0));
  }
}

TEST(QuantizeAffine, AsymmetricRangesAlwaysHoldZero) {
  const std::vector<float> values = {10.0F, 10.5F, 11.0F};
  const auto tensor =
      quantize_affine(values, {3}, {.data_type = DataType::uint8, .range = RangeMode::asymmetric});
  ASSERT_TRUE(tensor);
  EXPECT_EQ(element(tensor->zero_point, 0), 0);
  EXPECT_EQ(element(tensor->data, 2), 255);
}

TEST(QuantizeAffine, SymmetricCodesOfUnsignedTypesLieAroundTheMiddle) {
  const std::vector<float> values = {-7.0F, 0.0F, 7.0F};
  const auto tensor = quantize_affine(values, {3}, {.data_type = DataType::uint4});
  ASSERT_TRUE(tensor);
  EXPECT_EQ(element(tensor->zero_point, 0), 8);
  EXPECT_EQ(element(tensor->data, 0), 1);
  EXPECT_EQ(element(tensor->data, 1), 8);
  EXPECT_EQ(element(tensor->data, 2), 15);
}

TEST(QuantizeAffine, OfZerosHasScaleOne) {
  const std::vector<float> values(8, 0.0F);
  for (const DataType type : kDataTypes) {
    for (const RangeMode range : {RangeMode::symmetric, RangeMode::asymmetric}) {
      const auto tensor =
          quantize_affine(values, {2, 4}, {.data_type = type, .range = range, .axis = 0});
      ASSERT_TRUE(tensor);
      EXPECT_EQ(element(tensor->scale, 1), 1);
      EXPECT_EQ(tensor->error.max_abs, 0);
    }
  }
}

TEST(QuantizeAffine, KeepsTinyValuesRepresentable) {
  // The scale is rounded up to the smallest fp16, never down to zero.
  const std::vector<float> values = {1e-7F, -1e-7F};
  const auto tensor = quantize_affine(values, {2}, {});
  ASSERT_TRUE(tensor);
  EXPECT_EQ(element(tensor->scale, 0), 0x1p-24);
}

TEST(QuantizeAffine, PerChannelIsNoWorseThanPerTensor) {
  auto values = normal_values(1024, 3);
  for (std::size_t i = 0; i < 256; ++i) values[i] *= 100;
  const auto whole = quantize_affine(values, {4, 256}, {.data_type = DataType::int4});
  const auto rows = quantize_affine(values, {4, 256}, {.data_type = DataType::int4, .axis = 0});
  EXPECT_GT(rows->error.snr_db, whole->error.snr_db);
}

TEST(QuantizeAffine, ReachesTheExpectedSignalToNoiseRatios) {
  // Uniform noise of scale²/12 under a normal signal cut at its largest of 65,536 values (about
  // 4.3 sigma): 20·log10(127/4.3·√12) = 40.2 dB for 8 bits, 15 dB for 4.
  const auto values = normal_values(65536, 11);
  EXPECT_NEAR(quantize_affine(values, {65536}, {})->error.snr_db, 40.2, 1.5);
  EXPECT_NEAR(quantize_affine(values, {65536}, {.data_type = DataType::int4})->error.snr_db, 15.0,
              1.5);
}

TEST(QuantizeAffine, RefusesWhatItCannotExpress) {
  const std::vector<float> values = {1, 2, 3, 4};
  const auto refused = [&](const Shape& shape, const AffineOptions& options) {
    const auto result = quantize_affine(values, shape, options);
    return !result && result.error().code() == ErrorCode::invalid_argument;
  };
  EXPECT_TRUE(refused({5}, {}));
  EXPECT_TRUE(refused({}, {}));
  EXPECT_TRUE(refused({mil::Dim::unknown()}, {}));
  EXPECT_TRUE(refused({0}, {}));
  EXPECT_TRUE(refused({std::int64_t{1} << 62, 4}, {}));
  EXPECT_TRUE(refused({4}, {.axis = 1}));
  EXPECT_TRUE(refused({4}, {.axis = -2}));
  EXPECT_TRUE(refused({4}, {.data_type = DataType::int16}));
  EXPECT_TRUE(refused({4}, {.data_type = DataType::uint2}));
  EXPECT_TRUE(refused({4}, {.scale_type = DataType::fp64}));
  EXPECT_FALSE(refused({4}, {}));
}

TEST(QuantizeAffine, RefusesInfinityAndNanAndNamesTheElement) {
  for (const float bad :
       {std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(),
        std::numeric_limits<float>::quiet_NaN()}) {
    const std::vector<float> values = {1, 2, bad};
    const auto result = quantize_affine(values, {3}, {});
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().to_string(), HasSubstr("element 2"));
  }
}

TEST(QuantizeAffine, RefusesValuesTooLargeForFp16ButNotForFp32) {
  const std::vector<float> values = {1e30F, std::numeric_limits<float>::max()};
  const auto half = quantize_affine(values, {2}, {});
  ASSERT_FALSE(half);
  EXPECT_THAT(half.error().to_string(), HasSubstr("too large"));
  EXPECT_FALSE(quantize_affine(values, {2}, {.range = RangeMode::asymmetric}));
  const std::vector<float> large = {1e30F, -3e38F};
  EXPECT_TRUE(quantize_affine(large, {2}, {.scale_type = DataType::fp32}));
}

TEST(QuantizeBlockwise, RestoresEachValueToWithinHalfAStepOfItsBlock) {
  const Shape shape = {4, 64, 2, 3};
  const auto values = normal_values(4 * 64 * 6, 9);
  const std::vector<std::vector<std::int64_t>> block_shapes = {
      {1, 32, 0, 0}, {0, 0, 0, 0}, {1, 1, 1, 1}, {2, 16, 1, 3}, {4, 64, 2, 1}, {1, 0, 2, 3}};
  for (const auto& block_shape : block_shapes) {
    for (const DataType type : kDataTypes) {
      for (const RangeMode range : {RangeMode::symmetric, RangeMode::asymmetric}) {
        const auto tensor = quantize_blockwise(
            values, shape, {.data_type = type, .range = range, .block_shape = block_shape});
        ASSERT_TRUE(tensor) << tensor.error().to_string();
        const Shape& counts = tensor->scale.type().shape();
        ASSERT_EQ(counts.size(), shape.size());
        std::vector<float> restored(values.size());
        for (std::size_t i = 0; i < values.size(); ++i) {
          const std::size_t block = group_of(shape, counts, coordinates(shape, i));
          const double scale = element(tensor->scale, block);
          const double offset = tensor->offset ? element(*tensor->offset, block) : 0;
          restored[i] = expanded(DataType::fp16, element(tensor->data, i), offset, scale);
          const double value = static_cast<double>(values[i]);
          ASSERT_LE(std::abs(static_cast<double>(restored[i]) - value), scale / 2 + half_ulp(value))
              << i;
        }
        EXPECT_EQ(tensor->error.snr_db, quantization_error(values, restored).snr_db);
      }
    }
  }
}

TEST(QuantizeBlockwise, HasNoOffsetWhereAllAreZero) {
  const auto values = normal_values(64, 2);
  const auto no_offset = quantize_blockwise(values, {2, 32}, {.block_shape = {1, 32}});
  ASSERT_TRUE(no_offset);
  EXPECT_EQ(no_offset->scale.type(), Type::tensor(DataType::fp16, {2, 1}));
  EXPECT_FALSE(no_offset->offset);
  const auto unsigned_codes =
      quantize_blockwise(values, {2, 32}, {.data_type = DataType::uint4, .block_shape = {1, 16}});
  ASSERT_TRUE(unsigned_codes->offset);
  EXPECT_EQ(unsigned_codes->offset->type(), Type::tensor(DataType::uint4, {2, 2}));
}

TEST(QuantizeBlockwise, RefusesBlocksThatDoNotFit) {
  const auto values = normal_values(64, 2);
  for (const std::vector<std::int64_t>& block_shape :
       {std::vector<std::int64_t>{1}, {1, 5}, {3, 0}, {1, -1}, {1, 64}, {1, 1, 1}, {}}) {
    const auto result = quantize_blockwise(values, {2, 32}, {.block_shape = block_shape});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code(), ErrorCode::invalid_argument);
  }
}

TEST(QuantizationError, IsInfiniteSignalToNoiseForEqualAndKnownForOthers) {
  const std::vector<float> original = {3, 4};
  EXPECT_EQ(quantization_error(original, original).snr_db, std::numeric_limits<double>::infinity());
  const auto error = quantization_error(original, std::vector<float>{3, 3.5F});
  EXPECT_EQ(error.max_abs, 0.5);
  EXPECT_DOUBLE_EQ(error.root_mean_square, std::sqrt(0.125));
  EXPECT_DOUBLE_EQ(error.snr_db, 20.0);
}

TEST(SymmetricScale, IsTheSmallestOfItsFormThatReaches) {
  Rng rng(3);
  for (int i = 0; i < 2000; ++i) {
    // Over most of fp16's range.
    const double largest =
        std::ldexp(1 + rng.uniform(), static_cast<int>(rng.uniform_int(-16, 14)));
    for (const ScaleForm form : {ScaleForm::any, ScaleForm::exact, ScaleForm::power_of_two}) {
      const double scale = symmetric_scale(largest, 127, form, DataType::fp16);
      EXPECT_GE(127 * scale, largest);
      EXPECT_EQ(round_to_half(scale), scale);
      const double most[] = {1 + 0x1p-10, 1.125, 2};
      // fp16's smallest numbers have fewer bits.
      if (largest < 0x1p-7) continue;
      EXPECT_LT(127 * scale, largest * most[static_cast<int>(form)]);
    }
  }
}

TEST(SymmetricScale, OfAnExactFormMakesEveryCodeAHalfPrecisionNumber) {
  Rng rng(4);
  for (int i = 0; i < 2000; ++i) {
    const double largest =
        std::ldexp(1 + rng.uniform(), static_cast<int>(rng.uniform_int(-20, 13)));
    for (const ScaleForm form : {ScaleForm::exact, ScaleForm::power_of_two}) {
      const double scale = symmetric_scale(largest, 127, form, DataType::fp16);
      for (int code = -128; code <= 127; ++code) {
        ASSERT_EQ(round_to_half(code * scale), code * scale) << code << " " << scale;
      }
    }
  }
}

TEST(SymmetricScale, OfPowersOfTwoKeepsThem) {
  EXPECT_EQ(symmetric_scale(127 * 0.25, 127, ScaleForm::power_of_two, DataType::fp16), 0.25);
  EXPECT_EQ(symmetric_scale(127 * 0.26, 127, ScaleForm::power_of_two, DataType::fp16), 0.5);
  EXPECT_EQ(symmetric_scale(0, 127, ScaleForm::power_of_two, DataType::fp16), 1);
}

TEST(QuantizeAffine, ExactScalesCostOneDecibelAtMost) {
  const Shape shape = {64, 512};
  const auto values = normal_values(64 * 512, 12);
  const auto any = quantize_affine(values, shape, {.axis = 0});
  const auto exact = quantize_affine(values, shape, {.axis = 0, .scale_form = ScaleForm::exact});
  ASSERT_TRUE(any && exact);
  EXPECT_GE(exact->error.snr_db, any->error.snr_db - 1.03);
  EXPECT_LE(exact->error.snr_db, any->error.snr_db);
}

}  // namespace
}  // namespace anebench::weights
