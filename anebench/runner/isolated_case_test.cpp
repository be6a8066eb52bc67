#include "anebench/runner/isolated_case.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/base/file.h"
#include "anebench/record/example_record_for_tests.h"
#include "anebench/record/journal.h"
#include "anebench/runner/messages.h"
#include "anebench/runner/run.h"

namespace anebench::runner {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class ChildReporter final : public Reporter {
 public:
  Result<void> record(const record::Record& record) override {
    if (refuses) return fail(ErrorCode::io_error, "disk full");
    reported.push_back(record);
    return {};
  }
  void step(std::string_view what) override { steps.emplace_back(what); }
  void note(std::string_view text) override { notes.emplace_back(text); }
  const std::atomic<bool>* cancelled() override { return &stopped; }

  bool refuses = false;
  std::atomic<bool> stopped = false;
  std::vector<record::Record> reported;
  std::vector<std::string> steps;
  std::vector<std::string> notes;
};

record::Record make_record(const std::string& variant, const std::string& run) {
  record::Record record = record::example_record();
  record.variant = variant;
  record.parameters["variant"] = variant;
  record.id = record::make_id(record.parameters);
  record.run = run;
  return record;
}

// A case with two records; its process prints the lines given and then does what `after` says.
class RunIsolated : public testing::Test {
 protected:
  RunIsolated() : directory_(*TemporaryDirectory::create()) {
    isolation_.program = ANEBENCH_CHILD_FOR_TESTS;
    isolation_.more_arguments = {};
    case_.name = "the case";
    case_.run = [](Reporter&) -> Result<void> {
      return fail(ErrorCode::internal, "it ran in this process");
    };
    for (const char* variant : {"fp16", "w8a8"}) {
      case_.planned.push_back(make_record(variant, "the run"));
      case_.planned.back().metrics.clear();
    }
  }

  std::string line(const std::string& variant) {
    return record::to_line(make_record(variant, "the process's own"));
  }
  Result<void> run(const std::string& lines, const std::vector<std::string>& after = {}) {
    const std::string file = (directory_.path() / "lines").string();
    EXPECT_TRUE(write_file_atomically(file, lines));
    case_.arguments = {"cat", file};
    case_.arguments.insert(case_.arguments.end(), after.begin(), after.end());
    return run_cases({&case_, 1}, {.isolation = isolation_}, reporter_);
  }
  void expect_both(record::State first, record::State second) {
    ASSERT_EQ(reporter_.reported.size(), 2u);
    EXPECT_EQ(reporter_.reported[0].outcome.state, first);
    EXPECT_EQ(reporter_.reported[1].outcome.state, second);
    for (const record::Record& record : reporter_.reported) EXPECT_EQ(record.run, "the run");
  }
  const record::Outcome& last_outcome() { return reporter_.reported.back().outcome; }

  TemporaryDirectory directory_;
  Isolation isolation_;
  Case case_;
  ChildReporter reporter_;
};

using record::State;

TEST_F(RunIsolated, PassesOnRecordsStepsAndNotesUnderTheRunsId) {
  ASSERT_TRUE(run(to_line(StepMessage{"compiling"}) + line("fp16") + to_line(NoteMessage{"odd"}) +
                  line("w8a8")));
  expect_both(State::ok, State::ok);
  EXPECT_THAT(reporter_.reported[0].metrics, Not(IsEmpty()));
  EXPECT_THAT(reporter_.steps, ElementsAre("compiling"));
  EXPECT_THAT(reporter_.notes, ElementsAre("odd"));
}

TEST_F(RunIsolated, ABadStatusBesidesAllRecordsIsTheRecordsAffair) {
  ASSERT_TRUE(run(line("fp16") + line("w8a8"), {"exit", "1", "a check failed"}));
  expect_both(State::ok, State::ok);
  EXPECT_THAT(reporter_.notes, IsEmpty());
}

TEST_F(RunIsolated, ACrashIsTheOutcomeOfWhatDidNotCome) {
  ASSERT_TRUE(run(line("fp16") + to_line(StepMessage{"w8a8: compiling"}), {"crash"}));
  expect_both(State::ok, State::failed);
  EXPECT_EQ(last_outcome().stage, "process");
  EXPECT_THAT(last_outcome().message, HasSubstr("SIGSEGV"));
  EXPECT_THAT(last_outcome().message, HasSubstr("w8a8: compiling"));
}

TEST_F(RunIsolated, ACrashAfterAllRecordsIsNoted) {
  ASSERT_TRUE(run(line("fp16") + line("w8a8"), {"crash"}));
  expect_both(State::ok, State::ok);
  EXPECT_THAT(reporter_.notes, ElementsAre(HasSubstr("SIGSEGV")));
}

TEST_F(RunIsolated, TheLastWordsAreInTheMessage) {
  ASSERT_TRUE(run("", {"exit", "3", "1\n2\n3\nno such op\nwhat now\n"}));
  expect_both(State::failed, State::failed);
  EXPECT_THAT(last_outcome().message, HasSubstr("exit status 3"));
  EXPECT_THAT(last_outcome().message, HasSubstr("its last words: 2|3|no such op|what now;"));
}

TEST_F(RunIsolated, AQuietEndWithoutRecordsIsAFailure) {
  ASSERT_TRUE(run(""));
  expect_both(State::failed, State::failed);
  EXPECT_THAT(last_outcome().message, HasSubstr("ended without this record"));
}

TEST_F(RunIsolated, AHangIsATimeout) {
  isolation_.limits.seconds = 0.2;
  ASSERT_TRUE(run(line("fp16"), {"hang"}));
  expect_both(State::ok, State::timeout);
  EXPECT_THAT(last_outcome().message, HasSubstr("--timeout 200 ms"));
}

TEST_F(RunIsolated, TooMuchMemoryIsAFailure) {
  isolation_.limits.memory_bytes = std::uint64_t{80} << 20;
  // The helper writes a line once it has the memory, which is no record: either ends it.
  ASSERT_TRUE(run("", {"allocate"}));
  expect_both(State::failed, State::failed);
}

TEST_F(RunIsolated, GarbageIsAFailureThatShowsIt) {
  ASSERT_TRUE(run(line("fp16") + "garbage\n" + line("w8a8")));
  expect_both(State::ok, State::failed);
  EXPECT_THAT(last_outcome().message, HasSubstr("\"garbage\""));
}

TEST_F(RunIsolated, AFloodOfGarbageEnds) {
  ASSERT_TRUE(run("", {"flood_output"}));
  expect_both(State::failed, State::failed);
}

TEST_F(RunIsolated, ARecordOfAnotherCaseOrComingTwiceIsRefused) {
  ASSERT_TRUE(run(line("fp16") + line("u4")));
  expect_both(State::ok, State::failed);
  EXPECT_THAT(last_outcome().message, HasSubstr("none of the case's"));
  reporter_.reported.clear();
  ASSERT_TRUE(run(line("fp16") + line("fp16")));
  expect_both(State::ok, State::failed);
}

TEST_F(RunIsolated, TheReportersErrorEndsTheRun) {
  reporter_.refuses = true;
  const auto result = run(line("fp16"), {"hang"});
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().to_string(), HasSubstr("disk full"));
}

TEST_F(RunIsolated, StoppedByTheUserLeavesTheCaseForLater) {
  reporter_.stopped = true;
  const auto result = run("", {"hang"});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::timeout);
  EXPECT_THAT(reporter_.reported, IsEmpty());
}

TEST_F(RunIsolated, SummariesRunInThisProcess) {
  case_.is_summary = true;
  const auto result = run("", {"hang"});
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().to_string(), HasSubstr("it ran in this process"));
}

TEST_F(RunIsolated, ACaseGetsAFreshProcessWhereThisOneHasUsedItsShareUp) {
  const std::string file = (directory_.path() / "lines").string();
  ASSERT_TRUE(write_file_atomically(file, line("fp16") + line("w8a8")));
  case_.arguments = {"cat", file};
  bool is_used_up = false;
  const RunOptions options = {.fresh_process =
                                  FreshProcess{[&] { return is_used_up; }, isolation_}};
  const auto here = run_cases({&case_, 1}, options, reporter_);
  ASSERT_FALSE(here);
  EXPECT_THAT(here.error().to_string(), HasSubstr("it ran in this process"));
  is_used_up = true;
  ASSERT_TRUE(run_cases({&case_, 1}, options, reporter_));
  expect_both(State::ok, State::ok);
}

TEST_F(RunIsolated, AProgramThatIsNotThereEndsTheRun) {
  isolation_.program = "/nowhere/at/all";
  EXPECT_FALSE(run(""));
}

}  // namespace
}  // namespace anebench::runner
