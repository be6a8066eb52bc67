#include "anebench/package/tensor_value_reader.h"

#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "anebench/base/bytes.h"
#include "anebench/package/fields.h"

namespace anebench::package {
namespace {

using mil::DataType;
using mil::Type;
using mil::Value;

std::span<const std::byte> bytes_of(Message view) {
  return std::as_bytes(std::span(view.data(), view.size()));
}

// Elements of a repeated number field, packed or one by one. `read` takes one element from the
// message, `read_packed` the packed range.
template <typename T, typename ReadOne, typename ReadPacked>
Result<std::vector<T>> read_numbers(Message input, ReadState& state,
                                    protozero::pbf_wire_type wire_type, ReadOne read,
                                    ReadPacked read_packed) {
  std::vector<T> elements;
  auto elements_fields =
      read_fields<ElementsField>(input, state, [&](auto& message) -> Result<bool> {
        if (message.tag() != ElementsField::values) return false;
        if (message.wire_type() == protozero::pbf_wire_type::length_delimited) {
          const auto range = read_packed(message);
          elements.insert(elements.end(), range.begin(), range.end());
          return true;
        }
        if (message.wire_type() != wire_type) return false;
        elements.push_back(read(message));
        return true;
      });
  ANEBENCH_TRY(elements_fields);
  return elements;
}

// What the field of the elements held.
struct Elements {
  std::optional<std::vector<std::int64_t>> integers;
  std::optional<std::vector<double>> reals;
  std::optional<Message> bytes;
  std::optional<std::vector<std::string>> strings;
};

Result<void> read_integers(Message input, ReadState& state, bool is_long, Elements& elements) {
  using protozero::pbf_wire_type;
  auto found = read_numbers<std::int64_t>(
      input, state, pbf_wire_type::varint,
      [&](auto& message) { return is_long ? message.get_int64() : message.get_int32(); },
      [](auto& message) { return message.get_packed_int64(); });
  if (!found) return fail(found.error());
  elements.integers = std::move(*found);
  return {};
}

Result<void> read_strings(Message input, ReadState& state, Elements& elements) {
  auto& strings = elements.strings.emplace();
  return read_fields<ElementsField>(input, state, [&](auto& message) -> Result<bool> {
    if (message.tag_and_type() != bytes_field(ElementsField::values)) return false;
    ANEBENCH_TRY(state.count());
    strings.push_back(message.get_string());
    return true;
  });
}

Result<void> read_bytes(Message input, ReadState& state, Elements& elements) {
  elements.bytes.emplace();
  return read_fields<ElementsField>(input, state, [&](auto& message) -> Result<bool> {
    if (message.tag_and_type() != bytes_field(ElementsField::values)) return false;
    elements.bytes = message.get_view();
    return true;
  });
}

Result<Elements> read_elements(Message input, ReadState& state) {
  using protozero::pbf_wire_type;
  Elements elements;
  auto tensor_value_fields =
      read_fields<TensorValueField>(input, state, [&](auto& message) -> Result<bool> {
        const auto field = message.tag();
        if (message.wire_type() != pbf_wire_type::length_delimited) return false;
        const FieldPath::Step step(state.path(), "elements");
        switch (field) {
          case TensorValueField::ints:
          case TensorValueField::bools:
          case TensorValueField::long_ints: {
            const bool is_long = field == TensorValueField::long_ints;
            ANEBENCH_TRY(read_integers(message.get_view(), state, is_long, elements));
            return true;
          }
          case TensorValueField::floats: {
            auto found = read_numbers<double>(
                message.get_view(), state, pbf_wire_type::fixed32,
                [](auto& field_message) { return static_cast<double>(field_message.get_float()); },
                [](auto& field_message) { return field_message.get_packed_float(); });
            if (!found) return fail(found.error());
            elements.reals = std::move(*found);
            return true;
          }
          case TensorValueField::doubles: {
            auto found = read_numbers<double>(
                message.get_view(), state, pbf_wire_type::fixed64,
                [](auto& field_message) { return field_message.get_double(); },
                [](auto& field_message) { return field_message.get_packed_double(); });
            if (!found) return fail(found.error());
            elements.reals = std::move(*found);
            return true;
          }
          case TensorValueField::strings:
            ANEBENCH_TRY(read_strings(message.get_view(), state, elements));
            return true;
          case TensorValueField::bytes:
            ANEBENCH_TRY(read_bytes(message.get_view(), state, elements));
            return true;
          default: return false;
        }
      });
  ANEBENCH_TRY(tensor_value_fields);
  return elements;
}

// The type with its unknown dimension, if there is one, filled by the count of elements found.
Result<Type> complete(const Type& type, std::size_t found) {
  const auto count = type.element_count();
  if (count && *count == static_cast<std::int64_t>(found)) return type;
  if (!count && type.rank() == 1 && !type.shape()[0].is_known()) {
    return Type::tensor(type.data_type(), {static_cast<std::int64_t>(found)});
  }
  return fail(ErrorCode::parse_error, "a {} has {} elements", mil::to_string(type), found);
}

Result<Value> from_bytes(const Type& type, Message view) {
  const auto bytes = bytes_of(view);
  const auto bits = static_cast<std::size_t>(mil::bit_width(type.data_type()));
  if (bits == 0) return fail(ErrorCode::parse_error, "strings cannot be stored as bytes");
  Type known = type;
  if (!type.byte_size()) {
    // The count of sub-byte elements cannot be told from their bytes.
    if (mil::is_sub_byte(type.data_type()) || bytes.size() * 8 % bits != 0) {
      return fail(ErrorCode::parse_error, "{} bytes do not tell the length of a {}", bytes.size(),
                  mil::to_string(type));
    }
    ANEBENCH_ASSIGN(completed, complete(type, bytes.size() * 8 / bits));
    known = std::move(completed);
  } else if (static_cast<std::uint64_t>(*type.byte_size()) != bytes.size()) {
    return fail(ErrorCode::parse_error, "a {} has {} bytes, not {}", mil::to_string(type),
                bytes.size(), *type.byte_size());
  }
  return Value::packed(std::move(known), Value::Bytes(bytes.begin(), bytes.end()));
}

Result<Value> from_integers(const Type& type, const std::vector<std::int64_t>& integers) {
  const DataType data_type = type.data_type();
  if (!mil::is_integer(data_type) && data_type != DataType::boolean) {
    return fail(ErrorCode::parse_error, "a {} is stored as integers", mil::to_string(type));
  }
  ANEBENCH_ASSIGN(known, complete(type, integers.size()));
  Value::Bytes bytes(static_cast<std::size_t>(known.byte_size().value_or(0)));
  const mil::IntegerRange range = mil::integer_range(data_type);
  for (std::size_t i = 0; i < integers.size(); ++i) {
    const std::int64_t element = integers[i];
    switch (data_type) {
      case DataType::boolean: bytes[i] = static_cast<std::byte>(element != 0 ? 1 : 0); continue;
      case DataType::int64:
      case DataType::uint64: store_le(std::span(bytes), i * 8, element); continue;
      default: break;
    }
    // An int32 field can hold the large uint32s as its negative numbers only.
    const bool is_wrapped = data_type == DataType::uint32 && element < 0 &&
                            element >= std::numeric_limits<std::int32_t>::min();
    if (is_wrapped) {
      store_le(std::span(bytes), i * 4, static_cast<std::uint32_t>(element));
      continue;
    }
    if (element < range.low || element > range.high) {
      return fail(ErrorCode::parse_error, "{} does not fit the elements of a {}", element,
                  mil::to_string(type));
    }
    mil::store_packed_element(data_type, bytes, i, static_cast<double>(element));
  }
  return Value::packed(std::move(known), std::move(bytes));
}

Result<Value> from_reals(const Type& type, const std::vector<double>& reals) {
  if (!mil::is_floating_point(type.data_type())) {
    return fail(ErrorCode::parse_error, "a {} is stored as floating-point numbers",
                mil::to_string(type));
  }
  ANEBENCH_ASSIGN(known, complete(type, reals.size()));
  Value::Bytes bytes(static_cast<std::size_t>(known.byte_size().value_or(0)));
  for (std::size_t i = 0; i < reals.size(); ++i) {
    mil::store_packed_element(type.data_type(), bytes, i, reals[i]);
  }
  return Value::packed(std::move(known), std::move(bytes));
}

Result<Value> from_strings(const Type& type, std::vector<std::string> strings) {
  if (type.data_type() != DataType::string) {
    return fail(ErrorCode::parse_error, "a {} is stored as strings", mil::to_string(type));
  }
  ANEBENCH_ASSIGN(known, complete(type, strings.size()));
  return Value::strings(std::move(known), std::move(strings));
}

}  // namespace

Result<Value> read_tensor_value(const Type& type, Message input, ReadState& state) {
  ANEBENCH_ASSIGN(elements, read_elements(input, state));
  if (elements.bytes) return from_bytes(type, *elements.bytes);
  if (elements.integers) return from_integers(type, *elements.integers);
  if (elements.reals) return from_reals(type, *elements.reals);
  if (elements.strings) return from_strings(type, std::move(*elements.strings));
  if (type.data_type() == DataType::string) return from_strings(type, {});
  return from_bytes(type, Message());
}

}  // namespace anebench::package
