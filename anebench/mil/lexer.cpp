#include "anebench/mil/lexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <utility>

namespace anebench::mil {
namespace {

// What a character may be in an identifier.
constexpr std::uint8_t kOther = 0;      // no part of one
constexpr std::uint8_t kDigitOrAt = 1;  // not the first
constexpr std::uint8_t kLetter = 2;     // anywhere

constexpr std::array<std::uint8_t, 256> kClasses = [] {
  std::array<std::uint8_t, 256> classes{};
  for (std::size_t c = 'a'; c <= 'z'; ++c) classes[c] = kLetter;
  for (std::size_t c = 'A'; c <= 'Z'; ++c) classes[c] = kLetter;
  for (std::size_t c = '0'; c <= '9'; ++c) classes[c] = kDigitOrAt;
  classes['_'] = kLetter;
  classes['@'] = kDigitOrAt;
  return classes;
}();

std::uint8_t class_of(char c) { return kClasses[static_cast<unsigned char>(c)]; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

const char* identifier_end(const char* p, const char* end) {
  if (p == end || class_of(*p) != kLetter) return p;
  while (p != end && class_of(*p) != kOther) ++p;
  return p;
}

// Longest piece of the text that a message repeats.
constexpr std::size_t kQuotedLength = 40;

}  // namespace

bool is_identifier(std::string_view text) {
  return !text.empty() &&
         identifier_end(text.data(), text.data() + text.size()) == text.data() + text.size();
}

Lexer::Lexer(std::string_view text)
    // memchr wants a pointer even to nothing.
    : begin_(text.empty() ? "" : text.data()),
      end_(begin_ + text.size()),
      cursor_(begin_),
      line_begin_(begin_) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) cursor_ += kByteOrderMark.size();
}

bool Lexer::skip_comment() {
  const char* const start = cursor_;
  if (remaining() < 2) return false;
  if (start[1] == '/') {
    const void* newline = std::memchr(cursor_, '\n', remaining());
    cursor_ = newline == nullptr ? end_ : static_cast<const char*>(newline);
    return true;
  }
  if (start[1] != '*') return false;
  cursor_ += 2;
  while (const void* star = std::memchr(cursor_, '*', remaining())) {
    cursor_ = static_cast<const char*>(star) + 1;
    if (cursor_ != end_ && *cursor_ == '/') {
      ++cursor_;
      return true;
    }
  }
  cursor_ = end_;
  return fail_at(start, "expected \"*/\" after this comment's begin, found the end of the text");
}

bool Lexer::accept_arrow() {
  skip_space();
  if (remaining() < 2 || cursor_[0] != '-' || cursor_[1] != '>') return false;
  cursor_ += 2;
  return true;
}

bool Lexer::expect_arrow(std::string_view what) {
  return accept_arrow() || fail_expected(fmt::format("'->' {}", what));
}

bool Lexer::expect_word(std::string_view word) {
  const char* const start = mark();
  if (read_identifier() == word) return true;
  rewind(start);
  return fail_expected(fmt::format("'{}'", word));
}

std::string_view Lexer::read_identifier() {
  skip_space();
  const char* const start = cursor_;
  cursor_ = identifier_end(cursor_, end_);
  return {start, static_cast<std::size_t>(cursor_ - start)};
}

bool Lexer::expect_identifier(std::string_view& name, std::string_view what) {
  name = read_identifier();
  return !name.empty() || fail_expected(what);
}

bool Lexer::expect_string(std::string& text) {
  const char* const open = mark();
  if (!accept('"')) return fail_expected("a string in quotes");
  const char* const quote = static_cast<const char*>(std::memchr(cursor_, '"', remaining()));
  // Nearly all strings hold no escape, and are one copy.
  if (quote != nullptr &&
      std::memchr(cursor_, '\\', static_cast<std::size_t>(quote - cursor_)) == nullptr) {
    text.assign(cursor_, quote);
    cursor_ = quote + 1;
    return true;
  }
  text.clear();
  while (cursor_ != end_) {
    const char c = *cursor_;
    if (c == '"') {
      ++cursor_;
      return true;
    }
    if (c == '\\') {
      if (end_ - cursor_ < 2) break;
      if (!append_escape(cursor_, text)) return false;
      cursor_ += 2;
    } else {
      text += c;
      ++cursor_;
    }
  }
  return fail_at(open, "expected a closing '\"' for this string, found the end of the text");
}

bool Lexer::append_escape(const char* backslash, std::string& text) {
  constexpr std::string_view kLetters = "\\\"ntr";
  constexpr std::string_view kMeanings = "\\\"\n\t\r";
  const std::size_t index = kLetters.find(backslash[1]);
  if (index == std::string_view::npos) {
    return fail_at(backslash,
                   "expected one of the escapes \\\\ \\\" \\n \\t \\r in the string, found "
                   "another character after the backslash");
  }
  text += kMeanings[index];
  return true;
}

bool Lexer::expect_integer(bool& is_negative, std::uint64_t& magnitude, std::string_view what) {
  const char* const start = mark();
  const char* p = start;
  is_negative = p != end_ && *p == '-';
  if (is_negative) ++p;
  if (p == end_ || !is_digit(*p)) return fail_expected(what);
  constexpr std::uint64_t kLargest = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t sum = 0;
  for (; p != end_ && is_digit(*p); ++p) {
    const auto digit = static_cast<std::uint64_t>(*p - '0');
    // Below this, another digit cannot overflow.
    if (sum >= kLargest / 10 && (sum > kLargest / 10 || digit > kLargest % 10)) {
      return fail_at(start, fmt::format("expected {}, found a number beyond 64 bits", what));
    }
    sum = sum * 10 + digit;
  }
  if (p != end_ && (class_of(*p) != kOther || *p == '.')) return fail_expected(what);
  magnitude = sum;
  cursor_ = p;
  return true;
}

bool Lexer::expect_real(RealRounding rounding, double& value) {
  skip_space();
  const char* const after = read_real(cursor_, end_, rounding, value);
  if (after == nullptr || (after != end_ && (class_of(*after) != kOther || *after == '.'))) {
    return fail_expected("a number");
  }
  cursor_ = after;
  return true;
}

std::string_view Lexer::read_version() {
  skip_space();
  const char* const start = cursor_;
  while (cursor_ != end_ && (is_digit(*cursor_) || *cursor_ == '.')) ++cursor_;
  return {start, static_cast<std::size_t>(cursor_ - start)};
}

bool Lexer::fail_expected(std::string_view expected) {
  const char* const where = mark();
  return fail_at(where, fmt::format("expected {}, found {}", expected, describe_next()));
}

bool Lexer::fail_expected_char(char c, std::string_view what) {
  return fail_expected(fmt::format("'{}' {}", c, what));
}

bool Lexer::fail_at(const char* where, std::string message) {
  if (!error_) error_ = Failure{where, std::move(message)};
  return false;
}

std::string Lexer::describe_next() {
  if (at_end()) return "the end of the text";
  const auto first = static_cast<unsigned char>(*cursor_);
  if (first == '"') return "a string";
  if (first < 0x20 || first >= 0x7f) return fmt::format("the byte 0x{:02x}", first);
  // A word or a number is shown whole, anything else as one character.
  const char* p = cursor_;
  if (*p == '-') ++p;
  while (p != end_ && (class_of(*p) != kOther || *p == '.')) ++p;
  std::size_t length = std::max<std::size_t>(static_cast<std::size_t>(p - cursor_), 1);
  const bool is_cut = length > kQuotedLength;
  length = std::min(length, kQuotedLength);
  return fmt::format("'{}{}'", std::string_view(cursor_, length), is_cut ? "..." : "");
}

Error Lexer::error() const {
  Lexer from_start(std::string_view(begin_, static_cast<std::size_t>(end_ - begin_)));
  const SourceLocation place = from_start.location(error_->where);
  return Error(ErrorCode::parse_error,
               fmt::format("line {}, column {}: {}", place.line, place.column, error_->message));
}

SourceLocation Lexer::location(const char* where) {
  while (true) {
    const void* newline =
        std::memchr(line_begin_, '\n', static_cast<std::size_t>(where - line_begin_));
    if (newline == nullptr) break;
    line_begin_ = static_cast<const char*>(newline) + 1;
    ++line_;
  }
  const auto column = static_cast<std::size_t>(where - line_begin_) + 1;
  constexpr std::size_t kLargest = std::numeric_limits<std::uint32_t>::max();
  return {line_, static_cast<std::uint32_t>(std::min(column, kLargest))};
}

}  // namespace anebench::mil
