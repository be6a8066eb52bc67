// `inspect` on programs, folders, weight files, and on what is none of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "anebench/weights/blob_file_writer.h"
#include "cli_folder.h"
#include "cli_process.h"
#include "test_data.h"

namespace anebench::tests {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view kRelu = R"(program(1.3)
{
    func main<ios18>(tensor<fp16, [1, 4]> x) {
            tensor<fp16, [1, 4]> y = relu(x = x)[name = string("y")];
        } -> (y);
})";

// One op that needs a weight of four bytes at offset 64 of `file`.
std::string program_with_weight(const std::string& file) {
  return R"(program(1.3)
{
    func main<ios18>(tensor<int8, [4]> x) {
            tensor<int8, [4]> w = const()[name = string("w"), val = tensor<int8, [4]>(BLOBFILE(path = string(")" +
         file + R"("), offset = uint64(64)))];
        } -> (w);
}
)";
}

class CliInspect : public CliFolder {
 protected:
  std::string write(const std::string& name, std::string_view text) {
    const auto path = directory_.path() / name;
    std::filesystem::create_directories(path.parent_path());
    EXPECT_TRUE(write_file_atomically(path, text));
    return path.string();
  }
  Outcome inspect(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "inspect");
    auto outcome = run_cli(arguments);
    EXPECT_TRUE(outcome) << outcome.error().to_string();
    return outcome.value_or(Outcome{});
  }
  std::string weight_file(const std::string& name) {
    auto writer = weights::BlobFileWriter::in_memory();
    EXPECT_TRUE(writer.append(mil::Value::tensor<std::int8_t>({4}, {1, 2, 3, 4})));
    const std::vector<std::byte> image = writer.take_image();
    return write(name, {reinterpret_cast<const char*>(image.data()), image.size()});
  }
};

TEST_F(CliInspect, SaysWhatIsInAText) {
  const Outcome outcome = inspect({write("a.mil", kRelu)});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("function main, opset ios18"));
  EXPECT_THAT(outcome.out, HasSubstr("tensor<fp16, [1, 4]>"));
  EXPECT_THAT(outcome.out, HasSubstr("relu"));
  EXPECT_THAT(outcome.out, HasSubstr("Valid"));
  EXPECT_THAT(outcome.err, IsEmpty());
}

TEST_F(CliInspect, TextPrintsTheProgramAndNothingElse) {
  const Outcome outcome = inspect({write("a.mil", kRelu), "--text"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.out, kRelu);
}

TEST_F(CliInspect, TakesAFolderAndAProgramByName) {
  write("model.mlmodelc/model.mil", kRelu);
  EXPECT_EQ(inspect({(directory_.path() / "model.mlmodelc").string()}).status, 0);
  const Outcome named = inspect({"conv_chain:channels=16,depth=3,precision=w8a8,width=4,height=4"});
  EXPECT_EQ(named.status, 0) << named.err;
  EXPECT_THAT(named.out, HasSubstr("constexpr_affine_dequantize      3"));
  EXPECT_THAT(named.out, HasSubstr("weight.bin"));
}

TEST_F(CliInspect, ASyntaxErrorHasFileLineAndColumn) {
  const std::string path = write("bad.mil", "program(1.3)\n{\n    func main<ios18>(oops\n");
  const Outcome outcome = inspect({path});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("bad.mil"));
  EXPECT_THAT(outcome.err, testing::ContainsRegex("line [0-9]+, column [0-9]+"));
  EXPECT_THAT(outcome.out, IsEmpty());
}

TEST_F(CliInspect, ABrokenRuleNamesTheOpAndItsLine) {
  std::string text(kRelu);
  text.replace(text.find("relu(x = x)"), 11, "relu(x = z)");
  const Outcome outcome = inspect({write("a.mil", text)});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.out, HasSubstr("Not valid"));
  EXPECT_THAT(outcome.out, HasSubstr("line 4"));
  EXPECT_THAT(outcome.out, HasSubstr("relu"));
}

TEST_F(CliInspect, SaysWhatIsInAWeightFile) {
  const Outcome outcome = inspect({weight_file("weight.bin")});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("int8"));
  EXPECT_THAT(outcome.out, HasSubstr("Blobs"));
}

TEST_F(CliInspect, ReadsWeightsBesideTheText) {
  weight_file("weights/weight.bin");
  const std::string text = write("a.mil", program_with_weight("@model_path/weights/weight.bin"));
  const Outcome outcome = inspect({text, "--strict"});
  EXPECT_EQ(outcome.status, 0) << outcome.err << outcome.out;
  EXPECT_THAT(outcome.out, HasSubstr("@model_path/weights/weight.bin"));
}

TEST_F(CliInspect, AMissingWeightFileIsNamed) {
  const std::string text = write("a.mil", program_with_weight("@model_path/weights/weight.bin"));
  const Outcome outcome = inspect({text});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("weights/weight.bin"));
}

TEST_F(CliInspect, AWeightFileOutsideTheFolderIsRefused) {
  weight_file("weight.bin");
  const std::string text = write("model/a.mil", program_with_weight("@model_path/../weight.bin"));
  const Outcome outcome = inspect({text});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr(".."));
}

TEST_F(CliInspect, OddWeightFilesAreWarningsAndStrictlyErrors) {
  const std::string path = weight_file("weight.bin");
  std::string bytes = *read_text_file(path);
  bytes[0] = 9;  // the header counts nine blobs
  write("weight.bin", bytes);
  const Outcome tolerant = inspect({path});
  EXPECT_EQ(tolerant.status, 0) << tolerant.err;
  EXPECT_THAT(tolerant.out, HasSubstr("9"));
  bytes.resize(40);
  write("weight.bin", bytes);
  const Outcome cut = inspect({path});
  EXPECT_EQ(cut.status, 2);
  EXPECT_THAT(cut.err, HasSubstr("weight.bin"));
}

TEST_F(CliInspect, PackagesAreModels) {
  const std::string package = testdata("package/scale_ios17.mlpackage").string();
  const Outcome text = inspect({package, "--text"});
  EXPECT_EQ(text.status, 0) << text.err;
  EXPECT_TRUE(text.out.starts_with("program(1.0)\n[buildInfo = dict<")) << text.out;
  EXPECT_THAT(text.out, HasSubstr("func main<ios17>(tensor<fp32, [3, 4]> x) {"));
  EXPECT_TRUE(text.out.ends_with("} -> (y);\n}")) << text.out;
}

TEST_F(CliInspect, SaysWhereAModelCameFromAndHowItComputes) {
  const Outcome package = inspect({testdata("package/scale_ios17.mlpackage").string()});
  EXPECT_EQ(package.status, 0) << package.err;
  EXPECT_THAT(package.out, testing::ContainsRegex("Model:? +package with an ML program"));
  EXPECT_THAT(package.out, testing::ContainsRegex("Specification:? +8"));
  const Outcome chain = inspect({"conv_chain:channels=16,depth=3,precision=w8a8,width=4,height=4"});
  EXPECT_THAT(chain.out, testing::ContainsRegex("Model:? +program by name"));
  EXPECT_THAT(chain.out, testing::ContainsRegex("conv +int8 +int8 affine +2 +512"));
}

// A model file whose only field is a neural network (number 500) of no bytes.
TEST_F(CliInspect, OtherKindsOfModelAreNamedAndRefused) {
  const Outcome outcome =
      inspect({write("old.mlmodel", std::string_view("\x08\x04\xa2\x1f\0", 5))});
  EXPECT_NE(outcome.status, 0);
  EXPECT_THAT(outcome.err, HasSubstr("the model is a neural network; only ML programs are read"));
  EXPECT_THAT(outcome.out, IsEmpty());
}

TEST_F(CliInspect, WhatIsNoModelIsSaid) {
  EXPECT_THAT(inspect({"conv_chian:depth=3"}).err, HasSubstr("did you mean conv_chain?"));
  EXPECT_THAT(inspect({"conv_chain:dept=3"}).err, HasSubstr("dept"));
  EXPECT_EQ(inspect({"conv_chain:dept=3"}).status, 2);
  EXPECT_THAT(inspect({"/nowhere/a.mil"}).err, HasSubstr("/nowhere/a.mil"));
  EXPECT_THAT(inspect({directory_.path().string()}).err, HasSubstr("model.mil"));
  EXPECT_EQ(inspect({directory_.path().string()}).status, 2);
  std::filesystem::create_directory(directory_.path() / "m.mlpackage");
  EXPECT_THAT(inspect({(directory_.path() / "m.mlpackage").string()}).err,
              HasSubstr("Manifest.json"));
  EXPECT_THAT(inspect({"/dev/zero"}).err, HasSubstr("/dev/zero"));
}

}  // namespace
}  // namespace anebench::tests
