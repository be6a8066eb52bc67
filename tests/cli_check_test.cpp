// `check` and `diff`: what they print, what they write, and their exit status.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/base/json.h"
#include "cli_process.h"
#include "test_data.h"

namespace anebench::tests {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string kCheckFolder = testdata("check/").string();
const std::string kChain = "conv_chain:channels=16,depth=3,width=4,height=4";
const std::string kChainW8A8 = kChain + ",precision=w8a8";

std::string golden_text(const std::string& name) {
  const auto text = read_text_file(kCheckFolder + name);
  EXPECT_TRUE(text) << text.error().to_string();
  return text.value_or(std::string());
}

// The outcome with the folder's path taken out of what was printed.
Outcome run_in_check_folder(const std::vector<std::string>& arguments) {
  Outcome outcome = run_or_die(arguments);
  for (std::size_t at = 0; (at = outcome.out.find(kCheckFolder)) != std::string::npos;) {
    outcome.out.erase(at, kCheckFolder.size());
  }
  return outcome;
}

TEST(CliCheck, ReportsEachLimitWithItsPlaceAndSource) {
  const Outcome outcome = run_in_check_folder({"check", kCheckFolder + "limits.mil"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.out, golden_text("limits.txt"));
  EXPECT_THAT(outcome.err, IsEmpty());
}

TEST(CliCheck, JsonHasTheSameFindings) {
  const Outcome outcome =
      run_in_check_folder({"check", kCheckFolder + "limits.mil", "--json", "-"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.out, golden_text("limits.json"));
  EXPECT_THAT(outcome.err, HasSubstr("conv-bias"));
}

TEST(CliCheck, WithoutTheEngineOnlyTheLanguageCounts) {
  const Outcome outcome = run_or_die({"check", kCheckFolder + "limits.mil", "--no-engine"});
  EXPECT_EQ(outcome.status, 0) << outcome.out;
  EXPECT_THAT(outcome.out, HasSubstr("Valid"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("Neural Engine")));
}

TEST(CliCheck, AFunctionThatIsNotThereIsAnError) {
  const Outcome outcome = run_or_die({"check", kCheckFolder + "limits.mil", "--function", "other"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.out, HasSubstr("no function 'other'"));
}

TEST(CliCheck, ProgramsByNamePass) {
  const Outcome outcome = run_or_die({"check", "conv_chain:channels=512,depth=2,precision=w8a8"});
  EXPECT_EQ(outcome.status, 0) << outcome.out;
  EXPECT_THAT(outcome.out, HasSubstr("Passed"));
}

TEST(CliCheck, WhatCannotBeReadIsAUsageError) {
  EXPECT_EQ(run_or_die({"check", "/nowhere/a.mil"}).status, 2);
  EXPECT_THAT(run_or_die({"check", "/nowhere/weight.bin"}).err, HasSubstr("inspect"));
}

TEST(CliDiff, SaysWhatChangedAndWhatItCosts) {
  const Outcome outcome = run_or_die({"diff", kChain, kChainW8A8, "--random", "1"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.out, golden_text("diff.txt"));
  EXPECT_THAT(outcome.err, IsEmpty());
}

TEST(CliDiff, JsonHasEveryLayer) {
  const Outcome outcome =
      run_or_die({"diff", kChain, kChainW8A8, "--random", "1", "--json", "-", "--quiet"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  const auto json = parse_json(outcome.out);
  const auto expected = parse_json(golden_text("diff.json"));
  ASSERT_TRUE(json) << json.error().to_string();
  ASSERT_TRUE(expected) << expected.error().to_string();
  // The last digits of a logarithm differ between C libraries.
  const Json& layers = (*json)["values"]["layers"];
  const Json& expected_layers = (*expected)["values"]["layers"];
  ASSERT_EQ(layers.size(), expected_layers.size());
  for (std::size_t i = 0; i < layers.size(); ++i) {
    EXPECT_EQ(layers[i]["before"], expected_layers[i]["before"]);
    EXPECT_EQ(layers[i]["changed"], expected_layers[i]["changed"]);
    const Json& snr = layers[i]["comparison"]["snr_db"];
    const Json& expected_snr = expected_layers[i]["comparison"]["snr_db"];
    ASSERT_EQ(snr.is_null(), expected_snr.is_null()) << "null: every value is equal";
    if (snr.is_null()) continue;
    EXPECT_NEAR(snr.get<double>(), expected_snr.get<double>(), 1e-6);
  }
  EXPECT_EQ((*json)["functions"], (*expected)["functions"]);
  EXPECT_EQ((*json)["weights"], (*expected)["weights"]);
}

TEST(CliDiff, WithoutInputsOnlyTheStructureIsCompared) {
  const Outcome outcome = run_or_die({"diff", kChain, kChain});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.out, HasSubstr("The same"));
  EXPECT_THAT(outcome.err, HasSubstr("--random"));
}

TEST(CliDiff, TheThresholdDecidesTheStatus) {
  const auto with_threshold = [](const char* threshold) {
    return run_or_die({"diff", kChain, kChainW8A8, "--random", "1", "--threshold-db", threshold});
  };
  EXPECT_EQ(with_threshold("10").status, 0);
  const Outcome failed = with_threshold("200");
  EXPECT_EQ(failed.status, 1);
  EXPECT_THAT(failed.err, HasSubstr("below the threshold of 200 dB"));
  const Outcome useless = run_or_die({"diff", kChain, kChainW8A8, "--threshold-db", "10"});
  EXPECT_EQ(useless.status, 2);
  EXPECT_THAT(useless.err, HasSubstr("--random"));
}

TEST(CliDiff, RunsOnOtherDevices) {
  const Outcome outcome = run_or_die(
      {"diff", kChain, kChain, "--random", "3", "--device", "cpu", "--threshold-db", "1000"});
  EXPECT_EQ(outcome.status, 0) << outcome.err << outcome.out;
}

TEST(CliDiff, InputsThatAreMissingOrUnknownAreListed) {
  const Outcome outcome = run_or_die({"diff", kChain, kChainW8A8, "--input", "z=/nowhere.npy"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("there is no input \"z\"; the program has x"));
  EXPECT_EQ(run_or_die({"diff", kChain, kChainW8A8, "--input", "x"}).status, 2);
  EXPECT_EQ(run_or_die({"diff", kChain, kChainW8A8, "--input", "x=/nowhere.npy"}).status, 2);
}

}  // namespace
}  // namespace anebench::tests
