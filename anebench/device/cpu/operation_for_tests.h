// For tests: one operation (or a few) on the CPU device and on the reference, and what is asked of
// the outputs: that a kernel served, and how near it came.
#pragma once

#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "anebench/device/cpu/test_chain.h"
#include "anebench/mil/builder.h"
#include "anebench/ops/tensor.h"

namespace anebench::device::cpu {

// A program of operations on inputs and constants, which come with their values.
class OperationProgram {
 public:
  OperationProgram() : builder_("1.3", mil::Opset::ios18) {}

  void input(const std::string& name, const mil::Value& value) {
    builder_.input(name, value.type());
    inputs_.push_back(value);
  }
  void constant(const std::string& name, mil::Value value) {
    builder_.constant(name, std::move(value));
  }
  void op(const std::string& type, const std::string& output, mil::Type output_type,
          std::vector<mil::Builder::Input> arguments) {
    builder_.op(type, output, std::move(output_type), std::move(arguments));
  }
  void append(mil::Operation operation) { builder_.append(std::move(operation)); }
  mil::Program finish(std::vector<std::string> outputs) {
    return builder_.finish(std::move(outputs));
  }
  const std::vector<mil::Value>& inputs() const { return inputs_; }

 private:
  mil::Builder builder_;
  std::vector<mil::Value> inputs_;
};

// The outputs of both devices as numbers, and the CPU's steps.
struct BothOutputs {
  std::vector<mil::Type> types;
  std::vector<std::vector<double>> mine;
  std::vector<std::vector<double>> expected;
  std::vector<Step> steps;
  bool is_bit_exact = false;

  bool ran() const { return !types.empty(); }
};

inline BothOutputs run_on_both(OperationProgram& program, std::vector<std::string> outputs) {
  static const auto reference = test_reference();
  static const auto cpu = test_device();
  const std::size_t count = outputs.size();
  const mil::Program finished = program.finish(std::move(outputs));
  auto mine = run_program(*cpu, finished, program.inputs());
  auto expected = run_program(*reference, finished, program.inputs());
  BothOutputs both;
  if (!mine || !expected) return both;
  const auto numbers = [](LoadedProgram& loaded, std::size_t i) {
    std::vector<double> values(
        static_cast<std::size_t>(loaded.output(i).type().element_count().value_or(0)));
    ops::load_doubles(loaded.output(i).type().data_type(), loaded.output(i).bytes(), 0, values);
    return values;
  };
  for (std::size_t i = 0; i < count; ++i) {
    both.types.push_back(mine->output(i).type());
    both.mine.push_back(numbers(*mine, i));
    both.expected.push_back(numbers(*expected, i));
  }
  both.steps = mine->executable().steps();
  both.is_bit_exact = mine->executable().is_bit_exact();
  return both;
}

// That nothing fell back on the reference evaluation, and that there is a step with the kernel.
inline void expect_kernel(const BothOutputs& both, const std::string& kernel) {
  std::vector<std::string> kernels;
  for (const Step& step : both.steps) {
    EXPECT_EQ(step.fallback_reason, "") << step.name;
    EXPECT_NE(step.kernel, "reference") << step.name;
    kernels.push_back(step.kernel);
  }
  EXPECT_THAT(kernels, testing::Contains(kernel));
}

// Of a result: its last place in the output's type, and in fp32 for what led to it.
struct Allowance {
  double last_places = 1;
  // Times 2^-24, in units of the largest magnitude among the outputs.
  double roundings = 0;
};

inline double last_place(mil::DataType type, double value) {
  if (type == mil::DataType::fp16) return half_ulp(value);
  if (type != mil::DataType::fp32) return 0;
  return std::max(std::ldexp(std::abs(value), -23), 0x1p-149);
}

inline void expect_near(const BothOutputs& both, const Allowance& allowance) {
  ASSERT_TRUE(both.ran());
  for (std::size_t o = 0; o < both.types.size(); ++o) {
    double largest = 0;
    for (const double value : both.expected[o]) {
      if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
    }
    for (std::size_t i = 0; i < both.expected[o].size(); ++i) {
      const double mine = both.mine[o][i];
      const double expected = both.expected[o][i];
      if (!std::isfinite(expected)) {
        ASSERT_TRUE(mine == expected || (std::isnan(mine) && std::isnan(expected)))
            << "output " << o << " element " << i << ": " << mine << " for " << expected;
        continue;
      }
      const double most = allowance.last_places * last_place(both.types[o].data_type(), expected) +
                          allowance.roundings * 0x1p-24 * largest;
      ASSERT_LE(std::abs(mine - expected), most)
          << "output " << o << " element " << i << ": " << mine << " for " << expected;
    }
  }
}

// Equal numbers; zeros of the same sign.
inline void expect_same(const BothOutputs& both) {
  ASSERT_TRUE(both.ran());
  for (std::size_t o = 0; o < both.types.size(); ++o) {
    for (std::size_t i = 0; i < both.expected[o].size(); ++i) {
      const double mine = both.mine[o][i];
      const double expected = both.expected[o][i];
      const bool same = (mine == expected && std::signbit(mine) == std::signbit(expected)) ||
                        (std::isnan(mine) && std::isnan(expected));
      ASSERT_TRUE(same) << "output " << o << " element " << i << ": " << mine << " for "
                        << expected;
    }
  }
}

// Uniform from −range to range, of fp16 or fp32.
inline mil::Value random_tensor(mil::DataType type, const mil::Shape& shape, std::uint64_t seed,
                                double range = 1) {
  Rng rng(seed);
  std::vector<double> values(static_cast<std::size_t>(*mil::element_count(shape)));
  for (double& value : values) value = (rng.uniform() * 2 - 1) * range;
  if (type == mil::DataType::fp16) return mil::Value::fp16_tensor(shape, values);
  return mil::Value::tensor<float>(shape, std::vector<float>(values.begin(), values.end()));
}

// Every fp16 number, NaN and infinities among them, as a tensor of shape [256, 256].
inline mil::Value every_half() {
  mil::Value::Bytes bytes;
  for (int i = 0; i < 0x10000; ++i) {
    bytes.push_back(static_cast<std::byte>(i & 0xff));
    bytes.push_back(static_cast<std::byte>(i >> 8));
  }
  return mil::Value::packed(mil::Type::tensor(mil::DataType::fp16, {256, 256}), std::move(bytes));
}

}  // namespace anebench::device::cpu
