#include "anebench/device/chip/chip_device.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "anebench/device/loaded_program.h"
#include "anebench/mil/builder.h"
#include "anebench/programs/catalogue.h"

namespace anebench::device {
namespace {

using mil::DataType;
using mil::Type;
using mil::Value;
using testing::HasSubstr;

programs::BenchmarkProgram structure_of(const std::string& spec) {
  auto built = programs::build(spec, programs::Content::structure);
  EXPECT_TRUE(built) << built.error().to_string();
  return std::move(*built);
}

// Milliseconds of one evaluation by the device's clock.
double evaluation_ms(Device& device, const std::string& spec) {
  const programs::BenchmarkProgram program = structure_of(spec);
  auto loaded = LoadedProgram::open(device, program.program, program.weights, {});
  EXPECT_TRUE(loaded) << loaded.error().to_string();
  const std::int64_t start = device.clock().now_ns();
  EXPECT_TRUE(loaded->evaluate());
  return static_cast<double>(device.clock().now_ns() - start) * 1e-6;
}

TEST(ChipDevice, PredictsAndSaysSo) {
  const auto device = open("chip:m5");
  ASSERT_TRUE(device) << device.error().to_string();
  const DeviceInfo& info = (*device)->info();
  EXPECT_EQ(info.name, "chip:m5");
  EXPECT_EQ(info.origin, Origin::predicted);
  EXPECT_EQ(info.isa, "h17");
  EXPECT_FALSE(info.has_outputs);
  const auto peaks = (*device)->peaks();
  ASSERT_TRUE(peaks);
  for (const Peak& peak : *peaks) EXPECT_EQ(peak.origin, Origin::predicted);
  const auto bandwidth = (*device)->bandwidth();
  ASSERT_TRUE(bandwidth && *bandwidth);
  EXPECT_EQ((*bandwidth)->origin, Origin::predicted);
}

TEST(ChipDevice, AnUnknownChipListsTheKnownOnes) {
  const auto device = open("chip:m99");
  ASSERT_FALSE(device);
  EXPECT_EQ(device.error().code(), ErrorCode::invalid_argument);
  EXPECT_THAT(device.error().message(), HasSubstr("m2max"));
}

// Published: 15.083 and 8.032 ms.
TEST(ChipDevice, PredictsThePublishedChainOfTheM5) {
  const auto device = open_chip("m5");
  EXPECT_NEAR(evaluation_ms(**device, "conv_chain:channels=512,depth=128"), 15.083, 0.3);
  EXPECT_NEAR(evaluation_ms(**device, "conv_chain:channels=512,depth=128,precision=w8a8"), 8.032,
              0.2);
}

// Published gains of W8A8: about 1.0 on M1, 1.00 to 1.17 on M2 and M3, 1.8 to 1.9 on M4, M5 and
// A18 Pro, above 2 on M6.
TEST(ChipDevice, GivesThePublishedPatternOfInt8Gains) {
  const auto gain = [](const char* chip, const std::string& channels) {
    const auto device = open_chip(chip);
    const std::string chain = "conv_chain:depth=128,channels=" + channels;
    return evaluation_ms(**device, chain) / evaluation_ms(**device, chain + ",precision=w8a8");
  };
  EXPECT_NEAR(gain("m1", "512"), 1.0, 0.02);
  for (const char* chip : {"m2max", "m3pro"}) {
    for (const char* channels : {"256", "512"}) {
      EXPECT_GE(gain(chip, channels), 1.0) << chip;
      EXPECT_LE(gain(chip, channels), 1.3) << chip;
    }
  }
  for (const char* chip : {"m4", "m5", "a18pro"}) {
    EXPECT_GE(gain(chip, "512"), 1.8) << chip;
    EXPECT_LE(gain(chip, "512"), 1.95) << chip;
  }
  EXPECT_GT(gain("m6", "512"), 2.0);
}

TEST(ChipDevice, WeightsAloneInInt8NeverRaiseTheArithmeticRate) {
  for (const Chip& chip : chip_table().chips) {
    const auto device = open_chip(chip.name);
    EXPECT_DOUBLE_EQ(evaluation_ms(**device, "conv_chain:channels=512,depth=16"),
                     evaluation_ms(**device, "conv_chain:channels=512,depth=16,precision=w8"))
        << chip.name;
  }
}

TEST(ChipDevice, HasNoOutputs) {
  const auto device = open_chip("m4");
  const programs::BenchmarkProgram program = structure_of("conv_chain:channels=16,depth=2");
  auto loaded = LoadedProgram::open(**device, program.program, program.weights, {});
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  ASSERT_TRUE(loaded->set_inputs({}));
  ASSERT_TRUE(loaded->evaluate());
  const auto output = loaded->output_value(0);
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code(), ErrorCode::unsupported);
  EXPECT_THAT(output.error().message(), HasSubstr("no outputs"));
  EXPECT_FALSE(loaded->executable().replace_weight_file("@model_path/weights/weight.bin", {}));
}

TEST(ChipDevice, IsExactUnlessAskedForNoise) {
  const auto exact = open_chip("m2max");
  const std::string chain = "conv_chain:channels=64,depth=4";
  EXPECT_EQ(evaluation_ms(**exact, chain), evaluation_ms(**exact, chain));
  const auto noisy = open_chip("m2max", {.noise = stats::NoiseKind::lognormal, .seed = 5});
  const auto again = open_chip("m2max", {.noise = stats::NoiseKind::lognormal, .seed = 5});
  const double first = evaluation_ms(**noisy, chain);
  EXPECT_NE(first, evaluation_ms(**exact, chain));
  EXPECT_EQ(first, evaluation_ms(**again, chain));
}

// Collects what an observer is told.
class Times final : public StepObserver {
 public:
  void on_step(std::size_t step, std::int64_t start_ns, std::int64_t end_ns) override {
    EXPECT_EQ(step, count_);
    EXPECT_EQ(start_ns, end_ns_ == 0 ? start_ns : end_ns_);
    ++count_;
    sum_ns_ += end_ns - start_ns;
    end_ns_ = end_ns;
  }
  std::size_t count_ = 0;
  std::int64_t sum_ns_ = 0;
  std::int64_t end_ns_ = 0;
};

TEST(ChipDevice, StepsAddUpToTheEvaluation) {
  const auto device = open_chip("m5");
  const programs::BenchmarkProgram program =
      structure_of("conv_chain:channels=64,depth=4,precision=w8a8");
  auto loaded = LoadedProgram::open(**device, program.program, program.weights, {});
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  Times times;
  const std::int64_t start = (*device)->clock().now_ns();
  ASSERT_TRUE(loaded->evaluate(&times));
  EXPECT_EQ(times.count_, loaded->executable().steps().size());
  EXPECT_EQ(times.sum_ns_, (*device)->clock().now_ns() - start);
}

Result<std::unique_ptr<Executable>> compile_identity(Device& device, const Type& type,
                                                     bool lenient = false) {
  mil::Builder builder("1.3", mil::Opset::ios18);
  builder.input("x", type);
  builder.op("identity", "y", type, {{"x", "x"}});
  CompileOptions options;
  options.lenient = lenient;
  return device.compile(builder.finish({"y"}), nullptr, options);
}

TEST(ChipDevice, RefusesWhatTheEngineWould) {
  const auto m1 = open_chip("m1");
  const auto m4 = open_chip("m4");
  const auto expect_refusal = [&](Device& device, const Type& type, const char* reason) {
    const auto compiled = compile_identity(device, type);
    ASSERT_FALSE(compiled) << reason;
    EXPECT_EQ(compiled.error().code(), ErrorCode::unsupported);
    EXPECT_THAT(compiled.error().message(), HasSubstr(reason));
  };
  expect_refusal(**m4, Type::tensor(DataType::int32, {1, 8}), "no surfaces of that type");
  expect_refusal(**m4, Type::tensor(DataType::fp16, {1, 1, 1, 1, 1, 8}), "at most 5 dimensions");
  expect_refusal(**m4, Type::tensor(DataType::fp16, {1, 70000, 1, 8}), "channels");
  const Type wide = Type::tensor(DataType::fp16, {1, 8, 1, 20000});
  expect_refusal(**m1, wide, "h13 takes spatial dimensions up to 16384");
  EXPECT_TRUE(compile_identity(**m4, wide));
  expect_refusal(**m4, Type::tensor(DataType::fp16, {1, 8, 1, 70000}), "up to 65536");
}

TEST(ChipDevice, LenientlyARefusalIsANote) {
  const auto device = open_chip("m1");
  const auto compiled =
      compile_identity(**device, Type::tensor(DataType::int32, {1, 8}), /*lenient=*/true);
  ASSERT_TRUE(compiled) << compiled.error().to_string();
  ASSERT_EQ((*compiled)->notes().size(), 2u);  // the input and the output
  EXPECT_THAT((*compiled)->notes().front(), HasSubstr("int32"));
}

TEST(ChipDevice, AWeightThatTheProgramComputesIsRefused) {
  mil::Builder builder("1.3", mil::Opset::ios18);
  const Type weight = Type::tensor(DataType::fp16, {4, 4, 1, 1});
  builder.input("w", weight);
  builder.input("x", Type::tensor(DataType::fp16, {1, 4, 2, 2}));
  builder.op("conv", "y", Type::tensor(DataType::fp16, {1, 4, 2, 2}),
             {{"weight", "w"}, {"x", "x"}});
  const auto device = open_chip("m5");
  const auto compiled = (*device)->compile(builder.finish({"y"}), nullptr, {});
  ASSERT_FALSE(compiled);
  EXPECT_THAT(compiled.error().message(), HasSubstr("constant weights"));
}

}  // namespace
}  // namespace anebench::device
