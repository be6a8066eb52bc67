// For tests: small chains of quantized 1x1 convolutions with every parameter that the fusion must
// understand, and their runs on two devices.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "anebench/base/half.h"
#include "anebench/base/rng.h"
#include "anebench/device/compare.h"
#include "anebench/device/cpu/cpu_device.h"
#include "anebench/device/loaded_program.h"
#include "anebench/device/reference/reference_device.h"
#include "anebench/mil/builder.h"

namespace anebench::device::cpu {

struct TestChain {
  std::int64_t images = 1;
  std::vector<std::int64_t> channels = {24, 40, 16};  // one convolution between neighbours
  std::int64_t height = 5;
  std::int64_t width = 7;
  mil::DataType activation = mil::DataType::int8;
  std::int32_t activation_zero_point = 0;  // 0: no zero_point argument
  double activation_scale = 0.125;
  mil::DataType weight = mil::DataType::int8;
  std::int32_t weight_zero_point = 0;
  int weight_range = 20;
  double weight_scale = 0.0078125;
  bool per_channel = false;
  bool relu = false;
  bool bias = false;
  // Quantize at the start, so that every convolution runs in integers.
  bool quantized_input = false;
  // The last convolution's output is quantized, too, and dequantized.
  bool quantized_output = false;
  // On the grid of activation_scale; otherwise any fp16 numbers.
  bool input_on_grid = true;
};

class ChainBuilder {
 public:
  explicit ChainBuilder(const TestChain& chain, std::uint64_t seed = 1)
      : chain_(chain), rng_(seed), builder_("1.3", mil::Opset::ios18) {}

  // Appends operations to the chain and returns the output's name.
  using Tail = std::function<std::string(mil::Builder& builder, const std::string& x)>;

  mil::Program build(const Tail& tail = {}) {
    std::string x = "x";
    builder_.input(x, tensor(mil::DataType::fp16, chain_.channels[0]));
    if (chain_.quantized_input) x = requantize(x, chain_.channels[0]);
    for (std::size_t i = 0; i + 1 < chain_.channels.size(); ++i) {
      x = convolution(x, chain_.channels[i], chain_.channels[i + 1]);
      const bool is_last = i + 2 == chain_.channels.size();
      if (!is_last || chain_.quantized_output) x = requantize(x, chain_.channels[i + 1]);
    }
    return builder_.finish({tail ? tail(builder_, x) : x});
  }

  mil::Value input() {
    std::vector<double> values;
    const std::int64_t count = chain_.images * chain_.channels[0] * chain_.height * chain_.width;
    for (std::int64_t i = 0; i < count; ++i) {
      values.push_back(chain_.input_on_grid
                           ? static_cast<double>(uniform(-128, 127)) * chain_.activation_scale
                           : static_cast<double>(uniform(-4000, 4000)) / 300.0);
    }
    return mil::Value::fp16_tensor(tensor(mil::DataType::fp16, chain_.channels[0]).shape(), values);
  }

 private:
  std::int64_t uniform(std::int64_t low, std::int64_t high) {
    return low +
           static_cast<std::int64_t>(rng_.next() % static_cast<std::uint64_t>(high - low + 1));
  }
  mil::Type tensor(mil::DataType type, std::int64_t channels) const {
    return mil::Type::tensor(type, {chain_.images, channels, chain_.height, chain_.width});
  }
  std::string name(const char* stem) { return stem + std::to_string(next_++); }

  static mil::Value bytes(mil::DataType type, mil::Shape shape,
                          const std::vector<std::int64_t>& values) {
    mil::Value::Bytes packed;
    for (const std::int64_t value : values) packed.push_back(static_cast<std::byte>(value));
    return mil::Value::packed(mil::Type::tensor(type, std::move(shape)), std::move(packed));
  }

  std::string requantize(const std::string& x, std::int64_t channels) {
    const std::string q = name("q");
    const std::string y = name("dq");
    using Input = mil::Builder::Input;
    const mil::Value scale = mil::Value::fp16_scalar(chain_.activation_scale);
    std::vector<Input> to = {
        {"input", x},
        {"scale", scale},
        {"output_dtype", mil::Value::string(std::string(mil::to_string(chain_.activation)))}};
    std::vector<Input> from = {{"input", q}, {"scale", scale}};
    if (chain_.activation_zero_point != 0) {
      const mil::Value zero_point = bytes(chain_.activation, {}, {chain_.activation_zero_point});
      to.emplace_back("zero_point", zero_point);
      from.emplace_back("zero_point", zero_point);
    }
    builder_.op("quantize", q, tensor(chain_.activation, channels), to);
    builder_.op("dequantize", y, tensor(mil::DataType::fp16, channels), from);
    return y;
  }

  std::string convolution(const std::string& x, std::int64_t in, std::int64_t out) {
    const std::string w = name("w");
    const std::string y = name("conv");
    std::vector<std::int64_t> integers;
    for (std::int64_t i = 0; i < in * out; ++i) {
      integers.push_back(chain_.weight_zero_point +
                         uniform(-chain_.weight_range, chain_.weight_range));
    }
    std::vector<double> scales(chain_.per_channel ? static_cast<std::size_t>(out) : 1);
    for (std::size_t o = 0; o < scales.size(); ++o) {
      scales[o] = std::ldexp(chain_.weight_scale, static_cast<int>(o % 3));
    }
    const mil::Shape shape = chain_.per_channel ? mil::Shape{out} : mil::Shape{};
    builder_.op_with_attributes(
        "constexpr_affine_dequantize", w, mil::Type::tensor(mil::DataType::fp16, {out, in, 1, 1}),
        {{"axis", mil::Value::scalar<std::int32_t>(0)},
         {"name", mil::Value::string(w)},
         {"quantized_data", bytes(chain_.weight, {out, in, 1, 1}, integers)},
         {"scale", mil::Value::fp16_tensor(shape, scales)},
         {"zero_point", bytes(chain_.weight, {}, {chain_.weight_zero_point})}});
    std::vector<mil::Builder::Input> inputs = {{"x", x}, {"weight", w}};
    if (chain_.bias) {
      std::vector<double> values;
      for (std::int64_t o = 0; o < out; ++o) {
        values.push_back(static_cast<double>(uniform(-500, 500)) / 37.0);
      }
      builder_.constant(y + "_bias", mil::Value::fp16_tensor({out}, values));
      inputs.emplace_back("bias", y + "_bias");
    }
    builder_.op("conv", y, tensor(mil::DataType::fp16, out), inputs);
    if (!chain_.relu) return y;
    const std::string positive = name("relu");
    builder_.op("relu", positive, tensor(mil::DataType::fp16, out), {{"x", y}});
    return positive;
  }

  TestChain chain_;
  Rng rng_;
  mil::Builder builder_;
  int next_ = 0;
};

inline std::unique_ptr<Device> test_device(Isa isa = best_isa(), int threads = 2) {
  auto device = open_cpu("cpu", isa, {.threads = threads});
  EXPECT_TRUE(device) << device.error().to_string();
  return std::move(*device);
}

inline std::unique_ptr<Device> test_reference() {
  auto device = open_reference({.threads = 1});
  EXPECT_TRUE(device) << device.error().to_string();
  return std::move(*device);
}

// Loads and runs once; fails the test where that fails.
inline std::optional<LoadedProgram> run_program(Device& device, const mil::Program& program,
                                                const std::vector<mil::Value>& inputs,
                                                const CompileOptions& options = {}) {
  auto loaded = LoadedProgram::open(device, program, nullptr, options);
  if (!loaded) {
    ADD_FAILURE() << loaded.error().to_string();
    return std::nullopt;
  }
  const auto set = loaded->set_inputs(inputs);
  EXPECT_TRUE(set) << set.error().to_string();
  loaded->poison_outputs();
  const auto done = loaded->evaluate();
  EXPECT_TRUE(done) << done.error().to_string();
  return std::move(*loaded);
}

inline Comparison compare_outputs(LoadedProgram& expected, LoadedProgram& actual) {
  return compare(expected.output(0).type(), expected.output(0).bytes(), actual.output(0).bytes());
}

}  // namespace anebench::device::cpu
