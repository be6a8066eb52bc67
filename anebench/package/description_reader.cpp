#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "anebench/package/description.h"
#include "anebench/package/fields.h"
#include "anebench/package/flexible_shapes.h"
#include "anebench/package/message_reader.h"

namespace anebench::package {
namespace {

using protozero::pbf_wire_type;

// Takes the numbers of a repeated field, packed or not.
template <typename Field>
Result<std::vector<std::int64_t>> read_sizes(Message input, ReadState& state, Field field) {
  std::vector<std::int64_t> sizes;
  auto fields = read_fields<Field>(input, state, [&](auto& message) -> Result<bool> {
    if (message.tag_and_type() == varint_field(field)) {
      sizes.push_back(message.get_int64());
      return true;
    }
    if (message.tag_and_type() != bytes_field(field)) return false;
    const auto range = message.get_packed_int64();
    sizes.insert(sizes.end(), range.begin(), range.end());
    return true;
  });
  ANEBENCH_TRY(fields);
  return sizes;
}

Result<std::pair<std::int64_t, std::int64_t>> read_range(Message input, ReadState& state) {
  std::pair<std::int64_t, std::int64_t> range = {0, 0};
  auto size_range_fields =
      read_fields<SizeRangeField>(input, state, [&](auto& message) -> Result<bool> {
        switch (message.tag_and_type()) {
          case varint_field(SizeRangeField::lower_bound):
            range.first = static_cast<std::int64_t>(std::min<std::uint64_t>(
                message.get_uint64(), std::numeric_limits<std::int64_t>::max()));
            return true;
          case varint_field(SizeRangeField::upper_bound):
            range.second = message.get_int64();
            return true;
          default: return false;
        }
      });
  ANEBENCH_TRY(size_range_fields);
  return range;
}

Result<void> read_ranges(Message input, ReadState& state, FlexibleShape& shape) {
  return read_fields<ShapeRangeField>(input, state, [&](auto& message) -> Result<bool> {
    if (message.tag_and_type() != bytes_field(ShapeRangeField::size_ranges)) return false;
    ANEBENCH_ASSIGN(range, read_range(message.get_view(), state));
    shape.ranges.push_back(range);
    return true;
  });
}

Result<void> read_enumeration(Message input, ReadState& state, FlexibleShape& shape) {
  return read_fields<EnumeratedShapesField>(input, state, [&](auto& message) -> Result<bool> {
    if (message.tag_and_type() != bytes_field(EnumeratedShapesField::shapes)) return false;
    ANEBENCH_ASSIGN(sizes, read_sizes(message.get_view(), state, ArrayShapeField::shape));
    shape.enumerated.push_back(std::move(sizes));
    return true;
  });
}

Result<void> read_array_type(Message input, ReadState& state, FlexibleShape& shape) {
  ANEBENCH_ASSIGN(sizes, read_sizes(input, state, ArrayFeatureField::shape));
  shape.default_shape = std::move(sizes);
  return read_fields<ArrayFeatureField>(input, state, [&](auto& message) -> Result<bool> {
    switch (message.tag_and_type()) {
      case bytes_field(ArrayFeatureField::enumerated_shapes):
        ANEBENCH_TRY(read_enumeration(message.get_view(), state, shape));
        return true;
      case bytes_field(ArrayFeatureField::shape_range):
        ANEBENCH_TRY(read_ranges(message.get_view(), state, shape));
        return true;
      default: return false;
    }
  });
}

// Source: enum ColorSpace of ImageFeatureType in coremltools' FeatureTypes.proto.
std::optional<ColorSpace> color_space_of(std::int32_t number) {
  switch (number) {
    case 10: return ColorSpace::grayscale;
    case 20: return ColorSpace::rgb;
    case 30: return ColorSpace::bgr;
    case 40: return ColorSpace::grayscale_fp16;
    default: return std::nullopt;
  }
}

Result<ImageSize> read_image_size(Message input, ReadState& state) {
  ImageSize size;
  auto fields = read_fields<ImageSizeField>(input, state, [&](auto& message) -> Result<bool> {
    switch (message.tag_and_type()) {
      case varint_field(ImageSizeField::width): size.width = message.get_int64(); return true;
      case varint_field(ImageSizeField::height): size.height = message.get_int64(); return true;
      default: return false;
    }
  });
  ANEBENCH_TRY(fields);
  return size;
}

Result<void> read_image_enumeration(Message input, ReadState& state, ImageType& image) {
  return read_fields<EnumeratedImageSizesField>(input, state, [&](auto& message) -> Result<bool> {
    if (message.tag_and_type() != bytes_field(EnumeratedImageSizesField::sizes)) return false;
    ANEBENCH_ASSIGN(size, read_image_size(message.get_view(), state));
    image.enumerated.push_back(size);
    return true;
  });
}

Result<ImageType::Ranges> read_image_ranges(Message input, ReadState& state) {
  ImageType::Ranges ranges;
  auto fields = read_fields<ImageSizeRangeField>(input, state, [&](auto& message) -> Result<bool> {
    const bool is_width = message.tag_and_type() == bytes_field(ImageSizeRangeField::width);
    if (!is_width && message.tag_and_type() != bytes_field(ImageSizeRangeField::height)) {
      return false;
    }
    ANEBENCH_ASSIGN(range, read_range(message.get_view(), state));
    (is_width ? ranges.width : ranges.height) = range;
    return true;
  });
  ANEBENCH_TRY(fields);
  return ranges;
}

// Nothing where the colors are none that this version knows.
Result<std::optional<ImageType>> read_image_type(Message input, ReadState& state) {
  ImageType image;
  std::optional<ColorSpace> color;
  auto fields = read_fields<ImageFeatureField>(input, state, [&](auto& message) -> Result<bool> {
    switch (message.tag_and_type()) {
      case varint_field(ImageFeatureField::width): image.size.width = message.get_int64(); break;
      case varint_field(ImageFeatureField::height): image.size.height = message.get_int64(); break;
      case varint_field(ImageFeatureField::color_space):
        color = color_space_of(message.get_enum());
        break;
      case bytes_field(ImageFeatureField::enumerated_sizes):
        ANEBENCH_TRY(read_image_enumeration(message.get_view(), state, image));
        break;
      case bytes_field(ImageFeatureField::size_range): {
        ANEBENCH_ASSIGN(ranges, read_image_ranges(message.get_view(), state));
        image.ranges = ranges;
        break;
      }
      default: return false;
    }
    return true;
  });
  ANEBENCH_TRY(fields);
  if (!color) return std::optional<ImageType>();
  image.color = *color;
  return std::optional(std::move(image));
}

// The sizes of an image as those of its tensor.
FlexibleShape shape_of_image(const ImageType& image) {
  const std::int64_t channels = image.channels();
  const auto shape_of = [&](const ImageSize& size) {
    return std::vector<std::int64_t>{1, channels, size.height, size.width};
  };
  FlexibleShape shape;
  shape.default_shape = shape_of(image.size);
  for (const ImageSize& size : image.enumerated) shape.enumerated.push_back(shape_of(size));
  if (image.ranges) {
    shape.ranges = {{1, 1}, {channels, channels}, image.ranges->height, image.ranges->width};
  }
  return shape;
}

struct Feature {
  std::string name;
  FlexibleShape shape;
  std::optional<ImageType> image;

  bool is_flexible() const { return !shape.ranges.empty() || !shape.enumerated.empty(); }
};

Result<void> read_feature_type(Message input, ReadState& state, Feature& feature) {
  return read_fields<FeatureTypeField>(input, state, [&](auto& type) -> Result<bool> {
    switch (type.tag_and_type()) {
      case bytes_field(FeatureTypeField::multi_array_type):
        ANEBENCH_TRY(read_array_type(type.get_view(), state, feature.shape));
        return true;
      case bytes_field(FeatureTypeField::image_type): {
        ANEBENCH_ASSIGN(image, read_image_type(type.get_view(), state));
        if (image) feature.shape = shape_of_image(*image);
        feature.image = std::move(image);
        return true;
      }
      default: return false;
    }
  });
}

Result<Feature> read_feature(Message input, ReadState& state) {
  Feature feature;
  auto fields = read_fields<FeatureField>(input, state, [&](auto& message) -> Result<bool> {
    switch (message.tag_and_type()) {
      case bytes_field(FeatureField::name): feature.name = message.get_string(); return true;
      case bytes_field(FeatureField::type):
        ANEBENCH_TRY(read_feature_type(message.get_view(), state, feature));
        return true;
      default: return false;
    }
  });
  ANEBENCH_TRY(fields);
  feature.shape.input = feature.name;
  return feature;
}

// What applications see of a function.
struct FunctionFeatures {
  // Empty for features outside of functions: they are those of the only one.
  std::string name;
  std::vector<Feature> inputs;
  std::vector<Feature> outputs;
};

Result<void> append_feature(Message input, ReadState& state, std::vector<Feature>& features) {
  ANEBENCH_ASSIGN(feature, read_feature(input, state));
  features.push_back(std::move(feature));
  return {};
}

// A description of one of several functions.
Result<FunctionFeatures> read_function(Message input, ReadState& state) {
  FunctionFeatures function;
  auto fields =
      read_fields<FunctionDescriptionField>(input, state, [&](auto& message) -> Result<bool> {
        switch (message.tag_and_type()) {
          case bytes_field(FunctionDescriptionField::name):
            function.name = message.get_string();
            return true;
          case bytes_field(FunctionDescriptionField::input):
            ANEBENCH_TRY(append_feature(message.get_view(), state, function.inputs));
            return true;
          case bytes_field(FunctionDescriptionField::output):
            ANEBENCH_TRY(append_feature(message.get_view(), state, function.outputs));
            return true;
          default: return false;
        }
      });
  ANEBENCH_TRY(fields);
  return function;
}

// The features outside of functions come first.
Result<std::vector<FunctionFeatures>> read_description(std::string_view description) {
  // The description is kept whole, so what is unknown in it need not be.
  UnknownFields ignored;
  ReadState state(ignored);
  std::vector<FunctionFeatures> functions(1);
  auto fields = read_fields<DescriptionField>(
      Message(description.data(), description.size()), state, [&](auto& message) -> Result<bool> {
        switch (message.tag_and_type()) {
          case bytes_field(DescriptionField::input):
            ANEBENCH_TRY(append_feature(message.get_view(), state, functions.front().inputs));
            return true;
          case bytes_field(DescriptionField::output):
            ANEBENCH_TRY(append_feature(message.get_view(), state, functions.front().outputs));
            return true;
          case bytes_field(DescriptionField::functions): {
            ANEBENCH_ASSIGN(function, read_function(message.get_view(), state));
            functions.push_back(std::move(function));
            return true;
          }
          default: return false;
        }
      });
  ANEBENCH_TRY(fields);
  return functions;
}

void add_attribute(std::span<const Feature> inputs, mil::Function& function) {
  std::vector<FlexibleShape> shapes;
  for (const Feature& input : inputs) {
    if (input.is_flexible()) shapes.push_back(input.shape);
  }
  if (shapes.empty()) return;
  std::erase_if(function.attributes,
                [](const mil::Attribute& attribute) { return attribute.name == kFlexibleShapes; });
  function.attributes.push_back(
      {.name = std::string(kFlexibleShapes), .value = flexible_shapes_value(shapes)});
}

std::map<std::string, ImageType, std::less<>> images_of(std::vector<Feature>& features) {
  std::map<std::string, ImageType, std::less<>> images;
  for (Feature& feature : features) {
    if (feature.image) images.insert_or_assign(feature.name, std::move(*feature.image));
  }
  return images;
}

}  // namespace

Result<void> add_flexible_shapes(std::string_view description, mil::ProgramData& program) {
  ANEBENCH_ASSIGN(described, read_description(description));
  for (const FunctionFeatures& features : described) {
    const bool is_only = features.name.empty() && program.functions.size() == 1;
    const auto function =
        std::find_if(program.functions.begin(), program.functions.end(),
                     [&](const mil::Function& f) { return is_only || f.name == features.name; });
    if (function != program.functions.end()) add_attribute(features.inputs, *function);
  }
  return {};
}

Result<ImageFeatures> image_features(std::string_view description, std::string_view function) {
  return guarded([&]() -> Result<ImageFeatures> {
    ANEBENCH_ASSIGN(described, read_description(description));
    auto found = std::find_if(described.begin(), described.end(),
                              [&](const FunctionFeatures& f) { return f.name == function; });
    // Without functions of its own a description is that of the only one.
    if (found == described.end() && described.size() == 1) found = described.begin();
    if (found == described.end()) return ImageFeatures{};
    return ImageFeatures{.inputs = images_of(found->inputs), .outputs = images_of(found->outputs)};
  });
}

}  // namespace anebench::package
