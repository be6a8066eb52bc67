#include "anebench/device/compare.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace anebench::device {
namespace {

Comparison compare_floats(const std::vector<float>& expected, const std::vector<float>& actual) {
  const auto type =
      mil::Type::tensor(mil::DataType::fp32, {static_cast<std::int64_t>(expected.size())});
  return compare(type, std::as_bytes(std::span(expected)), std::as_bytes(std::span(actual)));
}

TEST(Compare, EqualTensorsAreBitIdentical) {
  const auto c = compare_floats({1, 2, 2, 3}, {1, 2, 2, 3});
  EXPECT_TRUE(c.bit_identical);
  EXPECT_EQ(c.compared_values, 4);
  EXPECT_EQ(c.distinct_values, 3);
  EXPECT_TRUE(std::isinf(c.snr_db));
}

TEST(Compare, FindsTheFirstDifferenceAndTheLargestErrors) {
  const auto c = compare_floats({1, 2, 4}, {1, 2.5f, 5});
  EXPECT_FALSE(c.bit_identical);
  EXPECT_EQ(c.mismatches, 2);
  EXPECT_EQ(c.first_mismatch, 1);
  EXPECT_DOUBLE_EQ(c.max_absolute_error, 1);
  EXPECT_DOUBLE_EQ(c.max_relative_error, 0.25);
  EXPECT_NEAR(c.snr_db, 10 * std::log10(21 / 1.25), 1e-12);
}

TEST(Compare, ZerosOfOtherSignDifferAndNansAreAllEqual) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(compare_floats({0.0f}, {-0.0f}).bit_identical);
  EXPECT_TRUE(compare_floats({nan}, {-nan}).bit_identical);
}

TEST(Compare, CountsInfinitiesThatTheReferenceLacks) {
  const float inf = std::numeric_limits<float>::infinity();
  const auto c = compare_floats({1, inf, inf}, {inf, inf, -inf});
  EXPECT_EQ(c.special_mismatches, 2);
  EXPECT_EQ(c.max_absolute_error, 0);
}

TEST(Compare, TheCosineTellsDirectionFromSize) {
  EXPECT_NEAR(compare_floats({1, 2, 3}, {2, 4, 6}).cosine, 1, 1e-15);
  EXPECT_NEAR(compare_floats({1, 0}, {1, 1}).cosine, std::sqrt(0.5), 1e-15);
  EXPECT_NEAR(compare_floats({1, -2}, {-1, 2}).cosine, -1, 1e-15);
  EXPECT_EQ(compare_floats({0, 0}, {0, 0}).cosine, 1);
  EXPECT_EQ(compare_floats({0, 0}, {0, 1}).cosine, 0);
}

TEST(Compare, TensorsMayDifferInElementType) {
  const std::vector<float> expected = {1, 2.5f, -3};
  const std::vector<std::int8_t> actual = {1, 2, -3};
  const auto c =
      compare(mil::Type::tensor(mil::DataType::fp32, {3}), std::as_bytes(std::span(expected)),
              mil::DataType::int8, std::as_bytes(std::span(actual)));
  EXPECT_EQ(c.mismatches, 1);
  EXPECT_EQ(c.first_mismatch, 1);
  EXPECT_DOUBLE_EQ(c.max_absolute_error, 0.5);
}

TEST(Compare, AConstantOutputHasNoSignal) {
  const std::vector<float> zeros(5000, 0.0f);
  std::vector<float> expected(5000);
  for (std::size_t i = 0; i < expected.size(); ++i) expected[i] = static_cast<float>(i + 1);
  const auto c = compare_floats(expected, zeros);
  EXPECT_NEAR(c.snr_db, 0, 1e-9);
  EXPECT_EQ(c.distinct_values, 1);
}

}  // namespace
}  // namespace anebench::device
