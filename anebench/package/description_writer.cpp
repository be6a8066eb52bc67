#include <algorithm>
#include <optional>
#include <protozero/pbf_builder.hpp>
#include <utility>
#include <vector>

#include "anebench/package/description.h"
#include "anebench/package/fields.h"
#include "anebench/package/flexible_shapes.h"

namespace anebench::package {
namespace {

using mil::Type;
using protozero::pbf_builder;

// Source: enum ArrayDataType in coremltools' FeatureTypes.proto.
std::optional<std::int32_t> array_type_number(mil::DataType type) {
  switch (type) {
    case mil::DataType::fp16: return 65552;
    case mil::DataType::fp32: return 65568;
    case mil::DataType::fp64: return 65600;
    case mil::DataType::int8: return 131080;
    case mil::DataType::int32: return 131104;
    default: return std::nullopt;
  }
}

template <typename Field>
std::string message_with(Field field, const std::string& content) {
  std::string message;
  pbf_builder<Field>(message).add_message(field, content);
  return message;
}

std::string write_ranges(const FlexibleShape& shape) {
  std::string content;
  for (const auto& [low, high] : shape.ranges) {
    std::string range;
    pbf_builder<SizeRangeField> builder(range);
    builder.add_uint64(SizeRangeField::lower_bound,
                       static_cast<std::uint64_t>(std::max<std::int64_t>(low, 0)));
    builder.add_int64(SizeRangeField::upper_bound, high);
    pbf_builder<ShapeRangeField>(content).add_message(ShapeRangeField::size_ranges, range);
  }
  return content;
}

std::string write_enumeration(const FlexibleShape& shape) {
  std::string content;
  for (const auto& sizes : shape.enumerated) {
    std::string one;
    pbf_builder<ArrayShapeField>(one).add_packed_int64(ArrayShapeField::shape, sizes.begin(),
                                                       sizes.end());
    pbf_builder<EnumeratedShapesField>(content).add_message(EnumeratedShapesField::shapes, one);
  }
  return content;
}

// The content of an ArrayFeatureType. Unknown dimensions of outputs are told by no shape at all.
Result<std::string> write_array_type(const Type& type, const FlexibleShape* flexible) {
  const auto number = array_type_number(type.data_type());
  if (!type.is_tensor() || !number) {
    return fail(ErrorCode::unsupported,
                "applications cannot pass a {} (only tensors of fp16, fp32, fp64, int8 and int32)",
                mil::to_string(type));
  }
  std::vector<std::int64_t> sizes;
  if (flexible != nullptr) {
    sizes = flexible->default_shape;
  } else if (type.element_count()) {
    for (const mil::Dim dim : type.shape()) sizes.push_back(dim.size());
  }
  std::string content;
  pbf_builder<ArrayFeatureField> builder(content);
  builder.add_packed_int64(ArrayFeatureField::shape, sizes.begin(), sizes.end());
  builder.add_enum(ArrayFeatureField::data_type, *number);
  if (flexible != nullptr && !flexible->ranges.empty()) {
    builder.add_message(ArrayFeatureField::shape_range, write_ranges(*flexible));
  } else if (flexible != nullptr) {
    builder.add_message(ArrayFeatureField::enumerated_shapes, write_enumeration(*flexible));
  }
  return content;
}

// The content of a FeatureDescription.
Result<std::string> write_feature(const mil::NamedType& named, const FlexibleShape* flexible) {
  const bool is_state = named.type.kind() == Type::Kind::state;
  const Type& tensor = is_state ? named.type.elements()[0] : named.type;
  ANEBENCH_ASSIGN(array, write_array_type(tensor, flexible), fmt::format("\"{}\"", named.name));
  std::string content;
  pbf_builder<FeatureField> builder(content);
  builder.add_string(FeatureField::name, named.name);
  builder.add_message(FeatureField::type,
                      is_state ? message_with(FeatureTypeField::state_type,
                                              message_with(StateFeatureField::array_type, array))
                               : message_with(FeatureTypeField::multi_array_type, array));
  return content;
}

struct Features {
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::vector<std::string> states;
};

const Type* find_type(const mil::Function& function, std::string_view name) {
  for (const mil::Operation& operation : function.body.operations) {
    for (const mil::NamedType& output : operation.outputs) {
      if (output.name == name) return &output.type;
    }
  }
  for (const mil::NamedType& input : function.inputs) {
    if (input.name == name) return &input.type;
  }
  return nullptr;
}

const mil::Value* flexible_attribute(const mil::Function& function) {
  for (const mil::Attribute& attribute : function.attributes) {
    if (attribute.name == kFlexibleShapes) return &attribute.value;
  }
  return nullptr;
}

Result<Features> features_of(const mil::Function& function) {
  Features features;
  const mil::Value* attribute = flexible_attribute(function);
  const auto shapes =
      attribute == nullptr ? std::vector<FlexibleShape>() : flexible_shapes_of(*attribute);
  for (const mil::NamedType& input : function.inputs) {
    const auto flexible =
        std::find_if(shapes.begin(), shapes.end(),
                     [&](const FlexibleShape& shape) { return shape.input == input.name; });
    ANEBENCH_ASSIGN(feature, write_feature(input, flexible == shapes.end() ? nullptr : &*flexible),
                    "input");
    const bool is_state = input.type.kind() == Type::Kind::state;
    (is_state ? features.states : features.inputs).push_back(std::move(feature));
  }
  for (const std::string& name : function.body.outputs) {
    const Type* type = find_type(function, name);
    if (type == nullptr) {
      return fail(ErrorCode::invalid_argument, "nothing computes the output \"{}\"", name);
    }
    ANEBENCH_ASSIGN(feature, write_feature({.name = name, .type = *type}, nullptr), "output");
    features.outputs.push_back(std::move(feature));
  }
  return features;
}

template <typename Field>
void add_all(pbf_builder<Field>& builder, Field field, const std::vector<std::string>& messages) {
  for (const std::string& message : messages) builder.add_message(field, message);
}

}  // namespace

Result<std::string> make_description(const mil::Program& program) {
  std::string content;
  pbf_builder<DescriptionField> builder(content);
  for (const mil::Function& function : program.functions()) {
    ANEBENCH_ASSIGN(features, features_of(function), fmt::format("function '{}'", function.name));
    if (program.functions().size() == 1) {
      add_all(builder, DescriptionField::input, features.inputs);
      add_all(builder, DescriptionField::output, features.outputs);
      add_all(builder, DescriptionField::state, features.states);
      continue;
    }
    std::string one;
    pbf_builder<FunctionDescriptionField> function_builder(one);
    function_builder.add_string(FunctionDescriptionField::name, function.name);
    add_all(function_builder, FunctionDescriptionField::input, features.inputs);
    add_all(function_builder, FunctionDescriptionField::output, features.outputs);
    add_all(function_builder, FunctionDescriptionField::state, features.states);
    builder.add_message(DescriptionField::functions, one);
  }
  if (program.functions().size() > 1) {
    builder.add_string(DescriptionField::default_function_name, program.main()->name);
  }
  return content;
}

}  // namespace anebench::package
