// Builds a one-function program operation by operation, in SSA order.
//
//   Builder b("1.3", Opset::ios18);
//   b.input("x", Type::tensor(DataType::fp16, {1, 64, 1, 32}));
//   b.constant("w", Value::blob(weight_type, {"@model_path/weights/weight.bin", 64}));
//   b.op("conv", "y", out_type, {{"x", "x"}, {"weight", "w"}, {"strides", strides_value}, …});
//   Program program = b.finish({"y"});
//
// Names must be unique; the verifier reports those that are not. Not thread-safe.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "anebench/mil/program.h"

namespace anebench::mil {

class Builder {
 public:
  // One argument: a name or an inline literal.
  struct Input {
    Input(std::string parameter_name, std::string value_name);
    Input(std::string parameter_name, const char* value_name);
    Input(std::string parameter_name, Value literal);
    // Variadic.
    Input(std::string parameter_name, std::vector<Binding> bindings);
    Argument argument;
  };

  Builder(std::string version, Opset opset, std::string function_name = "main");

  // A program attribute such as buildInfo.
  void program_attribute(std::string name, Value value);
  void input(std::string name, Type type);
  // A `const` operation whose output and label are `name`.
  void constant(std::string name, Value value);
  // An operation with one output; its label is the output's name.
  void op(std::string type, std::string output, Type output_type, std::vector<Input> inputs);
  // The same with parameters in attributes (the iOS 16 constexpr form).
  void op_with_attributes(std::string type, std::string output, Type output_type,
                          std::vector<Attribute> attributes);
  // Any operation.
  void append(Operation operation);

  // Moves the program out; the builder is empty afterwards.
  Program finish(std::vector<std::string> outputs);

 private:
  ProgramData data_;
  Function function_;
};

// The buildInfo attribute from key and value pairs.
Value build_info(std::initializer_list<std::pair<std::string_view, std::string_view>> entries);

}  // namespace anebench::mil
