#include "anebench/transform/extract.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "anebench/mil/names_read.h"
#include "anebench/ops/registry.h"
#include "anebench/transform/walk.h"

namespace anebench::transform {
namespace {

using Names = std::set<std::string, std::less<>>;

// Keeps the operations that `needed` and the operations kept depend on. Operations without outputs
// (writes of state) are kept: they act.
std::vector<mil::Operation> prune(const std::vector<mil::Operation>& operations, Names needed) {
  std::vector<mil::Operation> kept;
  for (auto operation = operations.rbegin(); operation != operations.rend(); ++operation) {
    const bool is_needed =
        operation->outputs.empty() ||
        std::any_of(operation->outputs.begin(), operation->outputs.end(),
                    [&](const mil::NamedType& output) { return needed.contains(output.name); });
    if (!is_needed) continue;
    mil::visit_names_read(*operation, [&](const std::string& name) { needed.insert(name); });
    kept.push_back(*operation);
  }
  std::reverse(kept.begin(), kept.end());
  return kept;
}

Result<const mil::Function*> find_function(const mil::Program& program, std::string_view name) {
  if (const mil::Function* function = program.find_function(name)) return function;
  return fail(ErrorCode::not_found, "the program has no function '{}'", name);
}

}  // namespace

bool is_constant_operation(const mil::Operation& operation) {
  if (operation.type == "const") return true;
  const ops::Definition* definition = ops::find(operation.type);
  return definition != nullptr && definition->is_constexpr;
}

Result<mil::Program> with_outputs(const mil::Program& program, std::string_view function,
                                  std::vector<std::string> outputs) {
  ANEBENCH_ASSIGN(found, find_function(program, function));
  const mil::TypeEnvironment types = types_in(*found);
  for (const std::string& name : outputs) {
    if (!types.contains(name)) {
      return fail(ErrorCode::not_found, "function '{}' defines no value '{}'", function, name);
    }
  }
  mil::Function result = *found;
  result.body.operations = prune(found->body.operations, Names(outputs.begin(), outputs.end()));
  result.body.outputs = std::move(outputs);
  return with_function(program, std::move(result));
}

Result<mil::Program> isolate_operation(const mil::Program& program, std::string_view function,
                                       std::size_t index) {
  ANEBENCH_ASSIGN(found, find_function(program, function));
  const auto& operations = found->body.operations;
  if (index >= operations.size()) {
    return fail(ErrorCode::not_found, "function '{}' has {} operations, so none has index {}",
                function, operations.size(), index);
  }
  const mil::Operation& operation = operations[index];
  if (operation.outputs.empty() || !operation.blocks.empty()) {
    return fail(ErrorCode::unsupported, "{} '{}' cannot stand alone", operation.type,
                operation.label());
  }
  const mil::TypeEnvironment types = types_in(*found);
  Names constants;
  std::vector<mil::Operation> kept;
  for (std::size_t i = 0; i < index; ++i) {
    if (!is_constant_operation(operations[i])) continue;
    for (const mil::NamedType& output : operations[i].outputs) constants.insert(output.name);
    kept.push_back(operations[i]);
  }

  mil::Function result;
  result.name = found->name;
  result.opset = found->opset;
  Names seen;
  mil::visit_names_read(operation, [&](const std::string& name) {
    const auto type = types.find(name);
    if (constants.contains(name) || type == types.end() || !seen.insert(name).second) return;
    result.inputs.push_back({name, type->second});
  });
  Names outputs;
  for (const mil::NamedType& output : operation.outputs) {
    outputs.insert(output.name);
    result.body.outputs.push_back(output.name);
  }
  kept.push_back(operation);
  result.body.operations = prune(kept, std::move(outputs));
  return with_function(program, std::move(result));
}

}  // namespace anebench::transform
