#include "anebench/package/value_reader.h"

#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "anebench/package/data_type_number.h"
#include "anebench/package/fields.h"
#include "anebench/package/tensor_value_reader.h"

namespace anebench::package {
namespace {

using mil::Dim;
using mil::Type;
using mil::Value;

Result<Dim> read_dimension(Message input, ReadState& state) {
  std::optional<Dim> dim;
  auto dimension_fields =
      read_fields<DimensionField>(input, state, [&](auto& message) -> Result<bool> {
        switch (message.tag_and_type()) {
          case bytes_field(DimensionField::constant): {
            const FieldPath::Step step(state.path(), "constant");
            std::uint64_t size = 0;
            auto constant_dimension_fields = read_fields<ConstantDimensionField>(
                message.get_view(), state, [&](auto& constant) -> Result<bool> {
                  if (constant.tag_and_type() != varint_field(ConstantDimensionField::size)) {
                    return false;
                  }
                  size = constant.get_uint64();
                  return true;
                });
            ANEBENCH_TRY(constant_dimension_fields);
            if (size > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
              return fail(ErrorCode::parse_error, "a dimension of {} elements is impossible", size);
            }
            dim = Dim(static_cast<std::int64_t>(size));
            return true;
          }
          case bytes_field(DimensionField::unknown): {
            const FieldPath::Step step(state.path(), "unknown");
            bool is_variadic = false;
            auto unknown_dimension_fields = read_fields<UnknownDimensionField>(
                message.get_view(), state, [&](auto& unknown) -> Result<bool> {
                  if (unknown.tag_and_type() != varint_field(UnknownDimensionField::variadic)) {
                    return false;
                  }
                  is_variadic = unknown.get_bool();
                  return true;
                });
            ANEBENCH_TRY(unknown_dimension_fields);
            if (is_variadic) {
              return fail(
                  ErrorCode::unsupported,
                  "a shape of unknown rank (a variadic dimension) has no form in the language");
            }
            dim = Dim::unknown();
            return true;
          }
          default: return false;
        }
      });
  ANEBENCH_TRY(dimension_fields);
  if (!dim) return fail(ErrorCode::parse_error, "a dimension is neither constant nor unknown");
  return *dim;
}

Result<Type> read_tensor_type(Message input, ReadState& state) {
  std::int32_t number = 0;
  std::optional<std::int64_t> rank;
  mil::Shape shape;
  auto tensor_type_fields =
      read_fields<TensorTypeField>(input, state, [&](auto& message) -> Result<bool> {
        switch (message.tag_and_type()) {
          case varint_field(TensorTypeField::data_type): number = message.get_int32(); return true;
          case varint_field(TensorTypeField::rank): rank = message.get_int64(); return true;
          case bytes_field(TensorTypeField::dimensions): {
            const FieldPath::Step step(state.path(), "dimension", shape.size());
            if (shape.size() == kMaxRank) {
              return fail(ErrorCode::resource_exhausted, "a shape has more than {} dimensions",
                          kMaxRank);
            }
            ANEBENCH_ASSIGN(dim, read_dimension(message.get_view(), state));
            shape.push_back(dim);
            return true;
          }
          default: return false;
        }
      });
  ANEBENCH_TRY(tensor_type_fields);
  const auto data_type = data_type_from_number(number);
  if (!data_type) return fail(ErrorCode::unsupported, "element type number {} is unknown", number);
  if (rank && *rank != static_cast<std::int64_t>(shape.size())) {
    return fail(ErrorCode::parse_error, "a shape of {} dimensions claims the rank {}", shape.size(),
                *rank);
  }
  return Type::tensor(*data_type, std::move(shape));
}

Result<Type> read_list_type(Message input, ReadState& state) {
  std::optional<Type> element;
  Dim length = Dim::unknown();
  auto list_type_fields =
      read_fields<ListTypeField>(input, state, [&](auto& message) -> Result<bool> {
        switch (message.tag_and_type()) {
          case bytes_field(ListTypeField::type): {
            const FieldPath::Step step(state.path(), "element");
            ANEBENCH_ASSIGN(type, read_type(message.get_view(), state));
            element = std::move(type);
            return true;
          }
          case bytes_field(ListTypeField::length): {
            const FieldPath::Step step(state.path(), "length");
            ANEBENCH_ASSIGN(dim, read_dimension(message.get_view(), state));
            length = dim;
            return true;
          }
          default: return false;
        }
      });
  ANEBENCH_TRY(list_type_fields);
  if (!element) return fail(ErrorCode::parse_error, "a list has no element type");
  return Type::list(std::move(*element), length);
}

Result<Type> read_tuple_type(Message input, ReadState& state) {
  std::vector<Type> elements;
  auto tuple_type_fields =
      read_fields<TupleTypeField>(input, state, [&](auto& message) -> Result<bool> {
        if (message.tag_and_type() != bytes_field(TupleTypeField::types)) return false;
        const FieldPath::Step step(state.path(), "element", elements.size());
        ANEBENCH_ASSIGN(type, read_type(message.get_view(), state));
        elements.push_back(std::move(type));
        return true;
      });
  ANEBENCH_TRY(tuple_type_fields);
  return Type::tuple(std::move(elements));
}

Result<Type> read_dictionary_type(Message input, ReadState& state) {
  std::optional<Type> key;
  std::optional<Type> value;
  auto dictionary_type_fields =
      read_fields<DictionaryTypeField>(input, state, [&](auto& message) -> Result<bool> {
        const bool is_key = message.tag_and_type() == bytes_field(DictionaryTypeField::key);
        if (!is_key && message.tag_and_type() != bytes_field(DictionaryTypeField::value))
          return false;
        const FieldPath::Step step(state.path(), is_key ? "key" : "value");
        ANEBENCH_ASSIGN(type, read_type(message.get_view(), state));
        (is_key ? key : value) = std::move(type);
        return true;
      });
  ANEBENCH_TRY(dictionary_type_fields);
  if (!key || !value) {
    return fail(ErrorCode::parse_error, "a dictionary lacks the type of its keys or values");
  }
  return Type::dictionary(std::move(*key), std::move(*value));
}

Result<Type> read_state_type(Message input, ReadState& state) {
  std::optional<Type> wrapped;
  auto state_type_fields =
      read_fields<StateTypeField>(input, state, [&](auto& message) -> Result<bool> {
        if (message.tag_and_type() != bytes_field(StateTypeField::wrapped)) return false;
        const FieldPath::Step step(state.path(), "wrapped");
        ANEBENCH_ASSIGN(type, read_type(message.get_view(), state));
        wrapped = std::move(type);
        return true;
      });
  ANEBENCH_TRY(state_type_fields);
  if (!wrapped) return fail(ErrorCode::parse_error, "a state wraps no type");
  return Type::state(std::move(*wrapped));
}

Result<Value::Items> read_items(Message input, ReadState& state) {
  Value::Items items;
  auto elements_fields =
      read_fields<ElementsField>(input, state, [&](auto& message) -> Result<bool> {
        if (message.tag_and_type() != bytes_field(ElementsField::values)) return false;
        const FieldPath::Step step(state.path(), "value", items.size());
        ANEBENCH_ASSIGN(item, read_value(message.get_view(), state));
        items.push_back(std::move(item));
        return true;
      });
  ANEBENCH_TRY(elements_fields);
  return items;
}

Result<Value> read_dictionary(const Type& type, Message input, ReadState& state) {
  Value::Entries entries;
  auto elements_fields =
      read_fields<ElementsField>(input, state, [&](auto& message) -> Result<bool> {
        if (message.tag_and_type() != bytes_field(ElementsField::values)) return false;
        const FieldPath::Step step(state.path(), "entry", entries.size());
        std::optional<Value> key;
        std::optional<Value> item;
        auto entry_fields =
            read_fields<EntryField>(message.get_view(), state, [&](auto& entry) -> Result<bool> {
              const bool is_key = entry.tag_and_type() == bytes_field(EntryField::key);
              if (!is_key && entry.tag_and_type() != bytes_field(EntryField::value)) return false;
              const FieldPath::Step entry_step(state.path(), is_key ? "key" : "value");
              ANEBENCH_ASSIGN(found, read_value(entry.get_view(), state));
              (is_key ? key : item) = std::move(found);
              return true;
            });
        ANEBENCH_TRY(entry_fields);
        if (!key || !item) {
          return fail(ErrorCode::parse_error, "an entry of a dictionary lacks its key or value");
        }
        entries.emplace_back(std::move(*key), std::move(*item));
        return true;
      });
  ANEBENCH_TRY(elements_fields);
  return Value::dictionary(type, std::move(entries));
}

Result<Value> read_immediate(const Type& type, Message input, ReadState& state) {
  std::optional<Value> value;
  const auto mismatch = [&](std::string_view found) {
    return fail(ErrorCode::parse_error, "a {} has the value of a {}", mil::to_string(type), found);
  };
  auto immediate_fields =
      read_fields<ImmediateField>(input, state, [&](auto& message) -> Result<bool> {
        switch (message.tag_and_type()) {
          case bytes_field(ImmediateField::tensor): {
            if (!type.is_tensor()) return mismatch("tensor");
            const FieldPath::Step step(state.path(), "tensor");
            ANEBENCH_ASSIGN(tensor, read_tensor_value(type, message.get_view(), state));
            value = std::move(tensor);
            return true;
          }
          case bytes_field(ImmediateField::tuple):
          case bytes_field(ImmediateField::list): {
            const bool is_tuple = message.tag() == ImmediateField::tuple;
            if (type.kind() != (is_tuple ? Type::Kind::tuple : Type::Kind::list)) {
              return mismatch(is_tuple ? "tuple" : "list");
            }
            const FieldPath::Step step(state.path(), "items");
            ANEBENCH_ASSIGN(items, read_items(message.get_view(), state));
            value = Value::items(type, std::move(items));
            return true;
          }
          case bytes_field(ImmediateField::dictionary): {
            if (type.kind() != Type::Kind::dictionary) return mismatch("dictionary");
            const FieldPath::Step step(state.path(), "dictionary");
            ANEBENCH_ASSIGN(dictionary, read_dictionary(type, message.get_view(), state));
            value = std::move(dictionary);
            return true;
          }
          default: return false;
        }
      });
  ANEBENCH_TRY(immediate_fields);
  if (!value) return fail(ErrorCode::parse_error, "a {} has no value", mil::to_string(type));
  return std::move(*value);
}

Result<mil::BlobReference> read_blob_reference(Message input, ReadState& state) {
  mil::BlobReference reference;
  auto blob_file_fields =
      read_fields<BlobFileField>(input, state, [&](auto& message) -> Result<bool> {
        switch (message.tag_and_type()) {
          case bytes_field(BlobFileField::file_name):
            reference.path = message.get_string();
            return true;
          case varint_field(BlobFileField::offset):
            reference.offset = message.get_uint64();
            return true;
          default: return false;
        }
      });
  ANEBENCH_TRY(blob_file_fields);
  return reference;
}

}  // namespace

Result<Type> read_type(Message input, ReadState& state) {
  std::optional<Type> type;
  auto type_fields = read_fields<TypeField>(input, state, [&](auto& message) -> Result<bool> {
    using Reader = Result<Type> (*)(Message, ReadState&);
    Reader read = nullptr;
    switch (message.tag_and_type()) {
      case bytes_field(TypeField::tensor): read = read_tensor_type; break;
      case bytes_field(TypeField::list): read = read_list_type; break;
      case bytes_field(TypeField::tuple): read = read_tuple_type; break;
      case bytes_field(TypeField::dictionary): read = read_dictionary_type; break;
      case bytes_field(TypeField::state): read = read_state_type; break;
      default: return false;
    }
    const FieldPath::Step step(state.path(), "of");
    ANEBENCH_ASSIGN(found, read(message.get_view(), state));
    type = std::move(found);
    return true;
  });
  ANEBENCH_TRY(type_fields);
  if (!type) return fail(ErrorCode::parse_error, "a type is of no known kind");
  return std::move(*type);
}

Result<Value> read_value(Message input, ReadState& state) {
  // The value cannot be read before its type, whatever their order in the file.
  std::optional<Message> type_input;
  std::optional<Message> immediate;
  std::optional<Message> blob;
  auto value_fields = read_fields<ValueField>(input, state, [&](auto& message) -> Result<bool> {
    switch (message.tag_and_type()) {
      case bytes_field(ValueField::type): type_input = message.get_view(); return true;
      case bytes_field(ValueField::immediate): immediate = message.get_view(); return true;
      case bytes_field(ValueField::blob_file): blob = message.get_view(); return true;
      default: return false;
    }
  });
  ANEBENCH_TRY(value_fields);
  if (!type_input) return fail(ErrorCode::parse_error, "a value has no type");
  std::optional<Type> type;
  {
    const FieldPath::Step step(state.path(), "type");
    ANEBENCH_ASSIGN(found, read_type(*type_input, state));
    type = std::move(found);
  }
  if (immediate) {
    const FieldPath::Step step(state.path(), "immediate");
    return read_immediate(*type, *immediate, state);
  }
  if (!blob) {
    return fail(ErrorCode::parse_error, "a {} has neither a value nor a place in a weight file",
                mil::to_string(*type));
  }
  const FieldPath::Step step(state.path(), "blob");
  ANEBENCH_ASSIGN(reference, read_blob_reference(*blob, state));
  return Value::blob(std::move(*type), std::move(reference));
}

}  // namespace anebench::package
