#include "anebench/ops/packed_shape.h"

#include <fmt/format.h>

#include <limits>

#include "anebench/ops/shapes.h"

namespace anebench::ops {

bool has_packed_shape(const Arguments& arguments) {
  return arguments.version().find("shape") != nullptr;
}

Result<mil::Shape> packed_shape(const Arguments& arguments, std::string_view packed, int bits) {
  ANEBENCH_ASSIGN(data, known_tensor(arguments, packed));
  if (data.dims.size() != 1) return arguments.error(packed, "is no vector");
  ANEBENCH_ASSIGN(shape_tensor, known_tensor(arguments, "shape"));
  // The language has ranks up to 5; 16 leaves room and bounds the work.
  if (shape_tensor.dims.size() != 1 || shape_tensor.element_count > 16) {
    return arguments.error("shape", "is no vector of dimensions");
  }
  ANEBENCH_ASSIGN(dims, arguments.integers_if_known("shape"));
  if (!dims) {
    return mil::Shape(static_cast<std::size_t>(shape_tensor.element_count), mil::Dim::unknown());
  }
  for (const std::int64_t dim : *dims) {
    if (dim < 0) return arguments.error("shape", fmt::format("has a dimension of {}", dim));
  }
  mil::Shape shape = to_shape(*dims);
  const auto count = mil::element_count(shape);
  if (!count || *count > (std::numeric_limits<std::int64_t>::max() - 7) / bits) {
    return arguments.error("shape", fmt::format("{} is too large", to_string(shape)));
  }
  const std::int64_t wanted = (*count * bits + 7) / 8;
  if (data.element_count != wanted) {
    return arguments.error(packed, fmt::format("has {} bytes; {} elements of {} bits take {}",
                                               data.element_count, *count, bits, wanted));
  }
  return shape;
}

}  // namespace anebench::ops
