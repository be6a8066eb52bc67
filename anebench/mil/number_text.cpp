#include "anebench/mil/number_text.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string_view>

#include "anebench/mil/wide_decimal.h"

namespace anebench::mil {
namespace {

constexpr int kFractionBits = 52;
constexpr int kLargestExponent = 1023;
constexpr int kSmallestExponent = -1022;
constexpr std::uint64_t kInfinityBits = 0x7ffULL << kFractionBits;

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 99;
}

// Reads "[+-]digits" after an exponent letter. Exponents beyond any use are cut off.
const char* read_exponent(const char* p, const char* end, std::int64_t& exponent) {
  bool is_negative = false;
  if (p != end && (*p == '+' || *p == '-')) is_negative = *p++ == '-';
  if (p == end || digit_value(*p) > 9) return nullptr;
  std::int64_t magnitude = 0;
  for (; p != end && digit_value(*p) <= 9; ++p) {
    if (magnitude < 1'000'000'000'000) magnitude = magnitude * 10 + digit_value(*p);
  }
  exponent = is_negative ? -magnitude : magnitude;
  return p;
}

const char* read_hex(const char* p, const char* end, RealRounding rounding, double& value) {
  std::uint64_t mantissa = 0;
  std::int64_t exponent = 0;
  bool has_digits = false;
  bool has_rest = false;
  bool after_point = false;
  for (; p != end; ++p) {
    if (*p == '.' && !after_point) {
      after_point = true;
      continue;
    }
    const int digit = digit_value(*p);
    if (digit > 15) break;
    has_digits = true;
    if (mantissa >> 60 == 0) {
      mantissa = mantissa << 4 | static_cast<std::uint64_t>(digit);
      if (after_point) exponent -= 4;
    } else {
      has_rest = has_rest || digit != 0;
      if (!after_point) exponent += 4;
    }
  }
  if (!has_digits) return nullptr;
  if (p != end && (*p == 'p' || *p == 'P')) {
    std::int64_t written = 0;
    p = read_exponent(p + 1, end, written);
    if (p == nullptr) return nullptr;
    exponent += written;
  }
  value = round_binary({mantissa, exponent, has_rest}, rounding == RealRounding::odd);
  return p;
}

// 10^0 … 10^22 are doubles exactly.
constexpr std::array<double, 23> kPowersOfTen = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                 1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

// Clinger's fast path: both operands are exact, so one operation rounds once. False where the
// operands do not fit, or where rounding to odd would need more than the nearest double.
bool fast_decimal(std::uint64_t digits, std::int64_t exponent, RealRounding rounding,
                  double& value) {
  if (digits >> 53 != 0 || exponent < -22 || exponent > 22) return false;
  const auto mantissa = static_cast<double>(digits);
  const double power = kPowersOfTen[static_cast<std::size_t>(std::abs(exponent))];
  value = exponent < 0 ? mantissa / power : mantissa * power;
  if (exponent == 0 || rounding == RealRounding::nearest) return true;
  // A narrower format rounds the nearest double as it would the exact number, unless the double
  // lies on a boundary between two of its numbers; those have at least 26 trailing zero bits.
  if ((std::bit_cast<std::uint64_t>(value) & ((1ULL << 26) - 1)) != 0) return true;
  return (exponent < 0 ? std::fma(value, power, -mantissa) : std::fma(mantissa, power, -value)) ==
         0;
}

const char* read_decimal(const char* p, const char* end, RealRounding rounding, double& value) {
  const char* const begin = p;
  std::uint64_t digits = 0;
  std::int64_t exponent = 0;
  int significant = 0;
  bool has_digits = false;
  bool after_point = false;
  for (; p != end; ++p) {
    if (*p == '.' && !after_point) {
      after_point = true;
      continue;
    }
    const int digit = digit_value(*p);
    if (digit > 9) break;
    has_digits = true;
    if (after_point) --exponent;
    if (significant != 0 || digit != 0) ++significant;
    if (significant <= 19) digits = digits * 10 + static_cast<std::uint64_t>(digit);
  }
  if (!has_digits) return nullptr;
  const char* const digits_end = p;
  if (p != end && (*p == 'e' || *p == 'E')) {
    std::int64_t written = 0;
    p = read_exponent(p + 1, end, written);
    if (p == nullptr) return nullptr;
    exponent += written;
  }
  if (significant <= 19 && fast_decimal(digits, exponent, rounding, value)) return p;
  const std::string_view text(begin, static_cast<std::size_t>(digits_end - begin));
  value = round_binary(wide_decimal(text, exponent), rounding == RealRounding::odd);
  return p;
}

bool starts_with(const char* p, const char* end, std::string_view word) {
  return static_cast<std::size_t>(end - p) >= word.size() &&
         std::memcmp(p, word.data(), word.size()) == 0;
}

char* append(std::string_view text, char* out) { return std::copy(text.begin(), text.end(), out); }

}  // namespace

double round_binary(const BinaryNumber& number, bool to_odd) {
  if (number.mantissa == 0) return 0;
  const int shift = std::countl_zero(number.mantissa);
  const std::uint64_t mantissa = number.mantissa << shift;
  // Of the leading bit.
  const std::int64_t exponent = number.exponent - shift + 63;
  if (exponent > kLargestExponent) return std::numeric_limits<double>::infinity();
  const bool is_normal = exponent >= kSmallestExponent;
  const std::int64_t drop = is_normal ? 11 : 11 + (kSmallestExponent - exponent);
  std::uint64_t kept = 0;
  bool is_more_than_half = false;
  bool is_half = false;
  bool has_rest = true;
  if (drop <= 64) {
    kept = drop == 64 ? 0 : mantissa >> drop;
    const std::uint64_t rest = drop == 64 ? mantissa : mantissa & ((1ULL << drop) - 1);
    const std::uint64_t half = 1ULL << (drop - 1);
    has_rest = rest != 0 || number.has_rest;
    is_more_than_half = rest > half || (rest == half && number.has_rest);
    is_half = rest == half;
  }
  if (to_odd) {
    kept |= has_rest ? 1 : 0;
  } else if (is_more_than_half || (is_half && (kept & 1) != 0)) {
    ++kept;
  }
  // `kept` still holds the leading bit, which adds one to the exponent field, as does a carry.
  const std::uint64_t field =
      is_normal ? static_cast<std::uint64_t>(exponent - kSmallestExponent) << kFractionBits : 0;
  return std::bit_cast<double>(field + kept);
}

const char* read_real(const char* begin, const char* end, RealRounding rounding, double& value) {
  const char* p = begin;
  const bool is_negative = p != end && *p == '-';
  if (is_negative) ++p;
  if (p == end) return nullptr;
  const char* after = nullptr;
  if (*p == 'i' || *p == 'n') {
    const bool is_infinity = starts_with(p, end, "inf");
    if (!is_infinity && !starts_with(p, end, "nan")) return nullptr;
    value = is_infinity ? std::numeric_limits<double>::infinity()
                        : std::numeric_limits<double>::quiet_NaN();
    after = p + 3;
  } else if (end - p > 2 && p[0] == '0' && (p[1] == 'x' || p[1] == 'X')) {
    after = read_hex(p + 2, end, rounding, value);
  } else {
    after = read_decimal(p, end, rounding, value);
  }
  if (is_negative) value = -value;
  return after;
}

char* write_real(double value, char* out) {
  const std::uint64_t bits = std::bit_cast<std::uint64_t>(value);
  if (bits >> 63 != 0) *out++ = '-';
  const std::uint64_t magnitude = bits & ~(1ULL << 63);
  if (magnitude >= kInfinityBits) {
    return append(magnitude == kInfinityBits ? "inf" : "nan", out);
  }
  if (magnitude == 0) {
    return append("0x0p+0", out);
  }
  int exponent = static_cast<int>(magnitude >> kFractionBits) - 1023;
  std::uint64_t fraction = magnitude << 12;  // from the top bit down
  if (exponent < kSmallestExponent) {
    const int shift = std::countl_zero(fraction) + 1;
    exponent = kSmallestExponent - shift;
    fraction = shift == 64 ? 0 : fraction << shift;
  }
  out = append("0x1", out);
  if (fraction != 0) *out++ = '.';
  for (; fraction != 0; fraction <<= 4) *out++ = "0123456789abcdef"[fraction >> 60];
  *out++ = 'p';
  *out++ = exponent < 0 ? '-' : '+';
  return std::to_chars(out, out + 5, std::abs(exponent)).ptr;
}

}  // namespace anebench::mil
