#include "anebench/record/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/record/example_record_for_tests.h"
#include "anebench/record/schema_validator_for_tests.h"

namespace anebench::record {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

SchemaValidator validator() {
  auto schema = parse_json(schema_text());
  EXPECT_TRUE(schema) << schema.error().to_string();
  return SchemaValidator(std::move(*schema));
}

TEST(Schema, AcceptsARecordWithEveryField) {
  EXPECT_THAT(validator().problems(to_json(example_record())), IsEmpty());
}

TEST(Schema, AcceptsARefusedCaseWithoutAnyFigure) {
  Record record = example_record();
  record.outcome = {State::unsupported, "compile", "no such op", {}};
  record.check.reset();
  record.pair.reset();
  record.samples.reset();
  record.verdict.reset();
  record.metrics.clear();
  record.host = {};
  EXPECT_THAT(validator().problems(to_json(record)), IsEmpty());
}

TEST(Schema, AcceptsUnknownFields) {
  Json json = to_json(example_record());
  json["new_field"] = 1;
  EXPECT_THAT(validator().problems(json), IsEmpty());
}

TEST(Schema, DescribesEveryFieldThatARecordHas) {
  const auto schema = parse_json(schema_text());
  ASSERT_TRUE(schema);
  const Json record = to_json(example_record());
  for (const auto& [key, value] : record.items()) {
    EXPECT_TRUE((*schema)["properties"].contains(key)) << key;
  }
}

TEST(Schema, NamesWhatIsWrong) {
  Json json = to_json(example_record());
  json["origin"] = "guessed";
  json["id"] = "xyz";
  json.erase("run");
  json["device"]["threads"] = 1.5;
  json["metrics"][0]["unit"] = "furlongs";
  json["outcome"]["validity"][0] = "bad_luck";
  EXPECT_THAT(validator().problems(json),
              testing::UnorderedElementsAre(
                  HasSubstr("record.origin"), HasSubstr("record.id"), HasSubstr("lacks \"run\""),
                  HasSubstr("record.device.threads"), HasSubstr("record.metrics[0].unit"),
                  HasSubstr("record.outcome.validity[0]")));
}

TEST(Schema, TheValidatorKnowsEveryKeywordThatItMeets) {
  SchemaValidator odd(Json{{"maxLength", 3}});
  EXPECT_THAT(odd.problems("x"), ElementsAre(HasSubstr("maxLength")));
}

TEST(Schema, ListsEveryValidityCode) {
  const std::string text(schema_text());
  for (int code = 0; code <= static_cast<int>(measure::Validity::system_changed); ++code) {
    const auto name = measure::to_string(static_cast<measure::Validity>(code));
    EXPECT_THAT(text, HasSubstr(std::string(name)));
  }
}

}  // namespace
}  // namespace anebench::record
