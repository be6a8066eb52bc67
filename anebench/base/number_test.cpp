#include "anebench/base/number.h"

#include <gtest/gtest.h>

#include <clocale>
#include <cmath>
#include <limits>

namespace anebench {
namespace {

TEST(ParseDouble, RoundsToTheNearest) {
  EXPECT_EQ(parse_double("0.1"), 0.1);
  EXPECT_EQ(parse_double("-1.5e-3"), -1.5e-3);
  EXPECT_EQ(parse_double("9007199254740993"), 9007199254740992.0);  // a tie, to even
  EXPECT_EQ(parse_double("1.7976931348623157e308"), std::numeric_limits<double>::max());
  EXPECT_EQ(parse_double("5e-324"), std::numeric_limits<double>::denorm_min());
  EXPECT_EQ(parse_double("inf"), std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(parse_double("nan").value()));
  EXPECT_EQ(parse_double("0e999"), 0.0);
}

TEST(ParseDouble, RefusesWhatIsNotOneNumber) {
  for (const char* bad : {"", " 1", "1 ", "+1", "1,5", "0x10", "1e", "--1", "1.2.3", "one", "e5",
                          "1e999", "1e-999", "nan(1)"}) {
    EXPECT_EQ(parse_double(bad), std::nullopt) << bad;
  }
}

TEST(ParseDouble, IgnoresTheLocale) {
  if (std::setlocale(LC_NUMERIC, "de_DE.UTF-8") == nullptr) GTEST_SKIP() << "no German locale";
  EXPECT_EQ(parse_double("1.5"), 1.5);
  EXPECT_EQ(parse_double("1,5"), std::nullopt);
  std::setlocale(LC_NUMERIC, "C");
}

TEST(ParseInteger, TakesTheWholeRangeAndNoMore) {
  EXPECT_EQ(parse_int64("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(parse_int64("9223372036854775808"), std::nullopt);
  EXPECT_EQ(parse_uint64("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(parse_uint64("18446744073709551616"), std::nullopt);
  EXPECT_EQ(parse_uint64("-1"), std::nullopt);
  for (const char* bad : {"", " 1", "1 ", "+1", "1.0", "0x1"}) {
    EXPECT_EQ(parse_int64(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace anebench
