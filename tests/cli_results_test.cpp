// The commands that read records: merge, compare, repro.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/record/example_record_for_tests.h"
#include "anebench/record/journal.h"
#include "cli_folder.h"
#include "cli_process.h"

namespace anebench::tests {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

record::Record make_record(int number, const std::string& run, double ms = 10) {
  record::Record record = record::example_record();
  record.parameters["number"] = number;
  record.id = record::make_id(record.parameters);
  record.run = run;
  record.outcome.validity.clear();
  record.metrics = {{"time.eval", ms, "ms", ms * 0.999, ms * 1.001, ""}};
  record.samples.reset();
  return record;
}

class CliResults : public CliFolder {
 protected:
  void write(const std::string& name, const std::vector<record::Record>& records,
             const std::string& rest = "") {
    std::string text;
    for (const record::Record& record : records) text += record::to_line(record);
    ASSERT_TRUE(write_file_atomically(path(name), text + rest));
  }
  std::string read(const std::string& name) { return read_text_file(path(name)).value_or(""); }
  Outcome run(const std::vector<std::string>& arguments) {
    auto outcome = run_cli(arguments);
    EXPECT_TRUE(outcome) << outcome.error().to_string();
    return outcome.value_or(Outcome{});
  }
};

TEST_F(CliResults, MergeMayWriteOneOfItsInputsAndSaysWhatItDid) {
  write("a", {make_record(1, "r"), make_record(2, "r")});
  write("b", {make_record(2, "r"), make_record(3, "r"), make_record(1, "s")});
  const Outcome outcome = run({"merge", path("a"), path("b"), "-o", path("a")});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("5 records of 2 runs in 2 files: 1 duplicates dropped"));
  EXPECT_EQ(read("a"), record::to_line(make_record(1, "r")) + record::to_line(make_record(2, "r")) +
                           record::to_line(make_record(3, "r")) +
                           record::to_line(make_record(1, "s")));
}

TEST_F(CliResults, MergeLeavesATornLineOutWithAWarning) {
  write("a", {make_record(1, "r")}, "{\"schema\":\"aneb");
  const Outcome outcome = run({"merge", path("a"), "-o", "-"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.out, record::to_line(make_record(1, "r")));
  EXPECT_THAT(outcome.err, HasSubstr("torn"));
}

TEST_F(CliResults, MergeOfAFileThatIsNoneWritesNothing) {
  write("a", {make_record(1, "r")});
  write("b", {}, "dear diary\n");
  const Outcome outcome = run({"merge", path("a"), path("b"), "-o", path("c")});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("line 1"));
  EXPECT_FALSE(read_text_file(path("c")));
}

TEST_F(CliResults, CompareExitsWith1OnARegressionBeyondTheThreshold) {
  write("old", {make_record(1, "r", 10), make_record(2, "r", 10)});
  write("new", {make_record(1, "s", 10), make_record(2, "s", 11)});
  const Outcome outcome = run({"compare", path("old"), path("new"), "--threshold", "5%"});
  EXPECT_EQ(outcome.status, 1) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("REGRESSION"));
  EXPECT_THAT(outcome.out, HasSubstr("not interleaved"));
  EXPECT_EQ(run({"compare", path("old"), path("new"), "--threshold", "20%"}).status, 0);
  EXPECT_EQ(run({"compare", path("new"), path("old")}).status, 0);
}

TEST_F(CliResults, CompareExitsWith4OnInconclusiveWhereAsked) {
  record::Record wide = make_record(1, "s", 10);
  wide.metrics[0].low = 5;
  wide.metrics[0].high = 20;
  write("old", {make_record(1, "r", 10)});
  write("new", {wide});
  EXPECT_EQ(run({"compare", path("old"), path("new")}).status, 0);
  EXPECT_EQ(run({"compare", path("old"), path("new"), "--fail-on", "inconclusive"}).status, 4);
  write("other", {make_record(7, "r")});
  EXPECT_EQ(run({"compare", path("old"), path("other"), "--fail-on", "inconclusive"}).status, 4);
}

TEST_F(CliResults, ReproPrintsTheCommandOfAnIdOrItsBeginning) {
  const record::Record record = make_record(1, "r");
  write("a", {record, make_record(2, "r")});
  const Outcome outcome = run({"repro", record.id.substr(0, 12), path("a")});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.out, record.repro + "\n");
  EXPECT_THAT(outcome.err, HasSubstr("int8 cpu 512×64×128 w8a8"));
}

TEST_F(CliResults, ReproListsTheCandidatesOfAnUnknownOrUnclearId) {
  write("a", {make_record(1, "r"), make_record(2, "r")});
  const Outcome unknown = run({"repro", "zzz", path("a")});
  EXPECT_EQ(unknown.status, 2);
  EXPECT_THAT(unknown.err, HasSubstr(make_record(1, "r").id.substr(0, 16)));
  const Outcome unclear = run({"repro", "", path("a")});
  EXPECT_EQ(unclear.status, 2);
  EXPECT_THAT(unclear.err, HasSubstr("the beginning of 2 ids"));
}

TEST_F(CliResults, ReproRunsOnlyMeasurementsThatWriteNothing) {
  for (const char* command : {"rm -rf /", "anebench merge a -o b", "anebench int8; date",
                              "anebench int8 --json=x.jsonl"}) {
    record::Record record = make_record(1, "r");
    record.repro = command;
    write("a", {record});
    const Outcome outcome = run({"repro", record.id, path("a"), "--run"});
    EXPECT_EQ(outcome.status, 2) << command;
    EXPECT_THAT(outcome.out, IsEmpty()) << command;
  }
}

TEST_F(CliResults, ReproRunsTheCommand) {
  record::Record record = make_record(1, "r");
  record.repro = "anebench int8 --dry-run --filter channels=512,depth=128";
  write("a", {record});
  const Outcome outcome = run({"repro", record.id.substr(0, 8), path("a"), "--run"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("conv_chain:channels=512"));
}

}  // namespace
}  // namespace anebench::tests
