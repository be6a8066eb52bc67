#include "anebench/base/half.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace anebench {
namespace {

TEST(Half, EveryPatternSurvivesARoundTrip) {
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const float value = half_to_float(half);
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(half_to_float(half_from_float(value))));
    } else {
      EXPECT_EQ(half_from_float(value), half) << bits;
    }
  }
}

TEST(Half, TiesBetweenAllNeighboursGoToEven) {
  for (std::uint32_t bits = 0; bits < 0x7bff; ++bits) {
    const double low = half_to_double(static_cast<std::uint16_t>(bits));
    const double high = half_to_double(static_cast<std::uint16_t>(bits + 1));
    const double middle = (low + high) / 2;
    const std::uint32_t even = (bits & 1) != 0 ? bits + 1 : bits;
    EXPECT_EQ(half_from_double(middle), even);
    EXPECT_EQ(half_from_double(std::nextafter(middle, low)), bits);
    EXPECT_EQ(half_from_double(std::nextafter(middle, high)), bits + 1);
  }
}

TEST(Half, MagnitudesFrom65520AreInfinite) {
  EXPECT_EQ(half_from_double(65519.999), 0x7bff);
  EXPECT_EQ(half_from_double(65520.0), kHalfInfinity);
  EXPECT_EQ(half_from_double(-1e300), 0x8000 | kHalfInfinity);
  EXPECT_EQ(half_from_double(std::numeric_limits<double>::denorm_min()), 0);
}

TEST(Half, RoundsOnceFromDouble) {
  // 1 + 2^-11 + 2^-40 is above the tie; through float it would become the tie and round down.
  EXPECT_EQ(half_from_double(1.0 + 0x1p-11 + 0x1p-40), 0x3c01);
  EXPECT_EQ(half_from_float(static_cast<float>(1.0 + 0x1p-11 + 0x1p-40)), 0x3c00);
}

TEST(Half, HardwareAndSoftwareAgreeOnAll65536Values) {
  std::vector<std::uint16_t> halves(65536);
  for (std::size_t i = 0; i < halves.size(); ++i) halves[i] = static_cast<std::uint16_t>(i);
  std::vector<float> floats(halves.size());
  floats_from_halves(halves, floats);
  std::vector<std::uint16_t> back(halves.size());
  halves_from_floats(floats, back);
  for (std::size_t i = 0; i < halves.size(); ++i) {
    EXPECT_EQ(std::bit_cast<std::uint32_t>(floats[i]),
              std::bit_cast<std::uint32_t>(half_to_float(halves[i])));
    EXPECT_EQ(back[i], half_from_float(floats[i]));
  }
}

TEST(Half, UlpIsTheSpacingOfTheBinade) {
  EXPECT_EQ(half_ulp(1.0), 0x1p-10);
  EXPECT_EQ(half_ulp(1.99), 0x1p-10);
  EXPECT_EQ(half_ulp(-2.0), 0x1p-9);
  EXPECT_EQ(half_ulp(0.0), 0x1p-24);
}

}  // namespace
}  // namespace anebench
