// What the program says about itself, and what it says to arguments that it does not understand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/base/json.h"
#include "cli_process.h"
#include "test_data.h"

namespace anebench::tests {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

struct HelpCase {
  std::string name;
  std::vector<std::string> arguments;
};

class CliHelp : public testing::TestWithParam<HelpCase> {};

// To renew: anebench COMMAND --help > testdata/cli/NAME.txt
TEST_P(CliHelp, IsTheGoldenText) {
  const auto golden = read_text_file(testdata("cli/" + GetParam().name + ".txt"));
  ASSERT_TRUE(golden) << golden.error().to_string();
  const Outcome outcome = run_or_die(GetParam().arguments);
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.out, *golden);
  EXPECT_THAT(outcome.err, IsEmpty());
}

TEST_P(CliHelp, FitsInto100Columns) {
  for (const std::string& line : lines_of(run_or_die(GetParam().arguments).out)) {
    // Characters of two bytes only make this stricter.
    EXPECT_LE(line.size(), 100u) << line;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Commands, CliHelp,
    testing::Values(
        HelpCase{"help", {"--help"}}, HelpCase{"help_suite", {"suite", "--help"}},
        HelpCase{"help_probe", {"probe", "--help"}}, HelpCase{"help_int8", {"int8", "--help"}},
        HelpCase{"help_peak", {"peak", "--help"}}, HelpCase{"help_reload", {"reload", "--help"}},
        HelpCase{"help_ceiling", {"ceiling", "--help"}},
        HelpCase{"help_devices", {"devices", "--help"}},
        HelpCase{"help_doctor", {"doctor", "--help"}},
        HelpCase{"help_selfcheck", {"selfcheck", "--help"}},
        HelpCase{"help_programs", {"programs", "--help"}},
        HelpCase{"help_inspect", {"inspect", "--help"}}, HelpCase{"help_run", {"run", "--help"}},
        HelpCase{"help_generate", {"generate", "--help"}},
        HelpCase{"help_quantize", {"quantize", "--help"}},
        HelpCase{"help_check", {"check", "--help"}}, HelpCase{"help_diff", {"diff", "--help"}},
        HelpCase{"help_profile", {"profile", "--help"}},
        HelpCase{"help_predict", {"predict", "--help"}},
        HelpCase{"help_chips", {"chips", "--help"}},
        HelpCase{"help_compare", {"compare", "--help"}},
        HelpCase{"help_merge", {"merge", "--help"}}, HelpCase{"help_repro", {"repro", "--help"}},
        HelpCase{"programs", {"programs"}}),
    [](const auto& param) { return param.param.name; });

TEST(Cli, VersionNamesCommitAndLibraries) {
  const Outcome outcome = run_or_die({"--version"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.out, StartsWith("anebench "));
  for (const char* library : {"fmt", "nlohmann-json", "tl-expected", "CLI11", "oneDNN"}) {
    EXPECT_THAT(outcome.out, HasSubstr(library));
  }
}

TEST(Cli, SchemaIsJsonAndNothingElse) {
  const Outcome outcome = run_or_die({"schema"});
  EXPECT_EQ(outcome.status, 0);
  const auto schema = parse_json(outcome.out);
  ASSERT_TRUE(schema) << schema.error().to_string();
  EXPECT_EQ((*schema)["properties"]["schema"]["const"], "anebench/1");
}

TEST(Cli, DevicesListsTheReferenceAndTheProcessor) {
  const Outcome outcome = run_or_die({"devices"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.out, HasSubstr("reference"));
  EXPECT_THAT(outcome.out, HasSubstr("cpu"));
}

struct UsageCase {
  std::string name;
  std::vector<std::string> arguments;
  std::string message;  // part of it
};

class CliUsage : public testing::TestWithParam<UsageCase> {};

TEST_P(CliUsage, IsExplainedOnStandardErrorWithStatus2) {
  const Outcome outcome = run_or_die(GetParam().arguments);
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(outcome.err, StartsWith("anebench: cannot "));
  EXPECT_THAT(outcome.err, HasSubstr(": because "));
  EXPECT_THAT(outcome.err, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    Errors, CliUsage,
    testing::Values(
        UsageCase{"NoCommand", {}, "no command was given"},
        UsageCase{"UnknownCommand", {"int9"}, "did you mean int8?"},
        UsageCase{"UnknownCommandFarFromAll", {"zzzzzzzz"}, "the commands are suite"},
        UsageCase{"UnknownOption", {"int8", "--quik"}, "did you mean --quick?"},
        UsageCase{"UnknownOptionWithValue", {"int8", "--see=3"}, "did you mean --seed?"},
        UsageCase{"TimeoutWithoutIsolate", {"int8", "--timeout", "5min"}, "--isolate"},
        UsageCase{"MaxMemoryWithoutIsolate", {"int8", "--max-memory", "1GiB"}, "--isolate"},
        UsageCase{"ShardBeyondTheLast", {"int8", "--shard", "5/4"}, "such as 2/4"},
        UsageCase{"ShardZero", {"int8", "--shard", "0/4"}, "--shard"},
        UsageCase{"ShardText", {"int8", "--shard", "half"}, "--shard"},
        UsageCase{"MergeWithoutOutput", {"merge", "a.jsonl"}, "--output"},
        UsageCase{"CompareWithOneFile", {"compare", "a.jsonl"}, "NEW"},
        UsageCase{"CompareWithoutSuchAFile", {"compare", "/no/a", "/no/b"}, "/no/a"},
        UsageCase{"ReproWithoutFile", {"repro", "abc"}, "FILE"},
        UsageCase{"ExtraArgument", {"int8", "512"}, "int8 takes no argument \"512\""},
        UsageCase{"SeedZero", {"int8", "--seed", "0"}, "--seed"},
        UsageCase{"SeedText", {"int8", "--seed", "one"}, "--seed"},
        UsageCase{"PrecisionText", {"int8", "--precision", "fp16"}, "no percentage"},
        UsageCase{"PeakPrecision", {"peak", "--precision", "w9a9"}, "neither fp16, w8a8, both"},
        UsageCase{"Protocol", {"int8", "--protocol", "fast"}, "--protocol"},
        UsageCase{"Initialisation", {"int8", "--init", "zero"}, "neither scaled nor classic"},
        UsageCase{"Qos", {"int8", "--qos", "Fast"}, "RealTime"},
        UsageCase{"Warmup", {"int8", "--warmup", "long"}, "--warmup"},
        UsageCase{"Threads", {"int8", "--threads", "0"}, "--threads"},
        UsageCase{"FilterKey",
                  {"int8", "--filter", "chanels=512"},
                  "no parameter \"chanels\"; they have batch, channels"},
        UsageCase{"FilterForm", {"int8", "--filter", "channels"}, "no KEY=VALUE"},
        UsageCase{"FailOn", {"int8", "--fail-on", "rain"}, "neither mistrusted nor inconclusive"},
        UsageCase{"MissingValue", {"int8", "--seed"}, "--seed"},
        UsageCase{"ClassicWithPrecision",
                  {"int8", "--protocol", "classic", "--precision", "2%"},
                  "fixed counts"},
        UsageCase{"ResumeWithoutFile", {"int8", "--resume"}, "--json FILE"},
        UsageCase{"TwoOutputsOnStdout", {"int8", "--json", "-", "--csv", "-"}, "only one of"},
        UsageCase{"NoFolder",
                  {"int8", "--json", "/nowhere/at/all/x.jsonl"},
                  "there is no folder /nowhere/at/all"},
        UsageCase{"OutputIsAFolder", {"int8", "--csv", "/"}, "cannot be written"},
        UsageCase{"UnknownDevice", {"int8", "--device", "gpu"}, "there is no device \"gpu\""},
        UsageCase{"NothingPassesTheFilter", {"int8", "--filter", "channels=17"}, "--dry-run"},
        UsageCase{"FlatW8A8", {"peak", "--layout", "flat", "--precision", "both"}, "flat"},
        UsageCase{"PeakBatch", {"peak", "0"}, "BATCH"},
        UsageCase{"ReloadLayers", {"reload", "--layers", "1:x:*2"}, "no range"},
        UsageCase{"ReloadChannels", {"reload", "--channels", "0"}, "--channels"},
        UsageCase{"OneKernel", {"ceiling", "--kernels", "1"}, "2 or more"},
        UsageCase{"QuantizeScheme",
                  {"quantize", "a", "--scheme", "w7", "-o", "b.mlpackage"},
                  "there is no scheme \"w7\"; there are w8, "},
        UsageCase{"QuantizeActivationsWithoutInputs",
                  {"quantize", "a", "--scheme", "w8a8", "-o", "b.mlpackage"},
                  "--random SEED"},
        UsageCase{"QuantizeWeightsWithInputs",
                  {"quantize", "a", "--scheme", "w8", "-o", "b.mlpackage", "--random", "1"},
                  "takes no inputs"},
        UsageCase{"QuantizeOutput",
                  {"quantize", "a", "--scheme", "w8", "-o", "b.bin"},
                  "ends neither in .mlpackage"},
        UsageCase{"InspectWithoutModel", {"inspect"}, "MODEL"}),
    [](const auto& param) { return param.param.name; });

TEST(Cli, AProcessorThatIsNotHereIsUnavailable) {
  // The filter keeps it from measuring on a processor that has these instructions.
  const Outcome outcome =
      run_or_die({"int8", "--device", "cpu:neondot", "--filter", "channels=17"});
  if (outcome.status == 2) GTEST_SKIP() << "this is an Arm processor";
  EXPECT_EQ(outcome.status, 3);
  EXPECT_THAT(outcome.err, HasSubstr("cpu:neondot"));
}

}  // namespace
}  // namespace anebench::tests
