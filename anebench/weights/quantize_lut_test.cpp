#include <gmock/gmock.h>

#include <algorithm>
#include <limits>

#include "anebench/weights/quantize.h"
#include "anebench/weights/quantize_test_util.h"

namespace anebench::weights {
namespace {

using mil::DataType;
using mil::Shape;
using mil::Type;
using testing::HasSubstr;

std::vector<float> expand(const LutTensor& tensor, const Shape& shape) {
  const Shape& lut_shape = tensor.lut.type().shape();
  const auto size = static_cast<std::size_t>(lut_shape[shape.size()].size());
  std::vector<float> values(static_cast<std::size_t>(*mil::element_count(shape)));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t group = group_of(shape, lut_shape, coordinates(shape, i));
    values[i] = static_cast<float>(
        element(tensor.lut, group * size + static_cast<std::size_t>(element(tensor.indices, i))));
  }
  return values;
}

TEST(QuantizeLut, PicksTheNearestEntryForEveryBitWidthAndGrouping) {
  const Shape shape = {6, 35, 2};
  const auto values = normal_values(420, 21);
  for (const int bits : {1, 2, 3, 4, 6, 8}) {
    for (const auto method : {LutOptions::Method::k_means, LutOptions::Method::uniform}) {
      for (const auto& [axis, group_size] :
           std::vector<std::pair<int, std::optional<std::int64_t>>>{
               {0, std::nullopt}, {0, 1}, {0, 2}, {0, 6}, {1, 5}, {-1, 1}}) {
        const auto tensor =
            quantize_lut(values, shape,
                         {.bits = bits, .method = method, .group_size = group_size, .axis = axis});
        ASSERT_TRUE(tensor) << tensor.error().to_string();
        EXPECT_EQ(mil::bit_width(tensor->indices.type().data_type()), bits);
        EXPECT_EQ(tensor->indices.type().shape(), shape);
        const Shape& lut_shape = tensor->lut.type().shape();
        ASSERT_EQ(lut_shape.size(), 5u);
        EXPECT_EQ(lut_shape[3], mil::Dim(1 << bits));
        EXPECT_EQ(lut_shape[4], mil::Dim(1));

        const auto restored = expand(*tensor, shape);
        const std::size_t size = std::size_t{1} << bits;
        for (std::size_t i = 0; i < values.size(); ++i) {
          const std::size_t group = group_of(shape, lut_shape, coordinates(shape, i));
          double best = std::numeric_limits<double>::infinity();
          for (std::size_t j = 0; j < size; ++j) {
            const double entry = element(tensor->lut, group * size + j);
            best = std::min(best, std::abs(entry - static_cast<double>(values[i])));
            if (j > 0) {
              ASSERT_LE(element(tensor->lut, group * size + j - 1), entry);
            }
          }
          ASSERT_EQ(std::abs(static_cast<double>(restored[i]) - static_cast<double>(values[i])),
                    best);
        }
        EXPECT_EQ(tensor->error.max_abs, quantization_error(values, restored).max_abs);
      }
    }
  }
}

TEST(QuantizeLut, IsExactWhereTheTableHoldsEveryDistinctValue) {
  std::vector<float> values;
  for (int i = 0; i < 1000; ++i) values.push_back(static_cast<float>(i * 7 % 13) * 0.125F - 1.0F);
  const auto tensor = quantize_lut(values, {10, 100}, {.bits = 4});
  ASSERT_TRUE(tensor);
  EXPECT_EQ(tensor->error.max_abs, 0);
  EXPECT_EQ(expand(*tensor, {10, 100}), values);
}

TEST(QuantizeLut, OfOneRepeatedValueIsExact) {
  const std::vector<float> values(16, 0.375F);
  for (const auto method : {LutOptions::Method::k_means, LutOptions::Method::uniform}) {
    const auto tensor = quantize_lut(values, {16}, {.bits = 8, .method = method});
    ASSERT_TRUE(tensor);
    EXPECT_EQ(tensor->error.max_abs, 0);
  }
}

TEST(QuantizeLut, EquallySpacedTablesReachFromSmallestToLargest) {
  const std::vector<float> values = {-1.0F, 0.1F, 2.0F, 0.6F};
  const auto tensor = quantize_lut(values, {4}, {.bits = 2, .method = LutOptions::Method::uniform});
  ASSERT_TRUE(tensor);
  EXPECT_EQ(tensor->lut.as_doubles(), (std::vector<double>{-1, 0, 1, 2}));
  EXPECT_EQ(tensor->indices.as_ints(), (std::vector<std::int64_t>{0, 1, 3, 2}));
}

TEST(QuantizeLut, OfTwoEntriesEquallyNearTakesTheLower) {
  const std::vector<float> values = {0.0F, 1.0F, 3.0F, 2.0F, 0.5F, 2.5F};
  const auto tensor = quantize_lut(values, {6}, {.bits = 2, .method = LutOptions::Method::uniform});
  EXPECT_EQ(tensor->indices.as_ints(), (std::vector<std::int64_t>{0, 1, 3, 2, 0, 2}));
}

TEST(QuantizeLut, KMeansFindsSeparatedClusters) {
  std::vector<float> values;
  for (const float center : {-4.0F, -1.0F, 0.5F, 8.0F}) {
    for (int i = -2; i <= 2; ++i) values.push_back(center + static_cast<float>(i) * 0.03125F);
  }
  const auto tensor = quantize_lut(values, {20}, {.bits = 2});
  ASSERT_TRUE(tensor);
  EXPECT_EQ(tensor->lut.as_doubles(), (std::vector<double>{-4, -1, 0.5, 8}));
}

TEST(QuantizeLut, KMeansBeatsEqualSpacingOnNormalWeights) {
  const auto values = normal_values(16384, 5);
  for (const int bits : {2, 3, 4, 6}) {
    const auto k_means = quantize_lut(values, {128, 128}, {.bits = bits});
    const auto uniform =
        quantize_lut(values, {128, 128}, {.bits = bits, .method = LutOptions::Method::uniform});
    EXPECT_GT(k_means->error.snr_db, uniform->error.snr_db) << bits;
  }
}

TEST(QuantizeLut, KMeansComesNearTheLloydMaxOptimumOfANormalDistribution) {
  // J. Max, "Quantizing for Minimum Distortion", IRE Trans. IT-6 (1960): mean squared errors of
  // the optimal quantizers of a unit normal for 2, 4, 8 and 16 levels.
  const auto values = normal_values(65536, 17, 1.0);
  const std::pair<int, double> optima[] = {{1, 0.3634}, {2, 0.1175}, {3, 0.03454}, {4, 0.009497}};
  for (const auto& [bits, error] : optima) {
    const auto tensor = quantize_lut(values, {65536}, {.bits = bits, .lut_type = DataType::fp32});
    const double squared = tensor->error.root_mean_square * tensor->error.root_mean_square;
    EXPECT_NEAR(squared / error, 1.0, 0.03) << bits;
  }
}

TEST(QuantizeLut, GivesWhatTheNumberOfBitsAllowsOnManyNormalWeights) {
  // 6.02·b − 4.35 dB for large b (Panter and Dite 1951, for the normal distribution), a little more
  // for small b.
  const auto values = normal_values(300'000, 6);
  for (const int bits : {4, 6, 8}) {
    const auto tensor = quantize_lut(values, {300'000}, {.bits = bits, .lut_type = DataType::fp32});
    EXPECT_GE(tensor->error.snr_db, 6.02 * bits - 4.35 - 0.1) << bits;
    EXPECT_LE(tensor->error.snr_db, 6.02 * bits - 4.35 + 1.0) << bits;
  }
}

TEST(QuantizeLut, IsTheSameEveryTimeAndForAnyOrderOfTheValues) {
  auto values = normal_values(4096, 8);
  const auto first = quantize_lut(values, {4096}, {.bits = 6});
  const auto second = quantize_lut(values, {4096}, {.bits = 6});
  EXPECT_EQ(first->lut, second->lut);
  EXPECT_EQ(first->indices, second->indices);
  std::reverse(values.begin(), values.end());
  EXPECT_EQ(quantize_lut(values, {4096}, {.bits = 6})->lut, first->lut);
}

TEST(QuantizeLut, GivesKnownBytes) {
  // Worked by hand: the means of {1, 2} and {10, 11, 12}; indices 1 0 1 0 1, first in the low bit.
  const std::vector<float> values = {10, 1, 12, 2, 11};
  const auto tensor = quantize_lut(values, {5}, {.bits = 1});
  ASSERT_TRUE(tensor);
  EXPECT_EQ(tensor->lut.as_doubles(), (std::vector<double>{1.5, 11}));
  ASSERT_EQ(tensor->indices.bytes().size(), 1u);
  EXPECT_EQ(tensor->indices.bytes()[0], std::byte{0b10101});
}

TEST(QuantizeLut, RefusesWhatItCannotExpress) {
  const std::vector<float> values = {1, 2, 3, 4};
  for (const LutOptions& options :
       {LutOptions{.bits = 5}, LutOptions{.bits = 0}, LutOptions{.bits = 16},
        LutOptions{.group_size = 3}, LutOptions{.group_size = 0}, LutOptions{.group_size = -1},
        LutOptions{.axis = 1}, LutOptions{.lut_type = DataType::int8}}) {
    const auto result = quantize_lut(values, {4}, options);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code(), ErrorCode::invalid_argument);
  }
  const std::vector<float> large = {1e30F, 0};
  EXPECT_THAT(quantize_lut(large, {2}, {}).error().to_string(), HasSubstr("too large"));
  EXPECT_TRUE(quantize_lut(large, {2}, {.lut_type = DataType::fp32}));
}

TEST(QuantizeLut, ConvertsToTheFormOfIos16) {
  const auto values = normal_values(15, 3);
  const auto tensor = quantize_lut(values, {3, 5}, {.bits = 6});
  const auto old_form = to_ios16(*tensor);
  ASSERT_TRUE(old_form);
  EXPECT_EQ(old_form->indices.type(), Type::tensor(DataType::uint8, {12}));  // ceil(15·6/8)
  EXPECT_TRUE(std::ranges::equal(old_form->indices.bytes(), tensor->indices.bytes()));
  EXPECT_EQ(old_form->lut.type(), Type::tensor(DataType::fp16, {64}));
  EXPECT_EQ(old_form->lut.as_doubles(), tensor->lut.as_doubles());
  EXPECT_EQ(old_form->shape.type(), Type::tensor(DataType::uint32, {2}));
  EXPECT_EQ(old_form->shape.as_ints(), (std::vector<std::int64_t>{3, 5}));

  const auto three_bits = to_ios16(*quantize_lut(values, {3, 5}, {.bits = 3}));
  ASSERT_FALSE(three_bits);
  EXPECT_EQ(three_bits.error().code(), ErrorCode::unsupported);
  const auto grouped = to_ios16(*quantize_lut(values, {3, 5}, {.bits = 4, .group_size = 1}));
  ASSERT_FALSE(grouped);
  EXPECT_EQ(grouped.error().code(), ErrorCode::unsupported);
}

}  // namespace
}  // namespace anebench::weights
