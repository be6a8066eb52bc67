// Cases in processes of their own: whatever one of them does, it becomes a record, and all others
// complete. Faults are made by ANEBENCH_TEST_FAULT (runner/test_fault.h).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "anebench/record/journal.h"
#include "anebench/record/schema.h"
#include "anebench/record/schema_validator_for_tests.h"
#include "cli_folder.h"
#include "cli_process.h"

namespace anebench::tests {
namespace {

using record::State;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Three tiny chains: depth 256, 128 and 64.
std::vector<std::string> tiny_peak(std::vector<std::string> more) {
  std::vector<std::string> arguments = {
      "peak", "1",          "1",     "--precision", "w8a8",         "--device",
      "cpu",  "--threads",  "1",     "--samples",   "12",           "--warmup",
      "1",    "--max-time", "700ms", "--filter",    "channels=256", "--precision",
      "7%"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

class CliIsolation : public CliFolder {
 protected:
  Outcome run(const std::vector<std::string>& arguments, const std::string& fault = "") {
    auto outcome = run_cli(tiny_peak(arguments), {{"ANEBENCH_TEST_FAULT", fault}});
    EXPECT_TRUE(outcome) << outcome.error().to_string();
    return outcome.value_or(Outcome{});
  }
  // By depth.
  std::map<std::string, record::Record> records(const std::string& file) {
    auto all = record::read_records(file);
    EXPECT_TRUE(all) << all.error().to_string();
    std::map<std::string, record::Record> result;
    for (const record::Record& record : all.value_or(std::vector<record::Record>{})) {
      for (const auto& [key, value] : record.program.parameters) {
        if (key != "depth") continue;
        EXPECT_TRUE(result.emplace(value, record).second) << value;
      }
    }
    return result;
  }
  // The fault hits depth 128; the others complete. Gives the record of the fault.
  record::Record expect_only_one_fails(const std::string& fault, State state,
                                       std::vector<std::string> more = {}) {
    more.insert(more.end(), {"--isolate", "--json", path("a.jsonl")});
    const Outcome outcome = run(more, fault + ":depth 128");
    EXPECT_EQ(outcome.status, 1) << outcome.err;
    const auto all = records(path("a.jsonl"));
    EXPECT_EQ(all.size(), 3u);
    record::SchemaValidator validator(*parse_json(record::schema_text()));
    for (const auto& [depth, record] : all) {
      EXPECT_EQ(record.outcome.state, depth == "128" ? state : State::ok)
          << depth << ": " << record.outcome.message;
      EXPECT_THAT(validator.problems(record::to_json(record)), IsEmpty());
      EXPECT_EQ(record.run, all.begin()->second.run);
    }
    return all.contains("128") ? all.at("128") : record::Record{};
  }
};

TEST_F(CliIsolation, GivesTheSameCasesAsOneProcess) {
  const Outcome isolated = run({"--isolate", "--json", path("a.jsonl")});
  EXPECT_EQ(isolated.status, 0) << isolated.err;
  ASSERT_EQ(run({"--json", path("b.jsonl")}).status, 0);
  const auto a = records(path("a.jsonl"));
  const auto b = records(path("b.jsonl"));
  ASSERT_EQ(a.size(), 3u);
  for (const auto& [depth, record] : a) {
    EXPECT_EQ(record.outcome.state, State::ok) << record.outcome.message;
    ASSERT_TRUE(b.contains(depth));
    EXPECT_EQ(record.id, b.at(depth).id);
    EXPECT_EQ(record.repro, b.at(depth).repro);
    ASSERT_TRUE(record.samples);
    EXPECT_EQ(record.run, a.begin()->second.run);
  }
}

TEST_F(CliIsolation, ACrashIsARecordThatNamesTheSignal) {
  const auto record = expect_only_one_fails("crash", State::failed);
  EXPECT_EQ(record.outcome.stage, "process");
  EXPECT_THAT(record.outcome.message, HasSubstr("SIGSEGV"));
  // It counts as done.
  const std::string before = *read_text_file(path("a.jsonl"));
  EXPECT_EQ(run({"--isolate", "--resume", "--json", path("a.jsonl")}).status, 1);
  EXPECT_EQ(*read_text_file(path("a.jsonl")), before);
}

TEST_F(CliIsolation, ABadEndIsARecordWithTheLastWords) {
  const auto record = expect_only_one_fails("exit", State::failed);
  EXPECT_THAT(record.outcome.message, HasSubstr("exit status 3"));
  EXPECT_THAT(record.outcome.message, HasSubstr("the test wanted it so"));
}

TEST_F(CliIsolation, GarbageIsARecordThatShowsIt) {
  const auto record = expect_only_one_fails("garbage", State::failed);
  EXPECT_THAT(record.outcome.message, HasSubstr("this is no record"));
}

TEST_F(CliIsolation, AHangIsATimeout) {
  // Long, so that the others are within it on any machine.
  const auto record = expect_only_one_fails("hang", State::timeout, {"--timeout", "20s"});
  EXPECT_THAT(record.outcome.message, HasSubstr("--timeout 20.0 s"));
}

TEST_F(CliIsolation, TooMuchMemoryIsARecordThatSaysHowMuch) {
  const auto record = expect_only_one_fails("allocate", State::failed, {"--max-memory", "700MiB"});
  EXPECT_THAT(record.outcome.message, HasSubstr("--max-memory 700 MiB"));
}

TEST_F(CliIsolation, ShardsPartitionTheCases) {
  std::vector<std::string> all;
  for (const char* shard : {"1/2", "2/2"}) {
    const auto lines = lines_of(run({"--dry-run", "--shard", shard}).out);
    all.insert(all.end(), lines.begin(), lines.end());
  }
  EXPECT_THAT(all, testing::UnorderedElementsAreArray(lines_of(run({"--dry-run"}).out)));
}

}  // namespace
}  // namespace anebench::tests
