#include "anebench/experiments/step_costs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "anebench/mil/builder.h"
#include "anebench/programs/catalogue.h"

namespace anebench::experiments {
namespace {

using testing::ElementsAre;

constexpr double kChannels = 16;
constexpr double kPositions = 2 * 8;

programs::BenchmarkProgram chain(const char* precision) {
  programs::ProgramSpec spec("conv_chain", {});
  spec.set("channels", std::int64_t{16});
  spec.set("height", std::int64_t{2});
  spec.set("width", std::int64_t{8});
  spec.set("depth", std::int64_t{3});
  spec.set("precision", std::string(precision));
  auto built = programs::build(spec, programs::Content::structure);
  EXPECT_TRUE(built) << built.error().to_string();
  return std::move(*built);
}

// The step of the operations of these types from the first of the n-th convolution's on.
device::Step step_around_conv(const mil::Function& function, std::size_t number,
                              std::vector<std::string> types) {
  device::Step step{.name = "step", .operations = {}, .kernel = "kernel", .fallback_reason = "why"};
  const auto& operations = function.body.operations;
  std::size_t at = 0;
  for (std::size_t seen = 0;; ++at) {
    if (operations[at].type == "conv" && seen++ == number) break;
  }
  // Constants stand between the operations.
  while (operations[at].type != types.front()) --at;
  for (const std::string& type : types) {
    while (operations[at].type != type) ++at;
    step.operations.push_back(at++);
  }
  return step;
}

FunctionCosts costs_of(const mil::Program& program) {
  auto costs = FunctionCosts::create(*program.main());
  EXPECT_TRUE(costs) << costs.error().to_string();
  return std::move(*costs);
}

TEST(StepCosts, AConvolutionReadsInputAndWeightsAndWritesItsOutput) {
  const auto program = chain("fp16");
  const record::ProfileStep step =
      costs_of(program.program).describe(step_around_conv(*program.program.main(), 1, {"conv"}));
  EXPECT_EQ(step.type, "conv");
  EXPECT_EQ(step.output, "fp16 [1, 16, 2, 8]");
  EXPECT_EQ(step.precision, "fp16");
  EXPECT_EQ(step.kernel, "kernel");
  EXPECT_EQ(step.fallback_reason, "why");
  EXPECT_EQ(step.arithmetic, 2 * kChannels * kChannels * kPositions);
  EXPECT_GE(step.weight_bytes, 2 * kChannels * kChannels);
  EXPECT_EQ(*step.bytes_read - *step.weight_bytes, 2 * kChannels * kPositions);
  EXPECT_EQ(step.bytes_written, 2 * kChannels * kPositions);
}

TEST(StepCosts, AFusedStepMovesOnlyWhatOtherStepsSee) {
  const auto program = chain("w8a8");
  const record::ProfileStep step =
      costs_of(program.program)
          .describe(
              step_around_conv(*program.program.main(), 1, {"dequantize", "conv", "quantize"}));
  EXPECT_EQ(step.type, "dequantize+conv+quantize");
  EXPECT_EQ(step.operations.size(), 3u);
  EXPECT_EQ(step.precision, "int8");
  EXPECT_EQ(*step.bytes_read - *step.weight_bytes, kChannels * kPositions) << "int8 in";
  EXPECT_EQ(step.bytes_written, kChannels * kPositions) << "int8 out";
}

TEST(StepCosts, WeightsCountAsTheyAreStored) {
  const auto fp16 = chain("fp16");
  const auto w8 = chain("w8");
  const auto weights = [](const programs::BenchmarkProgram& program) {
    return *costs_of(program.program)
                .describe(step_around_conv(*program.program.main(), 1, {"conv"}))
                .weight_bytes;
  };
  // One byte a weight, a scale of fp16 and a zero point for each channel, and the axis.
  EXPECT_EQ(weights(fp16) - weights(w8),
            2 * kChannels * kChannels - (kChannels * kChannels + 3 * kChannels + 4));
}

TEST(StepCosts, ALayerBeginsWithWeights) {
  const auto program = chain("w8a8");
  const FunctionCosts costs = costs_of(program.program);
  const mil::Function& function = *program.program.main();
  const auto conv = costs.describe(step_around_conv(function, 1, {"conv"}));
  const auto after = costs.describe(step_around_conv(function, 1, {"conv", "quantize"}));
  const auto next = costs.describe(step_around_conv(function, 2, {"conv"}));
  EXPECT_EQ(conv.layer, conv.operations.front());
  EXPECT_EQ(after.layer, conv.layer);
  EXPECT_EQ(next.layer, next.operations.front());
  EXPECT_NE(next.layer, conv.layer);
}

TEST(StepCosts, AStepWithoutOperationsIsCalledByItsKernel) {
  const auto program = chain("fp16");
  const record::ProfileStep step =
      costs_of(program.program)
          .describe({.name = "pack x", .operations = {}, .kernel = "pack", .fallback_reason = {}});
  EXPECT_EQ(step.type, "pack");
  EXPECT_EQ(step.layer, "");
  EXPECT_FALSE(step.arithmetic || step.bytes_read);
}

TEST(StepCosts, UnknownDimensionsHaveNoCost) {
  const mil::Type type = mil::Type::tensor(mil::DataType::fp16, {1, mil::Dim::unknown()});
  mil::Builder builder("1.3", mil::Opset::ios18);
  builder.input("x", type);
  builder.op("relu", "y", type, {{"x", "x"}});
  const mil::Program program = builder.finish({"y"});
  const record::ProfileStep step = costs_of(program).describe(
      {.name = "y", .operations = {0}, .kernel = "reference", .fallback_reason = {}});
  EXPECT_EQ(step.type, "relu");
  EXPECT_THAT(step.operations, ElementsAre("y"));
  EXPECT_FALSE(step.arithmetic);
}

TEST(StepCosts, TheSumIsTheProgramsArithmetic) {
  for (const char* precision : {"fp16", "w8a8"}) {
    const auto program = chain(precision);
    EXPECT_GE(costs_of(program.program).arithmetic(), program.operations);
    EXPECT_GE(costs_of(program.program).weight_bytes(), static_cast<double>(program.weight_bytes));
  }
}

}  // namespace
}  // namespace anebench::experiments
