#include "anebench/runner/messages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/base/rng.h"
#include "anebench/record/example_record_for_tests.h"
#include "anebench/record/journal.h"

namespace anebench::runner {
namespace {

using testing::HasSubstr;

TEST(Messages, SurviveTheRoundTrip) {
  const auto step = parse_message(to_line(StepMessage{"w8a8: \"compiling\""}));
  ASSERT_TRUE(step) << step.error().to_string();
  EXPECT_EQ(std::get<StepMessage>(*step).text, "w8a8: \"compiling\"");
  const auto note = parse_message(to_line(NoteMessage{"512×64"}));
  ASSERT_TRUE(note);
  EXPECT_EQ(std::get<NoteMessage>(*note).text, "512×64");
  const auto record = parse_message(record::to_line(record::example_record()));
  ASSERT_TRUE(record) << record.error().to_string();
  EXPECT_EQ(std::get<record::Record>(*record).id, record::example_record().id);
}

TEST(Messages, WhatIsNoneIsShown) {
  for (const char* line :
       {"", "hello", "[]", "3", "{}", "{\"step\":3}", "{\"schema\":\"anebench/9\"}"}) {
    const auto message = parse_message(line);
    ASSERT_FALSE(message) << line;
    EXPECT_THAT(message.error().message(), HasSubstr(line));
  }
}

TEST(Messages, ControlCharactersReachNoTerminal) {
  const auto message = parse_message("\x1b[2J");
  ASSERT_FALSE(message);
  EXPECT_THAT(message.error().message(), Not(HasSubstr("\x1b")));
  const auto note = parse_message("{\"note\":\"a\\u001b[2Jb\"}");
  ASSERT_TRUE(note);
  EXPECT_EQ(std::get<NoteMessage>(*note).text, "a?[2Jb");
}

// Whatever a process with a corrupt memory may write: no crash, and never a record with other
// types.
TEST(Messages, DamagedRecordsAreErrorsOrRecords) {
  const std::string whole = record::to_line(record::example_record());
  Rng rng(1);
  int refused = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string damaged = whole;
    for (std::int64_t hits = rng.uniform_int(1, 4); hits > 0; --hits) {
      const auto at = static_cast<std::size_t>(
          rng.uniform_int(0, static_cast<std::int64_t>(damaged.size()) - 1));
      switch (rng.uniform_int(0, 2)) {
        case 0: damaged[at] = static_cast<char>(rng.uniform_int(0, 255)); break;
        case 1: damaged.erase(at, static_cast<std::size_t>(rng.uniform_int(1, 50))); break;
        default: damaged.insert(at, damaged.substr(at / 2, 20)); break;
      }
      if (damaged.empty()) break;
    }
    const auto message = parse_message(damaged);
    if (message) {
      if (const auto* record = std::get_if<record::Record>(&*message)) {
        EXPECT_TRUE(record::from_json(record::to_json(*record)));
      }
    } else {
      ++refused;
      EXPECT_LT(message.error().to_string().size(), 2000u);
    }
  }
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace anebench::runner
