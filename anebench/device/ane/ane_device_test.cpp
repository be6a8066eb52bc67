// The Neural Engine's device on the stand-in: its life cycle, and what it does so that programs
// run.
#include "anebench/device/ane/ane_device.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <numeric>

#include "anebench/device/ane/ane_surface.h"
#include "anebench/device/ane/compile_budget.h"
#include "anebench/device/ane/standin_for_tests.h"
#include "anebench/device/compare.h"
#include "anebench/device/loaded_program.h"
#include "anebench/device/reference/reference_device.h"
#include "anebench/mil/builder.h"
#include "anebench/programs/catalogue.h"
#include "anebench/programs/quantized_conv.h"

namespace anebench::device::ane {
namespace {

using mil::DataType;
using mil::Type;
using programs::BenchmarkProgram;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

BenchmarkProgram built(std::string_view text) {
  auto benchmark = programs::build(text);
  if (!benchmark) throw std::runtime_error(benchmark.error().to_string());
  return std::move(*benchmark);
}

LoadedProgram loaded_on(Device& device, const mil::Program& program,
                        const std::shared_ptr<weights::WeightFiles>& weights,
                        const std::vector<mil::Value>& inputs) {
  auto loaded = LoadedProgram::open(device, program, weights, {});
  if (!loaded) throw std::runtime_error(loaded.error().to_string());
  const auto set = loaded->set_inputs(inputs);
  if (!set) throw std::runtime_error(set.error().to_string());
  return std::move(*loaded);
}

LoadedProgram loaded_on(Device& device, const BenchmarkProgram& benchmark) {
  return loaded_on(device, benchmark.program, benchmark.weights, benchmark.inputs);
}

class AneDeviceTest : public OnStandin {
 protected:
  // Runs on the engine and on the reference, and compares output 0.
  static Comparison compare_with_reference(const BenchmarkProgram& benchmark,
                                           std::vector<std::string>* notes = nullptr) {
    const auto device = open_device();
    auto reference = open_reference({.threads = 1});
    LoadedProgram mine = loaded_on(*device, benchmark);
    LoadedProgram exact = loaded_on(**reference, benchmark);
    mine.poison_outputs();
    const auto run = mine.evaluate();
    EXPECT_TRUE(run) << run.error().to_string();
    EXPECT_TRUE(exact.evaluate());
    if (notes != nullptr) *notes = mine.executable().notes();
    return compare(exact.output(0).type(), exact.output(0).bytes(), mine.output(0).bytes());
  }
};

TEST_F(AneDeviceTest, SaysThatItIsAStandIn) {
  const auto device = open_device();
  EXPECT_EQ(device->info().origin, Origin::stand_in);
  EXPECT_EQ(device->info().isa, "h17s");
  EXPECT_THAT(device->info().description, HasSubstr("stand-in"));
  EXPECT_THAT(device->info().remarks, Contains(HasSubstr("stand-in")));
  EXPECT_TRUE(device->peaks()->empty());
}

TEST_F(AneDeviceTest, ComputesWhatTheReferenceDoes) {
  EXPECT_TRUE(compare_with_reference(built("conv_chain:channels=24,height=5,width=7,depth=3,"
                                           "precision=w8a8"))
                  .bit_identical);
  EXPECT_GE(compare_with_reference(built("conv_chain:channels=24,height=5,width=7,depth=3")).snr_db,
            55);
}

TEST_F(AneDeviceTest, EachExecutableHasAFolderOfItsOwnUntilItEnds) {
  const auto device = open_device();
  const BenchmarkProgram benchmark = built("identity_conv:channels=16,width=8");
  auto first = device->compile(benchmark.program, benchmark.weights, {});
  ASSERT_TRUE(first) << first.error().to_string();
  auto second = device->compile(benchmark.program, benchmark.weights, {});
  ASSERT_TRUE(second) << second.error().to_string();
  // A folder and its marker each, though the programs are the same.
  EXPECT_EQ(files_left().size(), 4u);
  first->reset();
  EXPECT_EQ(files_left().size(), 2u);
  ASSERT_TRUE((*second)->load());
}

TEST_F(AneDeviceTest, SurfacesAreTheEnginesOwnMemoryPaddedToWhatEveryHostTakes) {
  const auto device = open_device();
  const auto type = Type::tensor(DataType::fp16, {1, 16, 1, 8});
  auto surface = device->create_surface(type);
  ASSERT_TRUE(surface) << surface.error().to_string();
  EXPECT_EQ((*surface)->bytes().size(), 256u);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>((*surface)->bytes().data()) % 64, 0u);
  const auto& own = dynamic_cast<const AneSurface&>(**surface);
  EXPECT_EQ(own.capacity(), 49'152u);
  EXPECT_THAT((*surface)->bytes(), testing::Each(std::byte{0}));
}

// d = b − 2a, with inputs and outputs out of their alphabetical order and of different sizes.
mil::Program two_inputs(std::int64_t a_rows, std::int64_t b_rows) {
  const Type a = Type::tensor(DataType::fp16, {a_rows, 64});
  const Type b = Type::tensor(DataType::fp16, {b_rows, 64});
  mil::Builder builder("1.3", mil::Opset::ios18);
  builder.input("b", b);
  builder.input("a", a);
  builder.op("add", "e", a, {{"x", "a"}, {"y", "a"}});
  builder.op("sub", "d", b, {{"x", "b"}, {"y", "e"}});
  return builder.finish({"e", "d"});
}

void expect_two_inputs_right(Device& device, std::int64_t a_rows, std::int64_t b_rows) {
  const auto value = [](std::int64_t rows, double x) {
    return mil::Value::fp16_tensor({rows, 64},
                                   std::vector<double>(static_cast<std::size_t>(rows) * 64, x));
  };
  LoadedProgram loaded = loaded_on(device, two_inputs(a_rows, b_rows), nullptr,
                                   {value(b_rows, 7.0), value(a_rows, 2.0)});
  loaded.poison_outputs();
  for (int i = 0; i < 2; ++i) {
    const auto run = loaded.evaluate();
    ASSERT_TRUE(run) << run.error().to_string();
  }
  EXPECT_EQ(loaded.output_value(0)->as_doubles()->back(), 4.0);
  EXPECT_EQ(loaded.output_value(1)->as_doubles()->back(), 3.0);
}

TEST_F(AneDeviceTest, BindsInTheEnginesOrder) { expect_two_inputs_right(*open_device(), 8, 8); }

TEST_F(AneDeviceTest, SurfacesOfDifferentSizesAreMadeEqualByCopies) {
  expect_two_inputs_right(*open_device(), 1, 1024);
}

TEST_F(AneDeviceTest, WhatWasDoneToTheProgramIsSaid) {
  const auto device = open_device();
  auto executable = device->compile(two_inputs(1, 1024), nullptr, {});
  ASSERT_TRUE(executable) << executable.error().to_string();
  const auto& notes = (*executable)->notes();
  EXPECT_THAT(notes, Contains(HasSubstr("the input 'a' has 128 bytes; its surface is padded to")));
  EXPECT_THAT(notes, Contains(HasSubstr("the inputs bind as a, b")));
  EXPECT_THAT(notes, Contains(HasSubstr("from 128 to 131072 bytes; the smaller ones are copied")));
}

TEST_F(AneDeviceTest, SurfacesOfAnotherDeviceAreRefused) {
  const auto device = open_device();
  LoadedProgram loaded = loaded_on(*device, built("identity_conv:channels=16,width=8"));
  auto request = loaded.executable().create_request();
  ASSERT_TRUE(request);
  auto memory = create_memory_surface(loaded.executable().inputs()[0].type, 1 << 20);
  ASSERT_TRUE(memory);
  const auto bound = (*request)->bind_input(0, *memory);
  ASSERT_FALSE(bound);
  EXPECT_THAT(bound.error().message(), HasSubstr("another device"));
}

TEST_F(AneDeviceTest, ABiasIsAddedByAnOperationOfItsOwn) {
  const Type x = Type::tensor(DataType::fp16, {1, 2, 1, 4});
  mil::Builder builder("1.3", mil::Opset::ios18);
  builder.input("x", x);
  builder.constant("w", mil::Value::fp16_tensor({2, 2, 1, 1}, std::vector<double>{1, 0, 0, 1}));
  builder.constant("b", mil::Value::fp16_tensor({2}, std::vector<double>{10, 20}));
  builder.op("conv", "y", x,
             {{"x", "x"},
              {"weight", "w"},
              {"bias", "b"},
              {"pad_type", mil::Value::string("valid")},
              {"strides", mil::Value::tensor<std::int32_t>({2}, {1, 1})},
              {"pad", mil::Value::tensor<std::int32_t>({4}, {0, 0, 0, 0})},
              {"dilations", mil::Value::tensor<std::int32_t>({2}, {1, 1})},
              {"groups", mil::Value::scalar<std::int32_t>(1)}});
  const auto device = open_device();
  const std::vector<double> ones(8, 1.0);
  LoadedProgram loaded = loaded_on(*device, builder.finish({"y"}), nullptr,
                                   {mil::Value::fp16_tensor({1, 2, 1, 4}, ones)});
  ASSERT_TRUE(loaded.evaluate());
  EXPECT_THAT(*loaded.output_value(0)->as_doubles(), ElementsAre(11, 11, 11, 11, 21, 21, 21, 21));
  EXPECT_THAT(loaded.executable().notes(), Contains(HasSubstr("bias of 1 convolution")));
}

TEST_F(AneDeviceTest, AChainThatTheCompilerDoesNotSurviveRunsInParts) {
  const BenchmarkProgram benchmark =
      built("conv_chain:channels=16,height=1,width=8,depth=520,precision=w8a8");
  std::vector<std::string> notes;
  const Comparison c = compare_with_reference(benchmark, &notes);
  EXPECT_TRUE(c.bit_identical);
  EXPECT_GT(c.distinct_values, 5);
  EXPECT_THAT(notes, Contains(HasSubstr("cut into 3 parts")));
  EXPECT_EQ(count("compilations"), 3);
}

TEST_F(AneDeviceTest, QualityOfServiceReachesTheFramework) {
  const auto device = open_device();
  const BenchmarkProgram benchmark = built("identity_conv:channels=16,width=8");
  for (const int qos : {0, 9, 33}) {
    EXPECT_TRUE(device->compile(benchmark.program, benchmark.weights, {.qos = qos})) << qos;
  }
  // The stand-in knows the system's six only.
  const auto unknown = device->compile(benchmark.program, benchmark.weights, {.qos = 7});
  ASSERT_FALSE(unknown);
  EXPECT_THAT(unknown.error().message(), HasSubstr("no quality of service 7"));
}

// The output's sum before and after the weights were replaced by three times as much.
std::pair<double, double> sums_around_a_reload(Device& device) {
  const BenchmarkProgram one = built("identity_conv:channels=16,width=8,gain=1");
  const BenchmarkProgram three = built("identity_conv:channels=16,width=8,gain=3");
  LoadedProgram loaded = loaded_on(device, one);
  const auto sum = [&] {
    EXPECT_TRUE(loaded.evaluate());
    const auto output = loaded.output_value(0);
    const std::vector<double> values = output->as_doubles().value_or(std::vector<double>{});
    return std::accumulate(values.begin(), values.end(), 0.0);
  };
  const double before = sum();
  const auto content = three.weights->files()[0].second.bytes;
  EXPECT_TRUE(loaded.executable().replace_weight_file(std::string(programs::kWeightFile),
                                                      {content.begin(), content.end()}));
  EXPECT_EQ(sum(), before) << "it takes effect at the next load only";
  EXPECT_TRUE(loaded.executable().unload());
  EXPECT_TRUE(loaded.executable().load());
  return {before, sum()};
}

TEST_F(AneDeviceTest, ReplacedWeightsTakeEffectWhereTheHostReadsThemAgain) {
  const auto [before, after] = sums_around_a_reload(*open_device());
  EXPECT_NEAR(after, 3 * before, 0.01 * before);
}

TEST_F(AneDeviceTest, ReplacedWeightsChangeNothingWhereTheHostBakesThemIn) {
  behave("reload=ignored");
  const auto [before, after] = sums_around_a_reload(*open_device());
  EXPECT_EQ(after, before);
}

TEST_F(AneDeviceTest, FilesThatTheProgramDoesNotHaveAreNotReplaced) {
  const auto device = open_device();
  LoadedProgram loaded = loaded_on(*device, built("identity_conv:channels=16,width=8"));
  const auto replaced = loaded.executable().replace_weight_file("@model_path/weights/no.bin", {});
  ASSERT_FALSE(replaced);
  EXPECT_EQ(replaced.error().code(), ErrorCode::not_found);
}

TEST_F(AneDeviceTest, KnownLimitsAreNamedBeforeAnythingIsCompiled) {
  const auto device = open_device();
  mil::Builder builder("1.3", mil::Opset::ios26);
  const Type bytes = Type::tensor(DataType::int8, {1, 64});
  const Type halves = Type::tensor(DataType::fp16, {1, 64});
  builder.input("x", bytes);
  builder.op("dequantize", "y", halves, {{"input", "x"}, {"scale", mil::Value::fp16_scalar(0.5)}});
  const auto refused = device->compile(builder.finish({"y"}), nullptr, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::unsupported) << refused.error().to_string();
  EXPECT_THAT(refused.error().message(), HasSubstr("int8-input"));
  EXPECT_EQ(count("compilations"), 0);
}

TEST_F(AneDeviceTest, WhatHasNoSurfaceIsRefusedWithAWayOut) {
  const auto device = open_device();
  const Type open_type = Type::tensor(DataType::fp16, {1, mil::Dim::unknown()});
  mil::Builder builder("1.3", mil::Opset::ios18);
  builder.input("x", open_type);
  builder.op("relu", "y", open_type, {{"x", "x"}});
  const auto refused = device->compile(builder.finish({"y"}), nullptr, {});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message(), HasSubstr("run it on the CPU"));

  const Type type = Type::tensor(DataType::fp16, {1, 4});
  mil::Builder through("1.3", mil::Opset::ios18);
  through.input("x", type);
  const auto returned = device->compile(through.finish({"x"}), nullptr, {});
  ASSERT_FALSE(returned);
  EXPECT_THAT(returned.error().message(), HasSubstr("identity"));
}

TEST_F(AneDeviceTest, TheProcessStopsBeforeTheCompilersLimit) {
  const auto device = open_device();
  const BenchmarkProgram benchmark = built("identity_conv:channels=2,width=2");
  EXPECT_EQ(device->compilations_left(), kCompilationsPerProcess);
  for (std::size_t i = 0; i < kCompilationsPerProcess; ++i) {
    const auto compiled = device->compile(benchmark.program, benchmark.weights, {});
    ASSERT_TRUE(compiled) << i << ": " << compiled.error().to_string();
  }
  EXPECT_EQ(device->compilations_left(), 0u);
  const auto refused = device->compile(benchmark.program, benchmark.weights, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::resource_exhausted);
  EXPECT_THAT(refused.error().message(), HasSubstr("--isolate"));
  EXPECT_EQ(count("compilations"), 119);
}

TEST(AneInspection, ReportsAMissingFrameworkAsSuch) {
  ::setenv("ANEBENCH_ANE_FRAMEWORK", "/nowhere/AppleNeuralEngine", 1);
  const AneInspection inspection = inspect_ane();
  EXPECT_THAT(inspection.obstacle, HasSubstr("/nowhere/AppleNeuralEngine"));
  const auto device = open("ane");
  ASSERT_FALSE(device);
  EXPECT_EQ(device.error().code(), ErrorCode::unavailable);
}

}  // namespace
}  // namespace anebench::device::ane
