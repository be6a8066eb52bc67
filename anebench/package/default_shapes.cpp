#include "anebench/package/default_shapes.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "anebench/ops/arguments.h"
#include "anebench/ops/scope.h"
#include "anebench/package/description.h"
#include "anebench/package/flexible_shapes.h"

namespace anebench::package {
namespace {

bool is_open(const mil::Type& type) { return type.is_tensor() && !type.element_count(); }

// Gives open outputs the types that follow from the operation's arguments. Those of operations that
// do not take the default shapes stay open: the verifier is to explain them.
void close_outputs(mil::Operation& operation, const ops::Scope& scope) {
  const bool has_open_output = std::ranges::any_of(
      operation.outputs, [](const mil::NamedType& output) { return is_open(output.type); });
  if (!has_open_output || !operation.blocks.empty()) return;
  const auto arguments = ops::Arguments::bind(operation, scope);
  if (!arguments) return;
  auto types = arguments->definition().infer(*arguments);
  if (!types) return;
  for (std::size_t i = 0; i < std::min(types->size(), operation.outputs.size()); ++i) {
    mil::Type& declared = operation.outputs[i].type;
    mil::Type& inferred = (*types)[i];
    if (is_open(declared) && mil::compatible(declared, inferred)) declared = std::move(inferred);
  }
}

}  // namespace

mil::Type with_default_shape(const mil::NamedType& input, const mil::Function& function) {
  if (!is_open(input.type)) return input.type;
  for (const mil::Attribute& attribute : function.attributes) {
    if (attribute.name != kFlexibleShapes) continue;
    for (const FlexibleShape& shape : flexible_shapes_of(attribute.value)) {
      if (shape.input != input.name) continue;
      const mil::Shape sizes(shape.default_shape.begin(), shape.default_shape.end());
      mil::Type filled = mil::Type::tensor(input.type.data_type(), sizes);
      if (mil::compatible(filled, input.type)) return filled;
    }
  }
  return input.type;
}

Result<mil::Program> with_default_shapes(const mil::Program& program, std::string_view function,
                                         const mil::BlobResolver* resolver) {
  mil::ProgramData data = program.data();
  const auto found = std::ranges::find(data.functions, function, &mil::Function::name);
  if (found == data.functions.end()) {
    return fail(ErrorCode::not_found, "the program has no function \"{}\"", function);
  }
  mil::Function& fixed = *found;
  for (mil::NamedType& input : fixed.inputs) input.type = with_default_shape(input, fixed);
  ops::Scope scope(fixed, resolver);
  for (mil::Operation& operation : fixed.body.operations) {
    close_outputs(operation, scope);
    scope.declare(operation);
  }
  return mil::Program(std::move(data));
}

}  // namespace anebench::package
