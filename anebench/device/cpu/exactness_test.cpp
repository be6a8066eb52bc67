#include "anebench/device/cpu/exactness.h"

#include <gtest/gtest.h>

#include "anebench/base/half.h"

namespace anebench::device::cpu {
namespace {

TEST(Exactness, PowersOfTwoAreExact) {
  for (int e = -24; e <= 8; ++e) {
    EXPECT_TRUE(is_dequantization_exact(std::ldexp(1.0, e), 0, -128, 127)) << e;
  }
}

TEST(Exactness, OverflowIsNotExact) {
  EXPECT_FALSE(is_dequantization_exact(512, 0, -128, 127));    // −65536
  EXPECT_TRUE(is_dequantization_exact(256, -128, -128, 127));  // 255 · 256 = 65280 fits
  EXPECT_FALSE(is_dequantization_exact(260, -128, -128, 127));
  EXPECT_TRUE(is_dequantization_exact(256, 0, -128, 127));
}

TEST(Exactness, AgreesWithRoundingForEveryFp16Scale) {
  for (std::uint32_t bits = 1; bits < kHalfInfinity; ++bits) {
    const double scale = half_to_double(static_cast<std::uint16_t>(bits));
    for (const std::int32_t zero_point : {0, -128, 5}) {
      bool expected = true;
      for (std::int32_t q = -128; q <= 127 && expected; ++q) {
        const double value = scale * (q - zero_point);
        expected = round_to_half(value) == value;
      }
      ASSERT_EQ(is_dequantization_exact(scale, zero_point, -128, 127), expected)
          << scale << " " << zero_point;
    }
  }
}

QuantizedWeights weights(std::vector<std::int8_t> values, std::vector<double> scales) {
  QuantizedWeights result;
  mil::Value value =
      mil::Value::tensor<std::int8_t>({static_cast<std::int64_t>(scales.size()),
                                       static_cast<std::int64_t>(values.size() / scales.size())},
                                      values);
  result.data = *ops::Tensor::from_value(value, mil::NoBlobs());
  result.scales = std::move(scales);
  result.zero_points = {0};
  return result;
}

TEST(Exactness, OnlyIntegersThatOccurCount) {
  const double scale = round_to_half(0.001);
  EXPECT_EQ(inexactness({}, weights({0, 1, -1, 2, -2, 4}, {scale})), "");
  EXPECT_NE(inexactness({}, weights({0, 1, -1, 3, -2, 4}, {scale})), "");
}

TEST(Exactness, EveryChannelCounts) {
  const double scale = round_to_half(0.001);
  EXPECT_EQ(inexactness({}, weights({100, 3, 1, 2}, {0.5, scale})), "");
  const std::string reason = inexactness({}, weights({100, 3, 1, 3}, {0.5, scale}));
  EXPECT_NE(reason.find("inexact_dequantize"), std::string::npos);
  EXPECT_NE(reason.find("channel 1"), std::string::npos);
}

TEST(Exactness, ActivationsCountWithTheirWholeRange) {
  EXPECT_EQ(inexactness({.scale = 0.125}, weights({1}, {1.0})), "");
  EXPECT_NE(inexactness({.scale = round_to_half(0.1)}, weights({1}, {1.0})), "");
}

}  // namespace
}  // namespace anebench::device::cpu
