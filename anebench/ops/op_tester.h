// For tests: one operation with its arguments, inferred, evaluated or verified in a program of its
// own.
//
//   OpTester relu("relu");
//   relu.input("x", tensor(DataType::fp16, {2}, {-1, 1}));
//   EXPECT_THAT(relu.output().to_doubles(), ElementsAre(0, 1));
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "anebench/mil/program.h"
#include "anebench/ops/arguments.h"
#include "anebench/ops/evaluate.h"
#include "anebench/ops/verifier.h"

namespace anebench::ops {

inline Tensor tensor(mil::DataType type, std::vector<std::int64_t> dims,
                     std::vector<double> values) {
  return Tensor::from_doubles(type, dims, values).value();
}

inline Tensor fp16(std::vector<std::int64_t> dims, std::vector<double> values) {
  return tensor(mil::DataType::fp16, std::move(dims), std::move(values));
}

inline Tensor fp32(std::vector<std::int64_t> dims, std::vector<double> values) {
  return tensor(mil::DataType::fp32, std::move(dims), std::move(values));
}

inline Tensor integers(std::vector<std::int64_t> dims, std::vector<double> values) {
  return tensor(mil::DataType::int32, std::move(dims), std::move(values));
}

inline constexpr double kInfinity = std::numeric_limits<double>::infinity();
inline constexpr double kLeastInt32 = std::numeric_limits<std::int32_t>::min();

// A tensor whose packed bytes are given.
inline mil::Value packed(mil::DataType type, mil::Shape shape, std::initializer_list<int> bytes) {
  mil::Value::Bytes packed_bytes;
  for (const int byte : bytes) packed_bytes.push_back(static_cast<std::byte>(byte));
  return mil::Value::packed(mil::Type::tensor(type, std::move(shape)), std::move(packed_bytes));
}

inline mil::Value number(float value) { return mil::Value::scalar<float>(value); }
inline mil::Value int32(std::int32_t value) { return mil::Value::scalar<std::int32_t>(value); }
inline mil::Value int32s(std::vector<std::int32_t> values) {
  const auto count = static_cast<std::int64_t>(values.size());
  return mil::Value::tensor<std::int32_t>({count}, values);
}
inline mil::Value uint32s(std::vector<std::uint32_t> values) {
  const auto count = static_cast<std::int64_t>(values.size());
  return mil::Value::tensor<std::uint32_t>({count}, values);
}
inline mil::Value string(std::string text) { return mil::Value::string(std::move(text)); }

class OpTester {
 public:
  explicit OpTester(std::string type, mil::Opset opset = mil::Opset::ios18, std::size_t outputs = 1)
      : opset_(opset) {
    operation_.type = std::move(type);
    for (std::size_t i = 0; i < outputs; ++i) {
      operation_.outputs.push_back({"out" + std::to_string(i), mil::Type()});
    }
  }

  // A tensor known only at run time, as a function input of the parameter's name.
  OpTester& input(const std::string& parameter, Tensor value) {
    operation_.inputs.push_back({parameter, {parameter}, false});
    types_.push_back({parameter, value.type()});
    values_.insert_or_assign(parameter, std::move(value));
    return *this;
  }
  // Several for a variadic parameter, as inputs "values0", "values1", ….
  OpTester& inputs(const std::string& parameter, const std::vector<Tensor>& values) {
    operation_.inputs.push_back({parameter, {}, true});
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::string name = parameter + std::to_string(i);
      operation_.inputs.back().bindings.emplace_back(name);
      types_.push_back({name, values[i].type()});
      values_.insert_or_assign(name, values[i]);
    }
    return *this;
  }
  // The same without a value: enough for inference and verification.
  OpTester& declare(const std::string& parameter, mil::Type type) {
    operation_.inputs.push_back({parameter, {parameter}, false});
    types_.push_back({parameter, std::move(type)});
    return *this;
  }
  OpTester& literal(const std::string& parameter, mil::Value value) {
    operation_.inputs.push_back({parameter, {std::move(value)}, false});
    return *this;
  }
  OpTester& literal(const std::string& parameter, const Tensor& value) {
    return literal(parameter, value.to_value());
  }
  OpTester& attribute(const std::string& name, mil::Value value) {
    operation_.attributes.push_back({name, std::move(value)});
    return *this;
  }
  OpTester& attribute(const std::string& name, const Tensor& value) {
    return attribute(name, value.to_value());
  }

  Result<std::vector<mil::Type>> infer() const {
    const Scope scope = make_scope();
    ANEBENCH_ASSIGN(arguments, Arguments::bind(operation_, scope));
    return arguments.definition().infer(arguments);
  }
  Result<OpCost> cost() const {
    const Scope scope = make_scope();
    ANEBENCH_ASSIGN(arguments, Arguments::bind(operation_, scope));
    return ops::cost(arguments);
  }
  Result<std::vector<Tensor>> evaluate() const {
    return ops::evaluate(operation_, make_scope(), values_);
  }
  // The only output; fails the test where there is none.
  Tensor output() const {
    const auto outputs = evaluate();
    EXPECT_TRUE(outputs) << outputs.error().to_string();
    return outputs ? outputs->front() : Tensor();
  }
  // "" on success.
  std::string evaluation_error() const {
    const auto outputs = evaluate();
    return outputs ? "" : outputs.error().to_string();
  }

  // A program of this one operation, whose outputs have the inferred types (or bool scalars where
  // inference fails).
  mil::Program program() const {
    mil::Function function;
    function.name = "main";
    function.opset = to_string(opset_);
    function.inputs = types_;
    mil::Operation operation = operation_;
    if (const auto types = infer()) {
      for (std::size_t i = 0; i < types->size() && i < operation.outputs.size(); ++i) {
        operation.outputs[i].type = (*types)[i];
      }
    }
    for (const mil::NamedType& output : operation.outputs) {
      function.body.outputs.push_back(output.name);
    }
    function.body.operations.push_back(std::move(operation));
    mil::ProgramData data;
    data.functions.push_back(std::move(function));
    return mil::Program(std::move(data));
  }
  // The rules that verification finds broken or bent, in order.
  std::vector<std::string> rules(Strictness strictness = Strictness::strict) const {
    VerifyOptions options;
    options.strictness = strictness;
    std::vector<std::string> names;
    for (const Diagnostic& diagnostic : verify(program(), options).diagnostics) {
      names.push_back((diagnostic.severity == Severity::bent ? "bent " : "") + diagnostic.rule);
    }
    return names;
  }

  mil::Operation& operation() { return operation_; }

 private:
  Scope make_scope() const {
    Scope scope(opset_);
    for (const mil::NamedType& type : types_) scope.declare(type.name, {.type = type.type});
    return scope;
  }

  mil::Opset opset_;
  mil::Operation operation_;
  std::vector<mil::NamedType> types_;
  TensorEnvironment values_;
};

// "" on success.
inline std::string inference_error(const OpTester& op) {
  const auto types = op.infer();
  return types ? "" : types.error().to_string();
}
// The first output's type, or the error.
inline std::string inferred(const OpTester& op) {
  const auto types = op.infer();
  return types ? to_string(types->front()) : types.error().to_string();
}

}  // namespace anebench::ops
