#include "anebench/mil/value.h"

#include <bit>
#include <cmath>
#include <limits>

#include "anebench/base/bytes.h"
#include "anebench/base/half.h"
#include "anebench/mil/float8.h"

namespace anebench::mil {
namespace {

template <typename T>
T load(std::span<const std::byte> bytes, std::size_t index) {
  return load_le<T>(bytes, index * sizeof(T));
}

template <typename T>
void store(std::span<std::byte> bytes, std::size_t index, T value) {
  store_le(bytes, index * sizeof(T), value);
}

// Round half to even, saturating; NaN to 0.
std::int64_t saturate(DataType type, double value) {
  if (std::isnan(value)) return 0;
  const IntegerRange range = integer_range(type);
  const double rounded = std::nearbyint(value);
  // The range of uint64 goes beyond an int64; the bits are those of the unsigned value.
  if (type == DataType::uint64 && rounded >= 0x1p63) {
    return static_cast<std::int64_t>(rounded >= 0x1p64 ? std::numeric_limits<std::uint64_t>::max()
                                                       : static_cast<std::uint64_t>(rounded));
  }
  if (rounded <= static_cast<double>(range.low)) return range.low;
  if (rounded >= static_cast<double>(range.high)) return range.high;
  return static_cast<std::int64_t>(rounded);
}

}  // namespace

double packed_element_as_double(DataType type, std::span<const std::byte> bytes,
                                std::size_t index) {
  switch (type) {
    case DataType::fp16: return half_to_double(load<std::uint16_t>(bytes, index));
    case DataType::fp32: return static_cast<double>(load<float>(bytes, index));
    case DataType::fp64: return load<double>(bytes, index);
    case DataType::bf16:
      return static_cast<double>(std::bit_cast<float>(
          static_cast<std::uint32_t>(load<std::uint16_t>(bytes, index)) << 16));
    case DataType::fp8e4m3fn: return float8_e4m3fn_to_double(load<std::uint8_t>(bytes, index));
    case DataType::fp8e5m2: return float8_e5m2_to_double(load<std::uint8_t>(bytes, index));
    case DataType::uint64: return static_cast<double>(load<std::uint64_t>(bytes, index));
    default: return static_cast<double>(packed_element_as_int(type, bytes, index));
  }
}

std::int64_t packed_element_as_int(DataType type, std::span<const std::byte> bytes,
                                   std::size_t index) {
  switch (type) {
    case DataType::boolean: return load<std::uint8_t>(bytes, index) != 0 ? 1 : 0;
    case DataType::int8: return load<std::int8_t>(bytes, index);
    case DataType::int16: return load<std::int16_t>(bytes, index);
    case DataType::int32: return load<std::int32_t>(bytes, index);
    case DataType::int64: return load<std::int64_t>(bytes, index);
    case DataType::uint8: return load<std::uint8_t>(bytes, index);
    case DataType::uint16: return load<std::uint16_t>(bytes, index);
    case DataType::uint32: return load<std::uint32_t>(bytes, index);
    case DataType::uint64: return static_cast<std::int64_t>(load<std::uint64_t>(bytes, index));
    case DataType::int4: {
      const auto raw = static_cast<std::int64_t>(load_bits(bytes, index, 4));
      return raw >= 8 ? raw - 16 : raw;
    }
    case DataType::uint1:
    case DataType::uint2:
    case DataType::uint3:
    case DataType::uint4:
    case DataType::uint6: return load_bits(bytes, index, static_cast<unsigned>(bit_width(type)));
    default: return saturate(DataType::int64, packed_element_as_double(type, bytes, index));
  }
}

void store_packed_element(DataType type, std::span<std::byte> bytes, std::size_t index,
                          double value) {
  switch (type) {
    case DataType::fp16: return store(bytes, index, half_from_double(value));
    case DataType::fp32: return store(bytes, index, static_cast<float>(value));
    case DataType::fp64: return store(bytes, index, value);
    case DataType::bf16: return store(bytes, index, bfloat16_from_double(value));
    case DataType::fp8e4m3fn: return store(bytes, index, float8_e4m3fn_from_double(value));
    case DataType::fp8e5m2: return store(bytes, index, float8_e5m2_from_double(value));
    case DataType::boolean:
      return store(bytes, index, static_cast<std::uint8_t>(value != 0 ? 1 : 0));
    case DataType::string: return;
    default: break;
  }
  const std::int64_t integer = saturate(type, value);
  switch (bit_width(type)) {
    case 8: return store(bytes, index, static_cast<std::uint8_t>(integer));
    case 16: return store(bytes, index, static_cast<std::uint16_t>(integer));
    case 32: return store(bytes, index, static_cast<std::uint32_t>(integer));
    case 64: return store(bytes, index, static_cast<std::uint64_t>(integer));
    default:
      return store_bits(bytes, index, static_cast<unsigned>(bit_width(type)),
                        static_cast<std::uint8_t>(integer));
  }
}

// All share one payload.
Value::Value() {
  static const BytesPointer kFalse = std::make_shared<const Bytes>(1);
  payload_ = kFalse;
}

Value Value::packed(Type type, Bytes bytes) {
  return Value(std::move(type), std::make_shared<const Bytes>(std::move(bytes)));
}

Value Value::strings(Type type, Strings strings) {
  return Value(std::move(type), std::make_shared<const Strings>(std::move(strings)));
}

Value Value::string(std::string text) {
  Strings elements;  // an initializer list would copy the text
  elements.push_back(std::move(text));
  return strings(Type::scalar(DataType::string), std::move(elements));
}

Value Value::blob(Type type, BlobReference reference) {
  return Value(std::move(type), std::make_shared<const BlobReference>(std::move(reference)));
}

Value Value::items(Type type, Items items) {
  return Value(std::move(type), std::make_shared<const Items>(std::move(items)));
}

Value Value::dictionary(Type type, Entries entries) {
  return Value(std::move(type), std::make_shared<const Entries>(std::move(entries)));
}

Value Value::fp16_scalar(double value) { return fp16_tensor({}, std::span(&value, 1)); }

Value Value::fp16_tensor(Shape shape, std::span<const double> elements) {
  Bytes bytes(elements.size() * sizeof(std::uint16_t));
  for (std::size_t i = 0; i < elements.size(); ++i) {
    store<std::uint16_t>(bytes, i, half_from_double(elements[i]));
  }
  return packed(Type::tensor(DataType::fp16, std::move(shape)), std::move(bytes));
}

Value Value::boolean(bool value) {
  return packed(Type::scalar(DataType::boolean), {static_cast<std::byte>(value ? 1 : 0)});
}

std::span<const std::byte> Value::bytes() const {
  const auto* bytes = std::get_if<BytesPointer>(&payload_);
  return bytes == nullptr ? std::span<const std::byte>() : std::span<const std::byte>(**bytes);
}

std::shared_ptr<const Value::Bytes> Value::shared_bytes() const {
  const auto* bytes = std::get_if<BytesPointer>(&payload_);
  return bytes == nullptr ? nullptr : *bytes;
}

std::span<const std::string> Value::string_elements() const {
  const auto* strings = std::get_if<StringsPointer>(&payload_);
  return strings == nullptr ? std::span<const std::string>()
                            : std::span<const std::string>(**strings);
}

const BlobReference& Value::blob_reference() const {
  static const BlobReference kNone;
  const auto* blob = std::get_if<BlobPointer>(&payload_);
  return blob == nullptr ? kNone : **blob;
}

std::span<const Value> Value::item_elements() const {
  const auto* items = std::get_if<ItemsPointer>(&payload_);
  return items == nullptr ? std::span<const Value>() : std::span<const Value>(**items);
}

std::span<const std::pair<Value, Value>> Value::dictionary_entries() const {
  const auto* entries = std::get_if<EntriesPointer>(&payload_);
  return entries == nullptr ? std::span<const std::pair<Value, Value>>()
                            : std::span<const std::pair<Value, Value>>(**entries);
}

std::optional<std::string_view> Value::as_string() const {
  const auto strings = string_elements();
  if (strings.size() != 1) return std::nullopt;
  return strings.front();
}

std::optional<bool> Value::as_bool() const {
  if (!is_packed() || type_.data_type() != DataType::boolean || bytes().size() != 1) {
    return std::nullopt;
  }
  return bytes().front() != std::byte{0};
}

std::optional<std::int64_t> Value::as_int() const {
  if (!is_packed() || !is_integer(type_.data_type()) || type_.element_count() != 1) {
    return std::nullopt;
  }
  const std::int64_t value = packed_element_as_int(type_.data_type(), bytes(), 0);
  // Beyond an int64.
  if (value < 0 && !is_signed_integer(type_.data_type())) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> Value::as_unsigned() const {
  if (is_packed() && type_.data_type() == DataType::uint64 && type_.element_count() == 1) {
    return load<std::uint64_t>(bytes(), 0);
  }
  const auto value = as_int();
  if (!value || *value < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*value);
}

std::optional<double> Value::as_double() const {
  if (!is_packed() || type_.element_count() != 1) return std::nullopt;
  return packed_element_as_double(type_.data_type(), bytes(), 0);
}

std::optional<std::vector<std::int64_t>> Value::as_ints() const {
  if (!is_packed() || !is_integer(type_.data_type())) return std::nullopt;
  std::vector<std::int64_t> elements(static_cast<std::size_t>(type_.element_count().value_or(0)));
  for (std::size_t i = 0; i < elements.size(); ++i) {
    elements[i] = packed_element_as_int(type_.data_type(), bytes(), i);
    // Beyond an int64.
    if (elements[i] < 0 && !is_signed_integer(type_.data_type())) return std::nullopt;
  }
  return elements;
}

std::optional<std::vector<double>> Value::as_doubles() const {
  if (!is_packed()) return std::nullopt;
  std::vector<double> elements(static_cast<std::size_t>(type_.element_count().value_or(0)));
  for (std::size_t i = 0; i < elements.size(); ++i) {
    elements[i] = packed_element_as_double(type_.data_type(), bytes(), i);
  }
  return elements;
}

bool operator==(const Value& a, const Value& b) {
  if (!(a.type_ == b.type_) || a.payload_.index() != b.payload_.index()) return false;
  return std::visit(
      [&](const auto& left) {
        const auto& right = std::get<std::decay_t<decltype(left)>>(b.payload_);
        return left == right || *left == *right;
      },
      a.payload_);
}

}  // namespace anebench::mil
