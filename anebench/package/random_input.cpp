#include "anebench/package/random_input.h"

#include <cstddef>
#include <utility>

#include "anebench/package/default_shapes.h"

namespace anebench::package {

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
  if (*size > kMostRandomBytes) {
    return fail(ErrorCode::resource_exhausted,
                "{} has {} bytes, more than the {} that random values are made for: give a file",
                mil::to_string(type), *size, kMostRandomBytes);
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
