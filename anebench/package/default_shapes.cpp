#include "anebench/package/default_shapes.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "anebench/ops/specialize.h"
#include "anebench/package/description.h"
#include "anebench/package/flexible_shapes.h"

namespace anebench::package {

mil::Type with_default_shape(const mil::NamedType& input, const mil::Function& function) {
  if (!ops::is_open(input.type)) return input.type;
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
  if (ops::find_open(*found) == nullptr) return program;
  std::vector<mil::Type> types;
  for (const mil::NamedType& input : found->inputs) {
    types.push_back(with_default_shape(input, *found));
  }
  ANEBENCH_ASSIGN(fixed, ops::specialize(*found, types, resolver));
  *found = std::move(fixed);
  return mil::Program(std::move(data));
}

}  // namespace anebench::package
