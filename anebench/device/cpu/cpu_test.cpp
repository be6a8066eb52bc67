// The CPU device as a whole, against the reference.
#include <gmock/gmock.h>

#include <limits>
#include <thread>

#include "anebench/device/cpu/test_chain.h"
#include "anebench/ops/tensor.h"
#include "anebench/programs/catalogue.h"
#include "anebench/weights/blob_file_writer.h"

namespace anebench::device::cpu {
namespace {

using mil::Builder;
using mil::DataType;
using mil::Type;
using mil::Value;
using testing::HasSubstr;

Value random_halves(const mil::Shape& shape, std::uint64_t seed, double range = 1) {
  Rng rng(seed);
  std::vector<double> values(static_cast<std::size_t>(*mil::element_count(shape)));
  for (double& value : values) value = (rng.uniform() * 2 - 1) * range;
  return Value::fp16_tensor(shape, values);
}

Value random_floats(const mil::Shape& shape, std::uint64_t seed) {
  Rng rng(seed);
  std::vector<float> values(static_cast<std::size_t>(*mil::element_count(shape)));
  for (float& value : values) value = static_cast<float>(rng.uniform() * 2 - 1);
  return Value::tensor<float>(shape, values);
}

Type half(mil::Shape shape) { return Type::tensor(DataType::fp16, std::move(shape)); }

struct Pair {
  std::optional<LoadedProgram> mine;
  std::optional<LoadedProgram> expected;
};
Pair run_both(const mil::Program& program, const std::vector<Value>& inputs, Isa isa = best_isa()) {
  // Devices must outlive what they load.
  static const auto reference = test_reference();
  static std::map<Isa, std::unique_ptr<Device>> devices;
  if (!devices[isa]) devices[isa] = test_device(isa);
  return {run_program(*devices[isa], program, inputs), run_program(*reference, program, inputs)};
}

// --- fp16 ---------------------------------------------------------------------------------------

// |y − ref| ≤ ulp16(ref) + K·2⁻²⁴·Σ|w·x|, the bound of the checks.
TEST(CpuFp16, OneConvolutionIsWithinTheBoundOnEveryInstructionSet) {
  for (const auto& [in, out, width] : {std::tuple{64, 32, 33}, std::tuple{100, 7, 5},
                                       std::tuple{1, 1, 1}, std::tuple{1500, 20, 40}}) {
    const Value w = random_halves({out, in, 1, 1}, 3);
    const Value x = random_halves({1, in, 1, width}, 4);
    const Value bias = random_halves({out}, 5);
    Builder b("1.3", mil::Opset::ios18);
    b.input("x", half({1, in, 1, width}));
    b.constant("w", w);
    b.constant("b", bias);
    b.op("conv", "y", half({1, out, 1, width}), {{"x", "x"}, {"weight", "w"}, {"bias", "b"}});
    const mil::Program program = b.finish({"y"});
    const std::vector<double> ws = *w.as_doubles();
    const std::vector<double> xs = *x.as_doubles();
    const std::vector<double> bs = *bias.as_doubles();
    for (const Isa isa : available_isas()) {
      const auto [mine, expected] = run_both(program, {x}, isa);
      ASSERT_TRUE(mine && expected);
      for (std::size_t o = 0; o < static_cast<std::size_t>(out); ++o) {
        for (std::size_t p = 0; p < static_cast<std::size_t>(width); ++p) {
          double sum = bs[o];
          double magnitude = std::abs(bs[o]);
          for (std::size_t i = 0; i < static_cast<std::size_t>(in); ++i) {
            const double product = ws[o * static_cast<std::size_t>(in) + i] *
                                   xs[i * static_cast<std::size_t>(width) + p];
            sum += product;
            magnitude += std::abs(product);
          }
          const std::size_t at = o * static_cast<std::size_t>(width) + p;
          const auto bytes = const_cast<LoadedProgram&>(*mine).output(0).bytes();
          std::uint16_t bits = 0;
          std::memcpy(&bits, bytes.data() + 2 * at, 2);
          ASSERT_LE(std::abs(half_to_double(bits) - sum), half_ulp(sum) + in * 0x1p-24 * magnitude)
              << to_string(isa) << " " << o << "," << p;
        }
      }
    }
  }
}

TEST(CpuFp16, StepsNameTheInstructionSet) {
  const auto benchmark = programs::build("conv_chain:channels=16,height=4,width=4,depth=2");
  ASSERT_TRUE(benchmark);
  for (const Isa isa : available_isas()) {
    const auto device = test_device(isa);
    EXPECT_EQ(device->info().isa, to_string(isa));
    auto loaded = LoadedProgram::open(*device, benchmark->program, benchmark->weights, {});
    ASSERT_TRUE(loaded) << loaded.error().to_string();
    int convolutions = 0;
    for (const Step& step : loaded->executable().steps()) {
      convolutions += step.kernel == fmt::format("conv1x1_f16_{}", to_string(isa)) ? 1 : 0;
    }
    EXPECT_EQ(convolutions, 2);
    EXPECT_FALSE(loaded->executable().is_bit_exact());
  }
}

// --- Graphs -------------------------------------------------------------------------------------

TEST(CpuGraph, ResidualConnectionsCastsAndIdentitiesAgreeWithTheReference) {
  const mil::Shape shape = {2, 32, 6, 5};
  const Type wide = Type::tensor(DataType::fp32, shape);
  Builder b("1.3", mil::Opset::ios18);
  b.input("x", wide);
  b.constant("w1", random_halves({32, 32, 1, 1}, 1, 0.2));
  b.constant("w2", random_halves({32, 32, 1, 1}, 2, 0.2));
  b.constant("two", Value::fp16_scalar(2));
  b.op("cast", "h", half(shape), {{"x", "x"}, {"dtype", Value::string("fp16")}});
  b.op("conv", "a", half(shape), {{"x", "h"}, {"weight", "w1"}});
  b.op("relu", "r", half(shape), {{"x", "a"}});
  b.op("identity", "i", half(shape), {{"x", "r"}});
  b.op("conv", "c", half(shape), {{"x", "i"}, {"weight", "w2"}});
  b.op("add", "s", half(shape), {{"x", "c"}, {"y", "h"}});
  b.op("mul", "m", half(shape), {{"x", "s"}, {"y", "two"}});
  b.op("cast", "y", wide, {{"x", "m"}, {"dtype", Value::string("fp32")}});
  const auto [mine, expected] = run_both(b.finish({"y"}), {random_floats(shape, 7)});
  ASSERT_TRUE(mine && expected);
  const Comparison c =
      compare_outputs(const_cast<LoadedProgram&>(*expected), const_cast<LoadedProgram&>(*mine));
  EXPECT_GE(c.snr_db, 60);
  EXPECT_EQ(c.special_mismatches, 0);
}

TEST(CpuGraph, ElementwiseProgramsAreBitIdentical) {
  const mil::Shape shape = {3, 5, 7};
  Builder b("1.3", mil::Opset::ios18);
  b.input("x", half(shape));
  b.input("z", half(shape));
  b.constant("row", random_halves({7}, 1));
  b.op("add", "a", half(shape), {{"x", "x"}, {"y", "z"}});
  b.op("mul", "m", half(shape), {{"x", "a"}, {"y", "row"}});
  b.op("relu", "r", half(shape), {{"x", "m"}});
  b.op("mul", "y", half(shape), {{"x", "r"}, {"y", "x"}});
  const mil::Program program = b.finish({"y", "a"});
  auto [mine, expected] =
      run_both(program, {random_halves(shape, 2, 100), random_halves(shape, 3, 1e-3)});
  ASSERT_TRUE(mine && expected);
  EXPECT_TRUE(compare_outputs(*expected, *mine).bit_identical);
  EXPECT_TRUE(
      compare(half(shape), expected->output(1).bytes(), mine->output(1).bytes()).bit_identical);
  EXPECT_TRUE(mine->executable().is_bit_exact());
  for (const Step& step : mine->executable().steps()) EXPECT_EQ(step.fallback_reason, "");
}

TEST(CpuGraph, QuantizationAlongAnAxisIsBitIdentical) {
  const mil::Shape shape = {2, 3, 4};
  Builder b("1.3", mil::Opset::ios18);
  b.input("x", half(shape));
  const std::vector<double> scales = {0.1, 0.5, 0.03};
  const Value scale = Value::fp16_tensor({3}, scales);
  const Value zero = Value::tensor<std::int8_t>({3}, {1, -20, 0});
  const Value axis = Value::scalar<std::int32_t>(1);
  b.op("quantize", "q", Type::tensor(DataType::int8, shape),
       {{"input", "x"},
        {"scale", scale},
        {"zero_point", zero},
        {"axis", axis},
        {"output_dtype", Value::string("int8")}});
  b.op("dequantize", "y", half(shape),
       {{"input", "q"}, {"scale", scale}, {"zero_point", zero}, {"axis", axis}});
  auto [mine, expected] = run_both(b.finish({"y"}), {random_halves(shape, 2, 8)});
  ASSERT_TRUE(mine && expected);
  EXPECT_TRUE(compare_outputs(*expected, *mine).bit_identical);
}

TEST(CpuGraph, OutputsMayBeInputsConstantsAndRepeated) {
  const mil::Shape shape = {1, 2, 3};
  Builder b("1.3", mil::Opset::ios18);
  b.input("x", half(shape));
  b.constant("c", random_halves(shape, 9));
  b.op("identity", "i", half(shape), {{"x", "x"}});
  b.op("relu", "r", half(shape), {{"x", "x"}});
  const mil::Program program = b.finish({"i", "c", "r", "r"});
  auto [mine, expected] = run_both(program, {random_halves(shape, 2)});
  ASSERT_TRUE(mine && expected);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_TRUE(
        compare(half(shape), expected->output(i).bytes(), mine->output(i).bytes()).bit_identical)
        << i;
  }
}

struct ConvCase {
  mil::Shape x;
  mil::Shape weight;
  mil::Shape y;
  std::vector<Builder::Input> parameters;
};

TEST(CpuGraph, GeneralConvolutionsAgreeWithTheReference) {
  const auto ints = [](std::vector<std::int32_t> values) {
    const auto size = static_cast<std::int64_t>(values.size());
    return Value::tensor<std::int32_t>({size}, values);
  };
  const std::vector<ConvCase> cases = {
      {{1, 8, 9, 11}, {12, 8, 3, 3}, {1, 12, 7, 9}, {}},
      {{2, 8, 9, 11}, {12, 8, 3, 3}, {2, 12, 9, 11}, {{"pad_type", Value::string("same")}}},
      {{1, 6, 10, 10},
       {6, 1, 3, 3},
       {1, 6, 5, 5},
       {{"groups", Value::scalar<std::int32_t>(6)},
        {"strides", ints({2, 2})},
        {"pad_type", Value::string("custom")},
        {"pad", ints({1, 1, 1, 1})}}},
      {{1, 4, 12, 12},
       {8, 2, 3, 2},
       {1, 8, 8, 12},
       {{"groups", Value::scalar<std::int32_t>(2)},
        {"dilations", ints({2, 1})},
        {"pad_type", Value::string("custom")},
        {"pad", ints({0, 0, 0, 1})}}},
      {{1, 8, 6, 6}, {4, 8, 1, 1}, {1, 4, 3, 3}, {{"strides", ints({2, 2})}}},
      {{1, 5, 20}, {7, 5, 4}, {1, 7, 17}, {}},
      {{1, 3, 4, 5, 6}, {2, 3, 2, 2, 2}, {1, 2, 3, 4, 5}, {}},
  };
  for (const bool is_half : {true, false}) {
    for (const ConvCase& c : cases) {
      SCOPED_TRACE(mil::to_string(c.x) + mil::to_string(c.weight) + (is_half ? "h" : "f"));
      const DataType type = is_half ? DataType::fp16 : DataType::fp32;
      const auto random = [&](const mil::Shape& shape, std::uint64_t seed) {
        return is_half ? random_halves(shape, seed) : random_floats(shape, seed);
      };
      Builder b("1.3", mil::Opset::ios18);
      b.input("x", Type::tensor(type, c.x));
      b.constant("w", random(c.weight, 1));
      b.constant("b", random({c.weight[0]}, 2));
      std::vector<Builder::Input> inputs = {{"x", "x"}, {"weight", "w"}, {"bias", "b"}};
      inputs.insert(inputs.end(), c.parameters.begin(), c.parameters.end());
      b.op("conv", "y", Type::tensor(type, c.y), inputs);
      b.op("relu", "r", Type::tensor(type, c.y), {{"x", "y"}});
      auto [mine, expected] = run_both(b.finish({"r"}), {random(c.x, 3)});
      ASSERT_TRUE(mine && expected);
      EXPECT_GE(compare_outputs(*expected, *mine).snr_db, is_half ? 60 : 110);
    }
  }
}

// --- Threads and memory -------------------------------------------------------------------------

TEST(CpuThreads, EveryWayOfSharingGivesTheSameBits) {
  for (const char* text :
       {"conv_chain:channels=768,height=1,width=16,depth=3,precision=w8a8",  // panels
        "conv_chain:channels=96,height=40,width=40,depth=5,precision=w8a8",  // blocks
        "conv_chain:channels=512,height=1,width=70,depth=3",
        "conv_chain:channels=96,height=40,width=41,depth=5"}) {
    const auto benchmark = programs::build(text);
    ASSERT_TRUE(benchmark);
    std::vector<std::byte> first;
    for (const int threads : {1, 2, 3, 5}) {
      const auto device = test_device(best_isa(), threads);
      auto loaded = LoadedProgram::open(*device, benchmark->program, benchmark->weights, {});
      ASSERT_TRUE(loaded) << loaded.error().to_string();
      ASSERT_TRUE(loaded->set_inputs(benchmark->inputs));
      loaded->poison_outputs();
      ASSERT_TRUE(loaded->evaluate());
      const auto bytes = loaded->output(0).bytes();
      std::vector<std::byte> now(bytes.begin(), bytes.end());
      if (first.empty()) first = now;
      EXPECT_EQ(now, first) << text << " on " << threads;
    }
  }
}

// Steps follow one another.
class Recorder final : public StepObserver {
 public:
  void on_step(std::size_t step, std::int64_t start_ns, std::int64_t end_ns) override {
    EXPECT_LE(last_end_ns, start_ns);
    EXPECT_LE(start_ns, end_ns);
    if (steps.empty()) first_start_ns = start_ns;
    last_end_ns = end_ns;
    steps.push_back(step);
  }
  std::vector<std::size_t> steps;
  std::int64_t first_start_ns = 0;
  std::int64_t last_end_ns = 0;
};

// Blocks of positions side by side, steps shared by threads, and one thread alone.
TEST(CpuThreads, ObservingChangesNoBit) {
  for (const char* text : {"conv_chain:channels=96,height=40,width=40,depth=5,precision=w8a8",
                           "conv_chain:channels=1024,height=1,width=16,depth=2,precision=w8a8",
                           "conv_chain:channels=20,height=3,width=3,depth=2,precision=w8a8"}) {
    const auto benchmark = programs::build(text);
    ASSERT_TRUE(benchmark);
    const auto device = test_device();
    auto loaded = LoadedProgram::open(*device, benchmark->program, benchmark->weights, {});
    ASSERT_TRUE(loaded);
    ASSERT_TRUE(loaded->set_inputs(benchmark->inputs));
    ASSERT_TRUE(loaded->evaluate());
    const auto bytes = loaded->output(0).bytes();
    const std::vector<std::byte> before(bytes.begin(), bytes.end());
    loaded->poison_outputs();
    Recorder recorder;
    const std::int64_t start = device->clock().now_ns();
    ASSERT_TRUE(loaded->evaluate(&recorder));
    EXPECT_TRUE(std::equal(before.begin(), before.end(), loaded->output(0).bytes().begin()));
    EXPECT_LE(start, recorder.first_start_ns);
    EXPECT_LE(recorder.last_end_ns, device->clock().now_ns());
    EXPECT_EQ(recorder.steps.size(), loaded->executable().steps().size());
  }
}

TEST(CpuDevice, BandwidthIsMeasuredOnceAndSaysHow) {
  const auto device = test_device();
  const auto bandwidth = device->bandwidth();
  ASSERT_TRUE(bandwidth) << bandwidth.error().to_string();
  ASSERT_TRUE(*bandwidth);
  EXPECT_GT((*bandwidth)->bytes_per_second, 0);
  EXPECT_EQ((*bandwidth)->origin, Origin::measured);
  EXPECT_NE((*bandwidth)->source.find("threads"), std::string::npos);
  EXPECT_EQ((*device->bandwidth())->bytes_per_second, (*bandwidth)->bytes_per_second);
}

TEST(CpuThreads, SeveralExecutablesRunAtOnce) {
  const auto device = test_device();
  const auto benchmark =
      programs::build("conv_chain:channels=96,height=40,width=40,depth=3,precision=w8a8");
  ASSERT_TRUE(benchmark);
  std::vector<LoadedProgram> loaded;
  for (int i = 0; i < 3; ++i) {
    auto one = LoadedProgram::open(*device, benchmark->program, benchmark->weights, {});
    ASSERT_TRUE(one);
    ASSERT_TRUE(one->set_inputs(benchmark->inputs));
    loaded.push_back(std::move(*one));
  }
  std::vector<std::thread> threads;
  for (LoadedProgram& one : loaded) {
    threads.emplace_back([&one] {
      for (int i = 0; i < 5; ++i) EXPECT_TRUE(one.evaluate());
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (LoadedProgram& one : loaded) {
    EXPECT_TRUE(compare_outputs(loaded[0], one).bit_identical);
  }
}

TEST(CpuMemory, ActivationsOfADeepChainShareMemory) {
  const auto device = test_device();
  // 64 layers of 2.5 MB of activations each: 160 MB without reuse.
  const auto benchmark = programs::build("conv_chain:channels=32,height=200,width=200,depth=64");
  ASSERT_TRUE(benchmark);
  CompileOptions options;
  options.max_memory = std::size_t{40} << 20;
  const auto executable = device->compile(benchmark->program, benchmark->weights, options);
  EXPECT_TRUE(executable) << executable.error().to_string();
  options.max_memory = std::size_t{4} << 20;
  const auto refused = device->compile(benchmark->program, benchmark->weights, options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::resource_exhausted);
}

TEST(CpuMemory, AbsurdChannelsAreRefusedAtTheirOperation) {
  const std::int64_t huge = std::int64_t{1} << 60;
  Builder b("1.3", mil::Opset::ios18);
  b.input("x", half({1, 4, 1, 1}));
  b.constant("w", random_halves({4, 4, 1, 1}, 1));
  b.op("conv", "y", half({1, 4, 1, 1}), {{"x", "x"}, {"weight", "w"}});
  b.op("relu", "z", half({1, 4, 1, huge}), {{"x", "y"}});
  EXPECT_FALSE(test_device()->compile(b.finish({"z"}), nullptr, {}));
}

TEST(CpuMemory, WeightsAreCountedWhileLoaded) {
  const auto benchmark = programs::build("conv_chain:channels=64,height=4,width=4,depth=8");
  ASSERT_TRUE(benchmark);
  const auto device = test_device();
  auto executable = device->compile(benchmark->program, benchmark->weights, {});
  ASSERT_TRUE(executable);
  EXPECT_EQ((*executable)->resident_bytes(), 0U);
  ASSERT_TRUE((*executable)->load());
  EXPECT_GE((*executable)->resident_bytes(), 8U * 64 * 64 * 2);
  ASSERT_TRUE((*executable)->unload());
  EXPECT_EQ((*executable)->resident_bytes(), 0U);
}

// --- Reload and errors --------------------------------------------------------------------------

TEST(CpuReload, ExactnessIsTestedAgain) {
  // The scale lies in the weight file too; replacing 2^-7 by 0.001 ends the integer path.
  const auto file_with_scale = [](double scale) {
    std::vector<std::byte> file(256 + 64);
    const auto put = [&](std::size_t at, std::uint64_t value, std::size_t bytes) {
      std::memcpy(file.data() + at, &value, bytes);
    };
    put(0, 2, 4), put(4, 2, 4);
    put(64, 0xDEADBEEF, 4), put(68, 4, 4), put(72, 64, 8), put(80, 128, 8);
    for (std::size_t i = 0; i < 64; ++i) file[128 + i] = static_cast<std::byte>(i);
    put(192, 0xDEADBEEF, 4), put(196, 1, 4), put(200, 2, 8), put(208, 256, 8);
    put(256, half_from_double(scale), 2);
    return file;
  };
  const std::string path = "@model_path/weights/weight.bin";
  const mil::Shape shape = {1, 8, 1, 40};
  const Type bytes = Type::tensor(DataType::int8, shape);
  const Value eighth = Value::fp16_scalar(0.125);
  Builder b("1.3", mil::Opset::ios18);
  b.input("x", half(shape));
  b.op_with_attributes(
      "constexpr_affine_dequantize", "w", half({8, 8, 1, 1}),
      {{"axis", Value::scalar<std::int32_t>(0)},
       {"name", Value::string("w")},
       {"quantized_data", Value::blob(Type::tensor(DataType::int8, {8, 8, 1, 1}), {path, 64})},
       {"scale", Value::blob(Type::scalar(DataType::fp16), {path, 192})},
       {"zero_point", Value::scalar<std::int8_t>(0)}});
  b.op("quantize", "q", bytes,
       {{"input", "x"}, {"scale", eighth}, {"output_dtype", Value::string("int8")}});
  b.op("dequantize", "d", half(shape), {{"input", "q"}, {"scale", eighth}});
  b.op("conv", "y", half(shape), {{"x", "d"}, {"weight", "w"}});
  auto files = weights::WeightFiles::from_memory({{path, file_with_scale(0.0078125)}});
  ASSERT_TRUE(files) << files.error().to_string();
  const auto device = test_device();
  auto executable = device->compile(b.finish({"y"}), *files, {});
  ASSERT_TRUE(executable) << executable.error().to_string();
  ASSERT_TRUE((*executable)->load());
  EXPECT_TRUE((*executable)->is_bit_exact());
  auto request = (*executable)->create_request();
  auto x = device->create_surface(half(shape));
  auto y = device->create_surface(half(shape));
  ASSERT_TRUE(request && x && y);
  ASSERT_TRUE((*request)->bind_input(0, *x));
  ASSERT_TRUE((*request)->bind_output(0, *y));
  ASSERT_TRUE((*executable)->evaluate(**request));
  ASSERT_TRUE((*executable)->replace_weight_file(path, file_with_scale(0.001)));
  ASSERT_TRUE((*executable)->unload());
  ASSERT_TRUE((*executable)->load());
  EXPECT_FALSE((*executable)->is_bit_exact());
  // The request was made for the earlier plan.
  EXPECT_TRUE((*executable)->evaluate(**request));
}

TEST(CpuReload, MovesFollowTheirIndices) {
  const auto file_with_indices = [](const std::vector<std::int32_t>& indices) {
    auto writer = weights::BlobFileWriter::in_memory();
    EXPECT_TRUE(writer.append(DataType::int32, std::as_bytes(std::span(indices)), indices.size()));
    return writer.take_image();
  };
  const std::string path = "@model_path/weights/weight.bin";
  Builder b("1.3", mil::Opset::ios18);
  b.input("x", half({3, 1}));
  b.constant("i", Value::blob(Type::tensor(DataType::int32, {3}), {path, 64}));
  b.op("gather", "y", half({3, 1}),
       {{"x", "x"}, {"indices", "i"}, {"axis", Value::scalar<std::int32_t>(0)}});
  auto files = weights::WeightFiles::from_memory({{path, file_with_indices({2, 0, 1})}});
  ASSERT_TRUE(files) << files.error().to_string();
  const auto device = test_device();
  auto loaded = LoadedProgram::open(*device, b.finish({"y"}), *files, {});
  ASSERT_TRUE(loaded) << loaded.error().to_string();
  ASSERT_TRUE(loaded->set_inputs({Value::fp16_tensor({3, 1}, std::vector<double>{10, 11, 12})}));
  const auto outputs = [&] {
    EXPECT_TRUE(loaded->evaluate());
    std::vector<double> values(3);
    ops::load_doubles(DataType::fp16, loaded->output(0).bytes(), 0, values);
    return values;
  };
  EXPECT_THAT(outputs(), testing::ElementsAre(12, 10, 11));
  Executable& executable = loaded->executable();
  ASSERT_TRUE(executable.replace_weight_file(path, file_with_indices({1, 1, 0})));
  ASSERT_TRUE(executable.unload());
  ASSERT_TRUE(executable.load());
  EXPECT_THAT(outputs(), testing::ElementsAre(11, 11, 10));
}

TEST(CpuErrors, RequestsNeedDistinctInputAndOutputSurfaces) {
  const auto benchmark = programs::build("identity_conv:channels=16,width=8,io=fp16");
  ASSERT_TRUE(benchmark);
  const auto device = test_device();
  auto executable = device->compile(benchmark->program, benchmark->weights, {});
  ASSERT_TRUE(executable);
  ASSERT_TRUE((*executable)->load());
  auto request = (*executable)->create_request();
  auto x = device->create_surface((*executable)->inputs()[0].type);
  ASSERT_TRUE(request && x);
  ASSERT_TRUE((*request)->bind_input(0, *x));
  ASSERT_TRUE((*request)->bind_output(0, *x));
  const auto result = (*executable)->evaluate(**request);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().to_string(), HasSubstr("same surface"));
}

TEST(CpuErrors, UnavailableInstructionSetsAreNamed) {
  for (const Isa isa : kAllIsas) {
    if (isa_available(isa)) continue;
    const auto device = open_cpu("cpu", isa, {});
    ASSERT_FALSE(device);
    EXPECT_EQ(device.error().code(), ErrorCode::unavailable);
    EXPECT_THAT(device.error().message(), HasSubstr(std::string(to_string(isa))));
  }
}

TEST(CpuInfo, PeaksAreMeasuredOnceAndPositive) {
  const auto device = test_device();
  const auto first = device->peaks();
  ASSERT_TRUE(first) << first.error().to_string();
  ASSERT_EQ(first->size(), 2U);
  EXPECT_EQ((*first)[0].precision, "fp32");
  EXPECT_EQ((*first)[1].precision, "int8");
  const auto second = device->peaks();
  ASSERT_TRUE(second);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_GT((*first)[i].ops_per_second, 0.0);
    EXPECT_EQ((*first)[i].ops_per_second, (*second)[i].ops_per_second);
  }
  const auto canary = device->run_canary();
  ASSERT_TRUE(canary);
  EXPECT_GT(*canary, 0);
}

}  // namespace
}  // namespace anebench::device::cpu
