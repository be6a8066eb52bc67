#include "anebench/experiments/step_costs.h"

#include <fmt/format.h>

#include <algorithm>
#include <variant>

#include "anebench/mil/names_read.h"

namespace anebench::experiments {
namespace {

// Reader of a function's outputs.
constexpr std::size_t kCaller = static_cast<std::size_t>(-1);

// Calls visit(parameter, index) for every binding.
template <typename Visit>
void visit_parameters(const ops::Arguments& arguments, const Visit& visit) {
  for (const ops::Parameter& parameter : arguments.version().parameters) {
    for (std::size_t i = 0; i < arguments.count(parameter.name); ++i) visit(parameter.name, i);
  }
}

// A layer begins with what has weights: a parameter of that name ("weight", "weight_ih", …), or a
// constant factor of a matrix product.
bool begins_layer(const ops::Arguments& arguments) {
  bool begins = false;
  visit_parameters(arguments, [&](std::string_view parameter, std::size_t index) {
    const bool is_factor =
        arguments.operation().type == "matmul" && (parameter == "x" || parameter == "y");
    begins |=
        arguments.is_constant(parameter, index) && (parameter.starts_with("weight") || is_factor);
  });
  return begins;
}

std::string type_text(const mil::Type& type) {
  if (!type.is_tensor()) return mil::to_string(type);
  return fmt::format("{} {}", mil::to_string(type.data_type()), mil::to_string(type.shape()));
}

}  // namespace

Result<FunctionCosts> FunctionCosts::create(const mil::Function& function) {
  FunctionCosts costs(function);
  for (const mil::NamedType& input : function.inputs) costs.types_[input.name] = &input.type;
  ops::Scope scope(function);
  for (const mil::Operation& operation : function.body.operations) {
    ANEBENCH_TRY(costs.add(operation, scope));
    scope.declare(operation);
  }
  costs.note_readers();
  return costs;
}

Result<void> FunctionCosts::add(const mil::Operation& operation, const ops::Scope& scope) {
  OperationCost entry;
  if (!costs_.empty()) entry.layer = costs_.back().layer;
  for (const mil::NamedType& output : operation.outputs) {
    producers_[output.name] = costs_.size();
    types_[output.name] = &output.type;
  }
  entry.is_constant = operation.type == "const";
  if (!entry.is_constant) {
    ANEBENCH_ASSIGN(arguments, ops::Arguments::bind(operation, scope));
    entry.is_constant = arguments.definition().is_constexpr;
    if (auto cost = ops::cost(arguments)) {
      count_stored_weights(arguments, *cost);
      if (arguments.definition().is_constexpr && !operation.outputs.empty()) {
        stored_bytes_[operation.outputs.front().name] = cost->weight_bytes;
      } else {
        entry.cost = *cost;
      }
    }
    if (!arguments.definition().is_constexpr && begins_layer(arguments)) {
      entry.layer = operation.label();
    }
  }
  costs_.push_back(entry);
  return {};
}

void FunctionCosts::count_stored_weights(const ops::Arguments& arguments, ops::OpCost& cost) const {
  visit_parameters(arguments, [&](std::string_view parameter, std::size_t index) {
    const auto name = arguments.name(parameter, index);
    if (!name) return;
    const auto stored = stored_bytes_.find(*name);
    if (stored == stored_bytes_.end()) return;
    const double saved = bytes_of(*name) - stored->second;
    cost.bytes_read -= saved;
    cost.weight_bytes -= saved;
  });
}

void FunctionCosts::note_readers() {
  const auto& operations = function_->body.operations;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    mil::visit_names_read(operations[i],
                          [&](const std::string& name) { readers_[name].insert(i); });
  }
  for (const std::string& name : function_->body.outputs) readers_[name].insert(kCaller);
}

double FunctionCosts::bytes_of(std::string_view name) const {
  const auto found = types_.find(name);
  if (found == types_.end()) return 0;
  return static_cast<double>(found->second->byte_size().value_or(0));
}

void FunctionCosts::add_costs(const std::set<std::size_t>& members,
                              record::ProfileStep& step) const {
  ops::OpCost sum;
  for (const std::size_t member : members) {
    const std::optional<ops::OpCost>& cost = costs_[member].cost;
    if (!cost) return;
    sum.operations += cost->operations;
    sum.bytes_read += cost->bytes_read;
    sum.bytes_written += cost->bytes_written;
    sum.weight_bytes += cost->weight_bytes;
    const mil::Operation& operation = function_->body.operations[member];
    // What stays within the step.
    for (const mil::Argument& argument : operation.inputs) {
      for (const mil::Binding& binding : argument.bindings) {
        const auto* name = std::get_if<std::string>(&binding);
        const auto producer = name == nullptr ? producers_.end() : producers_.find(*name);
        if (producer != producers_.end() && members.contains(producer->second)) {
          sum.bytes_read -= bytes_of(*name);
        }
      }
    }
    for (const mil::NamedType& output : operation.outputs) {
      const auto readers = readers_.find(output.name);
      const bool stays = readers != readers_.end() &&
                         std::ranges::all_of(readers->second, [&](std::size_t reader) {
                           return members.contains(reader);
                         });
      if (stays) sum.bytes_written -= bytes_of(output.name);
    }
  }
  step.arithmetic = sum.operations;
  step.bytes_read = sum.bytes_read;
  step.bytes_written = sum.bytes_written;
  step.weight_bytes = sum.weight_bytes;
}

// Operations name what they work on first; attributes are constants.
std::string FunctionCosts::input_of(const mil::Operation& operation) const {
  for (const mil::Argument& argument : operation.inputs) {
    for (const mil::Binding& binding : argument.bindings) {
      const auto* name = std::get_if<std::string>(&binding);
      if (name == nullptr) continue;
      const auto producer = producers_.find(*name);
      if (producer != producers_.end() && costs_[producer->second].is_constant) continue;
      const auto type = types_.find(*name);
      if (type != types_.end()) return type_text(*type->second);
    }
  }
  return {};
}

// Arithmetic that a step takes together with the dequantization of its operand is done on integers;
// else it is of its result's type.
std::string FunctionCosts::precision_of(const std::set<std::size_t>& members) const {
  std::string precision;
  bool has_dequantize = false;
  for (const std::size_t member : members) {
    const mil::Operation& operation = function_->body.operations[member];
    has_dequantize |= operation.type == "dequantize";
    const bool is_quantization = operation.type == "dequantize" || operation.type == "quantize";
    const std::optional<ops::OpCost>& cost = costs_[member].cost;
    if (is_quantization || !cost || !(cost->operations > 0) || operation.outputs.empty()) continue;
    const mil::Type& type = operation.outputs.front().type;
    if (precision.empty() && type.is_tensor()) precision = mil::to_string(type.data_type());
  }
  return has_dequantize && !precision.empty() ? "int8" : precision;
}

record::ProfileStep FunctionCosts::describe(const device::Step& step) const {
  record::ProfileStep result;
  result.name = step.name;
  result.kernel = step.kernel;
  result.fallback_reason = step.fallback_reason;
  const auto& operations = function_->body.operations;
  std::set<std::size_t> members;
  for (const std::size_t index : step.operations) {
    if (index < operations.size()) members.insert(index);
  }
  for (const std::size_t member : members) {
    const mil::Operation& operation = operations[member];
    result.type += fmt::format("{}{}", result.type.empty() ? "" : "+", operation.type);
    result.operations.emplace_back(operation.label());
  }
  if (members.empty()) {
    result.type = step.kernel;
    return result;
  }
  result.input = input_of(operations[*members.begin()]);
  const std::size_t last = *members.rbegin();
  result.layer = costs_[last].layer;
  if (!operations[last].outputs.empty()) {
    result.output = type_text(operations[last].outputs.front().type);
  }
  result.precision = precision_of(members);
  add_costs(members, result);
  return result;
}

double FunctionCosts::arithmetic() const {
  double sum = 0;
  for (const OperationCost& entry : costs_) sum += entry.cost ? entry.cost->operations : 0;
  return sum;
}

std::size_t FunctionCosts::constant_count() const {
  return static_cast<std::size_t>(std::ranges::count_if(costs_, &OperationCost::is_constant));
}

double FunctionCosts::weight_bytes() const {
  double sum = 0;
  for (const OperationCost& entry : costs_) sum += entry.cost ? entry.cost->weight_bytes : 0;
  return sum;
}

}  // namespace anebench::experiments
