#include "anebench/ops/specialize.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "anebench/ops/arguments.h"
#include "anebench/ops/evaluate.h"
#include "anebench/ops/function_plan.h"
#include "anebench/ops/scope.h"

namespace anebench::ops {
namespace {

// Of one result that becomes a constant: shapes, and masks and positions along an input. What is
// larger is computed when the program runs.
constexpr std::int64_t kMostFoldedBytes = std::int64_t{1} << 20;
// Of all of a function's: what bounds the memory that a program of many such results takes.
constexpr std::int64_t kMostFoldedBytesInAll = std::int64_t{1} << 26;

// What is known from either. Precondition: the types are compatible.
mil::Type merged(const mil::Type& declared, const mil::Type& inferred) {
  if (!declared.is_tensor()) return declared;
  mil::Shape shape = inferred.shape();
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (!shape[i].is_known()) shape[i] = declared.shape()[i];
  }
  return mil::Type::tensor(declared.data_type(), std::move(shape));
}

bool has_open_argument(const Arguments& arguments) {
  for (const Parameter& parameter : arguments.version().parameters) {
    for (std::size_t i = 0; i < arguments.count(parameter.name); ++i) {
      const auto type = arguments.type(parameter.name, i);
      if (!type || is_open(*type)) return true;
    }
  }
  return false;
}

void make_constant(mil::Operation& operation, mil::Value value) {
  operation.type = "const";
  operation.inputs.clear();
  std::erase_if(operation.attributes,
                [](const mil::Attribute& attribute) { return attribute.name != "name"; });
  operation.attributes.push_back({"val", std::move(value)});
}

class Specializer {
 public:
  Specializer(mil::Function& function, const mil::BlobResolver* resolver)
      : function_(function), scope_(function, resolver) {}

  void run() {
    for (mil::Operation& operation : function_.body.operations) {
      if (is_executed(operation) && operation.blocks.empty()) visit(operation);
      scope_.declare(operation);
    }
  }

 private:
  void visit(mil::Operation& operation) {
    const auto arguments = Arguments::bind(operation, scope_);
    if (!arguments) return;
    const auto types = arguments->definition().infer(*arguments);
    if (!types || types->size() != operation.outputs.size()) return;
    for (std::size_t i = 0; i < types->size(); ++i) {
      mil::Type& declared = operation.outputs[i].type;
      if (mil::compatible(declared, (*types)[i])) declared = merged(declared, (*types)[i]);
    }
    if (auto value = value_of(operation, *arguments)) make_constant(operation, *std::move(value));
  }

  // The result where it follows from types and constants alone. Evaluating tells: where anything
  // else is asked for, there is no value for it.
  std::optional<mil::Value> value_of(const mil::Operation& operation, const Arguments& arguments) {
    if (operation.outputs.size() != 1 || has_open_argument(arguments)) return std::nullopt;
    const mil::Type& type = operation.outputs.front().type;
    const auto bytes = type.byte_size();
    if (!bytes || *bytes > std::min(kMostFoldedBytes, kMostFoldedBytesInAll - folded_bytes_)) {
      return std::nullopt;
    }
    const auto outputs = evaluate(operation, scope_, {});
    if (!outputs || !(outputs->front().type() == type)) return std::nullopt;
    folded_bytes_ += *bytes;
    return outputs->front().to_value();
  }

  mil::Function& function_;
  Scope scope_;
  std::int64_t folded_bytes_ = 0;
};

}  // namespace

bool is_open(const mil::Type& type) {
  return type.is_tensor() &&
         !std::ranges::all_of(type.shape(), [](mil::Dim dim) { return dim.is_known(); });
}

const mil::NamedType* find_open(const mil::Function& function) {
  for (const mil::NamedType& input : function.inputs) {
    if (is_open(input.type)) return &input;
  }
  for (const mil::Operation& operation : function.body.operations) {
    if (!is_executed(operation)) continue;
    for (const mil::NamedType& output : operation.outputs) {
      if (is_open(output.type)) return &output;
    }
  }
  return nullptr;
}

Result<mil::Function> specialize(mil::Function function, const std::vector<mil::Type>& inputs,
                                 const mil::BlobResolver* resolver) {
  if (inputs.size() != function.inputs.size()) {
    return fail(ErrorCode::invalid_argument, "the function has {} inputs, but {} types were given",
                function.inputs.size(), inputs.size());
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    mil::NamedType& input = function.inputs[i];
    if (!mil::compatible(input.type, inputs[i])) {
      return fail(ErrorCode::invalid_argument, "input '{}' is a {}, which a {} does not fit",
                  input.name, to_string(input.type), to_string(inputs[i]));
    }
    input.type = inputs[i];
  }
  Specializer(function, resolver).run();
  return function;
}

}  // namespace anebench::ops
