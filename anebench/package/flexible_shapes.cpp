#include "anebench/package/flexible_shapes.h"

#include <algorithm>
#include <limits>

#include "anebench/base/sha256.h"

namespace anebench::package {
namespace {

using mil::DataType;
using mil::Dim;
using mil::Type;
using mil::Value;

constexpr std::string_view kDefaultShapes = "DefaultShapes";
constexpr std::string_view kRangeDims = "RangeDims";
constexpr std::string_view kEnumeratedShapes = "EnumeratedShapes";

Type string_type() { return Type::scalar(DataType::string); }
Type vector_type() { return Type::tensor(DataType::int32, {Dim::unknown()}); }
Type pair_type() { return Type::tensor(DataType::int32, {2}); }

std::int32_t narrow(std::int64_t size) {
  return static_cast<std::int32_t>(
      std::clamp<std::int64_t>(size, -1, std::numeric_limits<std::int32_t>::max()));
}

Value vector_value(const std::vector<std::int64_t>& sizes) {
  std::vector<std::int32_t> elements(sizes.size());
  std::transform(sizes.begin(), sizes.end(), elements.begin(), narrow);
  return Value::tensor<std::int32_t>({static_cast<std::int64_t>(elements.size())}, elements);
}

Value ranges_value(const FlexibleShape& shape) {
  Value::Items items;
  for (const auto& [low, high] : shape.ranges) {
    items.push_back(Value::tensor<std::int32_t>({2}, {narrow(low), narrow(high)}));
  }
  return Value::items(Type::list(pair_type(), Dim::unknown()), std::move(items));
}

// Apple's keys are eight hexadecimal digits that name a shape; any that differ will do.
std::string key_of(const std::vector<std::int64_t>& sizes) {
  std::string text;
  for (const std::int64_t size : sizes) text += fmt::format("{},", size);
  return sha256_hex(text).substr(0, 8);
}

Value enumerated_value(const FlexibleShape& shape) {
  Value::Entries entries;
  for (const auto& sizes : shape.enumerated) {
    entries.emplace_back(Value::string(key_of(sizes)), vector_value(sizes));
  }
  return Value::dictionary(Type::dictionary(string_type(), vector_type()), std::move(entries));
}

// The tuple ("kind", {{input, value}, …}).
Value group(std::string_view kind, const Type& value_type, Value::Entries entries) {
  const Type dictionary = Type::dictionary(string_type(), value_type);
  return Value::items(
      Type::tuple({string_type(), dictionary}),
      {Value::string(std::string(kind)), Value::dictionary(dictionary, std::move(entries))});
}

FlexibleShape& shape_of(std::vector<FlexibleShape>& shapes, std::string_view input) {
  const auto found = std::find_if(shapes.begin(), shapes.end(),
                                  [&](const FlexibleShape& shape) { return shape.input == input; });
  if (found != shapes.end()) return *found;
  shapes.push_back({.input = std::string(input)});
  return shapes.back();
}

void read_group_entry(std::string_view kind, const Value& value, FlexibleShape& shape) {
  if (kind == kDefaultShapes) {
    shape.default_shape = value.as_ints().value_or(std::vector<std::int64_t>());
  } else if (kind == kRangeDims) {
    for (const Value& item : value.item_elements()) {
      const auto bounds = item.as_ints();
      if (bounds && bounds->size() == 2) shape.ranges.emplace_back((*bounds)[0], (*bounds)[1]);
    }
  } else if (kind == kEnumeratedShapes) {
    for (const auto& [key, sizes] : value.dictionary_entries()) {
      if (auto found = sizes.as_ints()) shape.enumerated.push_back(std::move(*found));
    }
  }
}

}  // namespace

Value flexible_shapes_value(const std::vector<FlexibleShape>& shapes) {
  Value::Entries defaults;
  Value::Entries ranges;
  Value::Entries enumerated;
  for (const FlexibleShape& shape : shapes) {
    defaults.emplace_back(Value::string(shape.input), vector_value(shape.default_shape));
    if (!shape.ranges.empty()) {
      ranges.emplace_back(Value::string(shape.input), ranges_value(shape));
    } else {
      enumerated.emplace_back(Value::string(shape.input), enumerated_value(shape));
    }
  }
  Value::Items groups;
  groups.push_back(group(kDefaultShapes, vector_type(), std::move(defaults)));
  if (!enumerated.empty()) {
    groups.push_back(group(kEnumeratedShapes, Type::dictionary(string_type(), vector_type()),
                           std::move(enumerated)));
  }
  if (!ranges.empty()) {
    groups.push_back(group(kRangeDims, Type::list(pair_type(), Dim::unknown()), std::move(ranges)));
  }
  std::vector<Type> types;
  for (const Value& item : groups) types.push_back(item.type());
  return Value::items(Type::tuple(std::move(types)), std::move(groups));
}

std::vector<FlexibleShape> flexible_shapes_of(const Value& value) {
  std::vector<FlexibleShape> shapes;
  for (const Value& item : value.item_elements()) {
    const auto parts = item.item_elements();
    if (parts.size() != 2) continue;
    const auto kind = parts[0].as_string();
    if (!kind) continue;
    for (const auto& [input, entry] : parts[1].dictionary_entries()) {
      if (const auto name = input.as_string()) {
        read_group_entry(*kind, entry, shape_of(shapes, *name));
      }
    }
  }
  return shapes;
}

}  // namespace anebench::package
