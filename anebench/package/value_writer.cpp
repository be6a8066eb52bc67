#include "anebench/package/value_writer.h"

#include <cstdint>
#include <protozero/pbf_builder.hpp>
#include <vector>

#include "anebench/base/bytes.h"
#include "anebench/package/data_type_number.h"
#include "anebench/package/fields.h"

namespace anebench::package {
namespace {

using mil::DataType;
using mil::Type;
using mil::Value;
using protozero::pbf_builder;

std::string write_dimension(mil::Dim dim, WriteState& state) {
  std::string content;
  pbf_builder<DimensionField> builder(content);
  if (dim.is_known()) {
    std::string constant;
    if (dim.size() != 0) {
      pbf_builder<ConstantDimensionField>(constant).add_uint64(
          ConstantDimensionField::size, static_cast<std::uint64_t>(dim.size()));
    }
    const FieldPath::Step step(state.path(), "constant");
    constant += state.unknown();
    builder.add_message(DimensionField::constant, constant);
  } else {
    const FieldPath::Step step(state.path(), "unknown");
    builder.add_message(DimensionField::unknown, std::string(state.unknown()));
  }
  content += state.unknown();
  return content;
}

std::string write_tensor_type(const Type& type, WriteState& state) {
  std::string content;
  pbf_builder<TensorTypeField> builder(content);
  builder.add_enum(TensorTypeField::data_type, data_type_number(type.data_type()));
  if (type.rank() != 0) {
    builder.add_int64(TensorTypeField::rank, static_cast<std::int64_t>(type.rank()));
  }
  for (std::size_t i = 0; i < type.rank(); ++i) {
    const FieldPath::Step step(state.path(), "dimension", i);
    builder.add_message(TensorTypeField::dimensions, write_dimension(type.shape()[i], state));
  }
  content += state.unknown();
  return content;
}

std::string write_list_type(const Type& type, WriteState& state) {
  std::string content;
  pbf_builder<ListTypeField> builder(content);
  {
    const FieldPath::Step step(state.path(), "element");
    builder.add_message(ListTypeField::type, write_type(type.elements()[0], state));
  }
  {
    const FieldPath::Step step(state.path(), "length");
    builder.add_message(ListTypeField::length, write_dimension(type.length(), state));
  }
  content += state.unknown();
  return content;
}

std::string write_tuple_type(const Type& type, WriteState& state) {
  std::string content;
  for (std::size_t i = 0; i < type.elements().size(); ++i) {
    const FieldPath::Step step(state.path(), "element", i);
    pbf_builder<TupleTypeField>(content).add_message(TupleTypeField::types,
                                                     write_type(type.elements()[i], state));
  }
  content += state.unknown();
  return content;
}

std::string write_dictionary_type(const Type& type, WriteState& state) {
  std::string content;
  pbf_builder<DictionaryTypeField> builder(content);
  {
    const FieldPath::Step step(state.path(), "key");
    builder.add_message(DictionaryTypeField::key, write_type(type.elements()[0], state));
  }
  {
    const FieldPath::Step step(state.path(), "value");
    builder.add_message(DictionaryTypeField::value, write_type(type.elements()[1], state));
  }
  content += state.unknown();
  return content;
}

std::string write_state_type(const Type& type, WriteState& state) {
  std::string content;
  {
    const FieldPath::Step step(state.path(), "wrapped");
    pbf_builder<StateTypeField>(content).add_message(StateTypeField::wrapped,
                                                     write_type(type.elements()[0], state));
  }
  content += state.unknown();
  return content;
}

// The field that coremltools puts elements of a type in.
TensorValueField field_of(DataType type) {
  switch (type) {
    case DataType::boolean: return TensorValueField::bools;
    case DataType::string: return TensorValueField::strings;
    case DataType::fp32: return TensorValueField::floats;
    case DataType::fp64: return TensorValueField::doubles;
    case DataType::int16:
    case DataType::int32:
    case DataType::uint16: return TensorValueField::ints;
    case DataType::int64:
    case DataType::uint64: return TensorValueField::long_ints;
    case DataType::fp16:
    case DataType::bf16:
    case DataType::fp8e4m3fn:
    case DataType::fp8e5m2:
    case DataType::int4:
    case DataType::int8:
    case DataType::uint1:
    case DataType::uint2:
    case DataType::uint3:
    case DataType::uint4:
    case DataType::uint6:
    case DataType::uint8:
    case DataType::uint32: break;
  }
  return TensorValueField::bytes;
}

std::string write_elements(const Value& value, TensorValueField field) {
  std::string content;
  pbf_builder<ElementsField> builder(content);
  const auto bytes = value.bytes();
  const auto* characters = reinterpret_cast<const char*>(bytes.data());
  switch (field) {
    case TensorValueField::strings:
      for (const std::string& text : value.string_elements()) {
        builder.add_string(ElementsField::values, text);
      }
      break;
    // Packed, little-endian: the very bytes.
    case TensorValueField::floats:
    case TensorValueField::doubles:
    case TensorValueField::bytes:
      if (!bytes.empty()) builder.add_bytes(ElementsField::values, characters, bytes.size());
      break;
    case TensorValueField::ints:
    case TensorValueField::bools:
    case TensorValueField::long_ints: {
      std::vector<std::int64_t> integers(
          static_cast<std::size_t>(value.type().element_count().value_or(0)));
      for (std::size_t i = 0; i < integers.size(); ++i) {
        integers[i] = mil::packed_element_as_int(value.type().data_type(), bytes, i);
      }
      builder.add_packed_int64(ElementsField::values, integers.begin(), integers.end());
      break;
    }
  }
  return content;
}

std::string write_tensor(const Value& value, WriteState& state) {
  std::string content;
  const TensorValueField field = field_of(value.type().data_type());
  std::string elements = write_elements(value, field);
  {
    const FieldPath::Step step(state.path(), "elements");
    elements += state.unknown();
  }
  pbf_builder<TensorValueField>(content).add_message(field, elements);
  content += state.unknown();
  return content;
}

std::string write_items(const Value& value, WriteState& state) {
  std::string content;
  const auto items = value.item_elements();
  for (std::size_t i = 0; i < items.size(); ++i) {
    const FieldPath::Step step(state.path(), "value", i);
    pbf_builder<ElementsField>(content).add_message(ElementsField::values,
                                                    write_value(items[i], state));
  }
  content += state.unknown();
  return content;
}

std::string write_dictionary(const Value& value, WriteState& state) {
  std::string content;
  const auto entries = value.dictionary_entries();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const FieldPath::Step step(state.path(), "entry", i);
    std::string entry;
    pbf_builder<EntryField> builder(entry);
    {
      const FieldPath::Step key_step(state.path(), "key");
      builder.add_message(EntryField::key, write_value(entries[i].first, state));
    }
    {
      const FieldPath::Step value_step(state.path(), "value");
      builder.add_message(EntryField::value, write_value(entries[i].second, state));
    }
    entry += state.unknown();
    pbf_builder<ElementsField>(content).add_message(ElementsField::values, entry);
  }
  content += state.unknown();
  return content;
}

std::string write_immediate(const Value& value, WriteState& state) {
  std::string content;
  pbf_builder<ImmediateField> builder(content);
  if (value.is_items()) {
    const FieldPath::Step step(state.path(), "items");
    const bool is_list = value.type().kind() == Type::Kind::list;
    builder.add_message(is_list ? ImmediateField::list : ImmediateField::tuple,
                        write_items(value, state));
  } else if (value.is_dictionary()) {
    const FieldPath::Step step(state.path(), "dictionary");
    builder.add_message(ImmediateField::dictionary, write_dictionary(value, state));
  } else {
    const FieldPath::Step step(state.path(), "tensor");
    builder.add_message(ImmediateField::tensor, write_tensor(value, state));
  }
  content += state.unknown();
  return content;
}

std::string write_blob_reference(const mil::BlobReference& reference, WriteState& state) {
  std::string content;
  pbf_builder<BlobFileField> builder(content);
  builder.add_string(BlobFileField::file_name, reference.path);
  if (reference.offset != 0) builder.add_uint64(BlobFileField::offset, reference.offset);
  content += state.unknown();
  return content;
}

}  // namespace

std::string write_type(const Type& type, WriteState& state) {
  std::string content;
  pbf_builder<TypeField> builder(content);
  {
    const FieldPath::Step step(state.path(), "of");
    switch (type.kind()) {
      case Type::Kind::tensor:
        builder.add_message(TypeField::tensor, write_tensor_type(type, state));
        break;
      case Type::Kind::list:
        builder.add_message(TypeField::list, write_list_type(type, state));
        break;
      case Type::Kind::tuple:
        builder.add_message(TypeField::tuple, write_tuple_type(type, state));
        break;
      case Type::Kind::dictionary:
        builder.add_message(TypeField::dictionary, write_dictionary_type(type, state));
        break;
      case Type::Kind::state:
        builder.add_message(TypeField::state, write_state_type(type, state));
        break;
    }
  }
  content += state.unknown();
  return content;
}

std::string write_value(const Value& value, WriteState& state) {
  std::string content;
  pbf_builder<ValueField> builder(content);
  {
    const FieldPath::Step step(state.path(), "type");
    builder.add_message(ValueField::type, write_type(value.type(), state));
  }
  if (value.is_blob()) {
    const FieldPath::Step step(state.path(), "blob");
    builder.add_message(ValueField::blob_file, write_blob_reference(value.blob_reference(), state));
  } else {
    const FieldPath::Step step(state.path(), "immediate");
    builder.add_message(ValueField::immediate, write_immediate(value, state));
  }
  content += state.unknown();
  return content;
}

}  // namespace anebench::package
