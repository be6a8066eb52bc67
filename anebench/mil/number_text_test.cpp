#include "anebench/mil/number_text.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>
#include <string_view>

#include "anebench/base/half.h"

namespace anebench::mil {
namespace {

// The number and how much of the text it took; length 0 where there is none.
struct Reading {
  double value = 0;
  std::size_t length = 0;
};

Reading read(std::string_view text, RealRounding rounding = RealRounding::nearest) {
  Reading reading;
  const char* end = read_real(text.data(), text.data() + text.size(), rounding, reading.value);
  if (end != nullptr) reading.length = static_cast<std::size_t>(end - text.data());
  return reading;
}

std::string write(double value) {
  std::array<char, kRealTextSize> text;
  return {text.data(), write_real(value, text.data())};
}

std::uint64_t bits_of(double value) { return std::bit_cast<std::uint64_t>(value); }

TEST(ReadReal, ReadsEverySpelling) {
  const std::pair<const char*, double> cases[] = {
      {"0", 0.0},
      {"-0", -0.0},
      {"1", 1.0},
      {"007", 7.0},
      {"0.5", 0.5},
      {".5", 0.5},
      {"5.", 5.0},
      {"1e-5", 1e-5},
      {"1E+3", 1000.0},
      {"-2.5e2", -250.0},
      {"0x1p-3", 0.125},
      {"-0x1.8p-1", -0.75},
      {"0x.8p1", 1.0},
      {"0X1P4", 16.0},
      {"0xffp0", 255.0},
      {"0x10", 16.0},
      {"inf", HUGE_VAL},
      {"-inf", -HUGE_VAL},
      {"0.000001", 1e-6},
      {"1e22", 1e22},
      {"1e23", 1e23},
      {"1e400", HUGE_VAL},
      {"-1e400", -HUGE_VAL},
      {"1e-400", 0.0},
      {"0e999999999999999999", 0.0},
      {"1e99999999999999999999", HUGE_VAL},
      {"1e-99999999999999999999", 0.0},
      {"0x1p9999999999999", HUGE_VAL},
      {"0x1p-9999999999999", 0.0},
      {"4.9e-324", 0x1p-1074},
      {"2.4703282292062327e-324", 0.0},
      {"2.4703282292062328e-324", 0x1p-1074},
      {"1.7976931348623157e308", std::numeric_limits<double>::max()},
      {"1.7976931348623159e308", HUGE_VAL},
  };
  for (const auto& [text, value] : cases) {
    const Reading reading = read(text);
    EXPECT_EQ(reading.length, std::string_view(text).size()) << text;
    EXPECT_EQ(bits_of(reading.value), bits_of(value)) << text;
  }
}

TEST(ReadReal, ReadsNanWithItsSign) {
  EXPECT_TRUE(std::isnan(read("nan").value));
  EXPECT_FALSE(std::signbit(read("nan").value));
  EXPECT_TRUE(std::isnan(read("-nan").value));
  EXPECT_TRUE(std::signbit(read("-nan").value));
}

TEST(ReadReal, RefusesWhatIsNoNumber) {
  for (const char* text : {"", "-", ".", "-.", "x", "e5", "1e", "1e+", "0x.", "0xp3", "0x1p",
                           "0x1p-", "+1", "in", "na", "--1", "true"}) {
    EXPECT_EQ(read(text).length, 0u) << text;
  }
}

TEST(ReadReal, StopsAfterTheNumber) {
  EXPECT_EQ(read("1.2.3").length, 3u);
  EXPECT_EQ(read("12, 3").length, 2u);
  EXPECT_EQ(read("0x").length, 1u);
  EXPECT_EQ(read("0x1.8p1]").length, 7u);
}

// The C library's conversion is exact on the platforms of the tests.
TEST(ReadReal, AgreesWithTheCLibraryOnRandomDoubles) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20000; ++i) {
    const double value = std::bit_cast<double>(random());
    if (!std::isfinite(value)) continue;
    for (const std::string& text : {fmt::format("{:.17g}", value), fmt::format("{:.6g}", value),
                                    fmt::format("{:.25g}", value), fmt::format("{:a}", value)}) {
      ASSERT_EQ(bits_of(read(text).value), bits_of(std::strtod(text.c_str(), nullptr))) << text;
    }
  }
}

TEST(ReadReal, AgreesWithTheCLibraryOnExactTiesOfAnyLength) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 300; ++i) {
    // Halfway between two neighbours, in full: up to 770 digits.
    const double low = std::fabs(std::bit_cast<double>(random() >> 2));
    const double high = std::nextafter(low, HUGE_VAL);
    const long double tie = (static_cast<long double>(low) + static_cast<long double>(high)) / 2;
    const std::string text = fmt::format("{:.800e}", tie);
    const std::size_t exponent = text.find('e');
    const std::string above = text.substr(0, exponent) + "1" + text.substr(exponent);
    for (const std::string& spelling : {text, above}) {
      ASSERT_EQ(bits_of(read(spelling).value), bits_of(std::strtod(spelling.c_str(), nullptr)))
          << spelling;
    }
  }
}

TEST(ReadReal, RoundsToOddWhereADoubleIsNotEnough) {
  // 2049 + a little: rounded to nearest it is the fp16 tie 2049, which would go to even, 2048.
  const std::string above = fmt::format("2049.{}1", std::string(40, '0'));
  EXPECT_EQ(read(above).value, 2049.0);
  EXPECT_EQ(half_from_double(read(above).value), half_from_double(2048));
  EXPECT_GT(read(above, RealRounding::odd).value, 2049.0);
  EXPECT_EQ(half_from_double(read(above, RealRounding::odd).value), half_from_double(2050));
  const std::string below = fmt::format("2048.{}", std::string(40, '9'));
  EXPECT_LT(read(below, RealRounding::odd).value, 2049.0);
  // In hex the same.
  EXPECT_GT(read("0x801.00000000000000000000001p0", RealRounding::odd).value, 2049.0);
  EXPECT_EQ(read("0x801.00000000000000000000001p0").value, 2049.0);
}

TEST(ReadReal, RoundingToOddKeepsWhatIsExact) {
  for (const char* text : {"0.5", "1.5", "0.125", "3", "1e22", "0x1.fffffffffffffp-3", "65504"}) {
    EXPECT_EQ(read(text, RealRounding::odd).value, read(text).value) << text;
  }
}

// Decimals near every tie between neighbouring fp16 numbers must go to the right side.
TEST(ReadReal, RoundsDecimalsOnceToHalf) {
  for (unsigned bits = 0; bits < 0x7bff; bits += 7) {
    const double low = half_to_double(static_cast<std::uint16_t>(bits));
    const double tie = (low + half_to_double(static_cast<std::uint16_t>(bits + 1))) / 2;
    const std::string text = fmt::format("{:.60f}", tie);
    const auto half = [](const std::string& spelling) {
      return half_from_double(read(spelling, RealRounding::odd).value);
    };
    ASSERT_EQ(half(text), bits + (bits & 1)) << text;
    ASSERT_EQ(half(text + "1"), bits + 1) << text;
  }
}

TEST(WriteReal, ReadsBackAndIsShortest) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 20000; ++i) {
    const double value = std::bit_cast<double>(random());
    if (std::isnan(value)) continue;
    const std::string text = write(value);
    ASSERT_LE(text.size(), kRealTextSize);
    ASSERT_EQ(bits_of(read(text).value), bits_of(value)) << text;
    const std::size_t point = text.find('.');
    if (point != std::string::npos) {
      ASSERT_NE(text[text.find('p') - 1], '0') << text;
    }
  }
  EXPECT_EQ(write(-0x1.23456789abcdep-1000), "-0x1.23456789abcdep-1000");
  EXPECT_EQ(write(0x0.0000000000003p-1022), "0x1.8p-1073");
}

}  // namespace
}  // namespace anebench::mil
