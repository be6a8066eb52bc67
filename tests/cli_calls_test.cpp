// Small runs of `reload` and `ceiling`: their records and their reports.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/record/record.h"
#include "anebench/record/schema.h"
#include "anebench/record/schema_validator_for_tests.h"
#include "cli_process.h"

namespace anebench::tests {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

const std::vector<std::string> kFewCallSamples = {
    "--samples", "4", "--min-time", "0s", "--warmup", "off", "--max-time", "2s", "--seed", "3"};

Outcome run(std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), kFewCallSamples.begin(), kFewCallSamples.end());
  auto outcome = run_cli(arguments);
  EXPECT_TRUE(outcome) << outcome.error().to_string();
  return outcome.value_or(Outcome{});
}

// The records of a run with --json -; each validates against the schema.
std::vector<record::Record> records_of(const Outcome& outcome) {
  record::SchemaValidator validator(*parse_json(record::schema_text()));
  std::vector<record::Record> records;
  for (const std::string& line : lines_of(outcome.out)) {
    const auto json = parse_json(line);
    EXPECT_TRUE(json) << line;
    if (!json) continue;
    EXPECT_THAT(validator.problems(*json), IsEmpty());
    const auto record = record::from_json(*json);
    EXPECT_TRUE(record);
    if (record) records.push_back(*record);
  }
  return records;
}

TEST(CliReload, RecordsValidateAndCarryTheVerdict) {
  const Outcome outcome = run({"reload", "--layers", "1:4:*4", "--channels", "64", "--json", "-"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  const auto records = records_of(outcome);
  ASSERT_EQ(records.size(), 2u);
  for (const record::Record& record : records) {
    EXPECT_EQ(record.experiment, "reload");
    EXPECT_EQ(record.origin, Origin::measured);
    ASSERT_TRUE(record.verdict);
    EXPECT_EQ(record.verdict->reason, "success");
    EXPECT_EQ(record.check->result, "passed");
  }
  EXPECT_THAT(outcome.err, HasSubstr("SUCCESS"));
}

TEST(CliReload, TheReportShowsFindingOutputsAndOrigin) {
  const Outcome outcome = run({"reload", "--layers", "1", "--channels", "64"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  for (const char* part :
       {"SUCCESS", "measured", "compile÷reload", "Output after: first 0.029999"}) {
    EXPECT_THAT(outcome.out, HasSubstr(part));
  }
}

TEST(CliReload, TheClassicProtocolShowsSingleReadings) {
  auto outcome = run_cli({"reload", "--protocol", "classic", "--layers", "1", "--channels", "64"});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->status, 0) << outcome->err;
  EXPECT_THAT(outcome->out, HasSubstr("(once)"));
}

TEST(CliCeiling, RecordsOfPassesValidate) {
  const Outcome outcome =
      run({"ceiling", "--kernels", "3", "--filter", "channels=64", "--json", "-"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  const auto records = records_of(outcome);
  ASSERT_EQ(records.size(), 6u);
  for (const record::Record& record : records) {
    EXPECT_EQ(record.outcome.state, record::State::ok) << record.outcome.message;
    EXPECT_EQ(record.check->result, "passed");
  }
  EXPECT_THAT(outcome.err, HasSubstr("shared_surfaces"));
}

TEST(CliCeiling, CallsInFlightAreReported) {
  const Outcome outcome = run({"ceiling", "--filter", "part=in-flight", "--json", "-"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(records_of(outcome).size(), 4u);
  EXPECT_THAT(outcome.err, HasSubstr("In flight"));
}

TEST(CliCeiling, QuickListsTwoConfigurationsAndTheCalls) {
  const auto outcome = run_cli({"ceiling", "--quick", "--dry-run"});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->status, 0) << outcome->err;
  EXPECT_EQ(lines_of(outcome->out).size(), 2 * 6 + 5 + 4u);
}

}  // namespace
}  // namespace anebench::tests
