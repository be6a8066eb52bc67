// The whole program on the Neural Engine's device, with the stand-in (ane_standin/) in the place of
// the system's framework: every experiment, `run` and `profile`, numerically checked; failures as
// records; nothing left behind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli_ane_fixture.h"

namespace anebench::tests {
namespace {

using record::State;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST_F(CliAne, ProbeGivesAVerdictOnItsLadder) {
  const auto records =
      records_of({"probe", "--ladder-only", "--channels", "64", "--positions", "4,16", "--variants",
                  "w8a8", "--samples", "12", "--warmup", "1", "--max-time", "20s"});
  std::size_t verdicts = 0;
  for (const record::Record& record : records) {
    EXPECT_NE(record.outcome.state, State::wrong) << record.variant << record.outcome.message;
    if (!record.verdict) continue;
    ++verdicts;
    EXPECT_THAT(record.verdict->kind, Not(IsEmpty()));
  }
  EXPECT_EQ(verdicts, 1u);
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
