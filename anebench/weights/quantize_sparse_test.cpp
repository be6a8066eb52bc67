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

std::vector<float> expand(const SparseTensor& tensor) {
  const auto mask = *tensor.mask.as_ints();
  std::vector<float> values(mask.size(), 0.0F);
  std::size_t next = 0;
  for (std::size_t i = 0; i < mask.size(); ++i) {
    if (mask[i] != 0) values[i] = static_cast<float>(element(tensor.nonzero_data, next++));
  }
  EXPECT_EQ(tensor.nonzero_data.type().element_count(), static_cast<std::int64_t>(next));
  return values;
}

TEST(QuantizeSparse, KeepsTheLargestMagnitudes) {
  const std::vector<float> values = {0.5F, -4.0F, 1.0F, 3.0F, -0.25F, 2.0F, -8.0F};
  const auto tensor = quantize_sparse(values, {7}, {.sparsity = 0.5});
  ASSERT_TRUE(tensor);
  // floor(3.5) = 3 go.
  EXPECT_EQ(expand(*tensor), (std::vector<float>{0, -4, 0, 3, 0, 2, -8}));
  EXPECT_EQ(tensor->mask.type(), Type::tensor(DataType::uint1, {7}));
  ASSERT_EQ(tensor->mask.bytes().size(), 1u);
  EXPECT_EQ(tensor->mask.bytes()[0], std::byte{0b1101010});
  EXPECT_EQ(tensor->error.max_abs, 1.0);
}

TEST(QuantizeSparse, LeavesOutExactlyTheShareAskedFor) {
  const auto values = normal_values(1000, 4);
  for (const double sparsity : {0.0, 0.001, 0.25, 0.5, 0.75, 0.9999, 1.0}) {
    const auto tensor = quantize_sparse(values, {10, 100}, {.sparsity = sparsity});
    ASSERT_TRUE(tensor);
    EXPECT_EQ(tensor->nonzero_data.type().element_count(),
              1000 - static_cast<std::int64_t>(std::floor(sparsity * 1000)));
    const auto restored = expand(*tensor);
    float smallest_kept = std::numeric_limits<float>::infinity();
    float largest_left = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (restored[i] != 0) {
        smallest_kept = std::min(smallest_kept, std::abs(values[i]));
        EXPECT_EQ(restored[i], half_to_float(half_from_float(values[i])));
      } else {
        largest_left = std::max(largest_left, std::abs(values[i]));
      }
    }
    EXPECT_LE(largest_left, smallest_kept);
  }
}

TEST(QuantizeSparse, OfEqualMagnitudesKeepsTheFirst) {
  const std::vector<float> values = {1.0F, -1.0F, 1.0F, -1.0F};
  const auto tensor = quantize_sparse(values, {4}, {.sparsity = 0.5});
  EXPECT_EQ(expand(*tensor), (std::vector<float>{1, -1, 0, 0}));
}

TEST(QuantizeSparse, NeverKeepsZeros) {
  const std::vector<float> values = {0.0F, -0.0F, 1e-9F, 1.0F};
  const auto half = quantize_sparse(values, {4}, {.sparsity = 0});
  EXPECT_EQ(half->mask.as_ints(), (std::vector<std::int64_t>{0, 0, 0, 1}));
  const auto single = quantize_sparse(values, {4}, {.sparsity = 0, .value_type = DataType::fp32});
  EXPECT_EQ(single->mask.as_ints(), (std::vector<std::int64_t>{0, 0, 1, 1}));
  const auto nothing = quantize_sparse(std::vector<float>(3, 0.0F), {3}, {});
  ASSERT_TRUE(nothing);
  EXPECT_EQ(nothing->nonzero_data.type(), Type::tensor(DataType::fp16, {0}));
}

TEST(QuantizeSparse, RefusesWhatItCannotExpress) {
  const std::vector<float> values = {1, 2};
  for (const double sparsity : {-0.1, 1.1, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_FALSE(quantize_sparse(values, {2}, {.sparsity = sparsity}));
  }
  EXPECT_FALSE(quantize_sparse(values, {3}, {}));
  EXPECT_FALSE(quantize_sparse(values, {2}, {.value_type = DataType::int8}));
  const std::vector<float> large = {1e30F, 1};
  EXPECT_THAT(quantize_sparse(large, {2}, {}).error().to_string(), HasSubstr("too large"));
}

TEST(QuantizeSparse, ConvertsToTheFormOfIos16) {
  const auto values = normal_values(21, 3);
  const auto tensor = quantize_sparse(values, {3, 7}, {});
  const auto old_form = to_ios16(*tensor);
  ASSERT_TRUE(old_form);
  EXPECT_EQ(old_form->mask.type(), Type::tensor(DataType::uint8, {3}));
  EXPECT_TRUE(std::ranges::equal(old_form->mask.bytes(), tensor->mask.bytes()));
  // As the operation demands: bits beyond the last element are 0.
  EXPECT_EQ(old_form->mask.bytes()[2] & std::byte{0xe0}, std::byte{0});
  EXPECT_EQ(old_form->nonzero_data, tensor->nonzero_data);
  EXPECT_EQ(old_form->shape.as_ints(), (std::vector<std::int64_t>{3, 7}));
}

TEST(ToFp16, RoundsEachValueOnceAndReportsTheError) {
  const auto values = normal_values(999, 6);
  const auto tensor = to_fp16(values, {27, 37});
  ASSERT_TRUE(tensor);
  EXPECT_EQ(tensor->data.type(), Type::tensor(DataType::fp16, {27, 37}));
  double largest = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double value = static_cast<double>(values[i]);
    EXPECT_EQ(element(tensor->data, i), round_to_half(value));
    largest = std::max(largest, std::abs(element(tensor->data, i) - value));
  }
  EXPECT_EQ(tensor->error.max_abs, largest);
  EXPECT_GT(tensor->error.snr_db, 66);  // 11 bits
}

TEST(ToFp16, TakesScalarsAndInfinitiesAndLeavesTheseOutOfTheError) {
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(to_fp16(std::vector<float>{infinity}, {})->error.max_abs, 0);
  EXPECT_EQ(element(to_fp16(std::vector<float>{-infinity}, {})->data, 0),
            -static_cast<double>(infinity));
  EXPECT_EQ(to_fp16(std::vector<float>{}, {0})->data.bytes().size(), 0u);
  EXPECT_FALSE(to_fp16(std::vector<float>{1, 2}, {3}));
}

}  // namespace
}  // namespace anebench::weights
