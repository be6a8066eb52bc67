#include "anebench/transform/walk.h"

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

}  // namespace anebench::transform
