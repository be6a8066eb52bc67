#include "anebench/mil/literal_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string_view>
#include <type_traits>
#include <utility>

#include "anebench/base/bytes.h"
#include "anebench/base/half.h"
#include "anebench/mil/float8.h"

namespace anebench::mil {
namespace {

float float_from_double(double value) { return static_cast<float>(value); }
double identity_double(double value) { return value; }

}  // namespace

// ---- Types ----

bool LiteralParser::parse_type(Type& type, int depth) {
  const char* const start = lexer_.mark();
  const std::string_view word = lexer_.read_identifier();
  if (word == "tensor") return parse_tensor_type(type);
  if (const auto data_type = parse_data_type(word)) {
    type = Type::scalar(*data_type);
    return true;
  }
  if (depth == kMaxTypeNesting) {
    return lexer_.fail_at(
        start,
        fmt::format("expected types nested at most {} deep, found another level", kMaxTypeNesting));
  }
  if (word == "tuple") return parse_tuple_type(type, depth);
  if (word == "list") {
    Type element;
    Dim length = Dim::unknown();
    if (!lexer_.expect('<', "after 'list'") || !parse_type(element, depth + 1) ||
        !lexer_.expect(',', "after the list's element type") || !parse_dim(length) ||
        !lexer_.expect('>', "after the list's length")) {
      return false;
    }
    type = Type::list(std::move(element), length);
    return true;
  }
  if (word == "dict") {
    Type key;
    Type value;
    if (!lexer_.expect('<', "after 'dict'") || !parse_type(key, depth + 1) ||
        !lexer_.expect(',', "after the dictionary's key type") || !parse_type(value, depth + 1) ||
        !lexer_.expect('>', "after the dictionary's value type")) {
      return false;
    }
    type = Type::dictionary(std::move(key), std::move(value));
    return true;
  }
  if (word == "state") {
    Type wrapped;
    if (!lexer_.expect('<', "after 'state'") || !parse_type(wrapped, depth + 1) ||
        !lexer_.expect('>', "after the state's type")) {
      return false;
    }
    type = Type::state(std::move(wrapped));
    return true;
  }
  lexer_.rewind(start);
  return lexer_.fail_expected("a type");
}

bool LiteralParser::parse_tensor_type(Type& type) {
  if (!lexer_.expect('<', "after 'tensor'")) return false;
  const char* const start = lexer_.mark();
  const auto data_type = parse_data_type(lexer_.read_identifier());
  if (!data_type) {
    lexer_.rewind(start);
    return lexer_.fail_expected("an element type such as fp16 or int32");
  }
  if (!lexer_.expect(',', "after the element type") ||
      !lexer_.expect('[', "before the dimensions")) {
    return false;
  }
  Shape shape;
  if (!lexer_.accept(']')) {
    shape.reserve(4);
    do {
      Dim dim = Dim::unknown();
      if (shape.size() == kMaxTensorRank) {
        return lexer_.fail_expected(fmt::format("']' after at most {} dimensions", kMaxTensorRank));
      }
      if (!parse_dim(dim)) return false;
      shape.push_back(dim);
    } while (lexer_.accept(','));
    if (!lexer_.expect(']', "after the dimensions")) return false;
  }
  type = Type::tensor(*data_type, std::move(shape));
  return lexer_.expect('>', "after the tensor's dimensions");
}

bool LiteralParser::parse_tuple_type(Type& type, int depth) {
  if (!lexer_.expect('<', "after 'tuple'")) return false;
  std::vector<Type> elements;
  if (!lexer_.accept('>')) {
    do {
      if (!parse_type(elements.emplace_back(), depth + 1)) return false;
    } while (lexer_.accept(','));
    if (!lexer_.expect('>', "after the tuple's types")) return false;
  }
  type = Type::tuple(std::move(elements));
  return true;
}

bool LiteralParser::parse_dim(Dim& dim) {
  if (lexer_.accept('?')) {
    dim = Dim::unknown();
    return true;
  }
  const char* const start = lexer_.mark();
  bool is_negative = false;
  std::uint64_t size = 0;
  if (!lexer_.expect_integer(is_negative, size, "a dimension (an integer or '?')")) return false;
  if (is_negative || size > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return lexer_.fail_at(start, fmt::format("expected a dimension from 0 to 2^63-1, found '{}{}'",
                                             is_negative ? "-" : "", size));
  }
  dim = Dim(static_cast<std::int64_t>(size));
  return true;
}

// ---- Literals ----

bool LiteralParser::parse_literal(Value& value) {
  Type type;
  if (!parse_type(type) || !lexer_.expect('(', "after the type of a literal")) return false;
  if (lexer_.peek() == 'B') {
    if (!parse_blob(type, value)) return false;
  } else if (!parse_raw(type, value)) {
    return false;
  }
  return lexer_.expect(')', "after the literal");
}

bool LiteralParser::parse_blob(const Type& type, Value& value) {
  const char* const start = lexer_.mark();
  if (!lexer_.expect_word("BLOBFILE")) return false;
  if (!type.is_tensor() || type.data_type() == DataType::string) {
    return lexer_.fail_at(
        start, fmt::format("expected a tensor of numbers for data in a file, found the type {}",
                           to_string(type)));
  }
  if (!lexer_.expect('(', "after 'BLOBFILE'")) return false;
  BlobReference reference;
  bool has_path = false;
  bool has_offset = false;
  do {
    const char* const name_mark = lexer_.mark();
    const std::string_view name = lexer_.read_identifier();
    const bool is_path = name == "path" && !has_path;
    if (!is_path && (name != "offset" || has_offset)) {
      lexer_.rewind(name_mark);
      return lexer_.fail_expected("'path' and 'offset', each once");
    }
    if (!lexer_.expect('=', "after the name")) return false;
    const char* const literal_mark = lexer_.mark();
    Value literal;
    if (!parse_literal(literal)) return false;
    if (is_path) {
      const auto path = literal.as_string();
      if (!path) return lexer_.fail_at(literal_mark, "expected a string as the path");
      reference.path = *path;
      has_path = true;
    } else {
      const auto offset = literal.as_unsigned();
      if (!offset) return lexer_.fail_at(literal_mark, "expected a non-negative integer as offset");
      reference.offset = *offset;
      has_offset = true;
    }
  } while (lexer_.accept(','));
  if (!has_path || !has_offset) return lexer_.fail_expected("both 'path' and 'offset'");
  if (!lexer_.expect(')', "after the reference's offset")) return false;
  value = Value::blob(type, std::move(reference));
  return true;
}

bool LiteralParser::parse_raw(const Type& type, Value& value) {
  switch (type.kind()) {
    case Type::Kind::tensor: return parse_tensor(type, value);
    case Type::Kind::list: return parse_list(type, value);
    case Type::Kind::tuple: return parse_tuple(type, value);
    case Type::Kind::dictionary: return parse_dictionary(type, value);
    case Type::Kind::state: break;
  }
  return lexer_.fail_at(lexer_.mark(), "expected no literal of a state, which has no text form");
}

bool LiteralParser::parse_list(const Type& type, Value& value) {
  if (!lexer_.expect('[', "before the elements of a list")) return false;
  Value::Items items;
  if (lexer_.peek() != ']') {
    do {
      if (!parse_raw(type.elements()[0], items.emplace_back())) return false;
    } while (lexer_.accept(','));
  }
  const Dim length = type.length();
  if (length.is_known() && static_cast<std::uint64_t>(length.size()) != items.size()) {
    return lexer_.fail_expected(fmt::format("{} elements for {} (there are {})", length.size(),
                                            to_string(type), items.size()));
  }
  value = Value::items(type, std::move(items));
  return lexer_.expect(']', "after the elements of a list");
}

bool LiteralParser::parse_tuple(const Type& type, Value& value) {
  if (!lexer_.expect('(', "before the elements of a tuple")) return false;
  const std::vector<Type>& types = type.elements();
  Value::Items items;
  for (std::size_t i = 0; i < types.size(); ++i) {
    if (i != 0 && !lexer_.expect(',', "between the elements of a tuple")) return false;
    if (!parse_raw(types[i], items.emplace_back())) return false;
  }
  value = Value::items(type, std::move(items));
  return lexer_.expect(')', "after the elements of a tuple");
}

bool LiteralParser::parse_dictionary(const Type& type, Value& value) {
  if (!lexer_.expect('{', "before the entries of a dictionary")) return false;
  Value::Entries entries;
  if (lexer_.peek() != '}') {
    do {
      auto& [key, item] = entries.emplace_back();
      if (!lexer_.expect('{', "before an entry of a dictionary") ||
          !parse_raw(type.elements()[0], key) || !lexer_.expect(',', "after the key of an entry") ||
          !parse_raw(type.elements()[1], item) || !lexer_.expect('}', "after an entry")) {
        return false;
      }
    } while (lexer_.accept(','));
  }
  value = Value::dictionary(type, std::move(entries));
  return lexer_.expect('}', "after the entries of a dictionary");
}

// ---- Tensors ----

template <typename Element>
bool LiteralParser::parse_elements(const Type& type, Element element) {
  const Shape& shape = type.shape();
  found_dims_.assign(shape.size(), -1);
  if (shape.empty()) return element();
  if (lexer_.peek() != '[') {
    // Third-party texts write a tensor of one element without brackets.
    if (type.element_count() != 1) {
      return lexer_.fail_expected(fmt::format("'[' before the elements of a {}", to_string(type)));
    }
    std::fill(found_dims_.begin(), found_dims_.end(), 1);
    return element();
  }
  if (std::any_of(shape.begin(), shape.end(), [](Dim dim) { return dim.size() <= 0; })) {
    // A tensor without elements is "[]" at whatever rank, so that its text is no longer than its
    // type.
    const char* const start = lexer_.mark();
    if (lexer_.accept('[') && lexer_.accept(']')) return true;
    lexer_.rewind(start);
  }
  return parse_level(type, 0, element);
}

template <typename Element>
bool LiteralParser::parse_level(const Type& type, std::size_t level, Element& element) {
  const char* const open = lexer_.mark();
  if (!lexer_.expect('[', "before the elements of a dimension")) return false;
  const bool is_innermost = level + 1 == found_dims_.size();
  const Dim declared = type.shape()[level];
  const std::int64_t wanted = declared.is_known() ? declared.size() : found_dims_[level];
  std::int64_t count = 0;
  if (lexer_.peek() != ']') {
    do {
      if (count == wanted) {
        ++count;
        break;
      }
      if (!(is_innermost ? element() : parse_level(type, level + 1, element))) return false;
      ++count;
    } while (lexer_.accept(','));
  }
  if (wanted >= 0 && count != wanted) {
    return lexer_.fail_at(
        open, fmt::format("expected {} elements in dimension {} of {}, found {}", wanted, level,
                          to_string(type), count > wanted ? "more" : fmt::format("{}", count)));
  }
  found_dims_[level] = count;
  return lexer_.expect(']', "after the elements of a dimension");
}

template <typename T>
void LiteralParser::push(T value) {
  if (scratch_size_ + sizeof(T) > scratch_.size()) {
    scratch_.resize(std::max<std::size_t>(2 * scratch_.size(), 256));
  }
  std::memcpy(scratch_.data() + scratch_size_, &value, sizeof(T));
  scratch_size_ += sizeof(T);
}

Type LiteralParser::found_type(const Type& type) const {
  const Shape& declared = type.shape();
  if (std::all_of(declared.begin(), declared.end(), [](Dim dim) { return dim.is_known(); })) {
    return type;
  }
  Shape shape = declared;
  // Where there are no elements the text does not say more.
  const bool is_empty = std::any_of(found_dims_.begin(), found_dims_.end(),
                                    [](std::int64_t size) { return size <= 0; });
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (!shape[i].is_known()) shape[i] = Dim(is_empty ? 0 : found_dims_[i]);
  }
  return Type::tensor(type.data_type(), std::move(shape));
}

bool LiteralParser::finish_packed(const Type& type, Value& value) {
  value =
      Value::packed(found_type(type),
                    Value::Bytes(scratch_.begin(),
                                 scratch_.begin() + static_cast<std::ptrdiff_t>(scratch_size_)));
  return true;
}

bool LiteralParser::parse_booleans(const Type& type, Value& value) {
  const auto element = [this] {
    const char* const start = lexer_.mark();
    const std::string_view word = lexer_.read_identifier();
    if (word != "true" && word != "false") {
      lexer_.rewind(start);
      return lexer_.fail_expected("'true' or 'false'");
    }
    push(static_cast<std::uint8_t>(word == "true" ? 1 : 0));
    return true;
  };
  return parse_elements(type, element) && finish_packed(type, value);
}

bool LiteralParser::parse_strings(const Type& type, Value& value) {
  Value::Strings strings;
  if (!parse_elements(type, [&] { return lexer_.expect_string(strings.emplace_back()); })) {
    return false;
  }
  value = Value::strings(found_type(type), std::move(strings));
  return true;
}

template <typename Integer>
bool LiteralParser::parse_integers(const Type& type, Value& value) {
  const auto element = [&] {
    const char* const start = lexer_.mark();
    bool is_negative = false;
    std::uint64_t magnitude = 0;
    if (!lexer_.expect_integer(is_negative, magnitude, "an integer")) return false;
    constexpr auto kHigh = static_cast<std::uint64_t>(std::numeric_limits<Integer>::max());
    const std::uint64_t largest = !is_negative ? kHigh : std::is_signed_v<Integer> ? kHigh + 1 : 0;
    if (magnitude > largest) {
      return lexer_.fail_at(
          start, fmt::format("expected a value within the range of {}, found {}{}",
                             to_string(type.data_type()), is_negative ? "-" : "", magnitude));
    }
    // Two's complement: the low bits of the negated magnitude.
    push(static_cast<Integer>(is_negative ? 0 - magnitude : magnitude));
    return true;
  };
  return parse_elements(type, element) && finish_packed(type, value);
}

bool LiteralParser::parse_small_integers(const Type& type, Value& value) {
  const DataType data_type = type.data_type();
  const IntegerRange range = integer_range(data_type);
  const auto element = [&] {
    const char* const start = lexer_.mark();
    bool is_negative = false;
    std::uint64_t magnitude = 0;
    if (!lexer_.expect_integer(is_negative, magnitude, "an integer")) return false;
    const auto largest = static_cast<std::uint64_t>(is_negative ? -range.low : range.high);
    if (magnitude > largest) {
      return lexer_.fail_at(start,
                            fmt::format("expected a value within the range of {}, found {}{}",
                                        to_string(data_type), is_negative ? "-" : "", magnitude));
    }
    push(static_cast<std::uint8_t>(is_negative ? 0 - magnitude : magnitude));
    return true;
  };
  if (!parse_elements(type, element)) return false;
  const auto width = static_cast<unsigned>(bit_width(data_type));
  Value::Bytes packed((scratch_size_ * width + 7) / 8);
  const auto* elements = reinterpret_cast<const std::uint8_t*>(scratch_.data());
  pack_bits(std::span(elements, scratch_size_), width, packed);
  value = Value::packed(found_type(type), std::move(packed));
  return true;
}

template <typename Bits>
bool LiteralParser::parse_reals(const Type& type, Value& value, Bits (*encode)(double)) {
  const DataType data_type = type.data_type();
  const RealRounding rounding =
      data_type == DataType::fp64 ? RealRounding::nearest : RealRounding::odd;
  const auto element = [&] {
    const char* const start = lexer_.mark();
    double number = 0;
    if (!lexer_.expect_real(rounding, number)) return false;
    Bits bits = encode(number);
    // Numbers out of the range of an 8-bit format saturate; the word "inf" means itself.
    if (std::isinf(number) && start[number < 0 ? 1 : 0] == 'i') {
      if (data_type == DataType::fp8e4m3fn) {
        return lexer_.fail_at(start,
                              "expected a finite number, found an infinity, which "
                              "fp8e4m3fn does not have");
      }
      if (data_type == DataType::fp8e5m2) bits = static_cast<Bits>(number < 0 ? 0xfc : 0x7c);
    }
    push(bits);
    return true;
  };
  return parse_elements(type, element) && finish_packed(type, value);
}

bool LiteralParser::parse_tensor(const Type& type, Value& value) {
  scratch_size_ = 0;
  switch (type.data_type()) {
    case DataType::boolean: return parse_booleans(type, value);
    case DataType::string: return parse_strings(type, value);
    case DataType::fp16: return parse_reals(type, value, half_from_double);
    case DataType::fp32: return parse_reals(type, value, float_from_double);
    case DataType::fp64: return parse_reals(type, value, identity_double);
    case DataType::bf16: return parse_reals(type, value, bfloat16_from_double);
    case DataType::fp8e4m3fn: return parse_reals(type, value, float8_e4m3fn_from_double);
    case DataType::fp8e5m2: return parse_reals(type, value, float8_e5m2_from_double);
    case DataType::int8: return parse_integers<std::int8_t>(type, value);
    case DataType::int16: return parse_integers<std::int16_t>(type, value);
    case DataType::int32: return parse_integers<std::int32_t>(type, value);
    case DataType::int64: return parse_integers<std::int64_t>(type, value);
    case DataType::uint8: return parse_integers<std::uint8_t>(type, value);
    case DataType::uint16: return parse_integers<std::uint16_t>(type, value);
    case DataType::uint32: return parse_integers<std::uint32_t>(type, value);
    case DataType::uint64: return parse_integers<std::uint64_t>(type, value);
    case DataType::int4:
    case DataType::uint1:
    case DataType::uint2:
    case DataType::uint3:
    case DataType::uint4:
    case DataType::uint6: break;
  }
  return parse_small_integers(type, value);
}

}  // namespace anebench::mil
