#include "anebench/base/half.h"

#include <cmath>
#include <cstddef>

#if defined(__aarch64__)
#include <arm_neon.h>
#elif defined(__x86_64__)
#include <immintrin.h>
#endif

namespace anebench {
namespace {

// Rounds a finite, non-negative binary64 pattern to fp16. Working from the double covers float
// sources too, since every float is a double exactly.
std::uint16_t magnitude_to_half(std::uint64_t magnitude) {
  const int exponent = static_cast<int>(magnitude >> 52) - 1023;
  if (exponent >= 16) return kHalfInfinity;
  if (exponent < -25) return 0;  // below half of the smallest subnormal, 2^-24
  const std::uint64_t significand = (magnitude & ((1ULL << 52) - 1)) | (1ULL << 52);
  // Bits dropped from the 53-bit significand: 42 for normal results, more for subnormal ones.
  const int drop = exponent >= -14 ? 42 : 42 + (-14 - exponent);
  const std::uint64_t kept = significand >> drop;
  const std::uint64_t rest = significand & ((1ULL << drop) - 1);
  const std::uint64_t tie = 1ULL << (drop - 1);
  const std::uint64_t rounded = kept + ((rest > tie || (rest == tie && (kept & 1) != 0)) ? 1 : 0);
  // A carry out of the significand moves into the exponent field by itself, up to infinity.
  if (exponent < -14) return static_cast<std::uint16_t>(rounded);
  return static_cast<std::uint16_t>((static_cast<std::uint64_t>(exponent + 15) << 10) +
                                    (rounded - (1ULL << 10)));
}

}  // namespace

std::uint16_t half_from_double(double value) {
  const std::uint64_t bits = std::bit_cast<std::uint64_t>(value);
  const auto sign = static_cast<std::uint16_t>((bits >> 48) & 0x8000u);
  const std::uint64_t magnitude = bits & ~(1ULL << 63);
  if (magnitude >= (0x7ffULL << 52)) {
    if (magnitude == (0x7ffULL << 52)) return static_cast<std::uint16_t>(sign | kHalfInfinity);
    const auto payload = static_cast<std::uint16_t>((magnitude >> 42) & 0x3ffu);
    return static_cast<std::uint16_t>(sign | 0x7e00u | payload);
  }
  return static_cast<std::uint16_t>(sign | magnitude_to_half(magnitude));
}

std::uint16_t half_from_float(float value) { return half_from_double(static_cast<double>(value)); }

float half_to_float(std::uint16_t bits) {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000u) << 16;
  const std::uint32_t exponent = (bits >> 10) & 0x1fu;
  const std::uint32_t fraction = bits & 0x3ffu;
  if (exponent == 0x1f) {
    const std::uint32_t quiet = fraction != 0 ? 0x400000u : 0u;
    return std::bit_cast<float>(sign | 0x7f800000u | quiet | (fraction << 13));
  }
  if (exponent != 0) {
    return std::bit_cast<float>(sign | ((exponent + 112) << 23) | (fraction << 13));
  }
  const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
  return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(magnitude));
}

#if defined(__x86_64__)
namespace {
__attribute__((target("avx,f16c"))) std::size_t halves_from_floats_f16c(
    std::span<const float> in, std::span<std::uint16_t> out) {
  std::size_t i = 0;
  for (; i + 8 <= in.size(); i += 8) {
    const __m128i halves =
        _mm256_cvtps_ph(_mm256_loadu_ps(in.data() + i), _MM_FROUND_TO_NEAREST_INT);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out.data() + i), halves);
  }
  return i;
}
__attribute__((target("avx,f16c"))) std::size_t floats_from_halves_f16c(
    std::span<const std::uint16_t> in, std::span<float> out) {
  std::size_t i = 0;
  for (; i + 8 <= in.size(); i += 8) {
    const __m128i halves = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in.data() + i));
    _mm256_storeu_ps(out.data() + i, _mm256_cvtph_ps(halves));
  }
  return i;
}
bool has_f16c() {
  static const bool has = __builtin_cpu_supports("avx") != 0 && __builtin_cpu_supports("f16c") != 0;
  return has;
}
}  // namespace
#elif defined(__aarch64__)
namespace {
std::size_t halves_from_floats_neon(std::span<const float> in, std::span<std::uint16_t> out) {
  std::size_t i = 0;
  for (; i + 4 <= in.size(); i += 4) {
    vst1_u16(out.data() + i, vreinterpret_u16_f16(vcvt_f16_f32(vld1q_f32(in.data() + i))));
  }
  return i;
}
std::size_t floats_from_halves_neon(std::span<const std::uint16_t> in, std::span<float> out) {
  std::size_t i = 0;
  for (; i + 4 <= in.size(); i += 4) {
    vst1q_f32(out.data() + i, vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(in.data() + i))));
  }
  return i;
}
}  // namespace
#endif

void halves_from_floats(std::span<const float> in, std::span<std::uint16_t> out) {
  std::size_t i = 0;
#if defined(__x86_64__)
  if (has_f16c()) i = halves_from_floats_f16c(in, out);
#elif defined(__aarch64__)
  i = halves_from_floats_neon(in, out);
#endif
  for (; i < in.size(); ++i) out[i] = half_from_float(in[i]);
}

void floats_from_halves(std::span<const std::uint16_t> in, std::span<float> out) {
  std::size_t i = 0;
#if defined(__x86_64__)
  if (has_f16c()) i = floats_from_halves_f16c(in, out);
#elif defined(__aarch64__)
  i = floats_from_halves_neon(in, out);
#endif
  for (; i < in.size(); ++i) out[i] = half_to_float(in[i]);
}

double half_ulp(double value) {
  const double magnitude = std::fabs(value);
  if (!(magnitude >= 0x1p-14)) return 0x1p-24;
  return std::ldexp(1.0, std::ilogb(magnitude) - 10);
}

}  // namespace anebench
