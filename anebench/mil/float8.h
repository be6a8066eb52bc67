// The narrow floating-point formats beside fp16: bf16 and the two OCP 8-bit formats.
//
// Conversions round to nearest, ties to even. fp8e4m3fn has no infinity: values beyond its range
// saturate at ±448; fp8e5m2 saturates at ±57344 (the semantics documented for quantization); NaN
// stays NaN, with its sign. bf16 overflows to infinity. Source of the formats: OCP 8-bit Floating
// Point Specification 1.0. Pure functions.
#pragma once

#include <cstdint>

namespace anebench::mil {

double float8_e4m3fn_to_double(std::uint8_t bits);
std::uint8_t float8_e4m3fn_from_double(double value);
double float8_e5m2_to_double(std::uint8_t bits);
std::uint8_t float8_e5m2_from_double(double value);
// Rounds once, directly from double.
std::uint16_t bfloat16_from_double(double value);

}  // namespace anebench::mil
