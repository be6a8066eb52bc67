// `run`: inputs from files, outputs to files, and what is said where something is missing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/base/bytes.h"
#include "anebench/io/npy.h"
#include "cli_process.h"

namespace anebench::tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kScale = ANEBENCH_TESTDATA "/package/scale_ios17.mlpackage";

class CliRunModel : public testing::Test {
 protected:
  CliRunModel() : directory_(*TemporaryDirectory::create()) {}

  std::string path(const std::string& name) const { return (directory_.path() / name).string(); }
  Outcome run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "run");
    auto outcome = run_cli(arguments);
    EXPECT_TRUE(outcome) << outcome.error().to_string();
    return outcome.value_or(Outcome{});
  }
  // An array of ones of the shape 3x4.
  std::string write_ones(io::NpyType type) {
    io::NpyArray array{.type = type, .shape = {3, 4}, .bytes = {}};
    for (int i = 0; i < 12; ++i) {
      if (type == io::NpyType::fp64) {
        append_le(array.bytes, 1.0);
      } else {
        append_le(array.bytes, std::int32_t{1});
      }
    }
    EXPECT_TRUE(io::write_npy_file(path("x.npy"), array));
    return "x=" + path("x.npy");
  }

  TemporaryDirectory directory_;
};

TEST_F(CliRunModel, InputsComeFromFilesAndOutputsGoToFiles) {
  for (const char* device : {"reference", "cpu"}) {
    const Outcome outcome = run({kScale, "--device", device, "--input",
                                 write_ones(io::NpyType::fp64), "--output", "y=" + path("y.npy")});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    const auto y = io::read_npy_file(path("y.npy"));
    ASSERT_TRUE(y) << y.error().to_string();
    EXPECT_EQ(y->type, io::NpyType::fp32);
    EXPECT_THAT(y->shape, ElementsAre(3, 4));
    std::vector<float> values;
    for (std::size_t i = 0; i < 12; ++i) values.push_back(load_le<float>(y->bytes, 4 * i));
    // The weights are 0, 1/8, … 11/8, and each row gets 1, -1, 1/2 and 0 added.
    EXPECT_THAT(values, ElementsAre(1.0f, -0.875f, 0.75f, 0.375f, 1.5f, -0.375f, 1.25f, 0.875f,
                                    2.0f, 0.125f, 1.75f, 1.375f))
        << device;
  }
}

TEST_F(CliRunModel, OtherKindsOfNumberAreConvertedOnlyWhenAsked) {
  const std::string input = write_ones(io::NpyType::int32);
  const Outcome refused = run({kScale, "--input", input});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, HasSubstr("int32"));
  EXPECT_EQ(run({kScale, "--input", input, "--cast"}).status, 0);
}

TEST_F(CliRunModel, MissingInputsAreListedWithTheirTypes) {
  const Outcome outcome = run({kScale});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("x (tensor<fp32, [3, 4]>)"));
  EXPECT_THAT(outcome.err, HasSubstr("--random"));
}

TEST_F(CliRunModel, NamesThatAreNotThereAreAnError) {
  const Outcome outcome = run({kScale, "--random", "1", "--output", "z=" + path("z.npy")});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("there is no output \"z\"; the program has y"));
}

TEST_F(CliRunModel, RandomInputsFollowTheSeed) {
  const auto values = [&](const char* seed) {
    const Outcome outcome =
        run({kScale, "--random", seed, "--repeat", "3", "--output", "y=" + path("y.npy")});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("median of 3"));
    const auto y = io::read_npy_file(path("y.npy"));
    return y ? y->bytes : std::vector<std::byte>();
  };
  EXPECT_EQ(values("1"), values("1"));
  EXPECT_NE(values("1"), values("2"));
}

}  // namespace
}  // namespace anebench::tests
