// From int32 sums to outputs, exactly as spec'd in conv1x1.h, in plain loops over the positions of
// a tile that every compiler vectorizes. For kernel files only: everything has internal linkage.
//
// Rounding to fp16 is done by adding and taking away a "magic" number: with m = 1.5 * 2^(p - 11) *
// 2^e in a format of p significant bits, and |v| in [2^e, 2^(e+1)), v + m has a last place worth
// 2^(e - 10), so (v + m) - m is v rounded to 11 significant bits, ties to even. For doubles
// p - 11 = 42, for floats 13; e is held at -14 or above, where fp16 becomes fixed point.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace anebench::kernels {
namespace {

constexpr std::size_t kLanes = 32;  // positions of a tile

[[maybe_unused]] inline double double_of(std::uint64_t bits) {
  double value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}
[[maybe_unused]] inline std::uint64_t bits_of(double value) {
  std::uint64_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}
[[maybe_unused]] inline float float_of(std::uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}
[[maybe_unused]] inline std::uint32_t bits_of(float value) {
  std::uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

// The double nearest to v in fp16: ties to even, subnormals kept, infinity from 65520 up. v may be
// anything, NaN included.
[[maybe_unused]] inline double rounded_to_half(double v) {
  constexpr std::uint64_t kExponentMask = 0x7ff0000000000000U;
  constexpr std::uint64_t kSmallest = 0x3f10000000000000U;  // 2^-14
  constexpr std::uint64_t kLargest = 0x4100000000000000U;   // 2^17: beyond all fp16 numbers
  std::uint64_t exponent = bits_of(v) & kExponentMask;
  exponent = exponent < kSmallest ? kSmallest : exponent;
  exponent = exponent > kLargest ? kLargest : exponent;
  const double magic = double_of(exponent) * 0x1.8p42;
  const double rounded = (v + magic) - magic;
  // Values that are not below 2^17 are returned as they are, to become infinite or stay NaN.
  const double kept = exponent < kLargest ? rounded : v;
  // -0 + magic - magic is +0: give the sign back.
  const double infinite = double_of((bits_of(v) & 0x8000000000000000U) | kExponentMask);
  const double magnitude = double_of(bits_of(kept) & 0x7fffffffffffffffU);
  const double result = magnitude > 65504.0 ? infinite : kept;
  return double_of((bits_of(result) & 0x7fffffffffffffffU) | (bits_of(v) & 0x8000000000000000U));
}

// a + b rounded to odd: exact, or the neighbour with an odd last bit, so that a later rounding to
// fewer bits sees the right side of a tie.
[[maybe_unused]] inline double sum_to_odd(double a, double b) {
  const double sum = a + b;
  const double b_part = sum - a;
  const double error = (a - (sum - b_part)) + (b - b_part);
  const std::uint64_t bits = bits_of(sum);
  const bool away = (error > 0) == (sum > 0);
  const std::uint64_t step = away ? 1U : ~std::uint64_t{0};
  const bool adjust = error != 0 && (bits & 1U) == 0;
  return double_of(bits + (adjust ? step : 0U));
}

struct ExactChannel {
  double scale;
  double bias;
  bool has_bias;
  bool relu;
};

// y of kLanes positions, as doubles.
[[maybe_unused]] inline void exact_outputs(const std::int32_t* acc, const ExactChannel& channel,
                                           double* y) {
  const double scale = channel.scale;
  for (std::size_t p = 0; p < kLanes; ++p) y[p] = static_cast<double>(acc[p]) * scale;
  if (channel.has_bias) {
    const double bias = channel.bias;
    for (std::size_t p = 0; p < kLanes; ++p) y[p] = sum_to_odd(y[p], bias);
  }
  for (std::size_t p = 0; p < kLanes; ++p) y[p] = rounded_to_half(y[p]);
  if (channel.relu) {
    for (std::size_t p = 0; p < kLanes; ++p) y[p] = y[p] < 0 ? 0.0 : y[p];
  }
}

// fp16 bits of doubles that are fp16 values already.
[[maybe_unused]] inline void store_halves(const double* y, std::uint16_t* out) {
  for (std::size_t p = 0; p < kLanes; ++p) {
    const std::uint64_t bits = bits_of(y[p]);
    const auto sign = static_cast<std::uint32_t>(bits >> 48) & 0x8000U;
    const double magnitude = double_of(bits & 0x7fffffffffffffffU);
    // Subnormal fp16 numbers are their multiple of 2^-24; normal ones keep their top 10 bits.
    const auto subnormal =
        static_cast<std::int32_t>((magnitude < 0x1p-14 ? magnitude : 0.0) * 0x1p24);
    const auto exponent = static_cast<std::int32_t>((bits >> 52) & 0x7ffU) - (1023 - 15);
    const auto fraction = static_cast<std::uint32_t>(bits >> 42) & 0x3ffU;
    const std::uint32_t normal =
        (static_cast<std::uint32_t>(exponent > 31 ? 31 : exponent) << 10) | fraction;
    const std::uint32_t half = magnitude < 0x1p-14 ? static_cast<std::uint32_t>(subnormal) : normal;
    out[p] = static_cast<std::uint16_t>(sign | half);
  }
}

struct Requantization {
  double scale;
  std::int32_t zero_point;
  std::int32_t lowest;   // -128 or 0
  std::int32_t highest;  // 127 or 255
  std::int32_t offset;   // of the stored byte: 128 or 0
};

[[maybe_unused]] inline Requantization requantization(float scale, std::int32_t zero_point,
                                                      bool is_signed) {
  return {.scale = static_cast<double>(scale),
          .zero_point = zero_point,
          .lowest = is_signed ? -128 : 0,
          .highest = is_signed ? 127 : 255,
          .offset = is_signed ? 128 : 0};
}

// Bytes of one channel, to be put `kChannelGroup` apart: out[4 * p].
[[maybe_unused]] inline void store_quantized(const double* y, const Requantization& to,
                                             std::uint8_t* out) {
  std::int32_t q[kLanes];
  for (std::size_t p = 0; p < kLanes; ++p) {
    // Double division leaves no double rounding: 11 bits over 24 never come nearer than 2^-36 to a
    // tie without being one.
    double t = rounded_to_half(y[p] / to.scale);
    const bool is_number = t == t;
    t = is_number ? t : 0.0;
    t = t > 1024.0 ? 1024.0 : t;
    t = t < -1024.0 ? -1024.0 : t;
    const double nearest = (t + 0x1.8p52) - 0x1.8p52;
    std::int32_t value = static_cast<std::int32_t>(nearest) + to.zero_point;
    value = value < to.lowest ? to.lowest : value;
    value = value > to.highest ? to.highest : value;
    q[p] = (is_number ? value : 0) + to.offset;
  }
  for (std::size_t p = 0; p < kLanes; ++p) out[4 * p] = static_cast<std::uint8_t>(q[p]);
}

}  // namespace
}  // namespace anebench::kernels
