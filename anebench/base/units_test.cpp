#include "anebench/base/units.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace anebench {
namespace {

constexpr std::uint64_t kKi = 1024;

TEST(FormatSignificant, GivesPlainNumbers) {
  EXPECT_EQ(format_significant(0.012345), "0.0123");
  EXPECT_EQ(format_significant(1.2), "1.20");
  EXPECT_EQ(format_significant(12.34), "12.3");
  EXPECT_EQ(format_significant(1234.0), "1230");
  EXPECT_EQ(format_significant(-1.5, 2), "-1.5");
  EXPECT_EQ(format_significant(3.0, 1), "3");
  EXPECT_EQ(format_significant(0), "0");
}

TEST(FormatSignificant, RoundsIntoTheNextDigit) {
  EXPECT_EQ(format_significant(9.996), "10.0");
  EXPECT_EQ(format_significant(999.6), "1000");
  EXPECT_EQ(format_significant(0.09996), "0.100");
}

TEST(FormatSignificant, NamesWhatIsNotFinite) {
  EXPECT_EQ(format_significant(std::nan("")), "nan");
  EXPECT_EQ(format_significant(-INFINITY), "-inf");
}

TEST(FormatBytes, UsesPowersOf1024) {
  EXPECT_EQ(format_bytes(0), "0 B");
  EXPECT_EQ(format_bytes(1023), "1023 B");
  EXPECT_EQ(format_bytes(1536), "1.5 KiB");
  EXPECT_EQ(format_bytes(8 * kKi * kKi * kKi), "8 GiB");
  EXPECT_EQ(format_bytes(1000 * kKi), "1000 KiB");
  EXPECT_EQ(format_bytes(kKi * kKi - 1), "1 MiB");
  EXPECT_EQ(format_bytes(std::numeric_limits<std::uint64_t>::max()), "16 EiB");
}

TEST(ParseBytes, TakesUnitsOfBothKinds) {
  EXPECT_EQ(parse_bytes("4096").value(), 4096U);
  EXPECT_EQ(parse_bytes(" 8 GiB ").value(), 8 * kKi * kKi * kKi);
  EXPECT_EQ(parse_bytes("8g").value(), 8 * kKi * kKi * kKi);
  EXPECT_EQ(parse_bytes("8GB").value(), 8000000000U);
  EXPECT_EQ(parse_bytes("1.5 kib").value(), 1536U);
  EXPECT_EQ(parse_bytes("18446744073709551615 B").value(),
            std::numeric_limits<std::uint64_t>::max());
}

TEST(ParseBytes, RefusesWhatIsNoSize) {
  for (const std::string_view bad :
       {"", "GiB", "-1", "1 x", "1 KiBs", "1.2.3 K", "1e3", "18446744073709551616", "16 EiB",
        "16.0 EiB", "1 GiB 2", ".", "inf", "nan"}) {
    const auto bytes = parse_bytes(bad);
    ASSERT_FALSE(bytes) << bad;
    EXPECT_EQ(bytes.error().code(), ErrorCode::invalid_argument);
    EXPECT_THAT(bytes.error().message(), ::testing::HasSubstr(bad));
  }
}

TEST(ParseBytes, ReadsWhatFormatBytesWrites) {
  for (std::uint64_t bytes : {1 * kKi, 5 * kKi * kKi, 3 * kKi * kKi * kKi}) {
    EXPECT_EQ(parse_bytes(format_bytes(bytes)).value(), bytes);
  }
}

TEST(FormatDuration, ChoosesTheUnit) {
  EXPECT_EQ(format_duration_ns(0), "0 s");
  EXPECT_EQ(format_duration_ns(0.5), "0.500 ns");
  EXPECT_EQ(format_duration_ns(850), "850 ns");
  EXPECT_EQ(format_duration_ns(999.7), "1.00 µs");
  EXPECT_EQ(format_duration_ns(12.34e6), "12.3 ms");
  EXPECT_EQ(format_duration_ns(-1.5e9), "-1.50 s");
  EXPECT_EQ(format_duration_ns(59.94e9), "59.9 s");
  EXPECT_EQ(format_duration_ns(59.96e9), "1 min");
  EXPECT_EQ(format_duration_ns(125e9), "2 min 5 s");
  EXPECT_EQ(format_duration_ns(3599.9e9), "1 h");
  EXPECT_EQ(format_duration_ns(3780e9), "1 h 3 min");
  EXPECT_EQ(format_duration_ns(INFINITY), "inf");
}

TEST(ParseDuration, TakesAllUnits) {
  EXPECT_EQ(parse_duration_ns("10").value(), 10'000'000'000);
  EXPECT_EQ(parse_duration_ns("2.5s").value(), 2'500'000'000);
  EXPECT_EQ(parse_duration_ns("250 ms").value(), 250'000'000);
  EXPECT_EQ(parse_duration_ns("90us").value(), 90'000);
  EXPECT_EQ(parse_duration_ns("90 µs").value(), 90'000);
  EXPECT_EQ(parse_duration_ns("7 ns").value(), 7);
  EXPECT_EQ(parse_duration_ns("3 min").value(), 180'000'000'000);
  EXPECT_EQ(parse_duration_ns("1 h").value(), 3'600'000'000'000);
}

TEST(ParseDuration, RefusesWhatIsNoDuration) {
  for (const std::string_view bad :
       {"", "s", "-1 s", "1 day", "nan", "inf s", "10000000000 s", "1 s 5 ms", "1e3 s"}) {
    const auto duration = parse_duration_ns(bad);
    ASSERT_FALSE(duration) << bad;
    EXPECT_EQ(duration.error().code(), ErrorCode::invalid_argument);
  }
}

TEST(FormatSi, ChoosesThePrefixAfterRounding) {
  EXPECT_EQ(format_si(1.234e12, "OPS"), "1.23 TOPS");
  EXPECT_EQ(format_si(25.6e9, "B/s"), "25.6 GB/s");
  EXPECT_EQ(format_si(999.6, "B/s"), "1.00 kB/s");
  EXPECT_EQ(format_si(999.4, "B/s"), "999 B/s");
  EXPECT_EQ(format_si(0, "OPS"), "0 OPS");
  EXPECT_EQ(format_si(1e22, "OPS"), "10000 EOPS");
  EXPECT_EQ(format_si(1e-12, "s"), "0.00100 ns");
  EXPECT_EQ(format_si(std::nan(""), "OPS"), "nan OPS");
}

}  // namespace
}  // namespace anebench
