// crop and crop_resize: parts of an image, as they are or at another size.
//
// Source of the semantics: coremltools' documentation and its tests against Core ML.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "anebench/ops/context.h"
#include "anebench/ops/families.h"
#include "anebench/ops/sampling_grid.h"
#include "anebench/ops/shapes.h"
#include "anebench/ops/signature.h"
#include "anebench/ops/strided_view.h"

namespace anebench::ops {
namespace {

using mil::Dim;
using mil::Opset;

// --- crop -------------------------------------------------------------------------------------

struct Crop {
  std::int64_t before = 0;
  std::int64_t after = 0;
};

Result<Crop> crop_of(const Arguments& arguments, std::string_view parameter, Dim size) {
  ANEBENCH_ASSIGN(numbers, arguments.integers(parameter));
  if (numbers.size() != 2 || numbers[0] < 0 || numbers[1] < 0) {
    return arguments.error(parameter, "wants two numbers, neither negative");
  }
  if (size.is_known() && numbers[0] + numbers[1] > size.size()) {
    return arguments.error(parameter, fmt::format("cuts {} and {} from {} elements", numbers[0],
                                                  numbers[1], size.size()));
  }
  return Crop{numbers[0], numbers[1]};
}

Dim cut(Dim size, const Crop& crop) {
  return size.is_known() ? Dim(size.size() - crop.before - crop.after) : size;
}

Result<std::vector<mil::Type>> infer_crop(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  const std::size_t rank = x.rank();
  if (rank < 3) return arguments.error("x", fmt::format("has rank {}, wants 3 or more", rank));
  mil::Shape shape = x.shape();
  ANEBENCH_ASSIGN(height, crop_of(arguments, "crop_height", shape[rank - 2]));
  ANEBENCH_ASSIGN(width, crop_of(arguments, "crop_width", shape[rank - 1]));
  shape[rank - 2] = cut(shape[rank - 2], height);
  shape[rank - 1] = cut(shape[rank - 1], width);
  return std::vector<mil::Type>{mil::Type::tensor(x.data_type(), std::move(shape))};
}

Result<std::vector<Tensor>> evaluate_crop(OpContext& context) {
  const Arguments& arguments = context.arguments();
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(types, infer_crop(arguments));
  const std::size_t rank = x.rank();
  ANEBENCH_ASSIGN(height, crop_of(arguments, "crop_height", x.type().shape()[rank - 2]));
  ANEBENCH_ASSIGN(width, crop_of(arguments, "crop_width", x.type().shape()[rank - 1]));
  StridedView view = StridedView::of(x.dims());
  view.offset = height.before * view.strides[rank - 2] + width.before;
  view.dims = sizes(types.front().shape());
  ANEBENCH_ASSIGN(out, gather(context, x, view, view.dims));
  return std::vector<Tensor>{std::move(out)};
}

// --- crop_resize ------------------------------------------------------------------------------
//
// Before iOS 17 the boxes are `roi`, [n, 1, 4, 1, 1] for all images or [n, 1, 5, 1, 1] with the
// image's index first; since then `boxes` [n, 4] and `box_indices` [n].

struct BoxOptions {
  std::int64_t height = 1;  // of the output
  std::int64_t width = 1;
  bool is_normalized = false;
  double scale = 1;
  bool is_center_size = false;
  bool is_width_first = false;
  SamplingMode mode = SamplingMode::default_mode;
  double pad_value = 0;
};

Result<BoxOptions> box_options(const Arguments& arguments) {
  BoxOptions options;
  ANEBENCH_ASSIGN(height, target_size(arguments, "target_height"));
  ANEBENCH_ASSIGN(width, target_size(arguments, "target_width"));
  ANEBENCH_ASSIGN(is_normalized, arguments.boolean_or("normalized_coordinates", false));
  ANEBENCH_ASSIGN(scale, arguments.number_or("spatial_scale", 1));
  ANEBENCH_ASSIGN(form, arguments.string_or("box_coordinate_mode", "CORNERS_HEIGHT_FIRST"));
  ANEBENCH_ASSIGN(mode, sampling_mode(arguments));
  ANEBENCH_ASSIGN(pad_value, arguments.number_or("pad_value", 0));
  options.is_center_size = form.starts_with("CENTER_SIZE_");
  options.is_width_first = form.ends_with("_WIDTH_FIRST");
  if (form != fmt::format("{}_{}_FIRST", options.is_center_size ? "CENTER_SIZE" : "CORNERS",
                          options.is_width_first ? "WIDTH" : "HEIGHT")) {
    return arguments.error("box_coordinate_mode",
                           fmt::format("is '{}', wants CORNERS_HEIGHT_FIRST, CORNERS_WIDTH_FIRST, "
                                       "CENTER_SIZE_HEIGHT_FIRST or CENTER_SIZE_WIDTH_FIRST",
                                       form));
  }
  options.height = height;
  options.width = width;
  options.is_normalized = is_normalized;
  options.scale = scale;
  options.mode = mode;
  options.pad_value = pad_value;
  return options;
}

bool has_regions(const Arguments& arguments) { return arguments.version().find("roi") != nullptr; }

Result<mil::Shape> infer_regions(const Arguments& arguments, const mil::Shape& x) {
  ANEBENCH_ASSIGN(type, arguments.tensor_type("roi"));
  const mil::Shape& roi = type.shape();
  const bool fits = roi.size() == 5 && !differ(roi[1], Dim(1)) && !differ(roi[3], Dim(1)) &&
                    !differ(roi[4], Dim(1)) &&
                    (!roi[2].is_known() || roi[2] == Dim(4) || roi[2] == Dim(5));
  if (!fits) {
    return arguments.error("roi", fmt::format("is {}, wants [n, 1, 4, 1, 1], or 5 with the image's "
                                              "index",
                                              to_string(type)));
  }
  // An indexed box is cut from one image.
  const Dim images = !roi[2].is_known() ? Dim::unknown() : roi[2] == Dim(5) ? Dim(1) : x[0];
  return mil::Shape{roi[0], images};
}

Result<mil::Shape> infer_boxes(const Arguments& arguments, const mil::Shape& x,
                               const BoxOptions& options) {
  ANEBENCH_ASSIGN(boxes, arguments.tensor_type("boxes"));
  if (boxes.rank() != 2 || differ(boxes.shape()[1], Dim(4))) {
    return arguments.error("boxes", fmt::format("is {}, wants [n, 4]", to_string(boxes)));
  }
  if (options.is_normalized && !mil::is_floating_point(boxes.data_type())) {
    return arguments.error(
        "boxes", fmt::format("is {}; normalized coordinates are fractions", to_string(boxes)));
  }
  const Dim count = boxes.shape()[0];
  if (arguments.has("box_indices")) {
    ANEBENCH_ASSIGN(indices, arguments.tensor_type("box_indices"));
    if (indices.rank() != 1 || differ(indices.shape()[0], count)) {
      return arguments.error("box_indices", fmt::format("is {}, wants one index for each of {} "
                                                        "boxes",
                                                        to_string(indices), count.size()));
    }
  } else if (count.is_known() && x[0].is_known() && count.size() > x[0].size()) {
    return arguments.error("boxes", fmt::format("are {} for {} images; without box_indices each "
                                                "box takes an image of its own",
                                                count.size(), x[0].size()));
  }
  return mil::Shape{count};
}

Result<std::vector<mil::Type>> infer_crop_resize(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  if (x.rank() != 4) return arguments.error("x", fmt::format("has rank {}, wants 4", x.rank()));
  ANEBENCH_ASSIGN(options, box_options(arguments));
  ANEBENCH_ASSIGN(shape, has_regions(arguments) ? infer_regions(arguments, x.shape())
                                                : infer_boxes(arguments, x.shape(), options));
  shape.insert(shape.end(), {x.shape()[1], Dim(options.height), Dim(options.width)});
  return std::vector<mil::Type>{mil::Type::tensor(x.data_type(), std::move(shape))};
}

// One crop: its image and its four numbers as given.
struct Box {
  std::size_t image = 0;
  std::array<double, 4> numbers{};
};

Result<std::size_t> image_index(const Arguments& arguments, std::string_view parameter,
                                double index, std::int64_t images) {
  if (!(index >= 0 && index < static_cast<double>(images))) {
    return arguments.error(parameter, fmt::format("names image {} of {}", index, images));
  }
  return static_cast<std::size_t>(index);
}

// In the order of the output: box, then image.
Result<std::vector<Box>> regions(OpContext& context, std::int64_t images) {
  ANEBENCH_ASSIGN(roi, context.tensor("roi"));
  const std::vector<double> numbers = roi.to_doubles();
  const bool is_indexed = roi.dims()[2] == 5;
  const std::size_t step = is_indexed ? 5 : 4;
  std::vector<Box> boxes;
  for (std::size_t i = 0; i + step <= numbers.size(); i += step) {
    Box box;
    std::copy_n(numbers.data() + i + (step - 4), 4, box.numbers.begin());
    if (is_indexed) {
      ANEBENCH_ASSIGN(image, image_index(context.arguments(), "roi", numbers[i], images));
      box.image = image;
      boxes.push_back(box);
      continue;
    }
    for (std::int64_t image = 0; image < images; ++image) {
      box.image = static_cast<std::size_t>(image);
      boxes.push_back(box);
    }
  }
  return boxes;
}

Result<std::vector<Box>> indexed_boxes(OpContext& context, std::int64_t images) {
  ANEBENCH_ASSIGN(given, context.tensor("boxes"));
  const std::vector<double> numbers = given.to_doubles();
  std::optional<std::vector<double>> indices;
  if (context.arguments().has("box_indices")) {
    ANEBENCH_ASSIGN(tensor, context.tensor("box_indices"));
    indices = tensor.to_doubles();
  }
  std::vector<Box> boxes(numbers.size() / 4);
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    std::copy_n(numbers.data() + 4 * i, 4, boxes[i].numbers.begin());
    const double index = indices ? (*indices)[i] : static_cast<double>(i);
    ANEBENCH_ASSIGN(image, image_index(context.arguments(), "box_indices", index, images));
    boxes[i].image = image;
  }
  return boxes;
}

// The points along one dimension of `size` elements of the image.
std::vector<double> box_grid(const BoxOptions& options, const Box& box, bool is_width,
                             std::int64_t size, std::int64_t count) {
  const std::size_t at = is_width == options.is_width_first ? 0 : 1;
  const auto end = static_cast<double>(size - 1);
  const double unit = options.scale * (options.is_normalized ? end : 1);
  double first = box.numbers[at] * unit;
  double last = box.numbers[at + 2] * unit;
  if (options.is_center_size) {
    const double half = last / 2;
    last = first + half;
    first = first - half;
  }
  const bool aligns = options.mode == SamplingMode::align_corners ||
                      options.mode == SamplingMode::strict_align_corners;
  // Modes that align corners walk a box with exchanged ends backwards. For the others such a box
  // has no elements; Core ML then samples the whole image, as coremltools' test of UNALIGN_CORNERS
  // has it. (The comparison also catches ends that are no numbers.)
  if (!aligns && !(first <= last)) {
    first = 0;
    last = end;
  }
  return sampling_grid(options.mode, first, last, count);
}

// Bilinear interpolation at (y, x); outside the image is padding altogether, as in TensorFlow's
// crop_and_resize.
double sample_or_pad(std::span<const double> plane, std::int64_t height, std::int64_t width,
                     double y, double x, double pad_value) {
  const bool is_inside = y >= 0 && y <= static_cast<double>(height - 1) && x >= 0 &&
                         x <= static_cast<double>(width - 1);
  if (!is_inside) return pad_value;
  const Tap row = tap_at(y, static_cast<std::size_t>(height));
  const Tap column = tap_at(x, static_cast<std::size_t>(width));
  const auto stride = static_cast<std::size_t>(width);
  const auto along_row = [&](std::size_t r) {
    return interpolate(plane[r * stride + column.low], plane[r * stride + column.high],
                       column.fraction);
  };
  return interpolate(along_row(row.low), along_row(row.high), row.fraction);
}

Result<std::vector<Tensor>> evaluate_crop_resize(OpContext& context) {
  const Arguments& arguments = context.arguments();
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(types, infer_crop_resize(arguments));
  ANEBENCH_ASSIGN(options, box_options(arguments));
  ANEBENCH_ASSIGN(boxes, has_regions(arguments) ? regions(context, x.dims()[0])
                                                : indexed_boxes(context, x.dims()[0]));
  ANEBENCH_ASSIGN(out, Tensor::create(types.front()));
  if (out.element_count() == 0) return std::vector<Tensor>{std::move(out)};
  const std::int64_t height = x.dims()[2];
  const std::int64_t width = x.dims()[3];
  if (height == 0 || width == 0) return arguments.error("x", "has no elements to sample");
  const auto channels = static_cast<std::size_t>(x.dims()[1]);
  const auto plane = static_cast<std::size_t>(height * width);
  const std::vector<double> values = x.to_doubles();
  const std::span<std::byte> target = out.mutable_bytes();
  for (std::size_t b = 0; b < boxes.size(); ++b) {
    const std::vector<double> ys = box_grid(options, boxes[b], false, height, options.height);
    const std::vector<double> xs = box_grid(options, boxes[b], true, width, options.width);
    context.parallel_for(channels * ys.size(), [&](std::size_t begin, std::size_t end) {
      for (std::size_t row = begin; row < end; ++row) {
        const std::size_t image = boxes[b].image * channels + row / ys.size();
        const auto source = std::span(values).subspan(image * plane, plane);
        const std::size_t first = (b * channels * ys.size() + row) * xs.size();
        for (std::size_t i = 0; i < xs.size(); ++i) {
          const double value =
              sample_or_pad(source, height, width, ys[row % ys.size()], xs[i], options.pad_value);
          store_doubles(out.data_type(), target, first + i, {&value, 1});
        }
      }
    });
  }
  return std::vector<Tensor>{std::move(out)};
}

// Three interpolations of three operations.
Result<double> count_crop_resize(const Arguments& /*arguments*/,
                                 std::span<const mil::Type> outputs) {
  return count_per_element(outputs, 9);
}

// --- Definitions ------------------------------------------------------------------------------

constexpr Parameter kRoi = {.name = "roi", .types = kFloats, .type_variable = "T"};

constexpr Parameter kPadValue = optional_parameter("pad_value", kFloats, "0", "T");

constexpr Parameter kCrop[] = {kFloatX, constant_parameter("crop_height", kInt32),
                               constant_parameter("crop_width", kInt32)};
constexpr Version kCropVersions[] = {{Opset::ios13, kCrop}};

constexpr Parameter kTargetHeight = optional_parameter("target_height", kInt32, "1");
constexpr Parameter kTargetWidth = optional_parameter("target_width", kInt32, "1");
constexpr Parameter kNormalized = optional_parameter("normalized_coordinates", kBool, "false");
constexpr Parameter kSpatialScale = optional_parameter("spatial_scale", kFp32, "1");
constexpr Parameter kBoxMode =
    optional_parameter("box_coordinate_mode", kString, "CORNERS_HEIGHT_FIRST");
constexpr Parameter kCropResize13[] = {kFloatX,     kRoi,          kTargetHeight, kTargetWidth,
                                       kNormalized, kSpatialScale, kBoxMode,      kSamplingMode};
// The signatures of iOS 16 list no defaults but pad_value's; they are those of the others.
constexpr Parameter kCropResize16[] = {kFloatX,
                                       kRoi,
                                       unlisted(kTargetHeight),
                                       unlisted(kTargetWidth),
                                       unlisted(kNormalized),
                                       unlisted(kSpatialScale),
                                       unlisted(kBoxMode),
                                       unlisted(kSamplingMode),
                                       kPadValue};
constexpr Parameter kCropResize17[] = {
    kFloatX,
    {.name = "boxes", .types = kFloats | TypeSet{mil::DataType::uint16}, .type_variable = "BOX_T"},
    {.name = "box_indices",
     .types = kInt32 | TypeSet{mil::DataType::uint16},
     .type_variable = "BOX_INDEX_T",
     .optional = true,
     .default_text = "0, 1, … for each box"},
    kTargetHeight,
    kTargetWidth,
    kNormalized,
    kSpatialScale,
    kBoxMode,
    kSamplingMode,
    kPadValue};
constexpr Version kCropResizeVersions[] = {
    {Opset::ios13, kCropResize13}, {Opset::ios16, kCropResize16}, {Opset::ios17, kCropResize17}};

constexpr Definition kImageCropDefinitions[] = {
    {.name = "crop",
     .family = "image_resizing",
     .versions = kCropVersions,
     .infer = infer_crop,
     .evaluate = evaluate_crop},
    {.name = "crop_resize",
     .family = "image_resizing",
     .versions = kCropResizeVersions,
     .infer = infer_crop_resize,
     .evaluate = evaluate_crop_resize,
     .count_operations = count_crop_resize},
};

}  // namespace

std::span<const Definition> image_crop_family() { return kImageCropDefinitions; }

}  // namespace anebench::ops
