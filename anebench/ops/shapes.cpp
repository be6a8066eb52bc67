#include "anebench/ops/shapes.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace anebench::ops {

std::optional<std::int64_t> checked_multiply(std::int64_t a, std::int64_t b) {
  if (b != 0 && a > std::numeric_limits<std::int64_t>::max() / b) return std::nullopt;
  return a * b;
}

std::vector<std::int64_t> sizes(const mil::Shape& shape) {
  std::vector<std::int64_t> numbers;
  for (const mil::Dim dim : shape) numbers.push_back(dim.size());
  return numbers;
}

std::size_t product(std::span<const std::int64_t> dims) {
  std::size_t count = 1;
  for (const std::int64_t dim : dims) count *= static_cast<std::size_t>(dim);
  return count;
}

bool differ(mil::Dim a, mil::Dim b) { return a.is_known() && b.is_known() && a != b; }

std::optional<mil::Dim> multiplied(mil::Dim dim, std::int64_t factor) {
  if (!dim.is_known()) return dim;
  return checked_multiply(dim.size(), factor);
}

Result<std::vector<std::size_t>> axes_of(const Arguments& arguments, std::string_view parameter,
                                         std::size_t rank) {
  ANEBENCH_ASSIGN(given, arguments.integers(parameter));
  const auto signed_rank = static_cast<std::int64_t>(rank);
  std::vector<std::size_t> axes;
  for (const std::int64_t axis : given) {
    if (axis < -signed_rank || axis >= signed_rank) {
      return arguments.error(parameter, fmt::format("holds {}, which is outside [-{}, {})", axis,
                                                    signed_rank, signed_rank));
    }
    const auto positive = static_cast<std::size_t>(axis < 0 ? axis + signed_rank : axis);
    if (std::ranges::find(axes, positive) != axes.end()) {
      return arguments.error(parameter, fmt::format("names axis {} twice", axis));
    }
    axes.push_back(positive);
  }
  return axes;
}

Result<KnownTensor> known_tensor(const Arguments& arguments, std::string_view parameter) {
  ANEBENCH_ASSIGN(type, arguments.tensor_type(parameter));
  const auto count = type.element_count();
  if (!count) {
    return arguments.error(parameter,
                           fmt::format("has no known number of elements: {}", to_string(type)));
  }
  KnownTensor known{.data_type = type.data_type(), .dims = {}, .element_count = *count};
  for (const mil::Dim dim : type.shape()) known.dims.push_back(dim.size());
  return known;
}

std::optional<mil::Shape> broadcast(const mil::Shape& a, const mil::Shape& b) {
  const mil::Shape& longer = a.size() >= b.size() ? a : b;
  const mil::Shape& shorter = a.size() >= b.size() ? b : a;
  mil::Shape result = longer;
  const std::size_t skip = longer.size() - shorter.size();
  for (std::size_t i = 0; i < shorter.size(); ++i) {
    const mil::Dim left = longer[skip + i];
    const mil::Dim right = shorter[i];
    if (left == right || right == mil::Dim(1)) continue;
    if (left == mil::Dim(1) || !left.is_known()) {
      result[skip + i] = right;
    } else if (right.is_known()) {
      return std::nullopt;
    }
  }
  return result;
}

Result<std::vector<mil::Type>> infer_like_x(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  return std::vector<mil::Type>{std::move(x)};
}

Result<mil::Type> image_type(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  if (x.rank() != 4) return arguments.error("x", fmt::format("has rank {}, wants 4", x.rank()));
  return x;
}

Result<double> count_per_element(std::span<const mil::Type> outputs,
                                 double operations_per_element) {
  double elements = 0;
  for (const mil::Type& type : outputs) {
    const auto count = type.element_count();
    if (!count) {
      return fail(ErrorCode::unsupported, "the size of {} is not known", to_string(type));
    }
    elements += static_cast<double>(*count);
  }
  return elements * operations_per_element;
}

AxisSplit split_at(std::span<const std::int64_t> dims, std::size_t axis) {
  AxisSplit split;
  for (std::size_t d = 0; d < dims.size(); ++d) {
    const auto size = static_cast<std::size_t>(dims[d]);
    if (d < axis) split.outer *= size;
    if (d == axis) split.channels = size;
    if (d > axis) split.inner *= size;
  }
  return split;
}

}  // namespace anebench::ops
