// Types and literals of MIL text. Internal to the text parser; not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "anebench/mil/lexer.h"
#include "anebench/mil/type.h"
#include "anebench/mil/value.h"

namespace anebench::mil {

// Nothing that occurs in models comes near these; they keep hostile text from exhausting the stack.
inline constexpr int kMaxTypeNesting = 32;
inline constexpr std::size_t kMaxTensorRank = 64;

// Methods return false after a failure, which the lexer holds.
class LiteralParser {
 public:
  explicit LiteralParser(Lexer& lexer) : lexer_(lexer) {}

  bool parse_type(Type& type) { return parse_type(type, 0); }
  // A type and its value in parentheses. Unknown dimensions of a tensor are those of the value.
  bool parse_literal(Value& value);

 private:
  bool parse_type(Type& type, int depth);
  bool parse_tensor_type(Type& type);
  bool parse_tuple_type(Type& type, int depth);
  bool parse_dim(Dim& dim);

  bool parse_raw(const Type& type, Value& value);
  bool parse_blob(const Type& type, Value& value);
  bool parse_list(const Type& type, Value& value);
  bool parse_tuple(const Type& type, Value& value);
  bool parse_dictionary(const Type& type, Value& value);
  bool parse_tensor(const Type& type, Value& value);

  // By the family of the element type; elements gather in scratch_.
  template <typename Integer>
  bool parse_integers(const Type& type, Value& value);
  bool parse_small_integers(const Type& type, Value& value);
  template <typename Bits>
  bool parse_reals(const Type& type, Value& value, Bits (*encode)(double));
  bool parse_booleans(const Type& type, Value& value);
  bool parse_strings(const Type& type, Value& value);

  // The brackets of a tensor literal: calls `element` once an element.
  template <typename Element>
  bool parse_elements(const Type& type, Element element);
  template <typename Element>
  bool parse_level(const Type& type, std::size_t level, Element& element);

  template <typename T>
  void push(T value);
  // The tensor type of the literal just read: unknown dimensions replaced.
  Type found_type(const Type& type) const;
  bool finish_packed(const Type& type, Value& value);

  Lexer& lexer_;
  std::vector<std::byte> scratch_;
  std::size_t scratch_size_ = 0;
  // Of the literal being read, one for each level of brackets; -1 until seen.
  std::vector<std::int64_t> found_dims_;
};

}  // namespace anebench::mil
