// The exact path of reading numbers: decimals of any length to the leading bits of their binary
// value, and binary values rounded to doubles. Pure functions, for number_text.cpp.
#pragma once

#include <cstdint>
#include <string_view>

namespace anebench::mil {

// mantissa · 2^exponent, and a little more where has_rest (less than one unit of the mantissa).
struct BinaryNumber {
  std::uint64_t mantissa = 0;
  std::int64_t exponent = 0;
  bool has_rest = false;
};

// `digits` (decimal digits with at most one point, which is ignored) times 10^exponent. The result
// has 64 significant bits.
BinaryNumber wide_decimal(std::string_view digits, std::int64_t exponent);

// To the nearest double, ties to even, or to odd (the last bit becomes one where anything is lost).
// The mantissa has at least 61 significant bits wherever has_rest holds.
double round_binary(const BinaryNumber& number, bool to_odd);

}  // namespace anebench::mil
