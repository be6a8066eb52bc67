#include "anebench/mil/names_read.h"

#include <variant>

namespace anebench::mil {

void visit_names_read(const Operation& operation, FunctionRef<void(const std::string&)> visit) {
  for (const Argument& argument : operation.inputs) {
    for (const Binding& binding : argument.bindings) {
      if (const auto* name = std::get_if<std::string>(&binding)) visit(*name);
    }
  }
  for (const Block& block : operation.blocks) {
    for (const Operation& inner : block.operations) visit_names_read(inner, visit);
    for (const std::string& name : block.outputs) visit(name);
  }
}

}  // namespace anebench::mil
