// The cursor under the text parser: space and comments, single tokens, and the first error with its
// line and column. Internal to the parser; not thread-safe.
//
// Every `accept_…` and `read_…` skips space and comments first. The first failure is kept; from
// then on whatever the parser does is ignored, so it only needs to return.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "anebench/base/result.h"
#include "anebench/mil/number_text.h"
#include "anebench/mil/program.h"

namespace anebench::mil {

// "[A-Za-z_][A-Za-z0-9_@]*", what MIL text can name.
bool is_identifier(std::string_view text);

class Lexer {
 public:
  // `text` must outlive the lexer.
  explicit Lexer(std::string_view text);

  // Where the next token begins.
  const char* mark() {
    skip_space();
    return cursor_;
  }
  // Back (or forth) to a mark.
  void rewind(const char* mark) { cursor_ = mark; }
  bool at_end() { return mark() == end_; }
  std::size_t remaining() const { return static_cast<std::size_t>(end_ - cursor_); }

  // The next token's first character; 0 at the end.
  char peek() {
    skip_space();
    return cursor_ == end_ ? '\0' : *cursor_;
  }
  bool accept(char c) {
    skip_space();
    if (cursor_ == end_ || *cursor_ != c) return false;
    ++cursor_;
    return true;
  }
  // "->", a token of two characters.
  bool accept_arrow();
  // `what` names the construct in the message: expect(')', "after the arguments").
  bool expect(char c, std::string_view what) { return accept(c) || fail_expected_char(c, what); }
  bool expect_arrow(std::string_view what);
  // The whole word `word`.
  bool expect_word(std::string_view word);

  // An identifier; empty where the next token is none.
  std::string_view read_identifier();
  // The same as a failure; `what` as in "the name of a function".
  bool expect_identifier(std::string_view& name, std::string_view what);
  // A string in quotes, escapes resolved.
  bool expect_string(std::string& text);
  // An integer: digits with an optional minus.
  bool expect_integer(bool& is_negative, std::uint64_t& magnitude, std::string_view what);
  bool expect_real(RealRounding rounding, double& value);
  // "1.0", "1": digits and points, as written.
  std::string_view read_version();

  // Failures return false. "expected …, found …" at the next token.
  bool fail_expected(std::string_view expected);
  // Any message at a mark.
  bool fail_at(const char* where, std::string message);

  bool has_failed() const { return error_.has_value(); }
  // Precondition: has_failed().
  Error error() const;

  // The place of a mark; marks must not go backwards from call to call.
  SourceLocation location(const char* where);

 private:
  void skip_space() {
    while (cursor_ != end_) {
      const char c = *cursor_;
      if (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
        ++cursor_;
      } else if (c == '/') {
        if (!skip_comment()) return;
      } else {
        return;
      }
    }
  }
  bool skip_comment();
  bool fail_expected_char(char c, std::string_view what);
  bool append_escape(const char* backslash, std::string& text);
  // The next token for a message: "'foo'", "the end of the text".
  std::string describe_next();

  struct Failure {
    const char* where;
    std::string message;
  };

  const char* begin_;
  const char* end_;
  const char* cursor_;
  // The line that contains the place last asked for.
  const char* line_begin_;
  std::uint32_t line_ = 1;
  std::optional<Failure> error_;
};

}  // namespace anebench::mil
