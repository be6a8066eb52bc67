// What is fused, and that fusing changes no bit.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>

#include "anebench/device/cpu/test_chain.h"
#include "anebench/programs/catalogue.h"

namespace anebench::device::cpu {
namespace {

using mil::DataType;
using testing::HasSubstr;
using testing::StartsWith;

std::size_t steps_with(const LoadedProgram& loaded, std::string_view kernel) {
  const auto& steps = loaded.executable().steps();
  return static_cast<std::size_t>(std::count_if(steps.begin(), steps.end(), [&](const Step& step) {
    return step.kernel.starts_with(kernel);
  }));
}

struct Case {
  const char* name;
  TestChain chain;
};

std::vector<Case> exact_cases() {
  std::vector<Case> cases = {{"plain", {}}};
  const auto add = [&](const char* name, auto change) {
    TestChain chain;
    change(chain);
    cases.push_back({name, chain});
  };
  add("odd_channels", [](TestChain& c) { c.channels = {17, 33, 5, 1, 3}; });
  add("one_position", [](TestChain& c) { c.height = c.width = 1; });
  add("batch", [](TestChain& c) { c.images = 3; });
  add("many_positions", [](TestChain& c) { c.height = 40, c.width = 41; });
  add("wide", [](TestChain& c) { c.channels = {300, 260, 130}; });
  add("relu", [](TestChain& c) { c.relu = true; });
  add("bias", [](TestChain& c) { c.bias = true, c.quantized_input = true; });
  add("relu_bias", [](TestChain& c) { c.relu = c.bias = c.quantized_input = true; });
  add("per_channel", [](TestChain& c) { c.per_channel = true; });
  add("uint8", [](TestChain& c) {
    c.activation = DataType::uint8;
    c.activation_zero_point = 128;
  });
  add("uint8_relu", [](TestChain& c) { c.activation = DataType::uint8, c.relu = true; });
  add("activation_zero_point", [](TestChain& c) { c.activation_zero_point = -7; });
  add("weight_zero_point", [](TestChain& c) { c.weight_zero_point = 3; });
  add("uint8_weights", [](TestChain& c) {
    c.weight = DataType::uint8;
    c.weight_zero_point = 128;
    c.weight_range = 127;
  });
  add("quantized_ends", [](TestChain& c) { c.quantized_input = c.quantized_output = true; });
  add("saturating", [](TestChain& c) { c.weight_scale = 0.5, c.quantized_output = true; });
  // 5·2^-7: dequantization is exact for |q| ≤ 409, requantization needs the general epilogue.
  add("odd_scale", [](TestChain& c) { c.activation_scale = 0.0390625, c.quantized_input = true; });
  add("overflow", [](TestChain& c) { c.weight_scale = 64, c.activation_scale = 64; });
  return cases;
}

TEST(Fusion, QuantizedChainsAreBitIdenticalToTheReferenceOnEveryInstructionSet) {
  const auto reference = test_reference();
  for (const Isa isa : available_isas()) {
    const auto device = test_device(isa);
    for (const Case& c : exact_cases()) {
      SCOPED_TRACE(fmt::format("{} on {}", c.name, to_string(isa)));
      ChainBuilder chain(c.chain);
      const mil::Program program = chain.build();
      const std::vector<mil::Value> inputs = {chain.input()};
      auto mine = run_program(*device, program, inputs);
      auto expected = run_program(*reference, program, inputs);
      ASSERT_TRUE(mine && expected);
      const Comparison result = compare_outputs(*expected, *mine);
      EXPECT_TRUE(result.bit_identical) << result.mismatches << " of " << result.compared_values
                                        << ", first at " << result.first_mismatch;
      const std::size_t integer = c.chain.channels.size() - (c.chain.quantized_input ? 1 : 2);
      EXPECT_EQ(steps_with(*mine, "conv1x1_int8"), integer);
      EXPECT_TRUE(mine->executable().is_bit_exact());
    }
  }
}

TEST(Fusion, InputsOffTheGridStayBitIdenticalAtTheFirstLayer) {
  // Sums of arbitrary fp16 numbers are not exact in fp32: the guard must notice.
  TestChain c;
  c.input_on_grid = false;
  c.channels = {200, 64, 32};
  ChainBuilder chain(c);
  const mil::Program program = chain.build();
  const std::vector<mil::Value> inputs = {chain.input()};
  auto mine = run_program(*test_device(), program, inputs);
  auto expected = run_program(*test_reference(), program, inputs);
  ASSERT_TRUE(mine && expected);
  EXPECT_TRUE(compare_outputs(*expected, *mine).bit_identical);
  EXPECT_TRUE(mine->executable().is_bit_exact());
}

TEST(Fusion, InexactScalesRunInFp16AndSayWhy) {
  TestChain c;
  c.weight_scale = 0.001;
  c.weight_range = 60;
  c.quantized_input = true;
  ChainBuilder chain(c);
  const mil::Program program = chain.build();
  const std::vector<mil::Value> inputs = {chain.input()};
  const auto device = test_device();
  auto mine = run_program(*device, program, inputs);
  auto expected = run_program(*test_reference(), program, inputs);
  ASSERT_TRUE(mine && expected);
  EXPECT_EQ(steps_with(*mine, "conv1x1_int8"), 0U);
  EXPECT_EQ(steps_with(*mine, "conv1x1_f16"), 2U);
  EXPECT_FALSE(mine->executable().is_bit_exact());
  for (const Step& step : mine->executable().steps()) {
    if (step.kernel.starts_with("conv")) {
      EXPECT_THAT(step.fallback_reason, StartsWith("inexact_dequantize"));
    }
  }
  EXPECT_GT(compare_outputs(*expected, *mine).snr_db, 45);
}

TEST(Fusion, FastModeIsWithinOneStepOfTheReferenceForEachConvolution) {
  // One convolution, quantized before and after, so that steps can be told apart.
  for (const bool relu : {false, true}) {
    TestChain c;
    c.channels = {64, 48};
    c.weight_scale = 0.001;
    c.weight_range = 63;
    c.relu = relu;
    c.quantized_input = c.quantized_output = true;
    ChainBuilder chain(c);
    const mil::Program program = chain.build();
    const std::vector<mil::Value> inputs = {chain.input()};
    CompileOptions options;
    options.int8_mode = CompileOptions::Int8Mode::fast;
    auto mine = run_program(*test_device(), program, inputs, options);
    auto expected = run_program(*test_reference(), program, inputs);
    ASSERT_TRUE(mine && expected);
    EXPECT_EQ(steps_with(*mine, "conv1x1_int8"), 1U);
    EXPECT_FALSE(mine->executable().is_bit_exact());
    EXPECT_LE(compare_outputs(*expected, *mine).max_absolute_error, c.activation_scale);
    for (const Step& step : mine->executable().steps()) {
      if (step.kernel.starts_with("conv")) {
        EXPECT_THAT(step.fallback_reason, StartsWith("inexact_dequantize"));
      }
    }
  }
}

TEST(Fusion, TheDequantizingDeviceRunsNoConvolutionInIntegersAndSaysWhy) {
  TestChain c;
  c.quantized_input = c.quantized_output = true;
  ChainBuilder chain(c);
  const mil::Program program = chain.build();
  const std::vector<mil::Value> inputs = {chain.input()};
  for (const Isa isa : available_isas()) {
    auto device = open_cpu("cpu:dequant", isa, {.threads = 2}, Int8Kernels::left_out);
    ASSERT_TRUE(device);
    auto mine = run_program(**device, program, inputs);
    auto expected = run_program(*test_reference(), program, inputs);
    ASSERT_TRUE(mine && expected);
    EXPECT_EQ(steps_with(*mine, "conv1x1_int8"), 0U);
    EXPECT_EQ(steps_with(*mine, "conv1x1_f16"), 2U);
    EXPECT_EQ(steps_with(*mine, "pack_quantize"), 1U);
    EXPECT_EQ(steps_with(*mine, "tile_quantize"), 2U);
    EXPECT_EQ(steps_with(*mine, "tile_dequantize"), 3U);
    EXPECT_FALSE(mine->executable().is_bit_exact());
    // On a power-of-two grid its fp32 sums are exact all the same.
    EXPECT_TRUE(compare_outputs(*expected, *mine).bit_identical);
    for (const Step& step : mine->executable().steps()) {
      if (step.kernel.starts_with("conv")) {
        EXPECT_THAT(step.fallback_reason, HasSubstr("dequantizes before"));
      }
    }
  }
}

TEST(Fusion, AQuantizedInputMakesEveryConvolutionOfAW8A8ChainInt8) {
  const auto reference = test_reference();
  for (const char* sizes : {"channels=72,width=37", "channels=72,width=37,relu=on",
                            "channels=1100,width=3", "channels=24,width=1"}) {
    const auto benchmark = programs::build(
        fmt::format("conv_chain:height=1,depth=3,precision=w8a8,quantize_input=on,{}", sizes));
    ASSERT_TRUE(benchmark) << benchmark.error().to_string();
    const auto run = [&](Device& device) {
      auto loaded = LoadedProgram::open(device, benchmark->program, benchmark->weights, {});
      EXPECT_TRUE(loaded && loaded->set_inputs(benchmark->inputs) && loaded->evaluate());
      return loaded;
    };
    auto expected = run(*reference);
    for (const Isa isa : available_isas()) {
      SCOPED_TRACE(fmt::format("{} on {}", sizes, to_string(isa)));
      const auto device = test_device(isa);
      auto mine = run(*device);
      EXPECT_EQ(steps_with(*mine, "conv1x1_int8"), 3U);
      EXPECT_EQ(steps_with(*mine, "conv1x1_f16"), 0U);
      // The input is quantized on its way into tiles.
      EXPECT_EQ(steps_with(*mine, "pack"), 1U);
      EXPECT_EQ(steps_with(*mine, "pack_quantize"), 1U);
      EXPECT_TRUE(mine->executable().is_bit_exact());
      EXPECT_TRUE(compare_outputs(*expected, *mine).bit_identical);
    }
  }
}

TEST(Fusion, WeightsThatExceedEightBitsWithoutTheirZeroPointRunInFp16) {
  TestChain c;
  c.weight_zero_point = -100;
  c.weight_range = 28;
  c.weight_scale = 0.5;
  ChainBuilder chain(c);
  const mil::Program program = chain.build();
  auto near = run_program(*test_device(), program, {chain.input()});
  ASSERT_TRUE(near);
  EXPECT_EQ(steps_with(*near, "conv1x1_int8"), 1U);  // −28…28 fit
  // −128…127 minus −100 reach 227.
  mil::ProgramData data = program.data();
  for (mil::Operation& operation : data.functions[0].body.operations) {
    for (mil::Attribute& attribute : operation.attributes) {
      if (attribute.name != "quantized_data") continue;
      mil::Value::Bytes bytes(attribute.value.bytes().begin(), attribute.value.bytes().end());
      bytes[0] = std::byte{127};
      attribute.value = mil::Value::packed(attribute.value.type(), std::move(bytes));
    }
  }
  auto far = run_program(*test_device(), mil::Program(data), {chain.input()});
  ASSERT_TRUE(far);
  EXPECT_EQ(steps_with(*far, "conv1x1_int8"), 0U);
}

TEST(Fusion, OneStepCoversDequantizeConvReluAndQuantize) {
  TestChain c;
  c.relu = c.quantized_input = c.quantized_output = true;
  c.channels = {16, 16};
  ChainBuilder chain(c);
  const mil::Program program = chain.build();
  auto mine = run_program(*test_device(), program, {chain.input()});
  ASSERT_TRUE(mine);
  for (const Step& step : mine->executable().steps()) {
    if (!step.kernel.starts_with("conv1x1_int8")) continue;
    std::vector<std::string> types;
    for (const std::size_t i : step.operations) {
      types.push_back(program.main()->body.operations[i].type);
    }
    EXPECT_THAT(types, testing::ElementsAre("dequantize", "conv", "relu", "quantize"));
  }
}

// An operation on what the chain gives, of shape [1, 16, 5, 7].
struct TailCase {
  const char* type;
  mil::Shape out;
  std::vector<mil::Builder::Input> arguments;
  bool is_exact = true;
};

std::vector<TailCase> tail_cases() {
  const auto ints = [](const std::vector<std::int32_t>& values) {
    return mil::Value::tensor<std::int32_t>({static_cast<std::int64_t>(values.size())}, values);
  };
  const std::vector<mil::Builder::Input> whole = {{"kernel_sizes", ints({5, 7})},
                                                  {"strides", ints({1, 1})},
                                                  {"pad_type", mil::Value::string("valid")}};
  std::vector<mil::Builder::Input> windows = {{"kernel_sizes", ints({3, 3})},
                                              {"strides", ints({2, 2})},
                                              {"pad_type", mil::Value::string("same")}};
  std::vector<mil::Builder::Input> within = windows;
  within.emplace_back("exclude_padding_from_average", mil::Value::boolean(true));
  const std::vector<mil::Builder::Input> plane = {{"axes", ints({2, 3})},
                                                  {"keep_dims", mil::Value::boolean(true)}};
  const std::vector<mil::Builder::Input> channels = {{"axes", ints({1})}};
  return {{"avg_pool", {1, 16, 1, 1}, whole},      {"avg_pool", {1, 16, 3, 4}, windows},
          {"avg_pool", {1, 16, 3, 4}, within},     {"max_pool", {1, 16, 3, 4}, windows},
          {"reduce_mean", {1, 16, 1, 1}, plane},   {"reduce_sum", {1, 5, 7}, channels},
          {"reduce_max", {1, 5, 7}, channels},     {"reduce_min", {1, 16, 1, 1}, plane},
          {"reduce_l1_norm", {1, 5, 7}, channels}, {"l2_pool", {1, 16, 3, 4}, windows, false}};
}

TEST(Fusion, ChainsThatEndInAPoolOrAReductionStayBitIdentical) {
  for (const TailCase& tail : tail_cases()) {
    for (const bool on_grid : {true, false}) {
      SCOPED_TRACE(
          fmt::format("{} to {}, on the grid: {}", tail.type, mil::to_string(tail.out), on_grid));
      TestChain c;
      c.input_on_grid = on_grid;
      ChainBuilder chain(c);
      const mil::Type type = mil::Type::tensor(DataType::fp16, tail.out);
      const mil::Program program = chain.build([&](mil::Builder& builder, const std::string& x) {
        std::vector<mil::Builder::Input> arguments = {{"x", x}};
        arguments.insert(arguments.end(), tail.arguments.begin(), tail.arguments.end());
        builder.op(tail.type, "tail", type, arguments);
        return std::string("tail");
      });
      const std::vector<mil::Value> inputs = {chain.input()};
      auto mine = run_program(*test_device(), program, inputs);
      auto expected = run_program(*test_reference(), program, inputs);
      ASSERT_TRUE(mine && expected);
      EXPECT_EQ(mine->executable().is_bit_exact(), tail.is_exact);
      EXPECT_EQ(steps_with(*mine, tail.type), 1U);
      if (tail.is_exact) {
        EXPECT_TRUE(compare_outputs(*expected, *mine).bit_identical);
      }
    }
  }
}

TEST(Fusion, AConvolutionWhoseResultIsAnOutputKeepsItsQuantizeApart) {
  using mil::Type;
  const Type half = Type::tensor(DataType::fp16, {1, 8, 2, 3});
  const Type bytes = Type::tensor(DataType::int8, {1, 8, 2, 3});
  mil::Builder b("1.3", mil::Opset::ios18);
  const mil::Value scale = mil::Value::fp16_scalar(0.125);
  const mil::Value type = mil::Value::string("int8");
  b.input("x", half);
  b.constant("w", mil::Value::fp16_tensor({8, 8, 1, 1}, std::vector<double>(64, 0.25)));
  b.op("conv", "y", half, {{"x", "x"}, {"weight", "w"}});
  b.op("relu", "r", half, {{"x", "y"}});
  b.op("quantize", "q", bytes, {{"input", "r"}, {"scale", scale}, {"output_dtype", type}});
  b.op("dequantize", "z", half, {{"input", "q"}, {"scale", scale}});
  const mil::Program program = b.finish({"y", "z", "r"});
  std::vector<double> x(48);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(i % 13) - 6;
  const std::vector<mil::Value> inputs = {mil::Value::fp16_tensor(half.shape(), x)};
  auto mine = run_program(*test_device(), program, inputs);
  auto expected = run_program(*test_reference(), program, inputs);
  ASSERT_TRUE(mine && expected);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(compare(half, expected->output(i).bytes(), mine->output(i).bytes()).bit_identical)
        << i;
  }
}

}  // namespace
}  // namespace anebench::device::cpu
