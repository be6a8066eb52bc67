#include "anebench/device/cpu/probe.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "anebench/ops/evaluate.h"

namespace anebench::device::cpu {
namespace {

constexpr const char* kVariable = "x";

}  // namespace

std::optional<std::string_view> only_variable(const Graph& graph, const GraphNode& node) {
  std::optional<std::string_view> variable;
  for (const mil::Argument& argument : graph.operation(node.operation).inputs) {
    if (argument.bindings.size() == 1 && node.arguments.is_constant(argument.parameter)) continue;
    if (variable || argument.bindings.size() != 1) return std::nullopt;
    variable = argument.parameter;
  }
  return variable;
}

Result<Probe> Probe::create(const Graph& graph, const GraphNode& node, std::string_view variable,
                            std::string_view left_out) {
  Probe probe;
  probe.opset_ = graph.scope().opset();
  const mil::Operation& given = graph.operation(node.operation);
  probe.operation_.type = given.type;
  for (const mil::Argument& argument : given.inputs) {
    if (argument.parameter == left_out) continue;
    mil::Argument copy{argument.parameter, {}, argument.is_variadic};
    const mil::Value* value = node.arguments.value(argument.parameter);
    if (argument.parameter == variable) {
      copy.bindings.emplace_back(std::string(kVariable));
    } else if (value != nullptr && !value->is_blob()) {
      copy.bindings.emplace_back(*value);
    } else {
      ANEBENCH_ASSIGN(constant, graph.constant(node, argument.parameter));
      copy.bindings.emplace_back(constant.to_value());
    }
    probe.operation_.inputs.push_back(std::move(copy));
  }
  return probe;
}

Result<std::vector<ops::Tensor>> Probe::evaluate(const ops::Tensor& x,
                                                 const std::vector<mil::Type>& outputs) const {
  mil::Operation operation = operation_;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    operation.outputs.push_back({fmt::format("y{}", i), outputs[i]});
  }
  ops::Scope scope(opset_);
  scope.declare(kVariable, {.type = x.type()});
  ANEBENCH_ASSIGN(results, ops::evaluate(operation, scope, {{kVariable, x}}));
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (i >= results.size() || !(results[i].type() == outputs[i])) {
      return fail(ErrorCode::internal, "{} gave another result than {}", operation_.type,
                  mil::to_string(outputs[i]));
    }
  }
  return results;
}

}  // namespace anebench::device::cpu
