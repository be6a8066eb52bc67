// Functions with open dimensions on the CPU: plans for the shapes of a request.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "anebench/device/cpu/test_chain.h"
#include "anebench/mil/text_parser.h"

namespace anebench::device::cpu {
namespace {

using mil::DataType;
using mil::Dim;
using mil::Type;
using mil::Value;
using testing::Each;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kWeightFile = "@model_path/weights/weight.bin";
constexpr std::int64_t kChannels = 16;

Type open_half(std::int64_t channels) {
  return Type::tensor(DataType::fp16, {1, channels, Dim::unknown()});
}

// A weight file with one fp16 tensor, all of whose elements are `value`.
std::vector<std::byte> file_of(double value) {
  std::vector<std::byte> file(128 + 2 * kChannels * kChannels);
  const auto put = [&](std::size_t at, std::uint64_t bits, std::size_t bytes) {
    std::memcpy(file.data() + at, &bits, bytes);
  };
  put(0, 1, 4), put(4, 2, 4);
  put(64, 0xDEADBEEF, 4), put(68, 1, 4), put(72, 2 * kChannels * kChannels, 8), put(80, 128, 8);
  for (std::size_t at = 128; at < file.size(); at += 2) put(at, half_from_double(value), 2);
  return file;
}

// A convolution, and its result in the shape of twice as many columns, computed from the shape of
// the input.
mil::Program open_convolution() {
  mil::Builder b("1.3", mil::Opset::ios17);
  b.input("x", open_half(kChannels));
  b.constant("w", Value::blob(Type::tensor(DataType::fp16, {kChannels, kChannels, 1}),
                              {std::string(kWeightFile), 64}));
  b.op("shape", "s", Type::tensor(DataType::int32, {3}), {{"x", "x"}});
  b.op("mul", "to", Type::tensor(DataType::int32, {3}),
       {{"x", "s"}, {"y", Value::tensor<std::int32_t>({3}, {1, 1, 2})}});
  b.op("floor_div", "shape", Type::tensor(DataType::int32, {3}),
       {{"x", "to"}, {"y", Value::tensor<std::int32_t>({3}, {1, 2, 1})}});
  b.op("conv", "c", open_half(kChannels), {{"x", "x"}, {"weight", "w"}});
  b.op("reshape", "r", open_half(kChannels / 2), {{"x", "c"}, {"shape", "shape"}});
  b.op("relu", "y", open_half(kChannels / 2), {{"x", "r"}});
  return b.finish({"y"});
}

Result<LoadedProgram> load_open(Device& device, const mil::Program& program,
                                const CompileOptions& options = {}) {
  ANEBENCH_ASSIGN(files,
                  weights::WeightFiles::from_memory({{std::string(kWeightFile), file_of(0.5)}}));
  return LoadedProgram::open(device, program, files, options);
}

// All elements are 1.
Value half_ones(std::int64_t columns) {
  const std::vector<double> numbers(static_cast<std::size_t>(kChannels * columns), 1.0);
  return Value::fp16_tensor({1, kChannels, columns}, numbers);
}

std::vector<double> run_open(LoadedProgram& loaded, const Value& x,
                             StepObserver* observer = nullptr) {
  const auto set = loaded.set_input(0, x);
  EXPECT_TRUE(set) << set.error().to_string();
  const auto done = loaded.evaluate(observer);
  EXPECT_TRUE(done) << done.error().to_string();
  const auto y = loaded.output_value(0);
  EXPECT_TRUE(y) << y.error().to_string();
  return y ? y->as_doubles().value_or(std::vector<double>()) : std::vector<double>();
}

class StepRecorder final : public StepObserver {
 public:
  void on_step(std::size_t step, std::int64_t start_ns, std::int64_t end_ns) override {
    EXPECT_LE(start_ns, end_ns);
    steps.push_back(step);
  }
  std::vector<std::size_t> steps;
};

TEST(CpuOpenShapes, TheFirstEvaluationPlans) {
  const auto device = test_device();
  const mil::Program program = open_convolution();
  auto loaded = load_open(*device, program);
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  const Executable& executable = loaded->executable();
  EXPECT_THAT(executable.steps(), Each(Field(&Step::fallback_reason, HasSubstr("'x'"))));
  EXPECT_THAT(run_open(*loaded, half_ones(3)), Each(8));
  EXPECT_EQ(loaded->output_value(0)->type(), Type::tensor(DataType::fp16, {1, 8, 6}));
  EXPECT_THAT(executable.steps(), Each(Field(&Step::fallback_reason, "")));
  EXPECT_THAT(executable.steps(), Each(Field(&Step::kernel, Not("reference"))));

  // Indices are those of the program that was compiled; what became constant is in no step.
  std::multiset<std::string> covered;
  for (const Step& step : executable.steps()) {
    for (const std::size_t index : step.operations) {
      covered.emplace(program.main()->body.operations[index].label());
    }
  }
  EXPECT_THAT(covered, ElementsAre("c", "r", "y"));
  StepRecorder recorder;
  run_open(*loaded, half_ones(3), &recorder);
  std::vector<std::size_t> all(executable.steps().size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  EXPECT_EQ(recorder.steps, all);
}

TEST(CpuOpenShapes, PlansAreKeptWhileShapesComeBack) {
  const auto device = test_device();
  auto loaded = load_open(*device, open_convolution());
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  const Executable& executable = loaded->executable();
  EXPECT_EQ(executable.resident_bytes(), 0u);
  run_open(*loaded, half_ones(3));
  const std::vector<Step>* steps = &executable.steps();
  const std::size_t one = executable.resident_bytes();
  EXPECT_GE(one, 2u * kChannels * kChannels);
  EXPECT_EQ(run_open(*loaded, half_ones(100)).size(), 1600u);
  EXPECT_GT(executable.resident_bytes(), one);
  run_open(*loaded, half_ones(3));
  EXPECT_EQ(&executable.steps(), steps) << "of the plan that was made first";
  ASSERT_TRUE(loaded->executable().unload());
  EXPECT_EQ(executable.resident_bytes(), 0u);
}

TEST(CpuOpenShapes, ReplacedWeightsWaitForTheNextLoad) {
  const auto device = test_device();
  auto loaded = load_open(*device, open_convolution());
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  Executable& executable = loaded->executable();
  EXPECT_THAT(run_open(*loaded, half_ones(3)), Each(8));
  ASSERT_TRUE(executable.replace_weight_file(std::string(kWeightFile), file_of(2)));
  EXPECT_THAT(run_open(*loaded, half_ones(3)), Each(8));
  EXPECT_THAT(run_open(*loaded, half_ones(4)), Each(8))
      << "a plan made after the file was replaced";
  ASSERT_TRUE(executable.unload());
  ASSERT_TRUE(executable.load());
  EXPECT_THAT(run_open(*loaded, half_ones(3)), Each(32));
  EXPECT_THAT(run_open(*loaded, half_ones(4)), Each(32));
}

TEST(CpuOpenShapes, WhatIsMissingIsNamedAtLoad) {
  const auto refused = LoadedProgram::open(*test_device(), open_convolution(), nullptr, {});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().to_string(), HasSubstr("weight.bin"));
}

TEST(CpuOpenShapes, TheMemoryLimitIsThatOfEachPlan) {
  const auto device = test_device();
  CompileOptions options;
  options.max_memory = std::size_t{1} << 17;
  auto loaded = load_open(*device, open_convolution(), options);
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  for (const std::int64_t columns : {1, 2, 3, 4, 5}) run_open(*loaded, half_ones(columns));
  EXPECT_THAT(loaded->executable().steps(), Each(Field(&Step::fallback_reason, "")));
  ASSERT_TRUE(loaded->set_input(0, half_ones(10'000)));
  const auto refused = loaded->evaluate();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::resource_exhausted);
  EXPECT_THAT(loaded->executable().steps(),
              Each(Field(&Step::fallback_reason, HasSubstr("--max-memory"))));
  EXPECT_THAT(run_open(*loaded, half_ones(2)), Each(8)) << "the next one is of another shape";
}

TEST(CpuOpenShapes, WhatDependsOnValuesIsInterpretedAndSaysSo) {
  const auto program = mil::parse_text(R"(program(1.3) {
    func main<ios17>(tensor<fp32, [?]> x) {
      tensor<int32, [?, 1]> at = non_zero(x = x);
      tensor<fp32, [?]> y = relu(x = x);
    } -> (at, y);
  })");
  ASSERT_TRUE(program);
  const auto device = test_device();
  auto loaded = LoadedProgram::open(*device, *program, nullptr, {});
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  EXPECT_THAT(run_open(*loaded, Value::tensor<float>({3}, {0, 5, -1})), ElementsAre(1, 2));
  EXPECT_THAT(loaded->executable().steps(), Each(Field(&Step::kernel, "reference")));
  EXPECT_THAT(loaded->executable().steps(), Each(Field(&Step::fallback_reason, HasSubstr("'at'"))));
  EXPECT_TRUE(loaded->executable().is_bit_exact());
}

TEST(CpuOpenShapes, ExactnessIsThatOfTheLatestPlan) {
  const auto program = mil::parse_text(R"(program(1.3) {
    func main<ios17>(tensor<fp16, [?]> x) {
      tensor<fp16, [?]> y = relu(x = x);
    } -> (y);
  })");
  ASSERT_TRUE(program);
  const auto device = test_device();
  auto loaded = LoadedProgram::open(*device, *program, nullptr, {});
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  EXPECT_FALSE(loaded->executable().is_bit_exact());
  run_open(*loaded, Value::fp16_tensor({2}, std::vector<double>{-1, 1}));
  EXPECT_TRUE(loaded->executable().is_bit_exact());
}

}  // namespace
}  // namespace anebench::device::cpu
