#include "anebench/package/random_input.h"

#include <cstddef>
#include <utility>

#include "anebench/package/description.h"
#include "anebench/package/flexible_shapes.h"

namespace anebench::package {
namespace {

// The type with open dimensions filled in from the function's default shapes.
mil::Type with_default_shape(const mil::NamedType& input, const mil::Function& function) {
  if (!input.type.is_tensor() || input.type.element_count()) return input.type;
  for (const mil::Attribute& attribute : function.attributes) {
    if (attribute.name != kFlexibleShapes) continue;
    for (const FlexibleShape& shape : flexible_shapes_of(attribute.value)) {
      if (shape.input != input.name) continue;
      const mil::Shape sizes(shape.default_shape.begin(), shape.default_shape.end());
      const mil::Type filled = mil::Type::tensor(input.type.data_type(), sizes);
      if (mil::compatible(filled, input.type)) return filled;
    }
  }
  return input.type;
}

}  // namespace

Result<mil::Value> random_input(const mil::NamedType& input, const mil::Function& function,
                                Rng rng) {
  const mil::Type type = with_default_shape(input, function);
  const auto count = type.is_tensor() ? type.element_count() : std::nullopt;
  const auto size = type.is_tensor() ? type.byte_size() : std::nullopt;
  if (!count || !size) {
    return fail(ErrorCode::unsupported,
                "there are no random values for a {}: give a file, whose shape fills the open "
                "dimensions",
                mil::to_string(type));
  }
  mil::Value::Bytes bytes(static_cast<std::size_t>(*size));
  const bool is_real = mil::is_floating_point(type.data_type());
  for (std::size_t i = 0; i < static_cast<std::size_t>(*count); ++i) {
    const double value =
        is_real ? 2 * rng.uniform() - 1 : static_cast<double>(rng.uniform_int(0, 1));
    mil::store_packed_element(type.data_type(), bytes, i, value);
  }
  return mil::Value::packed(type, std::move(bytes));
}

}  // namespace anebench::package
