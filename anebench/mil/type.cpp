#include "anebench/mil/type.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace anebench::mil {
namespace {

std::string to_string(Dim dim) { return dim.is_known() ? fmt::format("{}", dim.size()) : "?"; }

}  // namespace

std::string to_string(const Shape& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i != 0) text += ", ";
    text += to_string(shape[i]);
  }
  return text + "]";
}

std::optional<std::int64_t> element_count(const Shape& shape) {
  bool has_zero = false;
  for (const Dim dim : shape) {
    if (!dim.is_known()) return std::nullopt;
    has_zero = has_zero || dim.size() == 0;
  }
  if (has_zero) return 0;
  std::int64_t count = 1;
  for (const Dim dim : shape) {
    if (count > std::numeric_limits<std::int64_t>::max() / dim.size()) return std::nullopt;
    count *= dim.size();
  }
  return count;
}

Type Type::tensor(DataType data_type, Shape shape) {
  Type type;
  type.data_type_ = data_type;
  type.shape_ = std::move(shape);
  return type;
}

Type Type::nested(Kind kind, std::vector<Type> elements) {
  Type type;
  type.kind_ = kind;
  type.elements_ = std::make_shared<const std::vector<Type>>(std::move(elements));
  return type;
}

Type Type::list(Type element, Dim length) {
  Type type = nested(Kind::list, {std::move(element)});
  type.length_ = length;
  return type;
}

Type Type::tuple(std::vector<Type> elements) { return nested(Kind::tuple, std::move(elements)); }

Type Type::dictionary(Type key, Type value) {
  return nested(Kind::dictionary, {std::move(key), std::move(value)});
}

Type Type::state(Type wrapped) { return nested(Kind::state, {std::move(wrapped)}); }

const std::vector<Type>& Type::elements() const {
  static const std::vector<Type> kNone;
  return elements_ == nullptr ? kNone : *elements_;
}

bool operator==(const Type& a, const Type& b) {
  return a.kind_ == b.kind_ && a.data_type_ == b.data_type_ && a.length_ == b.length_ &&
         a.shape_ == b.shape_ && (a.elements_ == b.elements_ || a.elements() == b.elements());
}

std::optional<std::int64_t> Type::byte_size() const {
  if (!is_tensor() || data_type_ == DataType::string) return std::nullopt;
  const auto count = element_count();
  if (!count) return std::nullopt;
  const std::int64_t bits = bit_width(data_type_);
  if (*count > (std::numeric_limits<std::int64_t>::max() - 7) / bits) return std::nullopt;
  return (*count * bits + 7) / 8;
}

bool compatible(Dim a, Dim b) { return !a.is_known() || !b.is_known() || a == b; }

bool compatible(const Type& a, const Type& b) {
  if (a.kind() != b.kind() || a.elements().size() != b.elements().size()) return false;
  if (!compatible(a.length(), b.length())) return false;
  if (a.is_tensor()) {
    return a.data_type() == b.data_type() && a.rank() == b.rank() &&
           std::ranges::equal(a.shape(), b.shape(),
                              [](Dim left, Dim right) { return compatible(left, right); });
  }
  return std::ranges::equal(a.elements(), b.elements(), [](const Type& left, const Type& right) {
    return compatible(left, right);
  });
}

std::string to_string(const Type& type) {
  const auto& elements = type.elements();
  switch (type.kind()) {
    case Type::Kind::tensor:
      if (type.is_scalar()) return std::string(to_string(type.data_type()));
      return fmt::format("tensor<{}, {}>", to_string(type.data_type()), to_string(type.shape()));
    case Type::Kind::list:
      return fmt::format("list<{}, {}>", to_string(elements[0]), to_string(type.length()));
    case Type::Kind::dictionary:
      return fmt::format("dict<{}, {}>", to_string(elements[0]), to_string(elements[1]));
    case Type::Kind::state: return fmt::format("state<{}>", to_string(elements[0]));
    case Type::Kind::tuple: break;
  }
  std::string text = "tuple<";
  for (std::size_t i = 0; i < elements.size(); ++i) {
    if (i != 0) text += ", ";
    text += to_string(elements[i]);
  }
  return text + ">";
}

}  // namespace anebench::mil
