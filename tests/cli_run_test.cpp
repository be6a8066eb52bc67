// Small runs of the experiments: what is written where, and with which exit status. Chains of four
// by four positions, so that a run takes moments.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "anebench/record/journal.h"
#include "anebench/record/schema.h"
#include "anebench/record/schema_validator_for_tests.h"
#include "cli_folder.h"
#include "cli_process.h"

namespace anebench::tests {
namespace {

using testing::AnyOf;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

std::vector<std::string> small_peak(std::vector<std::string> more = {}) {
  std::vector<std::string> arguments = {
      "peak",     "1",        "4",          "--precision", "both",
      "--device", "cpu",      "--max-time", "0.3s",        "--samples",
      "24",       "--warmup", "2",          "--filter",    "channels=256,depth=64"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

class CliRun : public CliFolder {
 protected:
  Outcome run(const std::vector<std::string>& arguments) {
    auto outcome = run_cli(arguments);
    EXPECT_TRUE(outcome) << outcome.error().to_string();
    return outcome.value_or(Outcome{});
  }
  std::vector<record::Record> records(const std::string& file) {
    auto result = record::read_records(file);
    EXPECT_TRUE(result) << result.error().to_string();
    return result.value_or(std::vector<record::Record>{});
  }
};

TEST_F(CliRun, RecordsOnStandardOutputAreAllThatIsThere) {
  const Outcome outcome = run(small_peak({"--json", "-"}));
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  const auto lines = lines_of(outcome.out);
  ASSERT_EQ(lines.size(), 2u);
  record::SchemaValidator validator(*parse_json(record::schema_text()));
  for (const std::string& line : lines) {
    const auto json = parse_json(line);
    ASSERT_TRUE(json) << json.error().to_string();
    EXPECT_THAT(validator.problems(*json), IsEmpty());
    const auto record = record::from_json(*json);
    ASSERT_TRUE(record);
    EXPECT_EQ(record->outcome.state, record::State::ok) << record->outcome.message;
    ASSERT_TRUE(record->check);
    EXPECT_EQ(record->check->result, "passed") << record->check->reason;
    EXPECT_GT(record->check->distinct_values, 100);
  }
  EXPECT_THAT(outcome.err, HasSubstr("256×4×64"));
}

TEST_F(CliRun, TablesFitAndSayWhatIsMeasuredAndWhatIsPublished) {
  const Outcome outcome = run(small_peak());
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("%int8"));
  EXPECT_THAT(outcome.out, HasSubstr("measured"));
  EXPECT_THAT(outcome.out, HasSubstr("every compared value equal to the reference"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("Published")));  // nobody published four by four
  EXPECT_THAT(outcome.out, Not(HasSubstr("\x1b[")));
  EXPECT_THAT(outcome.err, Not(HasSubstr("\r")));  // progress is for terminals
}

TEST_F(CliRun, ResumeSkipsWhatIsThere) {
  const std::string file = path("run.jsonl");
  ASSERT_EQ(run(small_peak({"--json", file})).status, 0);
  const std::string before = *read_text_file(file);
  const Outcome again = run(small_peak({"--json", file, "--resume"}));
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_EQ(*read_text_file(file), before);
  EXPECT_THAT(again.out, HasSubstr("256×4×64"));  // it reports what it took over
  // Without --resume the same cases are measured again and appended.
  ASSERT_EQ(run(small_peak({"--json", file})).status, 0);
  const auto all = records(file);
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[0].id, all[2].id);
  EXPECT_NE(all[0].run, all[2].run);
  // Another seed is another case.
  ASSERT_EQ(run(small_peak({"--json", file, "--resume", "--seed", "2"})).status, 0);
  EXPECT_EQ(records(file).size(), 6u);
}

TEST_F(CliRun, AnInterruptKeepsWhatEndedAndSaysHowToGoOn) {
  const std::string file = path("run.jsonl");
  // All configurations of both precisions, each a second long: far longer than the first takes.
  const auto outcome =
      run_cli_and_interrupt({"peak", "1", "2", "--precision", "both", "--max-time", "1s",
                             "--min-time", "900ms", "--precision", "0.001%", "--json", file},
                            file);
  ASSERT_TRUE(outcome) << outcome.error().to_string();
  EXPECT_EQ(outcome->status, 130) << outcome->err;
  EXPECT_THAT(outcome->err, HasSubstr("--resume"));
  const auto kept = records(file);
  EXPECT_GE(kept.size(), 1u);
  EXPECT_LT(kept.size(), 20u);
}

TEST_F(CliRun, CsvAndMarkdownHoldTheSameCases) {
  const Outcome outcome =
      run(small_peak({"--csv", path("a.csv"), "--markdown", path("a.md"), "--quiet"}));
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  const auto csv = lines_of(*read_text_file(path("a.csv")));
  ASSERT_EQ(csv.size(), 3u);
  EXPECT_THAT(csv[0], StartsWith("id,run,time"));
  EXPECT_THAT(csv[0], HasSubstr("time.eval (ms)"));
  EXPECT_THAT(*read_text_file(path("a.md")), HasSubstr("| 256×4×64 |"));
  EXPECT_THAT(outcome.err, IsEmpty());
}

TEST_F(CliRun, SamplesCanBeLeftOut) {
  ASSERT_EQ(run(small_peak({"--json", path("a.jsonl"), "--no-samples"})).status, 0);
  for (const record::Record& record : records(path("a.jsonl"))) EXPECT_FALSE(record.samples);
}

TEST_F(CliRun, TheClassicProtocolAndValuesAreMarkedAsSuch) {
  const Outcome outcome = run({"peak", "1", "1", "--filter", "channels=256,depth=64", "--protocol",
                               "classic", "--init", "classic", "--json", path("a.jsonl")});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  const auto all = records(path("a.jsonl"));
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].check->result, "vacuous");
  EXPECT_FALSE(all[0].find_metric("time.eval")->low);
  EXPECT_THAT(outcome.out, HasSubstr("vacuous"));
}

TEST_F(CliRun, TheReproCommandIsUnderstood) {
  ASSERT_EQ(run(small_peak({"--json", path("a.jsonl")})).status, 0);
  for (const record::Record& record : records(path("a.jsonl"))) {
    std::vector<std::string> arguments;
    std::string rest = record.repro.substr(record.repro.find(' ') + 1) + " --dry-run";
    for (std::size_t end = 0; !rest.empty();
         rest.erase(0, end == std::string::npos ? end : end + 1)) {
      end = rest.find(' ');
      arguments.push_back(rest.substr(0, end));
    }
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.status, 0) << record.repro << "\n" << outcome.err;
    EXPECT_EQ(lines_of(outcome.out).size(), 2u) << record.repro;
  }
}

TEST_F(CliRun, DryRunListsTheCasesAndMeasuresNothing) {
  const Outcome outcome = run({"int8", "--dry-run", "--json", path("a.jsonl")});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(lines_of(outcome.out).size(), 10u);
  EXPECT_THAT(lines_of(outcome.out), Each(HasSubstr(" conv_chain:channels=")));
  EXPECT_FALSE(read_text_file(path("a.jsonl")));
}

TEST_F(CliRun, AFileThatIsNoJournalIsLeftAlone) {
  ASSERT_TRUE(write_file_atomically(path("a.jsonl"), std::string_view("dear diary\n")));
  const Outcome outcome = run(small_peak({"--json", path("a.jsonl")}));
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("line 1"));
  EXPECT_EQ(*read_text_file(path("a.jsonl")), "dear diary\n");
}

TEST_F(CliRun, ColorIsThereWhenAskedFor) {
  EXPECT_THAT(run({"devices", "--color", "always"}).out, HasSubstr("\x1b["));
}

}  // namespace
}  // namespace anebench::tests
