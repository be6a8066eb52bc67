#include "anebench/mil/float8.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace anebench::mil {
namespace {

struct Format {
  double (*decode)(std::uint8_t);
  std::uint8_t (*encode)(double);
  // The magnitudes 0 … last_finite are finite numbers in increasing order.
  int last_finite;
};

constexpr Format kFormats[] = {
    {float8_e4m3fn_to_double, float8_e4m3fn_from_double, 0x7e},
    {float8_e5m2_to_double, float8_e5m2_from_double, 0x7b},
};

TEST(Float8, KnownValuesOfE4M3Fn) {
  EXPECT_EQ(float8_e4m3fn_to_double(0x00), 0.0);
  EXPECT_EQ(float8_e4m3fn_to_double(0x01), 0x1p-9);
  EXPECT_EQ(float8_e4m3fn_to_double(0x07), 0.875 * 0x1p-6);
  EXPECT_EQ(float8_e4m3fn_to_double(0x08), 0x1p-6);
  EXPECT_EQ(float8_e4m3fn_to_double(0x38), 1.0);
  EXPECT_EQ(float8_e4m3fn_to_double(0x7e), 448.0);
  EXPECT_EQ(float8_e4m3fn_to_double(0xb8), -1.0);
  EXPECT_TRUE(std::isnan(float8_e4m3fn_to_double(0x7f)));
  EXPECT_TRUE(std::isnan(float8_e4m3fn_to_double(0xff)));
}

TEST(Float8, KnownValuesOfE5M2) {
  EXPECT_EQ(float8_e5m2_to_double(0x01), 0x1p-16);
  EXPECT_EQ(float8_e5m2_to_double(0x04), 0x1p-14);
  EXPECT_EQ(float8_e5m2_to_double(0x3c), 1.0);
  EXPECT_EQ(float8_e5m2_to_double(0x7b), 57344.0);
  EXPECT_EQ(float8_e5m2_to_double(0x7c), HUGE_VAL);
  EXPECT_EQ(float8_e5m2_to_double(0xfc), -HUGE_VAL);
  for (int bits : {0x7d, 0x7e, 0x7f, 0xff}) {
    EXPECT_TRUE(std::isnan(float8_e5m2_to_double(static_cast<std::uint8_t>(bits)))) << bits;
  }
}

TEST(Float8, EveryFinitePatternSurvivesARoundTrip) {
  for (const Format& format : kFormats) {
    for (int magnitude = 0; magnitude <= format.last_finite; ++magnitude) {
      for (const int sign : {0, 0x80}) {
        const auto bits = static_cast<std::uint8_t>(sign | magnitude);
        EXPECT_EQ(format.encode(format.decode(bits)), bits);
        EXPECT_EQ(std::signbit(format.decode(bits)), sign != 0);
      }
    }
  }
}

TEST(Float8, NanStaysNanWithItsSign) {
  for (const Format& format : kFormats) {
    for (const double sign : {1.0, -1.0}) {
      const double nan = std::copysign(std::nan(""), sign);
      const double back = format.decode(format.encode(nan));
      EXPECT_TRUE(std::isnan(back));
      EXPECT_EQ(std::signbit(back), std::signbit(nan));
    }
  }
}

TEST(Float8, TiesGoToTheEvenPatternAndTheirNeighboursToTheNearest) {
  for (const Format& format : kFormats) {
    for (int magnitude = 0; magnitude < format.last_finite; ++magnitude) {
      const auto low = static_cast<std::uint8_t>(magnitude);
      const auto high = static_cast<std::uint8_t>(magnitude + 1);
      ASSERT_LT(format.decode(low), format.decode(high));
      const double tie = (format.decode(low) + format.decode(high)) / 2;
      const std::uint8_t even = (magnitude & 1) == 0 ? low : high;
      EXPECT_EQ(format.encode(tie), even) << magnitude;
      EXPECT_EQ(format.encode(std::nextafter(tie, 0.0)), low) << magnitude;
      EXPECT_EQ(format.encode(std::nextafter(tie, 1e9)), high) << magnitude;
      EXPECT_EQ(format.encode(-tie), even | 0x80) << magnitude;
    }
  }
}

TEST(Float8, LargeNumbersSaturate) {
  for (const double number : {449.0, 464.0, 1e10, HUGE_VAL}) {
    EXPECT_EQ(float8_e4m3fn_from_double(number), 0x7e);
    EXPECT_EQ(float8_e4m3fn_from_double(-number), 0xfe);
  }
  for (const double number : {57345.0, 61440.0, 1e300, HUGE_VAL}) {
    EXPECT_EQ(float8_e5m2_from_double(number), 0x7b);
    EXPECT_EQ(float8_e5m2_from_double(-number), 0xfb);
  }
}

double decode_bfloat16(std::uint16_t bits) {
  return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16));
}

TEST(Bfloat16, EveryFinitePatternSurvivesAndEveryTieGoesToEven) {
  for (int magnitude = 0; magnitude < 0x7f80; ++magnitude) {
    const auto low = static_cast<std::uint16_t>(magnitude);
    ASSERT_EQ(bfloat16_from_double(decode_bfloat16(low)), low);
    ASSERT_EQ(bfloat16_from_double(-decode_bfloat16(low)), low | 0x8000);
    // The step after the largest finite number is as long as the one before.
    const double next =
        magnitude == 0x7f7f ? 0x1p128 : decode_bfloat16(static_cast<std::uint16_t>(magnitude + 1));
    const double tie = (decode_bfloat16(low) + next) / 2;
    ASSERT_EQ(bfloat16_from_double(tie), magnitude + (magnitude & 1));
    ASSERT_EQ(bfloat16_from_double(std::nextafter(tie, 0.0)), magnitude);
    ASSERT_EQ(bfloat16_from_double(std::nextafter(tie, HUGE_VAL)), magnitude + 1);
  }
}

TEST(Bfloat16, InfinityAndNanStay) {
  EXPECT_EQ(bfloat16_from_double(HUGE_VAL), 0x7f80);
  EXPECT_EQ(bfloat16_from_double(-HUGE_VAL), 0xff80);
  EXPECT_EQ(bfloat16_from_double(1e300), 0x7f80);
  EXPECT_EQ(bfloat16_from_double(1e-300), 0);
  EXPECT_TRUE(std::isnan(decode_bfloat16(bfloat16_from_double(std::nan("")))));
  EXPECT_TRUE(std::signbit(
      decode_bfloat16(bfloat16_from_double(-std::numeric_limits<double>::quiet_NaN()))));
}

}  // namespace
}  // namespace anebench::mil
