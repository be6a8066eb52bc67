// Runs the program on the Neural Engine's device, with the stand-in (ane_standin/) in the place of
// the system's framework, and checks that nothing is left behind.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "anebench/record/journal.h"
#include "anebench/record/schema.h"
#include "anebench/record/schema_validator_for_tests.h"
#include "cli_process.h"

namespace anebench::tests {
using Words = std::vector<std::string>;

class CliAne : public testing::Test {
 protected:
  CliAne() : directory_(*TemporaryDirectory::create()), temporary_(*TemporaryDirectory::create()) {}
  ~CliAne() override {
    // Models' folders and their markers.
    EXPECT_THAT(names_in(temporary_.path()), testing::IsEmpty());
  }

  static Words names_in(const std::filesystem::path& folder) {
    Words names;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }
  std::string path(const std::string& name) const { return (directory_.path() / name).string(); }

  std::vector<std::pair<std::string, std::string>> environment(
      const std::string& personality) const {
    return {{"ANEBENCH_ANE_FRAMEWORK", standin_library()},
            {"ANEBENCH_ANE_STANDIN", personality},
            {"TMPDIR", temporary_.path().string()}};
  }
  Outcome run(const Words& arguments, const std::string& personality = "") {
    auto outcome = run_cli(arguments, environment(personality));
    EXPECT_TRUE(outcome) << outcome.error().to_string();
    return outcome.value_or(Outcome{});
  }
  // Of an experiment on `ane`, each valid and marked.
  std::vector<record::Record> records_of(Words arguments, const std::string& personality = "",
                                         int status = 0) {
    arguments.insert(arguments.end(),
                     {"--device", "ane", "--json", path("a.jsonl"), "--threads", "1"});
    const Outcome outcome = run(arguments, personality);
    EXPECT_EQ(outcome.status, status) << outcome.err << outcome.out;
    EXPECT_THAT(outcome.out, testing::HasSubstr("stand-in"));
    auto records = record::read_records(path("a.jsonl"));
    EXPECT_TRUE(records) << records.error().to_string();
    record::SchemaValidator validator(*parse_json(record::schema_text()));
    for (const record::Record& record : records.value_or(std::vector<record::Record>{})) {
      EXPECT_EQ(record.origin, Origin::stand_in);
      EXPECT_THAT(validator.problems(record::to_json(record)), testing::IsEmpty());
    }
    return records.value_or(std::vector<record::Record>{});
  }
  static void expect_all_checked(const std::vector<record::Record>& records) {
    for (const record::Record& record : records) {
      EXPECT_EQ(record.outcome.state, record::State::ok) << record.outcome.message;
      if (record.check) {
        EXPECT_EQ(record.check->result, "passed") << record.check->reason;
      }
    }
  }

  TemporaryDirectory directory_;
  TemporaryDirectory temporary_;
};

inline const Words kFewSamples = {"--samples",  "12",    "--warmup",    "1",
                                  "--max-time", "500ms", "--precision", "9%"};

inline Words with_few_samples(Words words) {
  words.insert(words.end(), kFewSamples.begin(), kFewSamples.end());
  return words;
}

}  // namespace anebench::tests
