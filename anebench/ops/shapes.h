// Shape arithmetic that the op families share. Pure functions; nothing here overflows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/mil/type.h"
#include "anebench/ops/arguments.h"

namespace anebench::ops {

// Nothing on overflow. Both factors are non-negative.
std::optional<std::int64_t> checked_multiply(std::int64_t a, std::int64_t b);

// The numbers of a shape whose dimensions are all known.
std::vector<std::int64_t> sizes(const mil::Shape& shape);

// The elements of a shape. Precondition: a tensor has it, so that nothing overflows.
std::size_t product(std::span<const std::int64_t> dims);

// Whether both are known and not equal.
bool differ(mil::Dim a, mil::Dim b);

// A dimension times a non-negative number; unknown where it is unknown. Nothing on overflow.
std::optional<mil::Dim> multiplied(mil::Dim dim, std::int64_t factor);

// Distinct axes in [-rank, rank), made non-negative, in the order given.
Result<std::vector<std::size_t>> axes_of(const Arguments& arguments, std::string_view parameter,
                                         std::size_t rank);

// The tensor type bound to a parameter with all dimensions known.
struct KnownTensor {
  mil::DataType data_type;
  std::vector<std::int64_t> dims;
  std::int64_t element_count = 0;
};
Result<KnownTensor> known_tensor(const Arguments& arguments, std::string_view parameter);

// The shape that two operands broadcast to, by numpy's rules; an unknown dimension against 1 or
// another unknown one stays unknown. Nothing where they do not fit.
std::optional<mil::Shape> broadcast(const mil::Shape& a, const mil::Shape& b);

// One operation's own type again: the inference of ops whose output is like their input `x`.
Result<std::vector<mil::Type>> infer_like_x(const Arguments& arguments);

// The type of the input `x`, which must have rank 4.
Result<mil::Type> image_type(const Arguments& arguments);

// Outputs times `operations_per_element`.
Result<double> count_per_element(std::span<const mil::Type> outputs, double operations_per_element);

// A tensor cut by an axis: `outer` blocks of `channels` rows of `inner` elements.
struct AxisSplit {
  std::size_t outer = 1;
  std::size_t channels = 1;
  std::size_t inner = 1;
};
AxisSplit split_at(std::span<const std::int64_t> dims, std::size_t axis);

}  // namespace anebench::ops
