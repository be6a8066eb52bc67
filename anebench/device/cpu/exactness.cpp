#include "anebench/device/cpu/exactness.h"

#include <fmt/format.h>

#include <algorithm>
#include <bitset>
#include <cmath>

#include "anebench/base/half.h"

namespace anebench::device::cpu {
namespace {

bool is_representable(double value) {
  return std::isfinite(value) && std::abs(value) <= kHalfMax && round_to_half(value) == value;
}

// scale = m·2^e with m odd: m·|q − z| ≤ 2048 fits fp16's 11 bits, if the exponent is in range.
// Saves the table for the scales that occur most.
bool is_exact_by_bits(double scale, std::int32_t largest_magnitude) {
  if (!std::isfinite(scale)) return false;
  if (scale == 0) return true;
  int exponent = 0;
  double mantissa = std::frexp(std::abs(scale), &exponent);
  while (mantissa != std::floor(mantissa)) {
    mantissa *= 2;
    --exponent;
  }
  const double largest = mantissa * largest_magnitude;
  // 2^-24 is fp16's smallest step.
  return largest <= 2048 && exponent >= -24 && std::ldexp(largest, exponent) <= kHalfMax;
}

bool is_channel_exact(const QuantizedWeights& weights, std::size_t channel) {
  const double scale = weights.scale(channel);
  const std::int32_t zero_point = weights.zero_point(channel);
  const std::int32_t low = weights.is_signed() ? -128 : 0;
  if (is_dequantization_exact(scale, zero_point, low, low + 255)) return true;
  // Only the integers that occur count.
  std::bitset<256> occurs;
  for (std::size_t i = 0; i < weights.elements_per_channel(); ++i) {
    occurs.set(static_cast<std::size_t>(weights.stored(channel, i) - low));
  }
  for (std::int32_t raw = 0; raw < 256; ++raw) {
    if (occurs.test(static_cast<std::size_t>(raw)) &&
        !is_representable(scale * (low + raw - zero_point))) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool is_dequantization_exact(double scale, std::int32_t zero_point, std::int32_t low,
                             std::int32_t high) {
  const std::int32_t largest = std::max(std::abs(low - zero_point), std::abs(high - zero_point));
  if (is_exact_by_bits(scale, largest)) return true;
  for (std::int32_t q = low; q <= high; ++q) {
    if (!is_representable(scale * (q - zero_point))) return false;
  }
  return true;
}

std::string inexactness(const ActivationQuantization& activation, const QuantizedWeights& weights) {
  const std::int32_t low = activation.is_signed ? -128 : 0;
  if (!is_dequantization_exact(activation.scale, activation.zero_point, low, low + 255)) {
    return fmt::format(
        "inexact_dequantize: activations of scale {:g} and zero point {} are rounded to fp16",
        activation.scale, activation.zero_point);
  }
  const bool is_uniform = weights.scales.size() == 1 && weights.zero_points.size() == 1;
  if (is_uniform &&
      is_dequantization_exact(weights.scale(0), weights.zero_point(0),
                              weights.is_signed() ? -128 : 0, weights.is_signed() ? 127 : 255)) {
    return {};
  }
  for (std::size_t o = 0; o < weights.out_channels(); ++o) {
    if (!is_channel_exact(weights, o)) {
      return fmt::format(
          "inexact_dequantize: weights of scale {:g} and zero point {} (output channel {}) are "
          "rounded to fp16",
          weights.scale(o), weights.zero_point(o), o);
    }
  }
  return {};
}

}  // namespace anebench::device::cpu
