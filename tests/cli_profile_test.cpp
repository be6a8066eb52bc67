// `profile` as its users meet it, on programs so small that a run takes moments.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/base/json.h"
#include "anebench/record/journal.h"
#include "anebench/record/schema.h"
#include "anebench/record/schema_validator_for_tests.h"
#include "cli_folder.h"
#include "cli_process.h"

namespace anebench::tests {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

std::vector<std::string> small_profile(std::vector<std::string> more = {}) {
  std::vector<std::string> arguments = {
      "profile",    "conv_chain:channels=16,height=4,width=8,depth=3,precision=w8a8",
      "--max-time", "0.3s",
      "--samples",  "24",
      "--warmup",   "2"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

class CliProfile : public CliFolder {};

TEST_F(CliProfile, PrintsTypesLayersStepsAndKernels) {
  const Outcome outcome = run_or_die(small_profile());
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  for (const char* heading : {"Whole evaluation", "By type of operation", "By layer",
                              "longest steps", "By kernel", "residual", "TOTAL"}) {
    EXPECT_THAT(outcome.out, HasSubstr(heading));
  }
}

TEST_F(CliProfile, TheRecordsStepsAndResidualAddUp) {
  const Outcome outcome = run_or_die(small_profile({"--json", path("profile.jsonl")}));
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  const auto records = record::read_records(path("profile.jsonl"));
  ASSERT_TRUE(records) << records.error().to_string();
  ASSERT_EQ(records->size(), 1u);
  const record::Record& record = records->front();
  record::SchemaValidator validator(*parse_json(record::schema_text()));
  EXPECT_THAT(validator.problems(record::to_json(record)), IsEmpty());
  ASSERT_TRUE(record.profile);
  double sum = record.find_metric("time.residual")->value;
  for (const record::ProfileStep& step : record.profile->steps) sum += step.time_ms;
  EXPECT_NEAR(sum, record.find_metric("time.eval")->value, 1e-9);
  EXPECT_EQ(record.check->result, "passed");
}

TEST_F(CliProfile, WritesATraceAndARoofline) {
  const Outcome outcome =
      run_or_die(small_profile({"--trace", path("trace.json"), "--svg", path("roofline.svg")}));
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  const auto trace = parse_json(content("trace.json"));
  ASSERT_TRUE(trace) << trace.error().to_string();
  std::size_t complete = 0;
  for (const Json& event : (*trace)["traceEvents"]) {
    if (event["ph"] != "X") continue;
    ++complete;
    EXPECT_TRUE(event["ts"].is_number() && event["dur"].is_number());
  }
  EXPECT_GT(complete, 3u);
  EXPECT_THAT(content("roofline.svg"), StartsWith("<svg "));
}

TEST_F(CliProfile, RunsAnyTextOnSeveralDevices) {
  ASSERT_TRUE(write_file_atomically(path("sum.mil"), std::string_view(R"(program(1.3)
{
  func main<ios18>(tensor<fp32, [2, 3]> x) {
    tensor<fp32, [2, 3]> y = add(x = x, y = x);
  } -> (y);
})")));
  const Outcome outcome = run_or_die({"profile", path("sum.mil"), "--device", "cpu", "--device",
                                      "reference", "--samples", "24", "--max-time", "0.3s"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("profile: sum.mil on cpu, measured"));
  EXPECT_THAT(outcome.out, HasSubstr("profile: sum.mil on reference, measured"));
}

TEST_F(CliProfile, ARooflineIsOfOneDevice) {
  const Outcome outcome = run_or_die(
      small_profile({"--device", "cpu", "--device", "reference", "--svg", path("roofline.svg")}));
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("give one --device"));
}

TEST_F(CliProfile, AModelThatIsNotThereIsAnError) {
  const Outcome outcome = run_or_die({"profile", path("absent.mil")});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("absent.mil"));
}

}  // namespace
}  // namespace anebench::tests
