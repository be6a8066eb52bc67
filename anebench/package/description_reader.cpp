#include <algorithm>
#include <limits>
#include <utility>

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

// Appends the feature where its shape is flexible.
Result<void> read_feature(Message input, ReadState& state, std::vector<FlexibleShape>& shapes) {
  FlexibleShape shape;
  auto feature_fields = read_fields<FeatureField>(input, state, [&](auto& message) -> Result<bool> {
    switch (message.tag_and_type()) {
      case bytes_field(FeatureField::name): shape.input = message.get_string(); return true;
      case bytes_field(FeatureField::type): {
        auto feature_type_fields = read_fields<FeatureTypeField>(
            message.get_view(), state, [&](auto& type) -> Result<bool> {
              if (type.tag_and_type() != bytes_field(FeatureTypeField::multi_array_type)) {
                return false;
              }
              ANEBENCH_TRY(read_array_type(type.get_view(), state, shape));
              return true;
            });
        ANEBENCH_TRY(feature_type_fields);
        return true;
      }
      default: return false;
    }
  });
  ANEBENCH_TRY(feature_fields);
  if (!shape.ranges.empty() || !shape.enumerated.empty()) shapes.push_back(std::move(shape));
  return {};
}

void add_attribute(std::vector<FlexibleShape> shapes, mil::Function& function) {
  if (shapes.empty()) return;
  std::erase_if(function.attributes,
                [](const mil::Attribute& attribute) { return attribute.name == kFlexibleShapes; });
  function.attributes.push_back(
      {.name = std::string(kFlexibleShapes), .value = flexible_shapes_value(shapes)});
}

// A description of one of several functions.
Result<void> read_function(Message input, ReadState& state, mil::ProgramData& program) {
  std::string name;
  std::vector<FlexibleShape> shapes;
  auto function_description_fields =
      read_fields<FunctionDescriptionField>(input, state, [&](auto& message) -> Result<bool> {
        switch (message.tag_and_type()) {
          case bytes_field(FunctionDescriptionField::name):
            name = message.get_string();
            return true;
          case bytes_field(FunctionDescriptionField::input):
            ANEBENCH_TRY(read_feature(message.get_view(), state, shapes));
            return true;
          default: return false;
        }
      });
  ANEBENCH_TRY(function_description_fields);
  const auto function = std::find_if(program.functions.begin(), program.functions.end(),
                                     [&](const mil::Function& f) { return f.name == name; });
  if (function != program.functions.end()) add_attribute(std::move(shapes), *function);
  return {};
}

}  // namespace

Result<void> add_flexible_shapes(std::string_view description, mil::ProgramData& program) {
  // The description is kept whole, so what is unknown in it need not be.
  UnknownFields ignored;
  ReadState state(ignored);
  std::vector<FlexibleShape> shapes;
  auto description_fields = read_fields<DescriptionField>(
      Message(description.data(), description.size()), state, [&](auto& message) -> Result<bool> {
        switch (message.tag_and_type()) {
          case bytes_field(DescriptionField::input):
            ANEBENCH_TRY(read_feature(message.get_view(), state, shapes));
            return true;
          case bytes_field(DescriptionField::functions):
            ANEBENCH_TRY(read_function(message.get_view(), state, program));
            return true;
          default: return false;
        }
      });
  ANEBENCH_TRY(description_fields);
  // Features outside of functions are those of the only one.
  if (program.functions.size() == 1) add_attribute(std::move(shapes), program.functions.front());
  return {};
}

}  // namespace anebench::package
