// Normalizations, reductions, pools, attention and recurrent layers against the reference, fed the
// same inputs.
#include "anebench/device/cpu/operation_for_tests.h"

namespace anebench::device::cpu {
namespace {

using mil::DataType;
using mil::Shape;
using mil::Type;
using mil::Value;

constexpr DataType kFloatTypes[] = {DataType::fp16, DataType::fp32};

Value ints(const std::vector<std::int32_t>& values) {
  return Value::tensor<std::int32_t>({static_cast<std::int64_t>(values.size())}, values);
}

// --- Lines --------------------------------------------------------------------------------------

TEST(Softmax, AgreesAlongEveryAxis) {
  for (const DataType type : kFloatTypes) {
    for (const Shape& shape : {Shape{7}, Shape{3, 50}, Shape{2, 5, 40}, Shape{2, 33, 3, 4},
                               Shape{1, 1}, Shape{2, 0, 3}}) {
      for (std::int32_t axis = 0; axis < static_cast<std::int32_t>(shape.size()); ++axis) {
        SCOPED_TRACE(fmt::format("{} along {}", mil::to_string(shape), axis));
        OperationProgram program;
        program.input("x", random_tensor(type, shape, 1, 20));
        program.op("softmax", "y", Type::tensor(type, shape),
                   {{"x", "x"}, {"axis", Value::scalar<std::int32_t>(axis)}});
        const BothOutputs both = run_on_both(program, {"y"});
        expect_kernel(both, "softmax");
        // The differences from the maximum are rounded to fp32: up to 40 · 2^-24.
        expect_near(both, {.last_places = type == DataType::fp16 ? 1.0 : 64.0});
      }
    }
  }
}

TEST(Softmax, KeepsInfinitiesAndNaNAsTheFormulaHasThem) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (const std::vector<double>& row :
       std::vector<std::vector<double>>{{1, -kInfinity, 2, -kInfinity},
                                        {-kInfinity, -kInfinity, -kInfinity, -kInfinity},
                                        {1, kInfinity, 2, 3},
                                        {1, std::nan(""), 2, 3},
                                        {65504, -65504, 0, 0}}) {
    OperationProgram program;
    program.input("x", Value::fp16_tensor({4}, row));
    program.op("softmax", "y", Type::tensor(DataType::fp16, {4}),
               {{"x", "x"}, {"axis", Value::scalar<std::int32_t>(0)}});
    const BothOutputs both = run_on_both(program, {"y"});
    expect_kernel(both, "softmax");
    expect_near(both, {.last_places = 1});
  }
}

TEST(LayerNorm, AgreesOverEveryRunOfDimensions) {
  const Shape shape = {2, 6, 5, 35};
  for (const DataType type : kFloatTypes) {
    for (const auto& axes :
         std::vector<std::vector<std::int32_t>>{{3}, {-1, -2}, {1}, {1, 2, 3}, {0, 1, 2, 3}, {2}}) {
      for (const bool has_scale : {false, true}) {
        SCOPED_TRACE(fmt::format("{}", fmt::join(axes, ",")));
        Shape layer;
        std::vector<std::int32_t> ascending = axes;
        for (std::int32_t& axis : ascending) axis = axis < 0 ? axis + 4 : axis;
        std::ranges::sort(ascending);
        for (const std::int32_t axis : ascending)
          layer.push_back(shape[static_cast<std::size_t>(axis)]);
        OperationProgram program;
        program.input("x", random_tensor(type, shape, 1, 3));
        std::vector<mil::Builder::Input> arguments = {{"x", "x"}, {"axes", ints(axes)}};
        if (has_scale) {
          program.constant("g", random_tensor(type, layer, 2));
          program.constant("b", random_tensor(type, layer, 3));
          arguments.emplace_back("gamma", "g");
          arguments.emplace_back("beta", "b");
        }
        program.op("layer_norm", "y", Type::tensor(type, shape), arguments);
        const BothOutputs both = run_on_both(program, {"y"});
        expect_kernel(both, "layer_norm");
        expect_near(both, {.last_places = 1, .roundings = 4});
      }
    }
  }
}

TEST(Normalizations, OfChannelsAndLengthsAgree) {
  for (const DataType type : kFloatTypes) {
    for (const Shape& shape : {Shape{2, 6, 5, 35}, Shape{1, 3, 40}, Shape{1, 5, 1, 1}}) {
      for (const char* name : {"instance_norm", "batch_norm", "l2_norm"}) {
        SCOPED_TRACE(fmt::format("{} of {}", name, mil::to_string(shape)));
        const Shape channels = {shape[1]};
        OperationProgram program;
        program.input("x", random_tensor(type, shape, 1, 3));
        std::vector<mil::Builder::Input> arguments = {{"x", "x"}};
        if (name != std::string("l2_norm")) {
          program.constant("g", random_tensor(type, channels, 2));
          program.constant("b", random_tensor(type, channels, 3));
          arguments.emplace_back("gamma", "g");
          arguments.emplace_back("beta", "b");
        }
        if (name == std::string("batch_norm")) {
          program.constant("m", random_tensor(type, channels, 4));
          const std::vector<double> ones(static_cast<std::size_t>(shape[1].size()), 1.25);
          program.constant("v", type == DataType::fp16
                                    ? Value::fp16_tensor(channels, ones)
                                    : Value::tensor<float>(channels, {ones.begin(), ones.end()}));
          arguments.emplace_back("mean", "m");
          arguments.emplace_back("variance", "v");
        }
        program.op(name, "y", Type::tensor(type, shape), arguments);
        const BothOutputs both = run_on_both(program, {"y"});
        expect_kernel(both, name);
        expect_near(both, {.last_places = 1, .roundings = 4});
      }
    }
  }
}

TEST(Reductions, AgreeAlongNeighbouringAxes) {
  const Shape shape = {2, 3, 1, 70};
  for (const char* name :
       {"reduce_sum", "reduce_mean", "reduce_max", "reduce_min", "reduce_sum_square",
        "reduce_l1_norm", "reduce_l2_norm", "reduce_log_sum_exp"}) {
    for (const DataType type : kFloatTypes) {
      for (const auto& [axes, out] :
           std::vector<std::pair<std::vector<std::int32_t>, Shape>>{{{3}, {2, 3, 1}},
                                                                    {{1}, {2, 1, 70}},
                                                                    {{0}, {3, 1, 70}},
                                                                    {{1, 3}, {2, 1}},
                                                                    {{0, 1, 2, 3}, {}},
                                                                    {{2}, {2, 3, 70}}}) {
        SCOPED_TRACE(fmt::format("{} over {}", name, fmt::join(axes, ",")));
        OperationProgram program;
        program.input("x", random_tensor(type, shape, 1, 3));
        program.op(name, "y", Type::tensor(type, out), {{"x", "x"}, {"axes", ints(axes)}});
        const BothOutputs both = run_on_both(program, {"y"});
        expect_kernel(both, name);
        expect_near(both, {.last_places = 1, .roundings = 2});
        if (both.is_bit_exact) expect_same(both);
      }
    }
  }
}

TEST(Reductions, LogarithmsOfPositiveSumsAgree) {
  for (const DataType type : kFloatTypes) {
    for (const std::int32_t axis : {0, 1}) {
      SCOPED_TRACE(fmt::format("{} over {}", mil::to_string(type), axis));
      OperationProgram program;
      program.input("x", random_tensor(type, {9, 21}, 1));
      program.op("abs", "a", Type::tensor(type, {9, 21}), {{"x", "x"}});
      program.op("reduce_log_sum", "y", Type::tensor(type, {axis == 0 ? 21 : 9}),
                 {{"x", "a"}, {"axes", ints({axis})}});
      const BothOutputs both = run_on_both(program, {"y"});
      ASSERT_TRUE(both.ran());
      EXPECT_EQ(both.steps.back().kernel, "reduce_log_sum");
      for (const double value : both.expected[0]) EXPECT_TRUE(std::isfinite(value));
      expect_near(both, {.last_places = 1, .roundings = 2});
    }
  }
}

TEST(Reductions, OfDistantAxesSayWhyTheyFallBack) {
  OperationProgram program;
  program.input("x", random_tensor(DataType::fp16, {2, 3, 4}, 1));
  program.op("reduce_sum", "y", Type::tensor(DataType::fp16, {3}),
             {{"x", "x"}, {"axes", ints({0, 2})}});
  const BothOutputs both = run_on_both(program, {"y"});
  expect_same(both);
  ASSERT_EQ(both.steps.size(), 1U);
  EXPECT_THAT(both.steps[0].fallback_reason, testing::HasSubstr("no neighbours"));
}

TEST(Reductions, WhoseOrderChangesNothingAreBitExact) {
  const auto is_exact = [](const char* name, DataType type, std::int64_t length) {
    OperationProgram program;
    program.input("x", random_tensor(type, {2, length}, 1, 60000));
    program.op(name, "y", Type::tensor(type, {2}), {{"x", "x"}, {"axes", ints({1})}});
    const BothOutputs both = run_on_both(program, {"y"});
    expect_kernel(both, name);
    if (both.is_bit_exact) expect_same(both);
    return both.is_bit_exact;
  };
  for (const char* name : {"reduce_sum", "reduce_mean", "reduce_l1_norm", "reduce_log_sum"}) {
    EXPECT_TRUE(is_exact(name, DataType::fp16, 8192)) << name;
    EXPECT_FALSE(is_exact(name, DataType::fp16, 8193)) << name;
    EXPECT_FALSE(is_exact(name, DataType::fp32, 20)) << name;
  }
  for (const char* name : {"reduce_max", "reduce_min"}) {
    EXPECT_TRUE(is_exact(name, DataType::fp16, 9000)) << name;
    EXPECT_TRUE(is_exact(name, DataType::fp32, 9000)) << name;
  }
  EXPECT_FALSE(is_exact("reduce_l2_norm", DataType::fp16, 20));
}

// Lines that are gathered and lines that lie as they are, longer and shorter than the lanes.
TEST(Reductions, OfNaNInfinitiesAndZerosOfBothSignsAgreeInEveryBit) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const std::vector<std::vector<double>> lines = {
      {1, std::nan(""), 2, 3},       {0.0, -0.0, 0.0, -0.0},
      {-0.0, 0.0, -0.0, -0.0},       {-0.0, -0.0, -0.0, -0.0},
      {kInfinity, 1, -kInfinity, 2}, {-kInfinity, -kInfinity, -kInfinity, -5},
      {65504, 65504, 65504, -65504}};
  for (const char* name : {"reduce_max", "reduce_min", "reduce_sum", "reduce_mean"}) {
    for (const std::size_t repeats : {1U, 5U}) {
      for (const std::int32_t axis : {0, 1}) {
        SCOPED_TRACE(fmt::format("{}, axis {}, {} times", name, axis, repeats));
        const std::size_t length = 4 * repeats;
        std::vector<double> values(lines.size() * length);
        for (std::size_t i = 0; i < lines.size(); ++i) {
          for (std::size_t k = 0; k < length; ++k) {
            values[axis == 1 ? i * length + k : k * lines.size() + i] = lines[i][k % 4];
          }
        }
        const auto count = static_cast<std::int64_t>(lines.size());
        const auto along = static_cast<std::int64_t>(length);
        OperationProgram program;
        program.input(
            "x", Value::fp16_tensor(axis == 1 ? Shape{count, along} : Shape{along, count}, values));
        program.op(name, "y", Type::tensor(DataType::fp16, {count}),
                   {{"x", "x"}, {"axes", ints({axis})}});
        const BothOutputs both = run_on_both(program, {"y"});
        expect_kernel(both, name);
        expect_same(both);
      }
    }
  }
}

// --- Pools --------------------------------------------------------------------------------------

TEST(Pools, AgreeWithEveryPaddingAndRank) {
  struct PoolCase {
    Shape in, out;
    std::vector<std::int32_t> kernel, strides;
    const char* pad_type;
    std::vector<std::int32_t> pad;
    bool ceil_mode = false;
  };
  const std::vector<PoolCase> cases = {
      {{2, 3, 20}, {2, 3, 9}, {3}, {2}, "valid", {}},
      {{1, 4, 9, 11}, {1, 4, 5, 6}, {3, 3}, {2, 2}, "same", {}},
      {{1, 2, 8, 8}, {1, 2, 9, 4}, {2, 3}, {1, 2}, "custom", {1, 1, 1, 1}},
      {{1, 2, 7, 7}, {1, 2, 4, 4}, {2, 2}, {2, 2}, "custom", {0, 0, 0, 0}, true},
      {{1, 2, 4, 5, 6}, {1, 2, 3, 4, 5}, {2, 2, 2}, {1, 1, 1}, "valid", {}},
      {{1, 8, 14, 14}, {1, 8, 1, 1}, {14, 14}, {1, 1}, "valid", {}},
  };
  for (const char* name : {"max_pool", "avg_pool", "l2_pool"}) {
    for (const DataType type : kFloatTypes) {
      for (const PoolCase& c : cases) {
        if (name == std::string("l2_pool") && c.in.size() > 4) continue;
        for (const bool excludes : {false, true}) {
          SCOPED_TRACE(fmt::format("{} of {}", name, mil::to_string(c.in)));
          OperationProgram program;
          program.input("x", random_tensor(type, c.in, 1, 2));
          std::vector<mil::Builder::Input> arguments = {{"x", "x"},
                                                        {"kernel_sizes", ints(c.kernel)},
                                                        {"strides", ints(c.strides)},
                                                        {"pad_type", Value::string(c.pad_type)}};
          if (!c.pad.empty()) arguments.emplace_back("pad", ints(c.pad));
          if (c.in.size() < 5) arguments.emplace_back("ceil_mode", Value::boolean(c.ceil_mode));
          if (name == std::string("avg_pool")) {
            arguments.emplace_back("exclude_padding_from_average", Value::boolean(excludes));
          }
          program.op(name, "y", Type::tensor(type, c.out), arguments);
          const BothOutputs both = run_on_both(program, {"y"});
          expect_kernel(both, name);
          if (name == std::string("max_pool") ||
              (name == std::string("avg_pool") && type == DataType::fp16)) {
            EXPECT_TRUE(both.is_bit_exact);
            expect_same(both);
          } else {
            EXPECT_FALSE(both.is_bit_exact);
            expect_near(both, {.last_places = 1, .roundings = 2});
          }
        }
      }
    }
  }
}

TEST(Pools, OfNaNInfinitiesAndZerosOfBothSignsAgreeInEveryBit) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const std::vector<double> values = {
      0.0, -0.0, 1,    std::nan(""), -0.0, 0.0,        -0.0, -0.0, kInfinity,
      2,   3,    -0.0, -kInfinity,   0.0,  -kInfinity, -0.0, -0.0, -0.0};
  for (const char* name : {"max_pool", "avg_pool"}) {
    OperationProgram program;
    program.input("x", Value::fp16_tensor({1, 1, 3, 6}, values));
    program.op(name, "y", Type::tensor(DataType::fp16, {1, 1, 2, 5}),
               {{"x", "x"},
                {"kernel_sizes", ints({2, 2})},
                {"strides", ints({1, 1})},
                {"pad_type", Value::string("valid")}});
    const BothOutputs both = run_on_both(program, {"y"});
    expect_kernel(both, name);
    expect_same(both);
  }
}

// --- Attention ----------------------------------------------------------------------------------

TEST(Attention, AgreesWithEveryMask) {
  constexpr std::int64_t kRows = 70;
  constexpr std::int64_t kKeys = 45;
  mil::Value::Bytes flags;
  for (int i = 0; i < kRows * kKeys; ++i) flags.push_back(static_cast<std::byte>(i % 7 != 0));
  for (const DataType type : kFloatTypes) {
    const std::vector<std::optional<Value>> masks = {
        std::nullopt, random_tensor(type, {kRows, kKeys}, 5), random_tensor(type, {3, 1, kKeys}, 6),
        Value::packed(Type::tensor(DataType::boolean, {kRows, kKeys}), mil::Value::Bytes(flags))};
    for (std::size_t m = 0; m < masks.size(); ++m) {
      SCOPED_TRACE(fmt::format("mask {} of {}", m, mil::to_string(type)));
      OperationProgram program;
      program.input("q", random_tensor(type, {2, 3, kRows, 16}, 1, 2));
      program.input("k", random_tensor(type, {2, 3, kKeys, 16}, 2, 2));
      program.input("v", random_tensor(type, {2, 3, kKeys, 11}, 3, 2));
      std::vector<mil::Builder::Input> arguments = {{"query", "q"}, {"key", "k"}, {"value", "v"}};
      if (masks[m]) {
        program.input("m", *masks[m]);
        arguments.emplace_back("attn_mask", "m");
      }
      program.op("scaled_dot_product_attention", "y", Type::tensor(type, {2, 3, kRows, 11}),
                 arguments);
      const BothOutputs both = run_on_both(program, {"y"});
      expect_kernel(both, "scaled_dot_product_attention");
      // Scores of up to 16 sums of 4 each, rounded and exponentiated.
      expect_near(both, {.last_places = 1, .roundings = 200});
    }
  }
}

// --- Transposed convolutions --------------------------------------------------------------------

TEST(ConvTranspose, AgreesWithGroupsStridesAndCuts) {
  struct TransposedCase {
    Shape in, weight, out;
    std::vector<std::int32_t> strides, dilations;
    std::int32_t groups;
    const char* pad_type;
    std::vector<std::int32_t> pad;
  };
  const std::vector<TransposedCase> transposed_cases = {
      {{1, 3, 7}, {3, 5, 4}, {1, 5, 16}, {2}, {1}, 1, "valid", {}},
      {{2, 6, 5, 4}, {6, 10, 3, 3}, {2, 10, 10, 8}, {2, 2}, {1, 1}, 1, "same", {}},
      {{1, 4, 5, 6}, {4, 3, 3, 2}, {1, 6, 7, 7}, {1, 1}, {2, 1}, 2, "custom", {1, 1, 0, 0}},
      {{1, 2, 2, 3, 4}, {2, 9, 2, 2, 2}, {1, 9, 4, 6, 8}, {2, 2, 2}, {1, 1, 1}, 1, "valid", {}},
  };
  for (const DataType type : kFloatTypes) {
    for (const TransposedCase& c : transposed_cases) {
      SCOPED_TRACE(fmt::format("{} of {}", mil::to_string(c.in), mil::to_string(type)));
      OperationProgram program;
      program.input("x", random_tensor(type, c.in, 1));
      program.constant("w", random_tensor(type, c.weight, 2));
      program.constant("b", random_tensor(type, {c.out[1]}, 3));
      std::vector<mil::Builder::Input> arguments = {
          {"x", "x"},
          {"weight", "w"},
          {"bias", "b"},
          {"strides", ints(c.strides)},
          {"dilations", ints(c.dilations)},
          {"groups", Value::scalar<std::int32_t>(c.groups)},
          {"pad_type", Value::string(c.pad_type)}};
      if (!c.pad.empty()) arguments.emplace_back("pad", ints(c.pad));
      program.op("conv_transpose", "y", Type::tensor(type, c.out), arguments);
      const BothOutputs both = run_on_both(program, {"y"});
      expect_kernel(both, "conv_transpose");
      expect_near(both, {.last_places = 1, .roundings = 200});
    }
  }
}

TEST(ConvTranspose, NeedsNoMoreThanItsTapsAndPlanes) {
  // Nine taps of 8 channels and a plane for each of the two threads, and the four tensors.
  constexpr std::size_t kPlane = std::size_t{64} * 64 * sizeof(float);
  constexpr std::size_t kLimit = 2 * (9 * 8 + 1) * kPlane + 2 * 8 * kPlane + 8 * 8 * 9 * 4 + 4096;
  OperationProgram program;
  program.input("x", random_tensor(DataType::fp32, {1, 8, 64, 64}, 1));
  program.constant("w", random_tensor(DataType::fp32, {8, 8, 3, 3}, 2));
  program.op("conv_transpose", "y", Type::tensor(DataType::fp32, {1, 8, 64, 64}),
             {{"x", "x"}, {"weight", "w"}, {"pad_type", Value::string("same")}});
  const mil::Program finished = program.finish({"y"});
  CompileOptions options;
  options.max_memory = kLimit;
  const auto device = test_device(best_isa(), /*threads=*/2);
  const auto fits = device->compile(finished, nullptr, options);
  EXPECT_TRUE(fits) << fits.error().to_string();
  options.max_memory = kLimit - 2 * kPlane;
  EXPECT_FALSE(device->compile(finished, nullptr, options));
}

// --- Recurrent layers ---------------------------------------------------------------------------

struct RecurrentCase {
  const char* direction = "forward";
  bool sequence = false;
  bool extras = false;  // peephole and clip; reset_after and input_bias
  std::int64_t steps = 5;
  std::int64_t inputs = 7;
  std::int64_t hidden = 9;
};

mil::Operation operation_of(const char* type, std::vector<mil::NamedType> outputs,
                            std::vector<mil::Builder::Input> inputs) {
  mil::Operation operation;
  operation.type = type;
  operation.outputs = std::move(outputs);
  for (mil::Builder::Input& input : inputs) operation.inputs.push_back(std::move(input.argument));
  return operation;
}

TEST(Recurrent, LayersAgreeInEveryDirection) {
  constexpr std::int64_t kBatch = 2;
  for (const std::string name : {"lstm", "gru"}) {
    for (const DataType type : kFloatTypes) {
      for (const RecurrentCase& c :
           {RecurrentCase{}, RecurrentCase{"reverse", true}, RecurrentCase{"bidirectional", true},
            RecurrentCase{"bidirectional", false, true}, RecurrentCase{"forward", true, true},
            // Inputs enough for several threads.
            RecurrentCase{"forward", true, false, 50, 64, 48},
            RecurrentCase{"bidirectional", true, false, 50, 64, 48}}) {
        const bool is_lstm = name == "lstm";
        const bool is_both = c.direction == std::string("bidirectional");
        if (is_both && !is_lstm) continue;
        SCOPED_TRACE(fmt::format("{} {} {}", name, c.direction, mil::to_string(type)));
        const std::int64_t rows = (is_lstm ? 4 : 3) * c.hidden;
        const std::int64_t width = c.hidden * (is_both ? 2 : 1);
        OperationProgram program;
        std::vector<mil::Builder::Input> arguments;
        std::uint64_t seed = 1;
        const auto input = [&](const char* parameter, const Shape& shape) {
          program.input(parameter, random_tensor(type, shape, seed++));
          arguments.emplace_back(parameter, parameter);
        };
        const auto constant = [&](const std::string& parameter, const Shape& shape) {
          program.constant(parameter, random_tensor(type, shape, seed++, 0.5));
          arguments.emplace_back(parameter, parameter);
        };
        input("x", {c.steps, kBatch, c.inputs});
        input("initial_h", {kBatch, width});
        if (is_lstm) input("initial_c", {kBatch, width});
        for (const std::string suffix : {"", "_back"}) {
          constant("weight_ih" + suffix, {rows, c.inputs});
          constant("weight_hh" + suffix, {rows, c.hidden});
          constant("bias" + suffix, {rows});
          if (c.extras && is_lstm) constant("peephole" + suffix, {3 * c.hidden});
          if (!is_both) break;
        }
        if (c.extras && is_lstm) {
          arguments.emplace_back("clip", random_tensor(type, {}, 77, 0.4));
        } else if (c.extras) {
          constant("input_bias", {rows});
          arguments.emplace_back("reset_after", Value::boolean(true));
        }
        arguments.emplace_back("direction", Value::string(c.direction));
        arguments.emplace_back("output_sequence", Value::boolean(c.sequence));
        std::vector<mil::NamedType> outputs = {
            {"y", Type::tensor(type, {c.sequence ? c.steps : 1, kBatch, width})},
            {"h", Type::tensor(type, {kBatch, width})}};
        if (is_lstm) outputs.push_back({"c", Type::tensor(type, {kBatch, width})});
        std::vector<std::string> names = {"y", "h"};
        if (is_lstm) names.emplace_back("c");
        program.append(operation_of(name.c_str(), outputs, arguments));
        const BothOutputs both = run_on_both(program, names);
        expect_kernel(both, name);
        // Each step's sums of some twenty products are rounded, and carried on.
        expect_near(both, {.last_places = 1, .roundings = 40});
      }
    }
  }
}

}  // namespace
}  // namespace anebench::device::cpu
