// Ops that give an image (or any trailing dimensions) another size.
//
// Source of the semantics: coremltools' documentation and its tests against Core ML. Interpolation
// runs along one dimension after the other in double, with one rounding at the end.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "anebench/ops/context.h"
#include "anebench/ops/families.h"
#include "anebench/ops/sampling_grid.h"
#include "anebench/ops/shapes.h"
#include "anebench/ops/signature.h"

namespace anebench::ops {
namespace {

using mil::Dim;
using mil::Opset;

// --- Resizing one dimension -------------------------------------------------------------------

// Two elements for each output position, interpolated; for nearest neighbours the fraction is 0.
std::vector<Tap> linear_taps(SamplingMode mode, std::int64_t in, std::int64_t out) {
  std::vector<Tap> taps;
  for (const double point : sampling_grid(mode, 0, static_cast<double>(in - 1), out)) {
    taps.push_back(tap_at(point, static_cast<std::size_t>(in)));
  }
  return taps;
}

// The element at floor(i · in / out): resize_nearest_neighbor and upsample_nearest_neighbor.
std::vector<Tap> floor_taps(std::int64_t in, std::int64_t out) {
  std::vector<Tap> taps;
  for (std::int64_t i = 0; i < out; ++i) {
    const auto at = static_cast<std::size_t>(i * in / out);
    taps.push_back({at, at, 0});
  }
  return taps;
}

// The element nearest to the grid's point, the higher one of two. In the mode DEFAULT Core ML takes
// the element under the center of the output's, as coremltools' tests have it (2 elements become
// the elements 0, 1, 1 of 3), which is what UNALIGN_CORNERS does.
std::vector<Tap> nearest_taps(SamplingMode mode, std::int64_t in, std::int64_t out) {
  if (mode == SamplingMode::default_mode) mode = SamplingMode::unalign_corners;
  std::vector<Tap> taps;
  for (const double point : sampling_grid(mode, 0, static_cast<double>(in - 1), out)) {
    const auto at = static_cast<std::size_t>(std::floor(point + 0.5));
    taps.push_back({at, at, 0});
  }
  return taps;
}

std::vector<double> resample_axis(OpContext& context, const std::vector<double>& values,
                                  const AxisSplit& split, const std::vector<Tap>& taps) {
  std::vector<double> result(split.outer * taps.size() * split.inner);
  context.parallel_for(split.outer * taps.size(), [&](std::size_t begin, std::size_t end) {
    for (std::size_t row = begin; row < end; ++row) {
      const Tap& tap = taps[row % taps.size()];
      const double* block = values.data() + row / taps.size() * split.channels * split.inner;
      const double* low = block + tap.low * split.inner;
      const double* high = block + tap.high * split.inner;
      double* out = result.data() + row * split.inner;
      for (std::size_t i = 0; i < split.inner; ++i) {
        out[i] = interpolate(low[i], high[i], tap.fraction);
      }
    }
  });
  return result;
}

// The last `resized` dimensions of x to those of `type`; `make_taps(in, out)` says how one is
// resized. Even a dimension that keeps its size: OFFSET_CORNERS samples it between its elements.
template <typename MakeTaps>
Result<std::vector<Tensor>> resize_to(OpContext& context, const Tensor& x, const mil::Type& type,
                                      std::size_t resized, const MakeTaps& make_taps) {
  ANEBENCH_ASSIGN(out, Tensor::create(type));
  if (out.element_count() == 0) return std::vector<Tensor>{std::move(out)};
  std::vector<std::int64_t> dims = x.dims();
  std::vector<double> values = x.to_doubles();
  for (std::size_t d = dims.size() - resized; d < dims.size(); ++d) {
    values = resample_axis(context, values, split_at(dims, d), make_taps(dims[d], out.dims()[d]));
    dims[d] = out.dims()[d];
  }
  store_doubles(out.data_type(), out.mutable_bytes(), 0, values);
  return std::vector<Tensor>{std::move(out)};
}

// x with its last two dimensions replaced.
Result<mil::Type> image_of_size(const Arguments& arguments, Dim height, Dim width) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  if (x.rank() < 3) {
    return arguments.error("x", fmt::format("has rank {}, wants 3 or more", x.rank()));
  }
  mil::Shape shape = x.shape();
  const bool is_empty = shape[x.rank() - 2] == Dim(0) || shape[x.rank() - 1] == Dim(0);
  if (is_empty) return arguments.error("x", "has no elements to sample");
  shape[x.rank() - 2] = height;
  shape[x.rank() - 1] = width;
  return mil::Type::tensor(x.data_type(), std::move(shape));
}

// --- A target size: resize_bilinear, resize_nearest_neighbor ------------------------------------

Result<std::vector<mil::Type>> infer_target_size(const Arguments& arguments) {
  ANEBENCH_ASSIGN(height, target_size(arguments, "target_size_height"));
  ANEBENCH_ASSIGN(width, target_size(arguments, "target_size_width"));
  ANEBENCH_TRY(sampling_mode(arguments));
  ANEBENCH_ASSIGN(type, image_of_size(arguments, Dim(height), Dim(width)));
  return std::vector<mil::Type>{std::move(type)};
}

Result<std::vector<Tensor>> evaluate_resize_bilinear(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(types, infer_target_size(context.arguments()));
  ANEBENCH_ASSIGN(mode, sampling_mode(context.arguments()));
  return resize_to(context, x, types.front(), 2, [mode = mode](std::int64_t in, std::int64_t out) {
    return linear_taps(mode, in, out);
  });
}

Result<std::vector<Tensor>> evaluate_resize_nearest_neighbor(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(types, infer_target_size(context.arguments()));
  return resize_to(context, x, types.front(), 2, floor_taps);
}

// --- A scale factor: upsample_bilinear, upsample_nearest_neighbor -------------------------------

// floor(size · factor); the product is rounded to fp32, the factor's type, as coremltools does, so
// that ten times fp32(0.7) is 7.
Result<Dim> scaled_size(const Arguments& arguments, std::string_view parameter, Dim size) {
  ANEBENCH_ASSIGN(factor, arguments.number_or(parameter, 1));
  if (!size.is_known()) return size;
  const float scaled = std::floor(static_cast<float>(factor) * static_cast<float>(size.size()));
  if (!(scaled >= 1 && scaled <= static_cast<float>(kMaxTargetSize / 2))) {
    return arguments.error(parameter, fmt::format("is {}, which makes {} of {} elements", factor,
                                                  scaled, size.size()));
  }
  return Dim(static_cast<std::int64_t>(scaled));
}

Result<std::vector<mil::Type>> infer_scaled_size(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  if (x.rank() < 3) {
    return arguments.error("x", fmt::format("has rank {}, wants 3 or more", x.rank()));
  }
  ANEBENCH_ASSIGN(height, scaled_size(arguments, "scale_factor_height", x.shape()[x.rank() - 2]));
  ANEBENCH_ASSIGN(width, scaled_size(arguments, "scale_factor_width", x.shape()[x.rank() - 1]));
  ANEBENCH_ASSIGN(type, image_of_size(arguments, height, width));
  return std::vector<mil::Type>{std::move(type)};
}

// Which corners are aligned; half_pixel_centers is "not align_corners" where absent.
Result<SamplingMode> upsampling_mode(const Arguments& arguments) {
  ANEBENCH_ASSIGN(align_corners, arguments.boolean_or("align_corners", true));
  ANEBENCH_ASSIGN(half_pixels, arguments.boolean_or("half_pixel_centers", !align_corners));
  if (align_corners && half_pixels) {
    return arguments.error("half_pixel_centers",
                           "is true, and so is align_corners; they exclude "
                           "each other");
  }
  if (align_corners) return SamplingMode::strict_align_corners;
  return half_pixels ? SamplingMode::unalign_corners : SamplingMode::default_mode;
}

Result<std::vector<mil::Type>> infer_upsample_bilinear(const Arguments& arguments) {
  ANEBENCH_TRY(upsampling_mode(arguments));
  return infer_scaled_size(arguments);
}

Result<std::vector<Tensor>> evaluate_upsample_bilinear(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(types, infer_upsample_bilinear(context.arguments()));
  ANEBENCH_ASSIGN(mode, upsampling_mode(context.arguments()));
  return resize_to(context, x, types.front(), 2, [mode = mode](std::int64_t in, std::int64_t out) {
    return linear_taps(mode, in, out);
  });
}

Result<std::vector<Tensor>> evaluate_upsample_nearest_neighbor(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(types, infer_scaled_size(context.arguments()));
  return resize_to(context, x, types.front(), 2, floor_taps);
}

// --- resize: the last dimensions, to a shape that may be computed -------------------------------

struct ResizeOptions {
  std::size_t resized = 0;  // how many trailing dimensions
  bool is_linear = true;
  SamplingMode mode = SamplingMode::default_mode;
};

Result<ResizeOptions> resize_options(const Arguments& arguments, std::size_t rank) {
  ANEBENCH_ASSIGN(resized, arguments.integer("resized_dims"));
  ANEBENCH_ASSIGN(interpolation, arguments.string_or("interpolation_mode", "LINEAR"));
  ANEBENCH_ASSIGN(mode, sampling_mode(arguments));
  ANEBENCH_ASSIGN(shape, arguments.tensor_type("shape"));
  if (interpolation != "LINEAR" && interpolation != "NEAREST_NEIGHBOR") {
    return arguments.error("interpolation_mode", fmt::format("is '{}', wants LINEAR or "
                                                             "NEAREST_NEIGHBOR",
                                                             interpolation));
  }
  const auto signed_rank = static_cast<std::int64_t>(rank);
  if (shape.rank() != 1 || (shape.shape()[0].is_known() && shape.shape()[0].size() > signed_rank)) {
    return arguments.error("shape",
                           fmt::format("is {}, wants at most {} numbers", to_string(shape), rank));
  }
  const std::int64_t numbers = shape.shape()[0].is_known() ? shape.shape()[0].size() : signed_rank;
  if (resized < 0 || resized > numbers) {
    return arguments.error("resized_dims",
                           fmt::format("is {}, but shape has {} numbers", resized, numbers));
  }
  return ResizeOptions{static_cast<std::size_t>(resized), interpolation == "LINEAR", mode};
}

// The last `resized` numbers of `target` replace x's last dimensions; 0 keeps x's own.
Result<mil::Shape> resized_shape(const Arguments& arguments, const mil::Shape& x,
                                 std::size_t resized, const std::vector<std::int64_t>& target) {
  mil::Shape shape = x;
  for (std::size_t i = 1; i <= resized; ++i) {
    const std::int64_t size = target[target.size() - i];
    Dim& dim = shape[shape.size() - i];
    if (size < 0 || size > kMaxTargetSize) {
      return arguments.error("shape", fmt::format("holds {}", size));
    }
    if (size != 0 && dim == Dim(0)) return arguments.error("x", "has no elements to sample");
    if (size != 0) dim = size;
  }
  return shape;
}

Result<std::vector<mil::Type>> infer_resize(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  ANEBENCH_ASSIGN(options, resize_options(arguments, x.rank()));
  ANEBENCH_ASSIGN(target, arguments.integers_if_known("shape"));
  mil::Shape shape = x.shape();
  if (target) {
    ANEBENCH_ASSIGN(known, resized_shape(arguments, x.shape(), options.resized, *target));
    shape = std::move(known);
  } else {
    std::fill(shape.end() - static_cast<std::ptrdiff_t>(options.resized), shape.end(),
              Dim::unknown());
  }
  return std::vector<mil::Type>{mil::Type::tensor(x.data_type(), std::move(shape))};
}

Result<std::vector<Tensor>> evaluate_resize(OpContext& context) {
  const Arguments& arguments = context.arguments();
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(target, context.tensor("shape"));
  ANEBENCH_ASSIGN(options, resize_options(arguments, x.rank()));
  ANEBENCH_ASSIGN(
      shape, resized_shape(arguments, x.type().shape(), options.resized, target.to_integers()));
  return resize_to(context, x, mil::Type::tensor(x.data_type(), std::move(shape)), options.resized,
                   [&options = options](std::int64_t in, std::int64_t out) {
                     return options.is_linear ? linear_taps(options.mode, in, out)
                                              : nearest_taps(options.mode, in, out);
                   });
}

// --- Operation counts -------------------------------------------------------------------------

// Subtract, multiply and add for each of two dimensions. (Nearest neighbours only move.)
Result<double> count_bilinear(const Arguments& /*arguments*/, std::span<const mil::Type> outputs) {
  return count_per_element(outputs, 6);
}

Result<double> count_resize(const Arguments& arguments, std::span<const mil::Type> outputs) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  ANEBENCH_ASSIGN(options, resize_options(arguments, x.rank()));
  return count_per_element(outputs,
                           options.is_linear ? 3 * static_cast<double>(options.resized) : 0);
}

// --- Definitions ------------------------------------------------------------------------------

constexpr Parameter scale_factor(std::string_view name) {
  return optional_parameter(name, kInt32 | kFp32, "1", "U");
}

constexpr Parameter kResizeBilinear[] = {
    kFloatX, optional_parameter("target_size_height", kInt32, "1"),
    optional_parameter("target_size_width", kInt32, "1"), kSamplingMode};
constexpr Version kResizeBilinearVersions[] = {{Opset::ios13, kResizeBilinear}};
constexpr Parameter kResizeNearest[] = {kFloatX, constant_parameter("target_size_height", kInt32),
                                        constant_parameter("target_size_width", kInt32)};
constexpr Version kResizeNearestVersions[] = {{Opset::ios13, kResizeNearest}};
constexpr Parameter kUpsampleNearest[] = {kFloatX, scale_factor("scale_factor_height"),
                                          scale_factor("scale_factor_width")};
constexpr Version kUpsampleNearestVersions[] = {{Opset::ios13, kUpsampleNearest}};
constexpr Parameter kUpsampleBilinear13[] = {kFloatX, scale_factor("scale_factor_height"),
                                             scale_factor("scale_factor_width"),
                                             optional_parameter("align_corners", kBool, "true")};
constexpr Parameter kUpsampleBilinear16[] = {kFloatX, scale_factor("scale_factor_height"),
                                             scale_factor("scale_factor_width"),
                                             optional_parameter("align_corners", kBool, "true"),
                                             optional_parameter("half_pixel_centers", kBool, "")};
constexpr Version kUpsampleBilinearVersions[] = {{Opset::ios13, kUpsampleBilinear13},
                                                 {Opset::ios16, kUpsampleBilinear16}};
constexpr TypeSet kSizes = kInt32 | kUint32 | TypeSet{mil::DataType::int16, mil::DataType::uint16};
constexpr Parameter kResize[] = {kNumberX,
                                 {.name = "shape", .types = kSizes, .type_variable = "U"},
                                 constant_parameter("resized_dims", kUint32),
                                 optional_parameter("interpolation_mode", kString, "LINEAR"),
                                 kSamplingMode};
constexpr Version kResizeVersions[] = {{Opset::ios17, kResize}};

constexpr Definition kImageResizingDefinitions[] = {
    define("image_resizing", "resize", kResizeVersions, infer_resize, evaluate_resize,
           count_resize),
    define("image_resizing", "resize_bilinear", kResizeBilinearVersions, infer_target_size,
           evaluate_resize_bilinear, count_bilinear),
    define("image_resizing", "resize_nearest_neighbor", kResizeNearestVersions, infer_target_size,
           evaluate_resize_nearest_neighbor),
    define("image_resizing", "upsample_bilinear", kUpsampleBilinearVersions,
           infer_upsample_bilinear, evaluate_upsample_bilinear, count_bilinear),
    define("image_resizing", "upsample_nearest_neighbor", kUpsampleNearestVersions,
           infer_scaled_size, evaluate_upsample_nearest_neighbor),
};

}  // namespace

std::span<const Definition> image_resizing_family() { return kImageResizingDefinitions; }

}  // namespace anebench::ops
