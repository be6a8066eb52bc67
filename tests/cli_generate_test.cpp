// `generate`: what it writes can be read, is what the program's name says, and replaces nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "cli_folder.h"
#include "cli_process.h"

namespace anebench::tests {
namespace {

using testing::HasSubstr;

constexpr const char* kSmallChain = "conv_chain:channels=8,height=2,width=2,depth=2,precision=w8a8";
constexpr const char* kSmallChainFile =
    "conv_chain-channels=8-height=2-width=2-depth=2-precision=w8a8";

class CliGenerate : public CliFolder {
 protected:
  std::string folder() const { return (directory_.path() / "new" / "models").string(); }
  std::string path(const std::string& name) const { return folder() + "/" + name; }
  static Outcome cli(const std::vector<std::string>& arguments) {
    auto outcome = run_cli(arguments);
    EXPECT_TRUE(outcome) << outcome.error().to_string();
    return outcome.value_or(Outcome{});
  }
  Outcome generate(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "generate");
    arguments.insert(arguments.end(), {"-o", folder()});
    return cli(arguments);
  }
};

TEST_F(CliGenerate, APackageComputesWhatTheProgramDoes) {
  const Outcome outcome = generate({kSmallChain});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("B/s"));
  const auto result_of = [&](const std::string& model) {
    const Outcome run = cli({"run", model, "--random", "1", "--output", path("y.npy")});
    EXPECT_EQ(run.status, 0) << run.err;
    return read_text_file(path("y.npy")).value_or("");
  };
  const std::string package = path(std::string(kSmallChainFile) + ".mlpackage");
  const std::string expected = result_of(kSmallChain);
  EXPECT_FALSE(expected.empty());
  EXPECT_EQ(result_of(package), expected);
}

TEST_F(CliGenerate, TextFoldersHoldTheProgramsText) {
  ASSERT_EQ(generate({kSmallChain, "--text"}).status, 0);
  const auto text = read_text_file(path(std::string(kSmallChainFile) + ".mlmodelc/model.mil"));
  ASSERT_TRUE(text) << text.error().to_string();
  EXPECT_EQ(cli({"inspect", kSmallChain, "--text"}).out, *text);
}

TEST_F(CliGenerate, NothingIsReplacedWithoutForce) {
  ASSERT_EQ(generate({"identity_conv:channels=2,width=2"}).status, 0);
  const Outcome again = generate({"identity_conv:channels=2,width=2"});
  EXPECT_EQ(again.status, 2);
  EXPECT_THAT(again.err, HasSubstr("--force"));
  EXPECT_EQ(generate({"identity_conv:channels=2,width=2", "--force"}).status, 0);
}

TEST_F(CliGenerate, UnknownNamesAndParametersAreRefusedBeforeAnythingIsWritten) {
  const Outcome name = generate({kSmallChain, "int8_compute_w8a9"});
  EXPECT_EQ(name.status, 2);
  EXPECT_THAT(name.err, HasSubstr("did you mean int8_compute_w8a8"));
  const Outcome key = generate({kSmallChain, "int8_compute:chanels=4"});
  EXPECT_EQ(key.status, 2);
  EXPECT_THAT(key.err, HasSubstr("chanels"));
  EXPECT_FALSE(std::filesystem::exists(folder()));
}

// One of the four published models; the others differ in numbers only (programs/int8_compute_test).
TEST_F(CliGenerate, APublishedModelHasItsOperations) {
  const Outcome outcome = generate({"int8_compute_w8a8"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("3067 operations, 16 MiB of weights"));
  const Outcome inspected = cli({"inspect", path("int8_compute_w8a8.mlpackage")});
  EXPECT_EQ(inspected.status, 0) << inspected.err << inspected.out;
  EXPECT_THAT(inspected.out, testing::ContainsRegex("constexpr_affine_dequantize +256"));
  EXPECT_THAT(inspected.out, testing::ContainsRegex("conv +int8 +int8 affine +255"));
}

}  // namespace
}  // namespace anebench::tests
