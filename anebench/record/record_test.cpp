#include "anebench/record/record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

#include "anebench/base/file.h"
#include "anebench/record/example_record_for_tests.h"
#include "test_data.h"

namespace anebench::record {
namespace {

using testing::HasSubstr;

TEST(RecordJson, IsTheGoldenText) {
  const auto golden = read_text_file(tests::testdata("record/record.json"));
  ASSERT_TRUE(golden) << golden.error().to_string();
  EXPECT_EQ(dump_json_pretty(to_json(example_record())) + "\n", *golden);
}

TEST(RecordJson, SurvivesTheRoundTrip) {
  const Json json = to_json(example_record());
  const auto back = from_json(json);
  ASSERT_TRUE(back) << back.error().to_string();
  EXPECT_EQ(dump_json(to_json(*back)), dump_json(json));
}

TEST(RecordJson, SurvivesTheRoundTripWithLittleInIt) {
  Record record;
  record.outcome = {State::unsupported, "compile", "no such op", {}};
  record.origin = Origin::stand_in;
  const auto back = from_json(to_json(record));
  ASSERT_TRUE(back) << back.error().to_string();
  EXPECT_EQ(back->outcome.state, State::unsupported);
  EXPECT_EQ(back->outcome.stage, "compile");
  EXPECT_EQ(back->origin, Origin::stand_in);
  EXPECT_FALSE(back->check || back->pair || back->samples || back->verdict);
}

TEST(RecordJson, NumbersThatAreNotFiniteAreNull) {
  Record record;
  record.metrics = {{"time.eval", std::nan(""), "ms", {}, {}, ""},
                    {"time.first", std::numeric_limits<double>::infinity(), "ms", {}, {}, ""}};
  const Json json = to_json(record);
  EXPECT_TRUE(json["metrics"][0]["value"].is_null());
  EXPECT_TRUE(json["metrics"][1]["value"].is_null());
  const auto back = from_json(json);
  ASSERT_TRUE(back);
  EXPECT_TRUE(std::isnan(back->metrics[0].value));
}

TEST(RecordJson, UnknownFieldsAreIgnored) {
  Json json = to_json(example_record());
  json["new_field"] = {1, 2};
  json["device"]["colour"] = "red";
  EXPECT_TRUE(from_json(json));
}

TEST(RecordJson, FieldsOfTheWrongTypeAreNamed) {
  Json json = to_json(example_record());
  json["device"]["threads"] = "two";
  const auto result = from_json(json);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message(), HasSubstr("device.threads"));
  json = to_json(example_record());
  json["outcome"]["state"] = "fine";
  EXPECT_THAT(from_json(json).error().message(), HasSubstr("outcome.state"));
  EXPECT_FALSE(from_json(Json::array()));
}

TEST(RecordJson, AnotherSchemaIsRefused) {
  Json json = to_json(example_record());
  json["schema"] = "anebench/2";
  EXPECT_THAT(from_json(json).error().message(), HasSubstr("anebench/2"));
  json.erase("schema");
  EXPECT_THAT(from_json(json).error().message(), HasSubstr("schema"));
}

TEST(RecordId, DoesNotDependOnTheOrderOfParameters) {
  EXPECT_EQ(make_id(Json{{"a", 1}, {"b", {{"c", 2}, {"d", 3}}}}),
            make_id(Json{{"b", {{"d", 3}, {"c", 2}}}, {"a", 1}}));
}

TEST(RecordId, IsStableBetweenVersions) {
  // A change here orphans every journal there is: only with a new schema.
  EXPECT_EQ(make_id(Json{{"experiment", "int8"}, {"seed", 1}}),
            "0f5208b888d4dbc88be9c78222af78eab869ebba8e1b4310d5a4b895b8ff26b6");
}

TEST(RecordId, DiffersWhereAnyParameterDiffers) {
  const Json base = example_record().parameters;
  std::set<std::string> ids = {make_id(base)};
  for (const auto& [key, value] : base.items()) {
    Json changed = base;
    changed[key] = "something else";
    EXPECT_TRUE(ids.insert(make_id(changed)).second) << key;
    changed.erase(key);
    EXPECT_TRUE(ids.insert(make_id(changed)).second) << key;
  }
}

TEST(RecordRun, EachRunHasAnIdOfItsOwn) { EXPECT_NE(make_run_id(), make_run_id()); }

}  // namespace
}  // namespace anebench::record
