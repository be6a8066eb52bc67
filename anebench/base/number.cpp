#include "anebench/base/number.h"

#include <charconv>
#include <system_error>

#if !defined(__cpp_lib_to_chars)  // libc++ before 20 has no from_chars for floating point
#include <locale.h>
#include <stdlib.h>

#include <cmath>
#include <string>
#if defined(__APPLE__)
#include <xlocale.h>
#endif
#endif

namespace anebench {
namespace {

template <typename T>
std::optional<T> parse_whole(std::string_view text) {
  T value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

}  // namespace

std::optional<double> parse_double(std::string_view text) {
  // Leaves out what the functions below would also take: NaN payloads, hexadecimal numbers, '+'.
  if (text.empty() || text.front() == '+' ||
      text.find_first_not_of("+-.0123456789eEinfINFaA") != std::string_view::npos) {
    return std::nullopt;
  }
#if defined(__cpp_lib_to_chars)
  return parse_whole<double>(text);
#else
  static const locale_t c_locale = newlocale(LC_ALL_MASK, "C", nullptr);
  const std::string terminated(text);
  char* end = nullptr;
  const double value = strtod_l(terminated.c_str(), &end, c_locale);
  if (end != terminated.c_str() + terminated.size()) return std::nullopt;
  // Out of range: a number with digits became infinite, or one that is not zero became zero.
  const std::string_view mantissa = text.substr(0, text.find_first_of("eE"));
  const bool has_digits = mantissa.find_first_of("123456789") != std::string_view::npos;
  if (has_digits && (std::isinf(value) || value == 0)) return std::nullopt;
  return value;
#endif
}

std::optional<std::int64_t> parse_int64(std::string_view text) {
  return parse_whole<std::int64_t>(text);
}

std::optional<std::uint64_t> parse_uint64(std::string_view text) {
  return parse_whole<std::uint64_t>(text);
}

}  // namespace anebench
