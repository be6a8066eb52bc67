// When integers may stand in for fp16: the compile-time test of quantized convolution.
//
// The reference convolves x = fp16(sx·(qx − zx)) with w = fp16(sw·(qw − zw)) as an exact sum. The
// integer kernel computes sx·sw·Σ(qx − zx)(qw − zw), which is the same number exactly where no
// dequantized operand was rounded (or overflowed) and the integer sum cannot overflow. Padded
// positions do not occur: only 1x1 convolutions without padding come here. Source: the MIL
// specification's chapter on quantized convolution. Pure functions.
#pragma once

#include <cstdint>
#include <string>

#include "anebench/device/cpu/quantized_weights.h"

namespace anebench::device::cpu {

// Scale and zero point of a dequantized activation: int8 or uint8, one scale for the tensor.
struct ActivationQuantization {
  double scale = 1;  // an fp16 number
  std::int32_t zero_point = 0;
  bool is_signed = true;
};

// Whether scale·(q − zero_point) is an fp16 number for every q in [low, high].
bool is_dequantization_exact(double scale, std::int32_t zero_point, std::int32_t low,
                             std::int32_t high);

// Empty where the integer kernel gives the reference's result in every bit; else why it does not,
// beginning with "inexact_dequantize".
std::string inexactness(const ActivationQuantization& activation, const QuantizedWeights& weights);

}  // namespace anebench::device::cpu
