#include "anebench/base/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

namespace anebench {
namespace {

using ::testing::HasSubstr;

TEST(ParseJson, KeepsValuesAndTheOrderOfKeys) {
  const std::string text =
      R"({"z":1,"a":[-2,3.5,18446744073709551615,null,true],"s":"µ\n","o":{"y":{},"b":[]}})";
  const Json json = parse_json(text).value();
  EXPECT_EQ(dump_json(json), text);
  EXPECT_TRUE(json["z"].is_number_unsigned());
  EXPECT_EQ(json["a"][2].get<std::uint64_t>(), std::numeric_limits<std::uint64_t>::max());
}

TEST(ParseJson, AcceptsScalarsAndWhiteSpace) {
  EXPECT_EQ(parse_json(" 5 \n").value(), Json(5));
  EXPECT_EQ(parse_json("\"x\"").value(), Json("x"));
  EXPECT_EQ(parse_json("[]").value(), Json::array());
}

TEST(ParseJson, ErrorsNameLineAndColumn) {
  const auto json = parse_json("{\n  \"a\": 1,\n  \"b\": x\n}");
  ASSERT_FALSE(json);
  EXPECT_EQ(json.error().code(), ErrorCode::parse_error);
  EXPECT_THAT(json.error().message(), HasSubstr("line 3, column 8: "));
}

TEST(ParseJson, RefusesWhatIsNotJson) {
  for (const std::string_view bad :
       {"", " ", "{", "[1,]", "{\"a\"}", "1 2", "nan", "'x'", "\"\xff\"", "[1e999]", "// c\n1",
        "\"\\ud800\"", "{\"a\":1,}", "01", "\"a"}) {
    const auto json = parse_json(bad);
    ASSERT_FALSE(json) << bad;
    EXPECT_EQ(json.error().code(), ErrorCode::parse_error) << bad;
    EXPECT_FALSE(json.error().message().empty());
  }
}

TEST(ParseJson, RefusesAKeyGivenTwice) {
  const auto json = parse_json(R"({"a":{"b":1,"c":2,"b":3}})");
  ASSERT_FALSE(json);
  EXPECT_THAT(json.error().message(), HasSubstr("\"b\""));
  EXPECT_TRUE(parse_json(R"({"a":{"b":1},"b":3})"));
}

TEST(ParseJson, BoundsDepth) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(parse_json(nested(256)));
  EXPECT_EQ(parse_json(nested(257)).error().code(), ErrorCode::resource_exhausted);
  EXPECT_EQ(parse_json(std::string(1000000, '[')).error().code(), ErrorCode::resource_exhausted);
  EXPECT_FALSE(parse_json("[[1]]", {.max_depth = 1}));
  EXPECT_TRUE(parse_json("1", {.max_depth = 0}));
}

TEST(ParseJson, BoundsSizeAndKeys) {
  EXPECT_EQ(parse_json("[1,2]", {.max_bytes = 4}).error().code(), ErrorCode::resource_exhausted);
  EXPECT_TRUE(parse_json("[1,2]", {.max_bytes = 5}));
  const std::string_view two_keys = R"({"a":1,"b":2})";
  EXPECT_TRUE(parse_json(two_keys, {.max_keys_per_object = 2}));
  EXPECT_EQ(parse_json(two_keys, {.max_keys_per_object = 1}).error().code(),
            ErrorCode::resource_exhausted);
}

TEST(DumpJson, ReplacesWhatJsonCannotHold) {
  const Json json = {{"text", "a\xff"}, {"nan", std::nan("")}, {"inf", INFINITY}};
  EXPECT_EQ(dump_json(json), "{\"text\":\"a\xef\xbf\xbd\",\"nan\":null,\"inf\":null}");
  EXPECT_EQ(dump_json_canonical(json), "{\"inf\":null,\"nan\":null,\"text\":\"a\xef\xbf\xbd\"}");
}

TEST(DumpJson, NumbersSurviveARoundTrip) {
  for (const double value : {0.1, 1.0 / 3, 5e-324, 1.7976931348623157e308, -0.0, 1e15, 123456.7}) {
    const Json back = parse_json(dump_json(Json(value))).value();
    EXPECT_EQ(back.get<double>(), value);
    EXPECT_TRUE(back.is_number_float());
  }
}

TEST(DumpJson, CanonicalTextDependsOnContentOnly) {
  const Json a = parse_json(R"({"b":{"y":1,"x":[{"q":1,"p":2}]},"a":2})").value();
  const Json b = parse_json(R"({"a":2,"b":{"x":[{"p":2,"q":1}],"y":1}})").value();
  EXPECT_NE(dump_json(a), dump_json(b));
  EXPECT_EQ(dump_json_canonical(a), dump_json_canonical(b));
  EXPECT_EQ(dump_json_canonical(a), R"({"a":2,"b":{"x":[{"p":2,"q":1}],"y":1}})");
}

TEST(DumpJson, PrettyIsTheSameValue) {
  const Json json = parse_json(R"({"a":[1,{"b":2}]})").value();
  EXPECT_THAT(dump_json_pretty(json), HasSubstr("\n  \"a\": ["));
  EXPECT_EQ(parse_json(dump_json_pretty(json)).value(), json);
}

TEST(JsonMembers, AreTyped) {
  const Json json =
      parse_json(R"({"s":"x","i":-3,"d":1.5,"b":true,"big":9223372036854775808})").value();
  EXPECT_EQ(json_string(json, "s").value(), "x");
  EXPECT_EQ(json_integer(json, "i").value(), -3);
  EXPECT_EQ(json_number(json, "d").value(), 1.5);
  EXPECT_EQ(json_number(json, "i").value(), -3);
  EXPECT_TRUE(json_bool(json, "b").value());

  EXPECT_THAT(json_integer(json, "d").error().message(), HasSubstr("\"d\""));
  EXPECT_THAT(json_integer(json, "big").error().message(), HasSubstr("9223372036854775808"));
  EXPECT_FALSE(json_string(json, "i"));
  EXPECT_FALSE(json_number(json, "b"));
  EXPECT_FALSE(json_bool(json, "i"));
  EXPECT_THAT(json_string(json, "missing").error().message(), HasSubstr("\"missing\" is missing"));
  EXPECT_FALSE(json_string(Json::array(), "s"));
}

}  // namespace
}  // namespace anebench
