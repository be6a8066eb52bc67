// The geometry of convolutions and pools: kernel, strides, dilations and padding along 1 to 3
// spatial dimensions, read from an op's arguments and checked. Pure; nothing overflows.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/mil/type.h"
#include "anebench/ops/arguments.h"
#include "anebench/ops/definition.h"

namespace anebench::ops {

// The largest kernel, stride, dilation or padding accepted: what an int32 parameter can say.
inline constexpr std::int64_t kMaxGeometry = 0x7fffffff;

enum class PadType : std::uint8_t { valid, same, same_lower, custom };

struct Padding {
  std::int64_t before = 0;
  std::int64_t after = 0;
};

struct ConvolutionGeometry {
  // One entry for each spatial dimension.
  std::vector<std::int64_t> strides;
  std::vector<std::int64_t> dilations;
  std::vector<Padding> custom;  // meaningful with PadType::custom
  PadType pad_type = PadType::valid;

  std::size_t spatial_rank() const { return strides.size(); }
  // Padding of a spatial dimension of `size` under a kernel of `kernel` (1 to kMaxGeometry).
  Padding padding(std::size_t dim, std::int64_t size, std::int64_t kernel) const;
  // Positions of the output, or nothing where the dilated kernel is larger than the padded input.
  std::optional<std::int64_t> output_size(std::size_t dim, std::int64_t size,
                                          std::int64_t kernel) const;
};

// Reads `strides`, `dilations` (where the op has it), `pad_type` and `pad`.
Result<ConvolutionGeometry> convolution_geometry(const Arguments& arguments,
                                                 std::size_t spatial_rank);

// The parameters as `conv` and its kin have them.
inline constexpr Parameter kStrides = {.name = "strides",
                                       .types = kInt32,
                                       .optional = true,
                                       .constant = true,
                                       .default_text = "1 along each dimension"};
inline constexpr Parameter kPadType = {.name = "pad_type",
                                       .types = kString,
                                       .optional = true,
                                       .constant = true,
                                       .default_text = "valid"};
inline constexpr Parameter kPad = {.name = "pad",
                                   .types = kInt32,
                                   .optional = true,
                                   .constant = true,
                                   .default_text = "0 at each side"};
inline constexpr Parameter kDilations = {.name = "dilations",
                                         .types = kInt32,
                                         .optional = true,
                                         .constant = true,
                                         .default_text = "1 along each dimension"};
inline constexpr Parameter kGroups = {
    .name = "groups", .types = kInt32, .optional = true, .constant = true, .default_text = "1"};

}  // namespace anebench::ops
