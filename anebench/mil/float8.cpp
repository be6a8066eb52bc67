#include "anebench/mil/float8.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace anebench::mil {
namespace {

struct Format {
  int fraction_bits;
  int bias;
  double largest;
  std::uint8_t largest_bits;
  std::uint8_t nan_bits;
};

constexpr Format kE4M3Fn = {3, 7, 448.0, 0x7e, 0x7f};
constexpr Format kE5M2 = {2, 15, 57344.0, 0x7b, 0x7e};

double decode_magnitude(const Format& format, std::uint8_t magnitude) {
  const int exponent = magnitude >> format.fraction_bits;
  const int fraction = magnitude & ((1 << format.fraction_bits) - 1);
  const int significand = exponent == 0 ? fraction : fraction + (1 << format.fraction_bits);
  return std::ldexp(significand, std::max(exponent, 1) - format.bias - format.fraction_bits);
}

std::uint8_t encode(const Format& format, double value) {
  const auto sign = static_cast<std::uint8_t>(std::signbit(value) ? 0x80 : 0);
  if (std::isnan(value)) return static_cast<std::uint8_t>(sign | format.nan_bits);
  const double magnitude = std::fabs(value);
  if (magnitude >= format.largest) return static_cast<std::uint8_t>(sign | format.largest_bits);
  if (magnitude == 0) return sign;
  const int exponent = std::max(std::ilogb(magnitude), 1 - format.bias);
  // In units of the last place; nearbyint rounds half to even in the default mode.
  const auto units =
      static_cast<int>(std::nearbyint(std::ldexp(magnitude, format.fraction_bits - exponent)));
  // A carry into the next binade moves the exponent field by itself.
  const int field = ((exponent + format.bias - 1) << format.fraction_bits) + units;
  const int bits = std::min<int>(field, format.largest_bits);
  return static_cast<std::uint8_t>(sign | bits);
}

}  // namespace

double float8_e4m3fn_to_double(std::uint8_t bits) {
  const auto magnitude = static_cast<std::uint8_t>(bits & 0x7f);
  const double value = magnitude == 0x7f ? std::nan("") : decode_magnitude(kE4M3Fn, magnitude);
  return (bits & 0x80) != 0 ? -value : value;
}

std::uint8_t float8_e4m3fn_from_double(double value) { return encode(kE4M3Fn, value); }

double float8_e5m2_to_double(std::uint8_t bits) {
  const auto magnitude = static_cast<std::uint8_t>(bits & 0x7f);
  double value = decode_magnitude(kE5M2, magnitude);
  if (magnitude == 0x7c) value = HUGE_VAL;
  if (magnitude > 0x7c) value = std::nan("");
  return (bits & 0x80) != 0 ? -value : value;
}

std::uint8_t float8_e5m2_from_double(double value) { return encode(kE5M2, value); }

std::uint16_t bfloat16_from_double(double value) {
  const auto sign = static_cast<std::uint16_t>(std::signbit(value) ? 0x8000 : 0);
  if (std::isnan(value)) return static_cast<std::uint16_t>(sign | 0x7fc0);
  const double magnitude = std::fabs(value);
  // The largest finite bf16 is (2 - 2^-7)·2^127; half a unit above it rounds to infinity.
  if (magnitude >= 0x1.ffp+127) return static_cast<std::uint16_t>(sign | 0x7f80);
  if (magnitude == 0) return sign;
  const int exponent = std::max(std::ilogb(magnitude), -126);
  const auto units = static_cast<int>(std::nearbyint(std::ldexp(magnitude, 7 - exponent)));
  return static_cast<std::uint16_t>(sign | (((exponent + 126) << 7) + units));
}

}  // namespace anebench::mil
