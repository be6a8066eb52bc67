#include "anebench/mil/builder.h"

namespace anebench::mil {

Builder::Input::Input(std::string parameter_name, std::string value_name)
    : argument{std::move(parameter_name), {Binding(std::move(value_name))}, false} {}
Builder::Input::Input(std::string parameter_name, const char* value_name)
    : Input(std::move(parameter_name), std::string(value_name)) {}
Builder::Input::Input(std::string parameter_name, Value literal)
    : argument{std::move(parameter_name), {Binding(std::move(literal))}, false} {}
Builder::Input::Input(std::string parameter_name, std::vector<Binding> bindings)
    : argument{std::move(parameter_name), std::move(bindings), true} {}

Builder::Builder(std::string version, Opset opset, std::string function_name) {
  data_.version = std::move(version);
  function_.name = std::move(function_name);
  function_.opset = std::string(to_string(opset));
}

void Builder::program_attribute(std::string name, Value value) {
  data_.attributes.push_back({std::move(name), std::move(value)});
}

void Builder::input(std::string name, Type type) {
  function_.inputs.push_back({std::move(name), std::move(type)});
}

void Builder::constant(std::string name, Value value) {
  Operation operation;
  operation.type = "const";
  operation.outputs.push_back({name, value.type()});
  operation.attributes.push_back({"name", Value::string(std::move(name))});
  operation.attributes.push_back({"val", std::move(value)});
  append(std::move(operation));
}

void Builder::op(std::string type, std::string output, Type output_type,
                 std::vector<Input> inputs) {
  Operation operation;
  operation.type = std::move(type);
  operation.outputs.push_back({output, std::move(output_type)});
  operation.inputs.reserve(inputs.size());
  for (Input& input : inputs) operation.inputs.push_back(std::move(input.argument));
  operation.attributes.push_back({"name", Value::string(std::move(output))});
  append(std::move(operation));
}

void Builder::op_with_attributes(std::string type, std::string output, Type output_type,
                                 std::vector<Attribute> attributes) {
  Operation operation;
  operation.type = std::move(type);
  operation.outputs.push_back({output, std::move(output_type)});
  operation.attributes = std::move(attributes);
  operation.attributes.push_back({"name", Value::string(std::move(output))});
  append(std::move(operation));
}

void Builder::append(Operation operation) {
  function_.body.operations.push_back(std::move(operation));
}

Program Builder::finish(std::vector<std::string> outputs) {
  function_.body.outputs = std::move(outputs);
  data_.functions.push_back(std::move(function_));
  Program program(std::move(data_));
  data_ = {};
  function_ = {};
  return program;
}

Value build_info(std::initializer_list<std::pair<std::string_view, std::string_view>> entries) {
  const Type text = Type::scalar(DataType::string);
  Value::Entries pairs;
  for (const auto& [key, value] : entries) {
    pairs.emplace_back(Value::string(std::string(key)), Value::string(std::string(value)));
  }
  return Value::dictionary(Type::dictionary(text, text), std::move(pairs));
}

}  // namespace anebench::mil
