// Types of MIL values: tensors (a scalar is a tensor of rank 0), lists, tuples, dictionaries and
// states, as small immutable values compared by structure.
//
//   Type t = Type::tensor(DataType::fp16, {1, 512, 64, 64});
//   t.element_count();  // 2097152
//
// A dimension is a non-negative count of elements or unknown ("?"). Shapes are row-major, outermost
// first. Types are copied cheaply and are safe to read from several threads.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "anebench/mil/data_type.h"

namespace anebench::mil {

// One dimension: a count, or unknown.
class Dim {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): shapes read as lists of numbers.
  constexpr Dim(std::int64_t size) : size_(size) {}
  static constexpr Dim unknown() { return Dim(-1); }

  constexpr bool is_known() const { return size_ >= 0; }
  // -1 where unknown.
  constexpr std::int64_t size() const { return size_; }
  friend constexpr bool operator==(Dim, Dim) = default;

 private:
  std::int64_t size_;
};

using Shape = std::vector<Dim>;

// "[1, 512, ?]".
std::string to_string(const Shape& shape);
// The product of the dimensions; nothing where one is unknown or the product exceeds an int64.
std::optional<std::int64_t> element_count(const Shape& shape);

class Type {
 public:
  enum class Kind : std::uint8_t { tensor, list, tuple, dictionary, state };

  // The default is a bool scalar.
  Type() = default;

  static Type tensor(DataType data_type, Shape shape);
  static Type scalar(DataType data_type) { return tensor(data_type, {}); }
  // `length` may be unknown.
  static Type list(Type element, Dim length);
  static Type tuple(std::vector<Type> elements);
  static Type dictionary(Type key, Type value);
  static Type state(Type wrapped);

  Kind kind() const { return kind_; }
  bool is_tensor() const { return kind_ == Kind::tensor; }
  bool is_scalar() const { return is_tensor() && shape_.empty(); }

  // Of a tensor.
  DataType data_type() const { return data_type_; }
  const Shape& shape() const { return shape_; }
  std::size_t rank() const { return shape_.size(); }
  std::optional<std::int64_t> element_count() const { return mil::element_count(shape_); }
  // Bytes of the packed elements, sub-byte types rounded up to a byte; nothing for strings, unknown
  // shapes and sizes beyond an int64.
  std::optional<std::int64_t> byte_size() const;

  // The element of a list, the elements of a tuple, key and value of a dictionary, the wrapped type
  // of a state.
  const std::vector<Type>& elements() const;
  // Of a list.
  Dim length() const { return length_; }

  friend bool operator==(const Type& a, const Type& b);

 private:
  static Type nested(Kind kind, std::vector<Type> elements);

  Kind kind_ = Kind::tensor;
  DataType data_type_ = DataType::boolean;
  Dim length_ = Dim::unknown();
  Shape shape_;
  // Shared, so that copying a deeply nested type costs a pointer; null for tensors.
  std::shared_ptr<const std::vector<Type>> elements_;
};

// Equal but for what is unknown in one of them: dimensions, lengths of lists.
bool compatible(Dim a, Dim b);
bool compatible(const Type& a, const Type& b);

// As MIL text of format 1.3 spells it: "tensor<fp16, [1, 512]>", "int32", "list<string, 3>".
std::string to_string(const Type& type);

}  // namespace anebench::mil
