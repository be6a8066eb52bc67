// `quantize`: what it writes runs and verifies, and what it says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "anebench/base/json.h"
#include "cli_folder.h"
#include "cli_process.h"

namespace anebench::tests {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kFp16Chain = "conv_chain:channels=64,height=4,width=4,depth=3";

class CliQuantize : public CliFolder {
 protected:
  Outcome quantize(const std::string& scheme, const std::string& output,
                   std::vector<std::string> more = {}, const std::string& model = kFp16Chain) {
    std::vector<std::string> arguments = {"quantize", model, "--scheme",
                                          scheme,     "-o",  path(output)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_or_die(arguments);
  }
};

TEST_F(CliQuantize, AnInt8PackageIsValidAndItsCostCanBeMeasured) {
  const Outcome outcome = quantize("w8", "w8.mlpackage");
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("3 of 3, 24 KiB → 12.6 KiB (52 %)"));
  EXPECT_THAT(outcome.err, HasSubstr("anebench diff"));
  EXPECT_EQ(run_or_die({"check", path("w8.mlpackage"), "--no-engine"}).status, 0);
  const Outcome diff = run_or_die(
      {"diff", kFp16Chain, path("w8.mlpackage"), "--random", "1", "--threshold-db", "35"});
  EXPECT_EQ(diff.status, 0) << diff.out;
}

TEST_F(CliQuantize, W8A8IsExecutedInIntegers) {
  const Outcome outcome = quantize("w8a8", "w8a8.mlpackage", {"--random", "1"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("of 3 of 3 operations"));
  EXPECT_THAT(outcome.out, HasSubstr("random, seed 1, on cpu"));
  const Outcome run = run_or_die({"run", path("w8a8.mlpackage"), "--random", "1"});
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("conv1x1_int8"));
}

TEST_F(CliQuantize, TextFoldersAreWritten) {
  ASSERT_EQ(quantize("lut4", "lut4.mlmodelc").status, 0);
  const auto text = read_text_file(path("lut4.mlmodelc/model.mil"));
  ASSERT_TRUE(text);
  EXPECT_THAT(*text, HasSubstr("constexpr_lut_to_dense"));
  EXPECT_EQ(run_or_die({"check", path("lut4.mlmodelc"), "--no-engine"}).status, 0);
}

TEST_F(CliQuantize, JsonHasWhatWasDone) {
  const Outcome outcome = quantize("w4", "w4.mlpackage", {"--json", "-"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const auto json = parse_json(outcome.out);
  ASSERT_TRUE(json) << json.error().to_string();
  EXPECT_EQ((*json)["schema"], "anebench-quantize/1");
  EXPECT_EQ((*json)["weights"].size(), 3u);
  EXPECT_EQ((*json)["weights"][0]["quantized"], true);
}

TEST_F(CliQuantize, NothingIsWrittenWhereNothingIsQuantized) {
  const Outcome outcome = quantize("w8", "same.mlpackage", {"--min-elements", "100000"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.out, HasSubstr("Nothing was changed"));
  EXPECT_FALSE(std::filesystem::exists(path("same.mlpackage")));
}

TEST_F(CliQuantize, NothingIsReplacedWithoutForce) {
  ASSERT_EQ(quantize("w8", "w8.mlpackage").status, 0);
  const Outcome again = quantize("w8", "w8.mlpackage");
  EXPECT_EQ(again.status, 2);
  EXPECT_THAT(again.err, HasSubstr("--force"));
  EXPECT_EQ(quantize("w8", "w8.mlpackage", {"--force"}).status, 0);
  // A model that is quantized already is its own source, and nothing of it is lost.
  const Outcome self = quantize("w8", "w8.mlpackage", {"--force"}, path("w8.mlpackage"));
  EXPECT_EQ(self.status, 1);
  EXPECT_THAT(self.out, HasSubstr("3: it is quantized already"));
  EXPECT_EQ(run_or_die({"check", path("w8.mlpackage"), "--no-engine"}).status, 0);
}

TEST_F(CliQuantize, AnOpsetIsRaisedButKeptOnRequest) {
  const std::string old = "identity_conv:channels=64,format=1.0";
  const Outcome kept = quantize("lut3", "lut3.mlpackage", {"--keep-opset"}, old);
  EXPECT_EQ(kept.status, 1);
  EXPECT_THAT(kept.err, HasSubstr("lut3 needs opset ios18"));
  EXPECT_FALSE(std::filesystem::exists(path("lut3.mlpackage")));
  const Outcome raised = quantize("lut3", "lut3.mlpackage", {}, old);
  EXPECT_EQ(raised.status, 0) << raised.err;
  EXPECT_THAT(raised.out, HasSubstr("raised from ios16 to ios18"));
  EXPECT_EQ(run_or_die({"check", path("lut3.mlpackage"), "--no-engine"}).status, 0);
}

TEST_F(CliQuantize, AFunctionThatIsNotThereIsAnError) {
  const Outcome outcome = quantize("w8", "w8.mlpackage", {"--function", "other"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.out, IsEmpty());
  EXPECT_THAT(outcome.err, HasSubstr("no function 'other'"));
}

}  // namespace
}  // namespace anebench::tests
