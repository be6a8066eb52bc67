// resample and affine: an image sampled at any points.
//
// Source of the semantics: coremltools' documentation and its tests against Core ML, which fix that
// padding applies to each element under a point (a point just outside mixes edge and padding) and
// that "nearest" rounds halves up.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "anebench/ops/context.h"
#include "anebench/ops/families.h"
#include "anebench/ops/sampling_grid.h"
#include "anebench/ops/shapes.h"

namespace anebench::ops {
namespace {

using mil::Dim;
using mil::Opset;

enum class PaddingMode : std::uint8_t { constant, border, reflection, symmetric };
enum class CoordinatesMode : std::uint8_t { unnormalized, minus_one_to_one, zero_to_one };

struct Sampling {
  bool is_linear = true;
  PaddingMode padding = PaddingMode::constant;
  double padding_value = 0;
  CoordinatesMode coordinates = CoordinatesMode::minus_one_to_one;
  bool align_corners = true;
};

template <typename Mode, std::size_t kCount>
Result<Mode> named_mode(const Arguments& arguments, std::string_view parameter,
                        const std::array<std::pair<std::string_view, Mode>, kCount>& modes) {
  ANEBENCH_ASSIGN(name, arguments.string(parameter));
  std::string names;
  for (const auto& [known, mode] : modes) {
    if (name == known) return mode;
    names += names.empty() ? "" : ", ";
    names += known;
  }
  return arguments.error(parameter, fmt::format("is '{}'; the op has {}", name, names));
}

Result<Sampling> sampling_of(const Arguments& arguments) {
  ANEBENCH_ASSIGN(is_linear, (named_mode<bool, 2>(arguments, "sampling_mode",
                                                  {{{"bilinear", true}, {"nearest", false}}})));
  ANEBENCH_ASSIGN(padding, (named_mode<PaddingMode, 4>(arguments, "padding_mode",
                                                       {{{"constant", PaddingMode::constant},
                                                         {"border", PaddingMode::border},
                                                         {"reflection", PaddingMode::reflection},
                                                         {"symmetric", PaddingMode::symmetric}}})));
  ANEBENCH_ASSIGN(coordinates,
                  (named_mode<CoordinatesMode, 3>(
                      arguments, "coordinates_mode",
                      {{{"unnormalized", CoordinatesMode::unnormalized},
                        {"normalized_minus_one_to_one", CoordinatesMode::minus_one_to_one},
                        {"normalized_zero_to_one", CoordinatesMode::zero_to_one}}})));
  ANEBENCH_ASSIGN(padding_value, arguments.number("padding_value"));
  ANEBENCH_ASSIGN(align_corners, arguments.boolean_or("align_corners", true));
  return Sampling{is_linear, padding, padding_value, coordinates, align_corners};
}

// --- Points -----------------------------------------------------------------------------------

// The coordinate in elements: 0 is the center of the first, size - 1 that of the last.
double in_elements(const Sampling& sampling, double coordinate, double size) {
  if (sampling.coordinates == CoordinatesMode::unnormalized) return coordinate;
  const double unit =
      sampling.coordinates == CoordinatesMode::zero_to_one ? coordinate : (coordinate + 1) / 2;
  return sampling.align_corners ? unit * (size - 1) : unit * size - 0.5;
}

// The element that stands at `index` of the padded image; nothing for the padding value.
std::optional<std::size_t> padded_index(PaddingMode mode, std::int64_t index, std::int64_t size) {
  if (index >= 0 && index < size) return static_cast<std::size_t>(index);
  if (mode == PaddingMode::constant) return std::nullopt;
  if (mode == PaddingMode::border) {
    return static_cast<std::size_t>(std::clamp<std::int64_t>(index, 0, size - 1));
  }
  // Mirrored at the edge elements, or at the edges' outsides: a period of there and back again.
  const bool repeats_edge = mode == PaddingMode::symmetric;
  const std::int64_t period = repeats_edge ? 2 * size : std::max<std::int64_t>(1, 2 * (size - 1));
  const std::int64_t phase = ((index % period) + period) % period;
  return static_cast<std::size_t>(phase < size ? phase : period - phase - (repeats_edge ? 1 : 0));
}

// Up to two elements along one dimension with their weights.
struct Taps {
  std::array<std::optional<std::size_t>, 2> element;
  std::array<double, 2> weight{1, 0};
};

Taps taps_at(const Sampling& sampling, double point, std::int64_t size) {
  // Farther out nothing changes but the mirrored phase, which has no meaning left there; and not a
  // number is as far out as can be.
  constexpr double kFar = 0x1p40;
  const double bounded = std::isnan(point) ? -kFar : std::clamp(point, -kFar, kFar);
  Taps taps;
  const double below = std::floor(sampling.is_linear ? bounded : bounded + 0.5);
  const auto index = static_cast<std::int64_t>(below);
  taps.element[0] = padded_index(sampling.padding, index, size);
  if (sampling.is_linear && bounded != below) {
    taps.element[1] = padded_index(sampling.padding, index + 1, size);
    taps.weight = {1 - (bounded - below), bounded - below};
  }
  return taps;
}

double sample(const Sampling& sampling, std::span<const double> plane, std::size_t width,
              const Taps& y, const Taps& x) {
  double sum = 0;
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t j = 0; j < 2; ++j) {
      const double weight = y.weight[i] * x.weight[j];
      if (weight == 0) continue;
      const bool is_inside = y.element[i] && x.element[j];
      sum += weight *
             (is_inside ? plane[*y.element[i] * width + *x.element[j]] : sampling.padding_value);
    }
  }
  return sum;
}

// out[b, c, h, w] = x[b, c] at points(b, h · width + w), a pair (x, y) as the ops give it.
template <typename Points>
Result<std::vector<Tensor>> sample_image(OpContext& context, const Tensor& x, const mil::Type& type,
                                         const Sampling& sampling, const Points& points) {
  ANEBENCH_ASSIGN(out, Tensor::create(type));
  if (out.element_count() == 0) return std::vector<Tensor>{std::move(out)};
  const std::int64_t height = x.dims()[2];
  const std::int64_t width = x.dims()[3];
  if (height == 0 || width == 0) {
    return context.arguments().error("x", "has no elements to sample");
  }
  const auto channels = static_cast<std::size_t>(x.dims()[1]);
  const auto plane = static_cast<std::size_t>(height * width);
  const auto positions = static_cast<std::size_t>(out.dims()[2] * out.dims()[3]);
  const std::vector<double> values = x.to_doubles();
  const std::span<std::byte> target = out.mutable_bytes();
  const auto batches = static_cast<std::size_t>(x.dims()[0]);
  context.parallel_for(batches * positions, [&](std::size_t begin, std::size_t end) {
    for (std::size_t task = begin; task < end; ++task) {
      const std::size_t batch = task / positions;
      const std::size_t position = task % positions;
      const auto [point_x, point_y] = points(batch, position);
      const Taps xs =
          taps_at(sampling, in_elements(sampling, point_x, static_cast<double>(width)), width);
      const Taps ys =
          taps_at(sampling, in_elements(sampling, point_y, static_cast<double>(height)), height);
      for (std::size_t c = 0; c < channels; ++c) {
        const std::size_t image = batch * channels + c;
        const double value = sample(sampling, std::span(values).subspan(image * plane, plane),
                                    static_cast<std::size_t>(width), ys, xs);
        store_doubles(out.data_type(), target, image * positions + position, {&value, 1});
      }
    }
  });
  return std::vector<Tensor>{std::move(out)};
}

Result<mil::Type> image_type(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  if (x.rank() != 4) return arguments.error("x", fmt::format("has rank {}, wants 4", x.rank()));
  return x;
}

bool differ(Dim a, Dim b) { return a.is_known() && b.is_known() && a != b; }

// --- resample ---------------------------------------------------------------------------------

Result<std::vector<mil::Type>> infer_resample(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, image_type(arguments));
  ANEBENCH_ASSIGN(coordinates, arguments.tensor_type("coordinates"));
  ANEBENCH_TRY(sampling_of(arguments));
  const mil::Shape& points = coordinates.shape();
  if (points.size() != 4 || differ(points[3], Dim(2)) || differ(points[0], x.shape()[0])) {
    return arguments.error(
        "coordinates", fmt::format("is {}, wants [{}, height, width, 2]", to_string(coordinates),
                                   to_string(mil::Shape{x.shape()[0]})));
  }
  return std::vector<mil::Type>{
      mil::Type::tensor(x.data_type(), {x.shape()[0], x.shape()[1], points[1], points[2]})};
}

Result<std::vector<Tensor>> evaluate_resample(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(coordinates, context.tensor("coordinates"));
  ANEBENCH_ASSIGN(types, infer_resample(context.arguments()));
  ANEBENCH_ASSIGN(sampling, sampling_of(context.arguments()));
  const std::vector<double> points = coordinates.to_doubles();
  const auto positions = static_cast<std::size_t>(coordinates.dims()[1] * coordinates.dims()[2]);
  return sample_image(context, x, types.front(), sampling,
                      [&](std::size_t batch, std::size_t position) {
                        const std::size_t at = 2 * (batch * positions + position);
                        return std::pair(points[at], points[at + 1]);
                      });
}

// --- affine -----------------------------------------------------------------------------------

Result<Dim> output_size(const Arguments& arguments, std::string_view parameter) {
  ANEBENCH_ASSIGN(size, arguments.integer(parameter));
  if (size < 1 || size > 0x7fffffff) return arguments.error(parameter, fmt::format("is {}", size));
  return Dim(size);
}

// The language has one value for each of affine's options yet.
Result<void> check_affine_options(const Arguments& arguments, const Sampling& sampling) {
  const auto refuse = [&](std::string_view parameter, std::string_view only) {
    return arguments.error(parameter, fmt::format("can only be {} in this op", only));
  };
  if (!sampling.is_linear) return refuse("sampling_mode", "bilinear");
  if (sampling.padding != PaddingMode::constant) return refuse("padding_mode", "constant");
  if (sampling.padding_value != 0) return refuse("padding_value", "0");
  if (sampling.coordinates != CoordinatesMode::minus_one_to_one) {
    return refuse("coordinates_mode", "normalized_minus_one_to_one");
  }
  if (!sampling.align_corners) return refuse("align_corners", "true");
  return {};
}

Result<std::vector<mil::Type>> infer_affine(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, image_type(arguments));
  ANEBENCH_ASSIGN(matrix, arguments.tensor_type("transform_matrix"));
  ANEBENCH_ASSIGN(height, output_size(arguments, "output_height"));
  ANEBENCH_ASSIGN(width, output_size(arguments, "output_width"));
  ANEBENCH_ASSIGN(sampling, sampling_of(arguments));
  ANEBENCH_TRY(check_affine_options(arguments, sampling));
  const bool fits = matrix.rank() == 2 && !differ(matrix.shape()[1], Dim(6)) &&
                    (matrix.shape()[0] == Dim(1) || !differ(matrix.shape()[0], x.shape()[0]));
  if (!fits) {
    return arguments.error(
        "transform_matrix",
        fmt::format("is {}, wants 6 numbers for each image or for all", to_string(matrix)));
  }
  return std::vector<mil::Type>{
      mil::Type::tensor(x.data_type(), {x.shape()[0], x.shape()[1], height, width})};
}

// Position `index` of `size` between -1 and 1; a single one is in the middle.
double normalized(std::size_t index, std::size_t size) {
  if (size == 1) return 0;
  return 2 * static_cast<double>(index) / static_cast<double>(size - 1) - 1;
}

Result<std::vector<Tensor>> evaluate_affine(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(matrix, context.tensor("transform_matrix"));
  ANEBENCH_ASSIGN(types, infer_affine(context.arguments()));
  ANEBENCH_ASSIGN(sampling, sampling_of(context.arguments()));
  const std::vector<double> matrices = matrix.to_doubles();
  const auto height = static_cast<std::size_t>(types.front().shape()[2].size());
  const auto width = static_cast<std::size_t>(types.front().shape()[3].size());
  return sample_image(
      context, x, types.front(), sampling, [&](std::size_t batch, std::size_t position) {
        const double* m = matrices.data() + (matrix.dims()[0] == 1 ? 0 : 6 * batch);
        const double px = normalized(position % width, width);
        const double py = normalized(position / width, height);
        return std::pair(m[0] * px + m[1] * py + m[2], m[3] * px + m[4] * py + m[5]);
      });
}

// --- Definitions ------------------------------------------------------------------------------

// Four products and sums for each element, where points are interpolated.
Result<double> count_samples(const Arguments& arguments, std::span<const mil::Type> outputs) {
  ANEBENCH_ASSIGN(sampling, sampling_of(arguments));
  return count_per_element(outputs, sampling.is_linear ? 8 : 0);
}

constexpr Parameter kX = {.name = "x", .types = kFloats, .type_variable = "T"};

constexpr Parameter constant(std::string_view name, TypeSet types,
                             std::string_view type_variable = {}) {
  return {.name = name, .types = types, .type_variable = type_variable, .constant = true};
}
constexpr Parameter coordinates(TypeSet types) {
  return {.name = "coordinates", .types = types, .type_variable = "U"};
}
constexpr Parameter kSamplingMode = constant("sampling_mode", kString);
constexpr Parameter kPaddingMode = constant("padding_mode", kString);
constexpr Parameter kPaddingValue = constant("padding_value", kFloats, "T");
constexpr Parameter kCoordinatesMode = constant("coordinates_mode", kString);
constexpr Parameter kAlignCorners = constant("align_corners", kBool);

constexpr Parameter kResample15[] = {kX,
                                     coordinates(kInt32 | TypeSet{mil::DataType::fp32}),
                                     kSamplingMode,
                                     kPaddingMode,
                                     kPaddingValue,
                                     kCoordinatesMode,
                                     kAlignCorners};
constexpr Parameter kResample16[] = {kX,
                                     coordinates(kFloatsAndInt32),
                                     kSamplingMode,
                                     kPaddingMode,
                                     kPaddingValue,
                                     kCoordinatesMode,
                                     kAlignCorners};
constexpr Parameter kResample17[] = {
    kX,
    coordinates(kFloatsAndInt32 | kBytes | TypeSet{mil::DataType::int16, mil::DataType::uint16}),
    kSamplingMode,
    kPaddingMode,
    kPaddingValue,
    kCoordinatesMode,
    kAlignCorners};
constexpr Version kResampleVersions[] = {
    {Opset::ios15, kResample15}, {Opset::ios16, kResample16}, {Opset::ios17, kResample17}};
constexpr Parameter kAffine[] = {
    kX,
    {.name = "transform_matrix", .types = kFloats, .type_variable = "T"},
    constant("output_height", kInt32),
    constant("output_width", kInt32),
    kSamplingMode,
    kPaddingMode,
    kPaddingValue,
    kCoordinatesMode,
    kAlignCorners};
constexpr Version kAffineVersions[] = {{Opset::ios15, kAffine}};

constexpr Definition kDefinitions[] = {
    {.name = "affine",
     .family = "image_resizing",
     .versions = kAffineVersions,
     .infer = infer_affine,
     .evaluate = evaluate_affine,
     .count_operations = count_samples},
    {.name = "resample",
     .family = "image_resizing",
     .versions = kResampleVersions,
     .infer = infer_resample,
     .evaluate = evaluate_resample,
     .count_operations = count_samples},
};

}  // namespace

std::span<const Definition> image_sampling_family() { return kDefinitions; }

}  // namespace anebench::ops
