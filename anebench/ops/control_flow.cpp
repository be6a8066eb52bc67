// Constants, and the ops that carry nested blocks.
#include <fmt/format.h>

#include <algorithm>

#include "anebench/ops/context.h"
#include "anebench/ops/families.h"
#include "anebench/ops/registry.h"
#include "anebench/ops/shapes.h"

namespace anebench::ops {
namespace {

using mil::Dim;
using mil::Opset;
using mil::Type;

Result<std::vector<Type>> infer_const(const Arguments& arguments) {
  const mil::Value* value = constant_value(arguments.operation());
  if (value == nullptr) return arguments.error("val", "is missing");
  return std::vector<Type>{value->type()};
}

Result<std::vector<RuntimeValue>> evaluate_const(OpContext& context) {
  ANEBENCH_ASSIGN(value, context.value("val"));
  return std::vector<RuntimeValue>{std::move(value)};
}

// --- Nested blocks ----------------------------------------------------------------------------

tl::unexpected<Error> block_error(const Arguments& arguments, std::string_view what) {
  return fail(ErrorCode::verification_error, "{}: {}", arguments.describe(), what);
}

Result<const mil::Block*> nested_block(const Arguments& arguments, std::size_t index) {
  const auto& blocks = arguments.operation().blocks;
  if (index < blocks.size()) return &blocks[index];
  return block_error(arguments, fmt::format("nested block {} is missing", index));
}

// The declared types of what a nested block returns.
Result<std::vector<Type>> block_outputs(const Arguments& arguments, std::size_t index) {
  ANEBENCH_ASSIGN(block, nested_block(arguments, index));
  Scope scope(arguments.scope(), *block);
  for (const mil::Operation& operation : block->operations) scope.declare(operation);
  std::vector<Type> types;
  for (const std::string& output : block->outputs) {
    const Name* name = scope.find(output);
    if (name == nullptr) {
      return block_error(arguments,
                         fmt::format("block {} returns '{}', which is not defined", index, output));
    }
    types.push_back(name->type);
  }
  return types;
}

// The type of what is one or the other: dimensions that differ are unknown. Nothing where the two
// differ in more than that.
std::optional<Type> either(const Type& a, const Type& b) {
  if (a == b) return a;
  if (a.is_tensor() && b.is_tensor() && a.data_type() == b.data_type() && a.rank() == b.rank()) {
    mil::Shape shape = a.shape();
    for (std::size_t d = 0; d < shape.size(); ++d) {
      if (shape[d] != b.shape()[d]) shape[d] = Dim::unknown();
    }
    return Type::tensor(a.data_type(), std::move(shape));
  }
  if (a.kind() != Type::Kind::list || b.kind() != Type::Kind::list) return std::nullopt;
  auto element = either(a.elements()[0], b.elements()[0]);
  if (!element) return std::nullopt;
  return Type::list(*std::move(element), a.length() == b.length() ? a.length() : Dim::unknown());
}

Result<std::vector<Type>> infer_cond(const Arguments& arguments) {
  ANEBENCH_ASSIGN(predicate, arguments.tensor_type("pred"));
  if (predicate.element_count().value_or(1) != 1) {
    return arguments.error("pred", fmt::format("is {}, wants one bool", to_string(predicate)));
  }
  ANEBENCH_ASSIGN(if_true, block_outputs(arguments, 0));
  ANEBENCH_ASSIGN(if_false, block_outputs(arguments, 1));
  if (if_true.size() != if_false.size()) {
    return block_error(arguments, fmt::format("its blocks return {} and {} values", if_true.size(),
                                              if_false.size()));
  }
  std::vector<Type> types;
  for (std::size_t i = 0; i < if_true.size(); ++i) {
    auto type = either(if_true[i], if_false[i]);
    if (!type) {
      return block_error(arguments, fmt::format("result {} is {} in one block, {} in the other", i,
                                                to_string(if_true[i]), to_string(if_false[i])));
    }
    types.push_back(*std::move(type));
  }
  return types;
}

// One bool of any shape: Core ML's converters compare with vectors of one element.
Result<bool> one_bool(const Arguments& arguments, const RuntimeValue& value) {
  const Tensor* tensor = value.tensor();
  if (tensor == nullptr || tensor->element_count() != 1) {
    return block_error(arguments,
                       fmt::format("the condition is {}, not one bool", to_string(value.type())));
  }
  return tensor->to_doubles().front() != 0;
}

Result<std::vector<RuntimeValue>> evaluate_cond(OpContext& context) {
  ANEBENCH_ASSIGN(predicate, context.value("pred"));
  ANEBENCH_ASSIGN(chosen, one_bool(context.arguments(), predicate));
  return context.run_block(chosen ? 0 : 1, {});
}

constexpr std::size_t kCondition = 0;
constexpr std::size_t kBody = 1;

Result<std::vector<Type>> loop_variables(const Arguments& arguments) {
  std::vector<Type> types;
  for (std::size_t i = 0; i < arguments.count("loop_vars"); ++i) {
    ANEBENCH_ASSIGN(type, arguments.type("loop_vars", i));
    types.push_back(std::move(type));
  }
  return types;
}

// That the types of `given` fit what a block takes or a loop variable holds.
Result<void> check_types(const Arguments& arguments, std::string_view what,
                         const std::vector<Type>& given, const std::vector<Type>& wanted) {
  if (given.size() != wanted.size()) {
    return block_error(arguments, fmt::format("{}: {} values for {} loop variables", what,
                                              given.size(), wanted.size()));
  }
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (either(given[i], wanted[i])) continue;
    return block_error(arguments, fmt::format("{}: value {} is {}, the loop variable {}", what, i,
                                              to_string(given[i]), to_string(wanted[i])));
  }
  return {};
}

Result<std::vector<Type>> infer_while_loop(const Arguments& arguments) {
  ANEBENCH_ASSIGN(variables, loop_variables(arguments));
  for (const std::size_t index : {kCondition, kBody}) {
    ANEBENCH_ASSIGN(block, nested_block(arguments, index));
    std::vector<Type> inputs;
    for (const mil::NamedType& input : block->inputs) inputs.push_back(input.type);
    ANEBENCH_TRY(
        check_types(arguments, fmt::format("inputs of block {}", index), inputs, variables));
  }
  ANEBENCH_ASSIGN(conditions, block_outputs(arguments, kCondition));
  if (conditions.size() != 1 || !conditions[0].is_tensor() ||
      conditions[0].data_type() != mil::DataType::boolean ||
      conditions[0].element_count().value_or(1) != 1) {
    return block_error(arguments, "the first block must return one bool");
  }
  ANEBENCH_ASSIGN(results, block_outputs(arguments, kBody));
  ANEBENCH_TRY(check_types(arguments, "results of the body", results, variables));
  for (std::size_t i = 0; i < results.size(); ++i) {
    variables[i] = *either(variables[i], results[i]);
  }
  return variables;
}

Result<std::vector<RuntimeValue>> evaluate_while_loop(OpContext& context) {
  const Arguments& arguments = context.arguments();
  std::vector<RuntimeValue> variables;
  for (std::size_t i = 0; i < arguments.count("loop_vars"); ++i) {
    ANEBENCH_ASSIGN(variable, context.value("loop_vars", i));
    variables.push_back(std::move(variable));
  }
  while (true) {
    ANEBENCH_ASSIGN(conditions, context.run_block(kCondition, variables));
    if (conditions.size() != 1) {
      return block_error(arguments, "the first block must return one bool");
    }
    ANEBENCH_ASSIGN(goes_on, one_bool(arguments, conditions.front()));
    if (!goes_on) return variables;
    ANEBENCH_TRY(context.start_iteration());
    ANEBENCH_ASSIGN(next, context.run_block(kBody, variables));
    if (next.size() != variables.size()) {
      return block_error(arguments, fmt::format("the body returns {} values for {} loop variables",
                                                next.size(), variables.size()));
    }
    variables = std::move(next);
  }
}

// The arithmetic of a nested block's operations.
Result<double> block_operations(const Arguments& arguments, std::size_t index) {
  ANEBENCH_ASSIGN(block, nested_block(arguments, index));
  Scope scope(arguments.scope(), *block);
  double total = 0;
  for (const mil::Operation& operation : block->operations) {
    if (operation.type != "const") {
      ANEBENCH_ASSIGN(nested, Arguments::bind(operation, scope));
      if (!nested.definition().is_constexpr) {
        ANEBENCH_ASSIGN(cost, ops::cost(nested));
        total += cost.operations;
      }
    }
    scope.declare(operation);
  }
  return total;
}

// Either block may run: the dearer one counts.
Result<double> count_cond(const Arguments& arguments, std::span<const Type> /*outputs*/) {
  ANEBENCH_ASSIGN(if_true, block_operations(arguments, 0));
  ANEBENCH_ASSIGN(if_false, block_operations(arguments, 1));
  return std::max(if_true, if_false);
}

Result<double> count_while_loop(const Arguments& arguments, std::span<const Type> /*outputs*/) {
  return fail(ErrorCode::unsupported,
              "{}: how often it loops, and so its cost, is known only when it has run",
              arguments.describe());
}

constexpr Parameter kConst[] = {{.name = "val", .constant = true, .kind = ParameterKind::value}};
constexpr Version kConstVersions[] = {{Opset::ios13, kConst}};
constexpr Parameter kCond[] = {{.name = "pred", .types = kBool}};
constexpr Version kCondVersions[] = {{Opset::ios13, kCond}};
constexpr Parameter kWhileLoop[] = {{.name = "loop_vars", .kind = ParameterKind::variadic}};
constexpr Version kWhileLoopVersions[] = {{Opset::ios13, kWhileLoop}};

constexpr Definition kDefinitions[] = {
    {.name = "const",
     .family = "control_flow",
     .versions = kConstVersions,
     .infer = infer_const,
     .evaluate_values = evaluate_const},
    {.name = "cond",
     .family = "control_flow",
     .versions = kCondVersions,
     .infer = infer_cond,
     .evaluate_values = evaluate_cond,
     .count_operations = count_cond,
     .block_count = 2},
    {.name = "while_loop",
     .family = "control_flow",
     .versions = kWhileLoopVersions,
     .infer = infer_while_loop,
     .evaluate_values = evaluate_while_loop,
     .count_operations = count_while_loop,
     .block_count = 2},
};

}  // namespace

std::span<const Definition> control_flow_family() { return kDefinitions; }

}  // namespace anebench::ops
