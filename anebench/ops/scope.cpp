#include "anebench/ops/scope.h"

#include <utility>

#include "anebench/ops/registry.h"

namespace anebench::ops {

Scope::Scope(mil::Opset opset, const mil::BlobResolver* resolver)
    : opset_(opset), resolver_(resolver) {}

Scope::Scope(const mil::Function& function, const mil::BlobResolver* resolver)
    : Scope(mil::parse_opset(function.opset).value_or(mil::Opset::ios26), resolver) {
  for (const mil::NamedType& input : function.inputs) declare(input.name, {.type = input.type});
}

Scope::Scope(const Scope& parent, const mil::Block& block)
    : opset_(parent.opset_), resolver_(parent.resolver_), parent_(&parent) {
  for (const mil::NamedType& input : block.inputs) declare(input.name, {.type = input.type});
}

const Name* Scope::find(std::string_view name) const {
  for (const Scope* scope = this; scope != nullptr; scope = scope->parent_) {
    const auto it = scope->names_.find(name);
    if (it != scope->names_.end()) return &it->second;
  }
  return nullptr;
}

void Scope::declare(std::string_view name, Name what) {
  names_.insert_or_assign(name, std::move(what));
}

void Scope::declare(const mil::Operation& operation) {
  const mil::Value* value = constant_value(operation);
  bool is_constant = value != nullptr;
  if (!is_constant) {
    const Definition* definition = ops::find(operation.type);
    is_constant = definition != nullptr && definition->is_constexpr;
  }
  for (const mil::NamedType& output : operation.outputs) {
    declare(output.name, {.type = output.type, .value = value, .is_constant = is_constant});
  }
}

const mil::Value* constant_value(const mil::Operation& operation) {
  if (operation.type != "const") return nullptr;
  if (const mil::Value* value = operation.find_attribute("val")) return value;
  const mil::Argument* input = operation.find_input("val");
  if (input == nullptr || input->bindings.size() != 1) return nullptr;
  return std::get_if<mil::Value>(&input->bindings.front());
}

}  // namespace anebench::ops
