// A sweep of a thousand programs on a host whose compiler fails, without a word, after 119 in a
// process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "anebench/record/journal.h"
#include "cli_process.h"

namespace anebench::tests {
namespace {

TEST(CliAneSweep, AThousandProgramsLoseNoCase) {
  const auto directory = TemporaryDirectory::create();
  const auto temporary = TemporaryDirectory::create();
  ASSERT_TRUE(directory && temporary);
  const std::string journal = (directory->path() / "a.jsonl").string();
  const auto outcome =
      run_cli({"reload", "--protocol", "classic", "--layers", "1:10:1", "--channels", "1:100:1",
               "--device", "ane", "--quiet", "--json", journal},
              {{"ANEBENCH_ANE_FRAMEWORK", standin_library()},
               {"ANEBENCH_ANE_STANDIN", "faithful"},
               {"TMPDIR", temporary->path().string()}});
  ASSERT_TRUE(outcome) << outcome.error().to_string();
  EXPECT_EQ(outcome->status, 0) << outcome->err;
  const auto records = record::read_records(journal);
  ASSERT_TRUE(records) << records.error().to_string();
  std::set<std::string> ids;
  for (const record::Record& record : *records) {
    EXPECT_EQ(record.outcome.state, record::State::ok) << record.outcome.message;
    ids.insert(record.id);
  }
  EXPECT_EQ(ids.size(), 1000u);
  EXPECT_TRUE(std::filesystem::is_empty(temporary->path()));
}

}  // namespace
}  // namespace anebench::tests
