// The chip model as its users meet it: lists, validation, predictions, and the experiments on it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "anebench/base/json.h"
#include "anebench/record/journal.h"
#include "anebench/record/schema.h"
#include "anebench/record/schema_validator_for_tests.h"
#include "cli_folder.h"
#include "cli_process.h"
#include "test_data.h"

namespace anebench::tests {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class CliChips : public CliFolder {};

// To renew: anebench ARGUMENTS > testdata/cli/NAME.txt
void expect_golden(const std::string& name, const std::vector<std::string>& arguments) {
  const auto golden = read_text_file(testdata("cli/" + name + ".txt"));
  ASSERT_TRUE(golden) << golden.error().to_string();
  const Outcome outcome = run_or_die(arguments);
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.out, *golden);
}

TEST_F(CliChips, ListsConstantsErrorsAndSources) { expect_golden("chips", {"chips"}); }

TEST_F(CliChips, ValidatesAgainstEveryPublishedRow) {
  expect_golden("chips_validate", {"chips", "validate", "--rows"});
}

TEST_F(CliChips, PlotsPredictedAgainstPublished) {
  const Outcome outcome = run_or_die({"chips", "validate", "--svg", path("plot.svg")});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  const std::string svg = content("plot.svg");
  EXPECT_THAT(svg, StartsWith("<svg "));
  EXPECT_THAT(svg, HasSubstr("predicted by the chip model"));
  EXPECT_THAT(svg, HasSubstr("published 15.083 ms"));
}

TEST_F(CliChips, FitsTheConstantsAnew) {
  const Outcome outcome = run_or_die({"chips", "fit"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("h17.fp16_tops"));
  EXPECT_THAT(outcome.out, HasSubstr("95 % from"));
}

TEST_F(CliChips, AnUnknownActionIsAUsageError) {
  const Outcome outcome = run_or_die({"chips", "tune"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("tune"));
}

TEST_F(CliChips, PredictsAProgramOnAllChips) {
  const Outcome outcome =
      run_or_die({"predict", "conv_chain:channels=512,depth=128", "--json", path("all.jsonl")});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  for (const char* text : {"Predicted ms", "nothing was measured", "Known error", "w8a8 gain",
                           "m1 ", "m6 ", "a18pro", "Published by others"}) {
    EXPECT_THAT(outcome.out, HasSubstr(text));
  }
  const auto records = record::read_records(path("all.jsonl"));
  ASSERT_TRUE(records) << records.error().to_string();
  EXPECT_GE(records->size(), 80u);  // 20 chips, 4 precisions
  record::SchemaValidator validator(*parse_json(record::schema_text()));
  for (const record::Record& record : *records) {
    EXPECT_EQ(record.origin, Origin::predicted);
    EXPECT_THAT(validator.problems(record::to_json(record)), IsEmpty());
    ASSERT_NE(record.find_metric("time.eval"), nullptr) << record.outcome.message;
    EXPECT_EQ(record.find_metric("time.eval")->unit, "ms");
  }
}

TEST_F(CliChips, JsonOnStandardOutputIsOneRecordAChip) {
  const Outcome outcome =
      run_or_die({"predict", "identity_conv:channels=64", "--chip", "m1,m5", "--json", "-"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  const std::vector<std::string> lines = lines_of(outcome.out);
  ASSERT_EQ(lines.size(), 2u);
  for (const std::string& line : lines) {
    const auto json = parse_json(line);
    ASSERT_TRUE(json) << json.error().to_string();
    EXPECT_EQ((*json)["origin"], "predicted");
  }
}

TEST_F(CliChips, PredictsGeneratedModels) {
  const Outcome generated =
      run_or_die({"generate", "int8_compute:channels=256,size=32,depth=4,precision=w8a8", "-o",
                  path("models")});
  ASSERT_EQ(generated.status, 0) << generated.err;
  std::size_t models = 0;
  for (const auto& entry : std::filesystem::directory_iterator(path("models"))) {
    ++models;
    const Outcome outcome = run_or_die({"predict", entry.path().string(), "--chip", "m2max,m5"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("Known error"));
    EXPECT_THAT(outcome.out, HasSubstr("conv"));
  }
  EXPECT_EQ(models, 1u);
}

TEST_F(CliChips, AnUnknownChipIsExplained) {
  const Outcome outcome = run_or_die({"predict", "conv_chain", "--chip", "m5,m55"});
  EXPECT_NE(outcome.status, 0);
  EXPECT_THAT(outcome.err, HasSubstr("there is no chip \"m55\""));
  EXPECT_THAT(outcome.err, HasSubstr("m2max"));
}

TEST_F(CliChips, HasNoOutputs) {
  const Outcome outcome = run_or_die({"run", "conv_chain:channels=16,height=2,width=2,depth=1",
                                      "--device", "chip:m5", "--random", "1"});
  EXPECT_NE(outcome.status, 0);
  EXPECT_THAT(outcome.err, HasSubstr("computes nothing, so it has no outputs"));
}

// No number of the model may be taken for a measurement, whatever prints it.
TEST_F(CliChips, NoOutputShowsAPredictionWithoutItsLabel) {
  const std::vector<std::vector<std::string>> commands = {
      {"probe", "--quick", "--variants", "w8a8", "--channels", "256,512", "--positions",
       "256,1024"},
      {"int8", "--quick", "--filter", "channels=512,depth=128"},
      {"peak", "--quick", "--filter", "channels=512,depth=128"},
      {"reload", "--quick", "--layers", "1", "--channels", "64"},
      {"ceiling", "--quick"},
      {"profile", "conv_chain:channels=64,height=8,width=8,depth=4", "--quick"},
  };
  for (std::vector<std::string> command : commands) {
    const std::string name = command.front();
    for (const char* argument : {"--device", "chip:m5", "--json"}) command.emplace_back(argument);
    command.push_back(path(name + ".jsonl"));
    command.insert(command.end(), {"--csv", path(name + ".csv"), "--markdown", path(name + ".md")});
    const Outcome outcome = run_or_die(command);
    EXPECT_EQ(outcome.status, 0) << name << ": " << outcome.err;
    // The label stands before the first figure in ms: on a terminal headers of columns are apart by
    // two spaces, in Markdown by bars.
    for (const auto& [text, column] :
         {std::pair(outcome.out, "  ms"), std::pair(content(name + ".md"), "| ms")}) {
      const auto label = text.find("predicted");
      ASSERT_NE(label, std::string::npos) << name << ":\n" << text;
      EXPECT_LT(label, text.find(column)) << name << ":\n" << text;
      if (name == "reload") continue;  // it has no times
      EXPECT_NE(text.find(column), std::string::npos) << name << ":\n" << text;
    }
    EXPECT_THAT(outcome.out, Not(HasSubstr("measured:"))) << name;
    const std::vector<std::string> rows = lines_of(content(name + ".csv"));
    ASSERT_GE(rows.size(), 2u) << name;
    for (std::size_t i = 1; i < rows.size(); ++i) {
      EXPECT_THAT(rows[i], HasSubstr("predicted")) << name;
    }
    const auto records = record::read_records(path(name + ".jsonl"));
    ASSERT_TRUE(records) << records.error().to_string();
    for (const record::Record& record : *records) {
      EXPECT_EQ(record.origin, Origin::predicted) << name;
      for (const record::Peak& peak : record.device.peaks) {
        EXPECT_EQ(peak.origin, Origin::predicted) << name;
      }
    }
  }
  const Outcome compared = run_or_die({"compare", path("int8.jsonl"), path("int8.jsonl")});
  EXPECT_THAT(compared.out, HasSubstr("predicted"));
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
           {"predict", "conv_chain", "--chip", "m5"},
           {"predict", "conv_chain", "--chip", "m5", "--markdown", "-"},
           {"predict", "conv_chain:channels=64,height=8,width=8,depth=2", "--chip", "m5",
            "--quantize", "w8"},
           {"chips"},
           {"chips", "validate"}}) {
    const Outcome outcome = run_or_die(command);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(outcome.out, testing::AnyOf(HasSubstr("nothing was measured"),
                                            HasSubstr("nothing here was measured")));
  }
}

TEST_F(CliChips, DevicesSayWhereTheChipsAre) {
  EXPECT_THAT(run_or_die({"devices"}).out, HasSubstr("chip:NAME"));
}

TEST_F(CliChips, SaysWhatQuantizingWouldBringAndCost) {
  const std::string chain = "conv_chain:channels=64,height=16,width=16,depth=4";
  const Outcome outcome =
      run_or_die({"predict", chain, "--quantize", "w8,w8a8", "--chip", "m2max,m5", "--random", "3",
                  "--json", path("what_if.jsonl")});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("Predicted gain of each scheme, and its parts"));
  EXPECT_THAT(outcome.out, HasSubstr("computed, not predicted, on cpu, inputs random, seed 3"));
  const auto records = record::read_records(path("what_if.jsonl"));
  ASSERT_TRUE(records) << records.error().to_string();
  ASSERT_EQ(records->size(), 6u) << "three variants on two chips";
  for (const record::Record& record : *records) {
    EXPECT_EQ(record.origin, Origin::predicted);
    EXPECT_EQ(record.find_metric("snr.output") != nullptr, record.variant != "model");
    EXPECT_THAT(record.repro, HasSubstr("--quantize w8,w8a8 --random 3"));
  }
}

TEST_F(CliChips, AWhatIfNeedsASchemeThatExistsAndInputsNeedAWhatIf) {
  const Outcome unknown = run_or_die({"predict", "conv_chain", "--quantize", "w7"});
  EXPECT_EQ(unknown.status, 2);
  EXPECT_THAT(unknown.err, HasSubstr("w8a8"));
  const Outcome useless = run_or_die({"predict", "conv_chain", "--random", "1"});
  EXPECT_EQ(useless.status, 2);
  EXPECT_THAT(useless.err, HasSubstr("--quantize"));
}

}  // namespace
}  // namespace anebench::tests
