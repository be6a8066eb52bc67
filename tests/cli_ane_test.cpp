// The whole program on the Neural Engine's device, with the stand-in (ane_standin/) in the place of
// the system's framework: every experiment, `run` and `profile`, numerically checked; failures as
// records; nothing left behind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/record/journal.h"
#include "anebench/record/schema.h"
#include "anebench/record/schema_validator_for_tests.h"
#include "cli_process.h"

namespace anebench::tests {
namespace {

using record::State;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using Words = std::vector<std::string>;

class CliAne : public testing::Test {
 protected:
  CliAne() : directory_(*TemporaryDirectory::create()), temporary_(*TemporaryDirectory::create()) {}
  ~CliAne() override {
    // Models' folders and their markers.
    EXPECT_THAT(names_in(temporary_.path()), IsEmpty());
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
    EXPECT_THAT(outcome.out, HasSubstr("stand-in"));
    auto records = record::read_records(path("a.jsonl"));
    EXPECT_TRUE(records) << records.error().to_string();
    record::SchemaValidator validator(*parse_json(record::schema_text()));
    for (const record::Record& record : records.value_or(std::vector<record::Record>{})) {
      EXPECT_EQ(record.origin, Origin::stand_in);
      EXPECT_THAT(validator.problems(record::to_json(record)), IsEmpty());
    }
    return records.value_or(std::vector<record::Record>{});
  }
  static void expect_all_checked(const std::vector<record::Record>& records) {
    for (const record::Record& record : records) {
      EXPECT_EQ(record.outcome.state, State::ok) << record.outcome.message;
      if (record.check) {
        EXPECT_EQ(record.check->result, "passed") << record.check->reason;
      }
    }
  }

  TemporaryDirectory directory_;
  TemporaryDirectory temporary_;
};

const Words kFewSamples = {"--samples",  "12",    "--warmup",    "1",
                           "--max-time", "500ms", "--precision", "9%"};

Words with_few_samples(Words words) {
  words.insert(words.end(), kFewSamples.begin(), kFewSamples.end());
  return words;
}

TEST_F(CliAne, Int8AndPeakMeasureCheckedChains) {
  const auto int8 =
      records_of(with_few_samples({"int8", "--quick", "--filter", "channels=256,depth=128"}));
  EXPECT_EQ(int8.size(), 2u);
  expect_all_checked(int8);
  std::filesystem::remove(path("a.jsonl"));
  const auto peak = records_of(
      with_few_samples({"peak", "1", "4", "--precision", "both", "--filter", "depth=64"}));
  EXPECT_GE(peak.size(), 4u);
  expect_all_checked(peak);
}

TEST_F(CliAne, ProbeGivesVerdictsOnCheckedVariants) {
  const auto records = records_of(
      {"probe", "--protocol", "classic", "--filter", "in_channels=768,out_channels=768"});
  EXPECT_THAT(records, Not(IsEmpty()));
  int passed = 0;
  for (const record::Record& record : records) {
    passed += record.check && record.check->result == "passed" ? 1 : 0;
    EXPECT_NE(record.outcome.state, State::wrong) << record.variant << record.outcome.message;
  }
  EXPECT_GE(passed, 5);
}

TEST_F(CliAne, ATypeThatTheCompilerRefusesIsAFinding) {
  const auto records =
      records_of({"probe", "--protocol", "classic", "--filter", "in_channels=768,out_channels=768"},
                 "refuse=uint4");
  int refused = 0;
  for (const record::Record& record : records) {
    if (record.outcome.message.find("unsupported type uint4") == std::string::npos) continue;
    ++refused;
    EXPECT_EQ(record.outcome.state, State::unsupported);
    EXPECT_EQ(record.outcome.stage, "compile");
  }
  EXPECT_GE(refused, 1);
}

TEST_F(CliAne, ReloadFindsOutWhetherTheHostReadsWeightsAgain) {
  const Words reload = with_few_samples({"reload", "--layers", "1", "--channels", "64"});
  const auto works = records_of(reload);
  ASSERT_EQ(works.size(), 1u);
  expect_all_checked(works);
  ASSERT_TRUE(works[0].verdict);
  EXPECT_EQ(works[0].verdict->reason, "success");
  EXPECT_NE(works[0].find_metric("ratio.compile"), nullptr);
  std::filesystem::remove(path("a.jsonl"));

  const auto ignored = records_of(reload, "reload=ignored");
  ASSERT_EQ(ignored.size(), 1u);
  ASSERT_TRUE(ignored[0].verdict);
  EXPECT_EQ(ignored[0].verdict->reason, "fail");
  EXPECT_EQ(ignored[0].outcome.state, State::unsupported);
}

TEST_F(CliAne, CeilingChainsSurfaces) {
  const auto records = records_of(with_few_samples({"ceiling", "--filter", "channels=64"}));
  EXPECT_THAT(records, Not(IsEmpty()));
  expect_all_checked(records);
}

TEST_F(CliAne, RunGivesWhatTheReferenceGives) {
  const std::string model = "conv_chain:channels=24,height=5,width=7,depth=3,precision=w8a8";
  const auto output_of = [&](const std::string& device) {
    const Outcome outcome =
        run({"run", model, "--device", device, "--random", "1", "--output", path(device + ".npy")});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return read_file(path(device + ".npy"));
  };
  const auto ane = output_of("ane");
  const auto reference = output_of("reference");
  ASSERT_TRUE(ane && reference);
  EXPECT_EQ(*ane, *reference);
}

TEST_F(CliAne, ProfileTellsTheEnginesSteps) {
  const auto records = records_of(with_few_samples(
      {"profile", "conv_chain:channels=24,height=5,width=7,depth=3,precision=w8a8"}));
  ASSERT_EQ(records.size(), 1u);
  expect_all_checked(records);
}

TEST_F(CliAne, FailuresAreRecordsWithTheirStage) {
  const std::pair<const char*, const char*> cases[] = {{"descriptor", "descriptor"},
                                                       {"compile", "compile"},
                                                       {"load", "load"},
                                                       {"evaluate", "check"}};
  for (const auto& [stage, recorded] : cases) {
    std::filesystem::remove(path("a.jsonl"));
    const auto records = records_of(with_few_samples({"peak", "1", "1", "--precision", "w8a8",
                                                      "--filter", "channels=256,depth=64"}),
                                    std::string("fail=") + stage);
    ASSERT_EQ(records.size(), 1u) << stage;
    EXPECT_EQ(records[0].outcome.state, State::unsupported) << stage;
    EXPECT_EQ(records[0].outcome.stage, recorded) << records[0].outcome.message;
  }
}

TEST_F(CliAne, AFrameworkThatHasChangedIsUnavailable) {
  const Outcome outcome =
      run({"peak", "--device", "ane", "--filter", "channels=256,depth=64"}, "missing=_ANERequest");
  EXPECT_EQ(outcome.status, 3);
  EXPECT_THAT(outcome.err, HasSubstr("_ANERequest"));
}

TEST_F(CliAne, DevicesAndDoctorNameTheStandIn) {
  const Outcome doctor = run({"doctor"});
  EXPECT_EQ(doctor.status, 0) << doctor.err;
  EXPECT_THAT(doctor.out, HasSubstr("a stand-in, for tests"));
  EXPECT_THAT(doctor.out, HasSubstr("h17s"));
  const Outcome broken = run({"doctor"}, "missing=unloadWithQoS:error:");
  EXPECT_EQ(broken.status, 3);
  EXPECT_THAT(broken.out, HasSubstr("unloadWithQoS:error:"));
}

TEST_F(CliAne, DoctorWithoutAFrameworkSaysWhatRunsInstead) {
  const auto outcome = run_cli({"doctor"}, {{"ANEBENCH_ANE_FRAMEWORK", ""}});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->status, 0);
  EXPECT_THAT(outcome->out, HasSubstr("cannot be used"));
  EXPECT_THAT(outcome->out, HasSubstr("cpu: this machine's processor"));
}

TEST_F(CliAne, WhatAKilledCompilationLeftIsRemovedByTheNextRun) {
  const auto is_compiling = [&] {
    for (const std::string& name : names_in(temporary_.path())) {
      if (std::filesystem::exists(temporary_.path() / name / "weights")) return true;
    }
    return false;
  };
  const auto killed = run_cli_and_kill_when(
      {"run", "conv_chain:channels=8,height=1,width=8,depth=1", "--device", "ane", "--random", "1"},
      environment("hang=compile"), is_compiling);
  ASSERT_TRUE(killed);
  EXPECT_EQ(killed->status, 128 + 9);
  EXPECT_THAT(names_in(temporary_.path()), Contains(testing::StartsWith("anebench-ane-")));
  const Outcome doctor = run({"doctor"});
  EXPECT_THAT(doctor.out, HasSubstr("1 model folder that killed processes had left"));
}

TEST_F(CliAne, AnIsolatedCaseThatIsKilledWhileCompilingIsARecordAndLeavesNothing) {
  const auto records =
      records_of(with_few_samples({"peak", "1", "1", "--precision", "w8a8", "--filter",
                                   "channels=256,depth=64", "--isolate", "--timeout", "3s"}),
                 "hang=compile", 1);
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].outcome.state, State::timeout);
}

}  // namespace
}  // namespace anebench::tests
