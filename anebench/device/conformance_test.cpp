// What every device must do, run against each one that this build knows. A device that is not on
// this machine is skipped with its reason.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <set>
#include <thread>

#include "anebench/base/half.h"
#include "anebench/device/compare.h"
#include "anebench/device/each_device_for_tests.h"
#include "anebench/device/loaded_program.h"
#include "anebench/device/reference/reference_device.h"
#include "anebench/mil/builder.h"
#include "anebench/programs/catalogue.h"
#include "anebench/programs/quantized_conv.h"

namespace anebench::device {
namespace {

using mil::DataType;
using mil::Type;
using mil::Value;
using programs::BenchmarkProgram;
using testing::HasSubstr;

class Conformance : public OnEachDevice {
 protected:
  void SetUp() override {
    OnEachDevice::SetUp();
    auto reference = open_reference({.threads = 2});
    ASSERT_TRUE(reference);
    reference_ = std::move(*reference);
  }

  static BenchmarkProgram build(std::string_view text) {
    auto benchmark = programs::build(text);
    EXPECT_TRUE(benchmark) << benchmark.error().to_string();
    return std::move(*benchmark);
  }

  static LoadedProgram load(Device& device, const BenchmarkProgram& benchmark,
                            const CompileOptions& options = {}) {
    auto loaded = LoadedProgram::open(device, benchmark.program, benchmark.weights, options);
    if (!loaded) throw std::runtime_error(loaded.error().to_string());
    const auto set = loaded->set_inputs(benchmark.inputs);
    if (!set) throw std::runtime_error(set.error().to_string());
    return std::move(*loaded);
  }

  static void run(LoadedProgram& loaded) {
    loaded.poison_outputs();
    const auto result = loaded.evaluate();
    ASSERT_TRUE(result) << result.error().to_string();
  }

  // This device's outputs against the reference's.
  Comparison compare_with_reference(const BenchmarkProgram& benchmark,
                                    const CompileOptions& options = {}) {
    LoadedProgram mine = load(*device_, benchmark, options);
    LoadedProgram reference = load(*reference_, benchmark, options);
    run(mine);
    run(reference);
    return compare(mine.output(0).type(), reference.output(0).bytes(), mine.output(0).bytes());
  }

  std::unique_ptr<Device> reference_;
};

INSTANTIATE_TEST_SUITE_P(Devices, Conformance, testing::ValuesIn(list_devices()), device_test_name);

constexpr const char* kSmallChain = "conv_chain:channels=24,height=5,width=7,depth=3";

TEST_P(Conformance, Fp16ChainAgreesWithTheReference) {
  for (const char* extra :
       {"", ",relu=on", ",batch=3", ",depth=1", ",channels=100", ",channels=1"}) {
    auto spec = programs::ProgramSpec::parse("conv_chain:height=5,width=7,depth=3,channels=24");
    ASSERT_TRUE(spec);
    if (*extra != 0) {
      const std::string item(extra + 1);
      spec->set(item.substr(0, item.find('=')), item.substr(item.find('=') + 1));
    }
    auto benchmark = programs::build(*spec);
    ASSERT_TRUE(benchmark) << benchmark.error().to_string();
    const Comparison c = compare_with_reference(*benchmark);
    EXPECT_EQ(c.special_mismatches, 0) << extra;
    EXPECT_GE(c.snr_db, 55) << extra;
  }
}

TEST_P(Conformance, W8A8ChainIsBitIdenticalToTheReference) {
  for (const char* text : {"conv_chain:channels=24,height=5,width=7,depth=3,precision=w8a8",
                           "conv_chain:channels=64,height=8,width=8,depth=4,precision=w8a8,relu=on",
                           "conv_chain:channels=100,height=1,width=33,depth=2,precision=w8a8",
                           "conv_chain:channels=17,height=3,width=3,depth=5,batch=2,precision=w8a8",
                           "conv_chain:channels=512,height=4,width=8,depth=4,precision=w8a8"}) {
    const Comparison c = compare_with_reference(build(text));
    EXPECT_TRUE(c.bit_identical) << text << ": " << c.mismatches << " of " << c.compared_values;
    EXPECT_GT(c.distinct_values, 20) << text;
  }
}

TEST_P(Conformance, ClassicValuesSaturateAndOverflowAsTheReferenceDoes) {
  for (const char* text :
       {"conv_chain:channels=64,height=4,width=4,depth=8,init=classic",
        "conv_chain:channels=64,height=4,width=4,depth=4,precision=w8a8,init=classic"}) {
    BenchmarkProgram benchmark = build(text);
    // The published programs' input is zero; ones make the values run away.
    const auto count = static_cast<std::size_t>(*benchmark.inputs[0].type().element_count());
    const std::vector<double> ones(count, 1.0);
    benchmark.inputs[0] = Value::fp16_tensor(benchmark.inputs[0].type().shape(), ones);
    const Comparison c = compare_with_reference(benchmark);
    if (benchmark.spec.word("precision") == "w8a8") {
      EXPECT_TRUE(c.bit_identical) << c.mismatches;
    } else {
      // Infinities and NaNs may come from sums in another order, but only together.
      EXPECT_LE(c.special_mismatches, c.compared_values / 100) << text;
    }
  }
}

TEST_P(Conformance, EveryWeightFormatAgreesWithTheReference) {
  for (const auto& variant : programs::quantized_conv_variants()) {
    const std::string text = fmt::format(
        "quantized_conv:in_channels=64,out_channels=40,width=9,variant={}", variant.name);
    const BenchmarkProgram benchmark = build(text);
    if (variant.name == "w8_raw") {
      const auto refused = LoadedProgram::open(*device_, benchmark.program, benchmark.weights, {});
      EXPECT_FALSE(refused) << "raw int8 weights are outside the language";
      continue;
    }
    if (!variant.is_valid) {
      const auto refused = LoadedProgram::open(*device_, benchmark.program, benchmark.weights, {});
      ASSERT_FALSE(refused) << variant.name;
      EXPECT_EQ(refused.error().code(), ErrorCode::verification_error);
    }
    const Comparison c = compare_with_reference(benchmark, {.lenient = !variant.is_valid});
    EXPECT_EQ(c.special_mismatches, 0) << variant.name;
    EXPECT_GE(c.snr_db, 60) << variant.name;
  }
}

TEST_P(Conformance, LenientExecutionSaysWhichRuleWasBent) {
  const BenchmarkProgram benchmark =
      build("quantized_conv:in_channels=64,out_channels=8,width=4,variant=u4");
  LoadedProgram loaded = load(*device_, benchmark, {.lenient = true});
  EXPECT_FALSE(loaded.executable().notes().empty());
}

TEST_P(Conformance, OldFormatAndCastsRun) {
  for (const char* text : {"identity_conv:channels=16,width=8,io=fp16,format=1.0,depth=3",
                           "identity_conv:channels=16,width=8,gain=3"}) {
    const Comparison c = compare_with_reference(build(text));
    EXPECT_TRUE(c.bit_identical) << text;
  }
}

TEST_P(Conformance, LifeCycleIsCompileLoadEvaluateUnload) {
  const BenchmarkProgram benchmark = build(kSmallChain);
  auto executable = device_->compile(benchmark.program, benchmark.weights, {});
  ASSERT_TRUE(executable) << executable.error().to_string();
  EXPECT_FALSE((*executable)->is_loaded());
  EXPECT_FALSE((*executable)->unload());
  ASSERT_TRUE((*executable)->load());
  EXPECT_TRUE((*executable)->is_loaded());
  EXPECT_FALSE((*executable)->load());
  auto request = (*executable)->create_request();
  ASSERT_TRUE(request);

  const auto unbound = (*executable)->evaluate(**request);
  ASSERT_FALSE(unbound);
  EXPECT_THAT(unbound.error().to_string(), HasSubstr("'x'"));

  auto x = device_->create_surface((*executable)->inputs()[0].type);
  auto y = device_->create_surface((*executable)->outputs()[0].type);
  ASSERT_TRUE(x && y);
  ASSERT_TRUE((*request)->bind_input(0, *x));
  ASSERT_TRUE((*request)->bind_output(0, *y));
  EXPECT_TRUE((*executable)->evaluate(**request));
  ASSERT_TRUE((*executable)->unload());
  EXPECT_FALSE((*executable)->evaluate(**request));
  ASSERT_TRUE((*executable)->load());
  EXPECT_TRUE((*executable)->evaluate(**request));
}

TEST_P(Conformance, BindingChecksIndexAndType) {
  LoadedProgram loaded = load(*device_, build(kSmallChain));
  auto request = loaded.executable().create_request();
  ASSERT_TRUE(request);
  auto wrong = device_->create_surface(Type::tensor(DataType::fp32, {1, 24, 5, 7}));
  ASSERT_TRUE(wrong);
  const auto type = (*request)->bind_input(0, *wrong);
  ASSERT_FALSE(type);
  EXPECT_THAT(type.error().to_string(), HasSubstr("tensor<fp32, [1, 24, 5, 7]>"));
  EXPECT_FALSE((*request)->bind_input(1, *wrong));
  EXPECT_FALSE((*request)->bind_output(7, *wrong));
  EXPECT_FALSE((*request)->bind_output(0, nullptr));
}

TEST_P(Conformance, ReplacedWeightsTakeEffectAtTheNextLoad) {
  const BenchmarkProgram one = build("identity_conv:channels=16,width=8,gain=1");
  const BenchmarkProgram three = build("identity_conv:channels=16,width=8,gain=3");
  LoadedProgram loaded = load(*device_, one);
  run(loaded);
  const auto before = *Value::packed(loaded.output(0).type(), {loaded.output(0).bytes().begin(),
                                                               loaded.output(0).bytes().end()})
                           .as_doubles();
  const auto files = three.weights->files();
  ASSERT_EQ(files.size(), 1u);
  const auto content = files[0].second.bytes;
  ASSERT_TRUE(loaded.executable().replace_weight_file(std::string(programs::kWeightFile),
                                                      {content.begin(), content.end()}));
  ASSERT_TRUE(loaded.executable().unload());
  ASSERT_TRUE(loaded.executable().load());
  run(loaded);
  const auto after = *Value::packed(loaded.output(0).type(), {loaded.output(0).bytes().begin(),
                                                              loaded.output(0).bytes().end()})
                          .as_doubles();
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_NEAR(after[i], 3 * before[i], 0.01) << i;
  }
}

TEST_P(Conformance, AChangedWeightChangesTheOutput) {
  const char* text = "conv_chain:channels=64,height=4,width=4,depth=3,precision=w8a8";
  const BenchmarkProgram benchmark = build(text);
  LoadedProgram loaded = load(*device_, benchmark);
  run(loaded);
  const std::vector<std::byte> before(loaded.output(0).bytes().begin(),
                                      loaded.output(0).bytes().end());
  const auto bytes = benchmark.weights->files()[0].second.bytes;
  std::vector<std::byte> changed(bytes.begin(), bytes.end());
  // The first weight of the first layer: metadata at 64, data at 128.
  changed[128] ^= std::byte{0x40};
  ASSERT_TRUE(loaded.executable().replace_weight_file(std::string(programs::kWeightFile),
                                                      std::move(changed)));
  ASSERT_TRUE(loaded.executable().unload());
  ASSERT_TRUE(loaded.executable().load());
  run(loaded);
  const Comparison c = compare(loaded.output(0).type(), before, loaded.output(0).bytes());
  EXPECT_FALSE(c.bit_identical);
}

TEST_P(Conformance, InfiniteAndNanInputsGiveWhatTheReferenceGives) {
  BenchmarkProgram benchmark = build("conv_chain:channels=16,height=2,width=8,depth=2");
  std::vector<double> x(16 * 16, 0.5);
  x[3] = std::numeric_limits<double>::infinity();
  x[40] = std::nan("");
  benchmark.inputs[0] = Value::fp16_tensor(benchmark.inputs[0].type().shape(), x);
  const Comparison c = compare_with_reference(benchmark);
  EXPECT_EQ(c.special_mismatches, 0);
}

TEST_P(Conformance, SurfacesChainWithoutCopies) {
  const BenchmarkProgram benchmark = build("identity_conv:channels=16,width=8,io=fp16");
  LoadedProgram loaded = load(*device_, benchmark);
  auto& executable = loaded.executable();
  std::vector<SurfacePointer> surfaces;
  for (int i = 0; i < 3; ++i) {
    auto surface = device_->create_surface(executable.inputs()[0].type);
    ASSERT_TRUE(surface);
    surfaces.push_back(*surface);
  }
  std::memcpy(surfaces[0]->bytes().data(), benchmark.inputs[0].bytes().data(),
              benchmark.inputs[0].bytes().size());
  for (std::size_t i = 0; i < 2; ++i) {
    auto request = executable.create_request();
    ASSERT_TRUE(request);
    ASSERT_TRUE((*request)->bind_input(0, surfaces[i]));
    ASSERT_TRUE((*request)->bind_output(0, surfaces[i + 1]));
    ASSERT_TRUE(executable.evaluate(**request));
  }
  EXPECT_TRUE(
      compare(surfaces[0]->type(), surfaces[0]->bytes(), surfaces[2]->bytes()).bit_identical);
}

TEST_P(Conformance, RequestsOfOneExecutableRunConcurrently) {
  const BenchmarkProgram benchmark =
      build("conv_chain:channels=32,height=4,width=8,depth=3,precision=w8a8");
  LoadedProgram loaded = load(*device_, benchmark);
  run(loaded);
  auto& executable = loaded.executable();
  constexpr int kThreads = 3;
  std::vector<std::unique_ptr<Request>> requests;
  std::vector<SurfacePointer> outputs;
  for (int i = 0; i < kThreads; ++i) {
    auto request = executable.create_request();
    auto x = device_->create_surface(executable.inputs()[0].type);
    auto y = device_->create_surface(executable.outputs()[0].type);
    ASSERT_TRUE(request && x && y);
    std::memcpy((*x)->bytes().data(), benchmark.inputs[0].bytes().data(), (*x)->bytes().size());
    ASSERT_TRUE((*request)->bind_input(0, *x));
    ASSERT_TRUE((*request)->bind_output(0, *y));
    requests.push_back(std::move(*request));
    outputs.push_back(*y);
  }
  std::vector<std::thread> threads;
  for (auto& request : requests) {
    threads.emplace_back([&executable, &request] {
      for (int i = 0; i < 20; ++i) EXPECT_TRUE(executable.evaluate(*request));
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const SurfacePointer& output : outputs) {
    EXPECT_TRUE(compare(output->type(), loaded.output(0).bytes(), output->bytes()).bit_identical);
  }
}

class Recorder final : public StepObserver {
 public:
  void on_step(std::size_t step, std::int64_t start_ns, std::int64_t end_ns) override {
    EXPECT_LE(start_ns, end_ns);
    steps.push_back(step);
  }
  std::vector<std::size_t> steps;
};

TEST_P(Conformance, StepsCoverEveryExecutedOperationOnceAndAreObservedInOrder) {
  const BenchmarkProgram benchmark =
      build("conv_chain:channels=16,height=2,width=8,depth=3,precision=w8a8,relu=on");
  LoadedProgram loaded = load(*device_, benchmark);
  std::multiset<std::size_t> covered;
  for (const Step& step : loaded.executable().steps()) {
    EXPECT_FALSE(step.name.empty());
    EXPECT_FALSE(step.kernel.empty());
    covered.insert(step.operations.begin(), step.operations.end());
  }
  const auto& operations = benchmark.program.main()->body.operations;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const bool is_constant =
        operations[i].type == "const" || operations[i].type.starts_with("constexpr_");
    EXPECT_EQ(covered.count(i), is_constant ? 0u : 1u) << operations[i].label();
  }
  Recorder recorder;
  ASSERT_TRUE(loaded.evaluate(&recorder));
  std::vector<std::size_t> expected(loaded.executable().steps().size());
  for (std::size_t i = 0; i < expected.size(); ++i) expected[i] = i;
  EXPECT_EQ(recorder.steps, expected);
}

TEST_P(Conformance, RefusesMoreMemoryThanAllowedAndNamesTheOperation) {
  CompileOptions options;
  options.max_memory = 1000;
  const BenchmarkProgram benchmark = build("conv_chain:channels=64,height=16,width=16,depth=2");
  auto executable = device_->compile(benchmark.program, benchmark.weights, options);
  ASSERT_FALSE(executable);
  EXPECT_EQ(executable.error().code(), ErrorCode::resource_exhausted);
  EXPECT_THAT(executable.error().to_string(), HasSubstr("conv"));
}

TEST_P(Conformance, RefusesAbsurdShapesWithoutAllocating) {
  const Type huge = Type::tensor(DataType::fp16, {std::int64_t{1} << 62});
  mil::Builder builder("1.3", mil::Opset::ios18);
  builder.input("x", huge);
  builder.op("relu", "y", huge, {{"x", "x"}});
  const auto executable = device_->compile(builder.finish({"y"}), nullptr, {});
  ASSERT_FALSE(executable);
  EXPECT_FALSE(device_->create_surface(huge));
}

TEST_P(Conformance, RefusesProgramsWithoutTheFunctionAsked) {
  const BenchmarkProgram benchmark = build(kSmallChain);
  CompileOptions options;
  options.function = "other";
  const auto executable = device_->compile(benchmark.program, benchmark.weights, options);
  ASSERT_FALSE(executable);
  EXPECT_THAT(executable.error().to_string(), HasSubstr("main"));
}

TEST_P(Conformance, MissingWeightFilesAreNamed) {
  const BenchmarkProgram benchmark = build(kSmallChain);
  auto executable = device_->compile(benchmark.program, nullptr, {});
  std::string message;
  if (executable) {
    const auto loaded = (*executable)->load();
    ASSERT_FALSE(loaded);
    message = loaded.error().to_string();
  } else {
    message = executable.error().to_string();
  }
  EXPECT_THAT(message, HasSubstr("weight.bin"));
}

TEST_P(Conformance, InfoNamesTheDeviceAndItsOrigin) {
  EXPECT_EQ(device_->info().name, GetParam().name);
  EXPECT_FALSE(device_->info().description.empty());
  EXPECT_GE(device_->info().threads, 1);
  const auto peaks = device_->peaks();
  ASSERT_TRUE(peaks) << peaks.error().to_string();
  for (const Peak& peak : *peaks) {
    EXPECT_GT(peak.ops_per_second, 0) << peak.precision;
    EXPECT_FALSE(peak.source.empty());
  }
}

TEST(Registry, UnknownDevicesAreNamedWithTheKnownOnes) {
  const auto device = open("gpu");
  ASSERT_FALSE(device);
  EXPECT_THAT(device.error().message(), HasSubstr("reference"));
}

}  // namespace
}  // namespace anebench::device
