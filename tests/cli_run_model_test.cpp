// `run`: inputs from files, outputs to files, states and open dimensions, and what is said where
// something is missing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "anebench/base/bytes.h"
#include "anebench/io/npy.h"
#include "anebench/io/npz.h"
#include "cli_folder.h"
#include "cli_process.h"
#include "test_data.h"

namespace anebench::tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kScale = testdata("package/scale_ios17.mlpackage").string();

class CliRunModel : public CliFolder {
 protected:
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
};

io::NpyArray floats(std::vector<std::int64_t> shape, const std::vector<float>& values) {
  io::NpyArray array{.type = io::NpyType::fp32, .shape = std::move(shape), .bytes = {}};
  for (const float value : values) append_le(array.bytes, value);
  return array;
}

// Adds x to a state and gives the sum so far.
constexpr std::string_view kAccumulator = R"(program(1.3)
{
    func main<ios18>(tensor<fp16, [2]> x, state<tensor<fp16, [2]>> sum) {
            tensor<fp16, [2]> before = read_state(input = sum)[name = string("before")];
            tensor<fp16, [2]> after = add(x = before, y = x)[name = string("after")];
            write_state(data = after, input = sum)[name = string("write")];
        } -> (after);
})";

constexpr std::string_view kOpenRelu = R"(program(1.3)
{
    func main<ios18>(tensor<fp32, [2, ?]> x) {
            tensor<fp32, [2, ?]> y = relu(x = x)[name = string("y")];
        } -> (y);
})";

constexpr std::string_view kTwoFunctions = R"(program(1.3)
{
    func first<ios18>(tensor<fp32, [2]> x) {
            tensor<fp32, [2]> y = relu(x = x)[name = string("y")];
        } -> (y);
    func second<ios18>(tensor<fp32, [2]> a, tensor<fp32, [2]> b) {
            tensor<fp32, [2]> z = sub(x = a, y = b)[name = string("z")];
        } -> (z);
})";

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

TEST_F(CliRunModel, TheNameOfAnOnlyInputAndOutputMayBeLeftOut) {
  write_ones(io::NpyType::fp64);
  const Outcome outcome = run({kScale, "--input", path("x.npy"), "--output", path("y.npy")});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_TRUE(io::read_npy_file(path("y.npy")));
}

TEST_F(CliRunModel, OfSeveralInputsTheNameMustBeGiven) {
  const std::string model = write("two.mil", kTwoFunctions);
  ASSERT_TRUE(io::write_npy_file(path("a.npy"), floats({2}, {1, 2})));
  const Outcome outcome = run({model, "--function", "second", "--input", path("a.npy")});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("does not say which input it is; the program has a, b"));
}

TEST_F(CliRunModel, FunctionsAreChosenByName) {
  const std::string model = write("two.mil", kTwoFunctions);
  EXPECT_THAT(run({model, "--random", "1"}).err, HasSubstr("the program has first, second"));
  const Outcome outcome = run({model, "--random", "1", "--function", "second"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("z "));
}

TEST_F(CliRunModel, ArchivesHoldValuesByName) {
  if (!io::has_npz()) GTEST_SKIP() << "this build has no libzip";
  const std::string model = write("two.mil", kTwoFunctions);
  ASSERT_TRUE(io::write_npz_file(
      path("in.npz"),
      {{"a", floats({2}, {5, 6})}, {"b", floats({2}, {1, 3})}, {"c", floats({1}, {0})}}));
  const Outcome outcome =
      run({model, "--function", "second", "--input", path("in.npz"), "--output", path("out.npz")});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("the array \"c\" is not used"));
  const auto arrays = io::read_npz_file(path("out.npz"));
  ASSERT_TRUE(arrays) << arrays.error().to_string();
  EXPECT_EQ(*arrays, (io::NpzArrays{{"z", floats({2}, {4, 3})}}));
}

TEST_F(CliRunModel, ADamagedArchiveIsNamed) {
  const Outcome outcome = run({kScale, "--input", write("in.npz", "PK")});
  EXPECT_NE(outcome.status, 0);
  EXPECT_THAT(outcome.err, io::has_npz() ? HasSubstr("in.npz") : HasSubstr("libzip"));
}

TEST_F(CliRunModel, StatesAreKeptFromOneEvaluationToTheNext) {
  const std::string model = write("sum.mil", kAccumulator);
  ASSERT_TRUE(io::write_npy_file(path("x.npy"), floats({2}, {1, -0.5})));
  for (const char* device : {"reference", "cpu"}) {
    const Outcome outcome = run({model, "--device", device, "--repeat", "3", "--input",
                                 path("x.npy"), "--output", path("y.npy")});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("sum (zeros at first)"));
    EXPECT_THAT(outcome.out, testing::ContainsRegex("-1[.]5 +3 +0[.]75 +0 +0"));
  }
}

TEST_F(CliRunModel, OpenDimensionsAreThoseOfTheFile) {
  const std::string model = write("open.mil", kOpenRelu);
  ASSERT_TRUE(io::write_npy_file(path("x.npy"), floats({2, 3}, {-1, 2, -3, 4, -5, 6})));
  for (const char* device : {"reference", "cpu"}) {
    const Outcome outcome =
        run({model, "--device", device, "--input", path("x.npy"), "--output", path("y.npy")});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    const auto y = io::read_npy_file(path("y.npy"));
    ASSERT_TRUE(y) << y.error().to_string();
    EXPECT_EQ(*y, floats({2, 3}, {0, 2, 0, 4, 0, 6}));
  }
  const Outcome random = run({model, "--random", "1"});
  EXPECT_NE(random.status, 0);
  EXPECT_THAT(random.err, HasSubstr("input \"x\""));
  EXPECT_THAT(random.err, HasSubstr("give a file"));
}

TEST_F(CliRunModel, LoopsThatDoNotEndEndAtTheLimit) {
  const std::string model = write("endless.mil", R"(program(1.3)
{
    func main<ios17>(tensor<int32, [1]> n) {
            tensor<int32, [1]> left = while_loop(loop_vars = (n))
                block(tensor<int32, [1]> i) {
                    bool goes_on = const()[name = string("goes_on"), val = bool(true)];
                } -> (goes_on)
                block(tensor<int32, [1]> i) {
                    tensor<int32, [1]> next = add(x = i, y = i)[name = string("next")];
                } -> (next);
        } -> (left);
})");
  const Outcome outcome = run({model, "--random", "1", "--max-iterations", "100"});
  EXPECT_NE(outcome.status, 0);
  EXPECT_THAT(outcome.err, HasSubstr("100 iterations"));
}

TEST_F(CliRunModel, SpecialValuesAreCounted) {
  const std::string model = write("open.mil", kOpenRelu);
  const float infinity = std::numeric_limits<float>::infinity();
  ASSERT_TRUE(io::write_npy_file(path("x.npy"),
                                 floats({2, 2}, {infinity, std::nanf(""), std::nanf(""), 4})));
  const Outcome outcome = run({model, "--device", "reference", "--input", path("x.npy")});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, testing::ContainsRegex(" 4 +4 +4 +2 +1"));
}

TEST_F(CliRunModel, SaysWhatExecutedTheOperations) {
  const Outcome outcome = run({kScale, "--device", "reference", "--random", "1"});
  EXPECT_THAT(outcome.out, HasSubstr("Executed by"));
  EXPECT_THAT(outcome.out, testing::ContainsRegex("reference +[0-9]+"));
}

}  // namespace
}  // namespace anebench::tests
