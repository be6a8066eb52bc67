// IEEE 754 binary16 ("fp16"), stored as uint16_t bit patterns.
//
// All conversions round to nearest, ties to even, keep subnormals, and turn magnitudes from 65520
// up into infinity; NaN stays NaN (quieted, sign and top payload bits kept). The scalar functions
// are portable software; the span functions use the processor's conversion instructions where it
// has them and agree with the scalar ones bit for bit.
//
// All functions are pure and thread-safe.
#pragma once

#include <bit>
#include <cstdint>
#include <span>

namespace anebench {

// The bit pattern of the fp16 nearest to `value`.
std::uint16_t half_from_float(float value);
// Rounds once, directly from double (no double rounding through float).
std::uint16_t half_from_double(double value);

// Exact.
float half_to_float(std::uint16_t bits);
inline double half_to_double(std::uint16_t bits) {
  return static_cast<double>(half_to_float(bits));
}

// out[i] = half_from_float(in[i]); both spans have the same length.
void halves_from_floats(std::span<const float> in, std::span<std::uint16_t> out);
void floats_from_halves(std::span<const std::uint16_t> in, std::span<float> out);

// The value rounded to fp16 and back.
inline double round_to_half(double value) { return half_to_double(half_from_double(value)); }

inline constexpr std::uint16_t kHalfInfinity = 0x7c00;
inline constexpr double kHalfMax = 65504.0;

// Distance between the fp16 numbers around `value` (the spacing of its binade; 2^-24 below 2^-14).
double half_ulp(double value);

}  // namespace anebench
