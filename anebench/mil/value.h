// A compile-time value: what stands in a literal. Either the elements themselves, or a reference
// into a weight file, or a tuple, list or dictionary of values.
//
// Numeric and bool elements are packed bytes: little-endian, row-major, sub-byte types LSB first,
// bool one byte each (0 or 1). Strings are strings. Payloads are shared and never change, so a copy
// costs a pointer; values are safe to read from several threads.
//
//   Value axis = Value::scalar<std::int32_t>(0);
//   Value pad = Value::tensor<std::int32_t>({4}, {0, 0, 0, 0});
//   Value weights = Value::blob(Type::tensor(DataType::int8, {512, 512, 1, 1}),
//                               {"@model_path/weights/weight.bin", 64});
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/mil/type.h"

namespace anebench::mil {

// Where a constant's bytes lie: `offset` names the blob's metadata record in the file.
struct BlobReference {
  std::string path;
  std::uint64_t offset = 0;
  friend bool operator==(const BlobReference&, const BlobReference&) = default;
};

// The DataType that a C++ type stands for; fp16 values travel as bit patterns in bytes.
template <typename T>
constexpr DataType data_type_of() {
  if constexpr (std::is_same_v<T, bool>)
    return DataType::boolean;
  else if constexpr (std::is_same_v<T, float>)
    return DataType::fp32;
  else if constexpr (std::is_same_v<T, double>)
    return DataType::fp64;
  else if constexpr (std::is_same_v<T, std::int8_t>)
    return DataType::int8;
  else if constexpr (std::is_same_v<T, std::int16_t>)
    return DataType::int16;
  else if constexpr (std::is_same_v<T, std::int32_t>)
    return DataType::int32;
  else if constexpr (std::is_same_v<T, std::int64_t>)
    return DataType::int64;
  else if constexpr (std::is_same_v<T, std::uint8_t>)
    return DataType::uint8;
  else if constexpr (std::is_same_v<T, std::uint16_t>)
    return DataType::uint16;
  else if constexpr (std::is_same_v<T, std::uint32_t>)
    return DataType::uint32;
  else if constexpr (std::is_same_v<T, std::uint64_t>)
    return DataType::uint64;
  else
    static_assert(!sizeof(T), "no MIL data type");
}

class Value {
 public:
  using Bytes = std::vector<std::byte>;
  using Strings = std::vector<std::string>;
  using Items = std::vector<Value>;
  using Entries = std::vector<std::pair<Value, Value>>;

  // The default is the bool scalar false.
  Value();

  // A tensor from packed elements. Precondition: `bytes` has type.byte_size() bytes.
  static Value packed(Type type, Bytes bytes);
  // A tensor of strings. Precondition: as many as the type has elements.
  static Value strings(Type type, Strings strings);
  static Value string(std::string text);
  static Value blob(Type type, BlobReference reference);
  // A list or tuple; `type` says which.
  static Value items(Type type, Items items);
  static Value dictionary(Type type, Entries entries);

  template <typename T>
  static Value scalar(T value) {
    return tensor<T>({}, {value});
  }
  template <typename T>
  static Value tensor(Shape shape, const std::vector<T>& elements);
  // fp16 tensors and scalars from numbers, each rounded once.
  static Value fp16_scalar(double value);
  static Value fp16_tensor(Shape shape, std::span<const double> elements);
  static Value boolean(bool value);

  const Type& type() const { return type_; }
  bool is_packed() const { return std::holds_alternative<BytesPointer>(payload_); }
  bool is_strings() const { return std::holds_alternative<StringsPointer>(payload_); }
  bool is_blob() const { return std::holds_alternative<BlobPointer>(payload_); }
  bool is_items() const { return std::holds_alternative<ItemsPointer>(payload_); }
  bool is_dictionary() const { return std::holds_alternative<EntriesPointer>(payload_); }

  // Empty (or a default) where the value is of another kind.
  std::span<const std::byte> bytes() const;
  // Shares ownership of the packed bytes; null where there are none.
  std::shared_ptr<const Bytes> shared_bytes() const;
  std::span<const std::string> string_elements() const;
  const BlobReference& blob_reference() const;
  std::span<const Value> item_elements() const;
  std::span<const std::pair<Value, Value>> dictionary_entries() const;

  // Readers of small immediate tensors. Nothing where the value is not of that kind.
  std::optional<std::string_view> as_string() const;         // one string
  std::optional<bool> as_bool() const;                       // one bool
  std::optional<std::int64_t> as_int() const;                // one integer that fits
  std::optional<std::uint64_t> as_unsigned() const;          // one integer that is not negative
  std::optional<double> as_double() const;                   // one number of any type
  std::optional<std::vector<std::int64_t>> as_ints() const;  // all elements of an integer tensor
  std::optional<std::vector<double>> as_doubles() const;     // all elements of a numeric tensor

  // By type and content; floating-point elements by bit pattern.
  friend bool operator==(const Value& a, const Value& b);

 private:
  using BytesPointer = std::shared_ptr<const Bytes>;
  using StringsPointer = std::shared_ptr<const Strings>;
  using BlobPointer = std::shared_ptr<const BlobReference>;
  using ItemsPointer = std::shared_ptr<const Items>;
  using EntriesPointer = std::shared_ptr<const Entries>;
  using Payload =
      std::variant<BytesPointer, StringsPointer, BlobPointer, ItemsPointer, EntriesPointer>;

  Value(Type type, Payload payload) : type_(std::move(type)), payload_(std::move(payload)) {}

  Type type_;
  Payload payload_;
};

// The element at `index` of packed storage as a number; integers beyond 2^53 lose low bits in the
// double form. Preconditions: a numeric or bool type, index inside.
double packed_element_as_double(DataType type, std::span<const std::byte> bytes, std::size_t index);
std::int64_t packed_element_as_int(DataType type, std::span<const std::byte> bytes,
                                   std::size_t index);
// Stores `value` rounded to the type (floating point: to nearest even; integers: saturated,
// rounded half to even, NaN to 0). Sub-byte neighbours are kept.
void store_packed_element(DataType type, std::span<std::byte> bytes, std::size_t index,
                          double value);

template <typename T>
Value Value::tensor(Shape shape, const std::vector<T>& elements) {
  Type type = Type::tensor(data_type_of<T>(), std::move(shape));
  Bytes bytes;
  bytes.reserve(elements.size() * sizeof(T));
  for (const T element : elements) {
    // Integers and IEEE floats are little-endian on every platform that this project supports.
    const auto* begin = reinterpret_cast<const std::byte*>(&element);
    bytes.insert(bytes.end(), begin, begin + sizeof(T));
  }
  return packed(std::move(type), std::move(bytes));
}

}  // namespace anebench::mil
