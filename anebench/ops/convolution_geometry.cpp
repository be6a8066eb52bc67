#include "anebench/ops/convolution_geometry.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string>

namespace anebench::ops {
namespace {

Result<std::vector<std::int64_t>> numbers_or(const Arguments& arguments, std::string_view parameter,
                                             std::size_t count, std::int64_t fallback,
                                             std::int64_t least) {
  if (!arguments.has(parameter)) return std::vector<std::int64_t>(count, fallback);
  ANEBENCH_ASSIGN(numbers, arguments.integers(parameter));
  if (numbers.size() != count) {
    return arguments.error(parameter,
                           fmt::format("has {} numbers, wants {}", numbers.size(), count));
  }
  for (const std::int64_t number : numbers) {
    if (number < least || number > kMaxGeometry) {
      return arguments.error(parameter, fmt::format("holds {}", number));
    }
  }
  return numbers;
}

Result<PadType> pad_type_of(const Arguments& arguments) {
  ANEBENCH_ASSIGN(name, arguments.string_or("pad_type", "valid"));
  if (name == "valid") return PadType::valid;
  if (name == "same") return PadType::same;
  if (name == "same_lower") return PadType::same_lower;
  if (name == "custom") return PadType::custom;
  return arguments.error("pad_type",
                         fmt::format("is '{}', wants valid, same, same_lower or custom", name));
}

// What the kernel covers with its gaps.
std::int64_t extent(std::int64_t kernel, std::int64_t dilation) {
  return (kernel - 1) * dilation + 1;
}

std::int64_t rounded_up_quotient(std::int64_t a, std::int64_t b) {
  return a / b + (a % b != 0 ? 1 : 0);
}

}  // namespace

Padding ConvolutionGeometry::padding(std::size_t dim, std::int64_t size,
                                     std::int64_t kernel) const {
  if (pad_type == PadType::valid) return {};
  if (pad_type == PadType::custom) return custom[dim];
  // What is missing under the last position is padded.
  const std::int64_t last = (rounded_up_quotient(size, strides[dim]) - 1) * strides[dim];
  const std::int64_t total =
      std::max<std::int64_t>(0, extent(kernel, dilations[dim]) - (size - last));
  const std::int64_t less = total / 2;
  return pad_type == PadType::same ? Padding{less, total - less} : Padding{total - less, less};
}

std::optional<std::int64_t> ConvolutionGeometry::output_size(std::size_t dim, std::int64_t size,
                                                             std::int64_t kernel) const {
  if (pad_type == PadType::same || pad_type == PadType::same_lower) {
    return rounded_up_quotient(size, strides[dim]);
  }
  if (size > std::numeric_limits<std::int64_t>::max() - 2 * kMaxGeometry) return std::nullopt;
  const Padding pad = padding(dim, size, kernel);
  const std::int64_t room = size + pad.before + pad.after - extent(kernel, dilations[dim]);
  if (room < 0) return std::nullopt;
  return room / strides[dim] + 1;
}

Result<ConvolutionGeometry> convolution_geometry(const Arguments& arguments,
                                                 std::size_t spatial_rank) {
  ConvolutionGeometry geometry;
  ANEBENCH_ASSIGN(strides, numbers_or(arguments, "strides", spatial_rank, 1, 1));
  ANEBENCH_ASSIGN(dilations, numbers_or(arguments, "dilations", spatial_rank, 1, 1));
  ANEBENCH_ASSIGN(pad_type, pad_type_of(arguments));
  geometry.strides = std::move(strides);
  geometry.dilations = std::move(dilations);
  geometry.pad_type = pad_type;
  // Beside another pad_type the numbers of `pad` mean nothing, but must be well-formed.
  ANEBENCH_ASSIGN(pad, numbers_or(arguments, "pad", 2 * spatial_rank, 0, 0));
  for (std::size_t d = 0; d < spatial_rank; ++d) {
    geometry.custom.push_back({pad[2 * d], pad[2 * d + 1]});
  }
  return geometry;
}

}  // namespace anebench::ops
