#include "anebench/device/cpu/graph.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "anebench/ops/evaluate.h"
#include "anebench/ops/registry.h"

namespace anebench::device::cpu {
namespace {

// constexpr operations feed one another at most three deep (table → sparse → dense); more is no
// program that anyone wrote, and recursion must be bounded.
constexpr int kMaxConstantDepth = 64;

std::string describe(const mil::Operation& operation) {
  return fmt::format("{} '{}'", operation.type, operation.label());
}

bool has_known_dims(const mil::Type& type) {
  return type.is_tensor() && type.element_count().has_value();
}

bool is_constant_operation(const mil::Operation& operation) {
  if (operation.type == "const") return true;
  const ops::Definition* definition = ops::find(operation.type);
  return definition != nullptr && definition->is_constexpr;
}

}  // namespace

Result<std::unique_ptr<Graph>> Graph::build(const mil::Function& function,
                                            const mil::BlobResolver& resolver) {
  std::unique_ptr<Graph> graph(new Graph(function, resolver));
  for (const mil::NamedType& input : function.inputs) {
    if (!has_known_dims(input.type)) {
      return fail(ErrorCode::unsupported,
                  "input '{}' of type {}: the CPU runs tensors of known dimensions only",
                  input.name, mil::to_string(input.type));
    }
    graph->ids_.emplace(input.name, graph->values_.size());
    GraphValue value;
    value.name = input.name;
    value.type = input.type;
    graph->values_.push_back(std::move(value));
  }
  const std::size_t count = function.body.operations.size();
  graph->node_of_operation_.assign(count, kNone);
  for (std::size_t i = 0; i < count; ++i) {
    ANEBENCH_TRY(graph->add_operation(i), describe(function.body.operations[i]));
  }
  for (std::size_t i = 0; i < function.body.outputs.size(); ++i) {
    const ValueId id = graph->find(function.body.outputs[i]);
    if (id == kNone) {
      return fail(ErrorCode::verification_error, "output '{}' is not computed",
                  function.body.outputs[i]);
    }
    GraphValue& value = graph->values_[id];
    if (value.output == kNone) value.output = i;
  }
  return graph;
}

Result<void> Graph::add_operation(std::size_t index) {
  const mil::Operation& operation = function_->body.operations[index];
  if (!operation.blocks.empty()) {
    return fail(ErrorCode::unsupported, "operations with nested blocks cannot be planned");
  }
  std::vector<ValueId> outputs;
  if (is_constant_operation(operation)) {
    ANEBENCH_TRY(add_values(operation, index, /*is_constant=*/true, outputs));
    const mil::Value* value = ops::constant_value(operation);
    if (value != nullptr && value->is_blob()) {
      ANEBENCH_TRY(resolver_->resolve(value->blob_reference(), value->type()));
    }
    for (const mil::Attribute& attribute : operation.attributes) {
      if (!attribute.value.is_blob()) continue;
      ANEBENCH_TRY(resolver_->resolve(attribute.value.blob_reference(), attribute.value.type()));
    }
    scope_.declare(operation);
    return {};
  }
  ANEBENCH_ASSIGN(arguments, ops::Arguments::bind(operation, scope_));
  if (operation.type == "identity" && operation.outputs.size() == 1) {
    const std::optional<std::string_view> name = arguments.name("x");
    if (name && find(*name) != kNone) {
      ids_.emplace(operation.outputs[0].name, find(*name));
      identities_.push_back({index, find(*name)});
      scope_.declare(operation);
      return {};
    }
  }
  for (const mil::Argument& argument : operation.inputs) {
    for (const mil::Binding& binding : argument.bindings) {
      const auto* name = std::get_if<std::string>(&binding);
      if (name == nullptr) continue;
      const ValueId id = find(*name);
      if (id == kNone) {
        return fail(ErrorCode::verification_error, "'{}' is not defined before its use", *name);
      }
      std::vector<std::size_t>& consumers = values_[id].consumers;
      if (consumers.empty() || consumers.back() != index) consumers.push_back(index);
    }
  }
  ANEBENCH_TRY(add_values(operation, index, /*is_constant=*/false, outputs));
  scope_.declare(operation);
  node_of_operation_[index] = nodes_.size();
  nodes_.push_back({index, arguments, std::move(outputs)});
  return {};
}

Result<void> Graph::add_values(const mil::Operation& operation, std::size_t index, bool is_constant,
                               std::vector<ValueId>& ids) {
  for (const mil::NamedType& output : operation.outputs) {
    if (!is_constant && !has_known_dims(output.type)) {
      return fail(ErrorCode::unsupported,
                  "result '{}' of type {}: the CPU runs tensors of known dimensions only",
                  output.name, mil::to_string(output.type));
    }
    ids.push_back(values_.size());
    ids_.emplace(output.name, values_.size());
    GraphValue value;
    value.name = output.name;
    value.type = output.type;
    value.producer = index;
    value.is_constant = is_constant;
    values_.push_back(std::move(value));
  }
  return {};
}

const GraphNode* Graph::node(std::size_t operation) const {
  const std::size_t index = node_of_operation_[operation];
  return index == kNone ? nullptr : &nodes_[index];
}

ValueId Graph::find(std::string_view name) const {
  const auto found = ids_.find(name);
  return found == ids_.end() ? kNone : found->second;
}

ValueId Graph::argument(const GraphNode& node, std::string_view parameter,
                        std::size_t index) const {
  const std::optional<std::string_view> name = node.arguments.name(parameter, index);
  return name ? find(*name) : kNone;
}

const GraphNode* Graph::producer(ValueId id) const {
  const GraphValue& value = values_[id];
  return value.producer == kNone || value.is_constant ? nullptr : node(value.producer);
}

Result<ops::Tensor> Graph::constant(const ops::Arguments& arguments,
                                    std::string_view parameter) const {
  if (const std::optional<std::string_view> name = arguments.name(parameter)) {
    const ValueId id = find(*name);
    if (id == kNone || !values_[id].is_constant) {
      return arguments.error(parameter, "is not constant");
    }
    return constant(id);
  }
  const mil::Value* value = arguments.value(parameter);
  if (value == nullptr) return arguments.error(parameter, "is missing");
  return ops::Tensor::from_value(*value, *resolver_);
}

Result<ops::Tensor> Graph::constant(const GraphNode& node, std::string_view parameter) const {
  return constant(node.arguments, parameter);
}

Result<ops::Tensor> Graph::constant(ValueId id, int depth) const {
  if (depth > kMaxConstantDepth) {
    return fail(ErrorCode::unsupported, "constants depend on one another more than {} deep",
                kMaxConstantDepth);
  }
  const GraphValue& value = values_[id];
  const mil::Operation& operation = function_->body.operations[value.producer];
  if (const mil::Value* literal = ops::constant_value(operation)) {
    return ops::Tensor::from_value(*literal, *resolver_);
  }
  ops::TensorEnvironment environment;
  for (const mil::Argument& argument : operation.inputs) {
    for (const mil::Binding& binding : argument.bindings) {
      const auto* name = std::get_if<std::string>(&binding);
      if (name == nullptr || environment.contains(*name)) continue;
      const ValueId input = find(*name);
      if (input == kNone || !values_[input].is_constant) {
        return fail(ErrorCode::verification_error, "{}: '{}' is not constant", describe(operation),
                    *name);
      }
      ANEBENCH_ASSIGN(tensor, constant(input, depth + 1));
      environment.emplace(*name, std::move(tensor));
    }
  }
  ANEBENCH_ASSIGN(outputs, ops::evaluate(operation, scope_, environment), describe(operation));
  for (std::size_t i = 0; i < operation.outputs.size() && i < outputs.size(); ++i) {
    if (operation.outputs[i].name == value.name) return std::move(outputs[i]);
  }
  return fail(ErrorCode::internal, "{} did not compute '{}'", describe(operation), value.name);
}

}  // namespace anebench::device::cpu
