#include "anebench/transform/walk.h"

#include <utility>
#include <variant>

namespace anebench::transform {

void visit_operations(const mil::Block& block, FunctionRef<void(const mil::Operation&)> visit) {
  for (const mil::Operation& operation : block.operations) {
    visit(operation);
    for (const mil::Block& inner : operation.blocks) visit_operations(inner, visit);
  }
}

void visit_values(const mil::Program& program, FunctionRef<void(const mil::Value&)> visit) {
  const auto visit_operation = [&](const mil::Operation& operation) {
    for (const mil::Attribute& attribute : operation.attributes) visit(attribute.value);
    for (const mil::Argument& argument : operation.inputs) {
      for (const mil::Binding& binding : argument.bindings) {
        if (const auto* value = std::get_if<mil::Value>(&binding)) visit(*value);
      }
    }
  };
  for (const mil::Function& function : program.functions()) {
    visit_operations(function.body, visit_operation);
  }
}

mil::TypeEnvironment types_in(const mil::Function& function) {
  mil::TypeEnvironment types;
  for (const mil::NamedType& input : function.inputs) types.emplace(input.name, input.type);
  for (const mil::Operation& operation : function.body.operations) {
    for (const mil::NamedType& output : operation.outputs) types.emplace(output.name, output.type);
  }
  return types;
}

mil::Program with_function(const mil::Program& program, mil::Function function) {
  mil::ProgramData data = program.data();
  data.functions.clear();
  data.functions.push_back(std::move(function));
  return mil::Program(std::move(data));
}

}  // namespace anebench::transform
