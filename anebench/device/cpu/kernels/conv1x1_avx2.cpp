// Kernels for AVX2, FMA and F16C: fp16 with float sums, and int8 by 16-bit multiply-add (vpmaddubsw
// would saturate). A tile's 32 positions are taken in two halves: 16 registers hold no more sums.
#include <immintrin.h>

#include "anebench/device/cpu/kernels/driver.h"
#include "anebench/device/cpu/kernels/tile_loops.h"

namespace anebench::kernels {
namespace {

constexpr std::size_t kInt8Width = 4;
constexpr std::size_t kF16Width = 6;
constexpr std::size_t kF16Step = 2;
constexpr std::size_t kHalfTile = 16;  // positions
constexpr int kVectors = 2;            // of 8 positions: half a tile

// relu on fp16 bits: from -smallest to -infinity becomes +0; -0 and NaN stay.
inline __m128i relu_halves(__m128i halves) {
  // 0x8001..0xfc00 as signed numbers: above -32768 and below -1023.
  const __m128i negative =
      _mm_and_si128(_mm_cmpgt_epi16(halves, _mm_set1_epi16(static_cast<short>(0x8000))),
                    _mm_cmplt_epi16(halves, _mm_set1_epi16(static_cast<short>(0xfc01))));
  return _mm_andnot_si128(negative, halves);
}

inline __m128i halves_of(__m256 values) {
  return _mm256_cvtps_ph(values, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

// See epilogue.h for the magic number.
inline __m256i quantized_steps(__m256i acc, __m256 factor) {
  const __m256 x = _mm256_mul_ps(_mm256_cvtepi32_ps(acc), factor);
  const __m256 binade = _mm256_and_ps(x, _mm256_castsi256_ps(_mm256_set1_epi32(0x7f800000)));
  const __m256 magic = _mm256_set1_ps(0x1.8p13F);
  const __m256 above = _mm256_fmadd_ps(binade, magic, x);
  return _mm256_cvtps_epi32(_mm256_fnmadd_ps(binade, magic, above));
}

// Sums of 4 channels for 16 positions from `begin` on.
inline void accumulate(const Int8Params& params, const std::uint8_t* in, const std::uint8_t* panel,
                       std::size_t channel, __m256i (&acc)[4][kVectors]) {
#pragma GCC unroll 4
  for (int m = 0; m < 4; ++m) {
#pragma GCC unroll 2
    for (int n = 0; n < kVectors; ++n) {
      acc[m][n] = _mm256_set1_epi32(params.initial[channel + static_cast<std::size_t>(m)]);
    }
  }
  const auto* weights = reinterpret_cast<const std::int32_t*>(panel);
  const __m256i low_bytes = _mm256_set1_epi16(0xff);
  for (std::size_t g = params.in_groups; g != 0; --g) {
    __m256i even[kVectors];
    __m256i odd[kVectors];
#pragma GCC unroll 2
    for (int n = 0; n < kVectors; ++n) {
      const __m256i x = _mm256_load_si256(reinterpret_cast<const __m256i*>(in + n * 32));
      even[n] = _mm256_and_si256(x, low_bytes);
      odd[n] = _mm256_srli_epi16(x, 8);
    }
#pragma GCC unroll 4
    for (int m = 0; m < 4; ++m) {
      const __m256i w_even = _mm256_set1_epi32(weights[m]);
      const __m256i w_odd = _mm256_set1_epi32(weights[4 + m]);
#pragma GCC unroll 2
      for (int n = 0; n < kVectors; ++n) {
        acc[m][n] = _mm256_add_epi32(acc[m][n], _mm256_add_epi32(_mm256_madd_epi16(even[n], w_even),
                                                                 _mm256_madd_epi16(odd[n], w_odd)));
      }
    }
    in += 4 * kLanes;
    weights += 8;
  }
}

void int8_tile(const Int8Params& params, const std::uint8_t* in_tile, const std::uint8_t* panel,
               std::size_t channel, std::size_t valid, std::uint8_t* out_tile) {
  const bool quantized = params.epilogue == Int8Epilogue::power_of_two_quantized;
  const bool fast = quantized || params.epilogue == Int8Epilogue::power_of_two_f16;
  alignas(32) std::int32_t sums[4][kLanes];
  if (!fast && valid <= kHalfTile) std::memset(sums, 0, sizeof sums);
  for (std::size_t begin = 0; begin < valid; begin += kHalfTile) {
    __m256i acc[4][kVectors];
    accumulate(params, in_tile + begin * 4, panel, channel, acc);
    if (!fast) {
#pragma GCC unroll 4
      for (int m = 0; m < 4; ++m) {
#pragma GCC unroll 2
        for (int n = 0; n < kVectors; ++n) {
          _mm256_store_si256(reinterpret_cast<__m256i*>(sums[m] + begin) + n, acc[m][n]);
        }
      }
      continue;
    }
    if (!quantized) {
#pragma GCC unroll 4
      for (int m = 0; m < 4; ++m) {
        const std::size_t c = channel + static_cast<std::size_t>(m);
        if (c >= params.out_channels) break;
        auto* const out = reinterpret_cast<__m128i*>(out_tile + (c * kLanes + begin) * 2);
        const __m256 factor = _mm256_set1_ps(params.factor[c]);
#pragma GCC unroll 2
        for (int n = 0; n < kVectors; ++n) {
          __m128i halves = halves_of(_mm256_mul_ps(_mm256_cvtepi32_ps(acc[m][n]), factor));
          if (params.relu) halves = relu_halves(halves);
          _mm_store_si128(out + n, halves);
        }
      }
      continue;
    }
    // uint8 is saturated as int8 with a zero point 128 lower.
    const __m256i zero_point = _mm256_set1_epi16(
        static_cast<short>(params.out_zero_point - (params.out_is_signed ? 0 : 128)));
    const __m256i transpose = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
#pragma GCC unroll 2
    for (int n = 0; n < kVectors; ++n) {
      __m256i steps[4];
#pragma GCC unroll 4
      for (int m = 0; m < 4; ++m) {
        const std::size_t c = channel + static_cast<std::size_t>(m);
        __m256i sum = acc[m][n];
        if (params.clamps) {
          const __m256i limit = _mm256_set1_epi32(params.acc_limit[c]);
          sum = _mm256_max_epi32(_mm256_min_epi32(sum, limit),
                                 _mm256_sub_epi32(_mm256_setzero_si256(), limit));
        }
        if (params.relu) sum = _mm256_max_epi32(sum, _mm256_setzero_si256());
        steps[m] = quantized_steps(sum, _mm256_set1_ps(params.factor[c]));
      }
      const __m256i low = _mm256_adds_epi16(_mm256_packs_epi32(steps[0], steps[1]), zero_point);
      const __m256i high = _mm256_adds_epi16(_mm256_packs_epi32(steps[2], steps[3]), zero_point);
      const __m256i bytes = _mm256_shuffle_epi8(_mm256_packs_epi16(low, high), transpose);
      _mm256_store_si256(reinterpret_cast<__m256i*>(out_tile + (channel * kLanes + begin * 4)) + n,
                         _mm256_xor_si256(bytes, _mm256_set1_epi8(static_cast<char>(0x80))));
    }
  }
  if (!fast) exact_epilogue(params, sums[0], channel, 4, out_tile);
}

// sum + bias rounded to odd (sum_to_odd() of epilogue.h, in float).
inline __m256 biased(__m256 sum, __m256 bias) {
  const __m256 total = _mm256_add_ps(sum, bias);
  const __m256 bias_part = _mm256_sub_ps(total, sum);
  const __m256 error = _mm256_add_ps(_mm256_sub_ps(sum, _mm256_sub_ps(total, bias_part)),
                                     _mm256_sub_ps(bias, bias_part));
  const __m256i bits = _mm256_castps_si256(total);
  const __m256i one = _mm256_set1_epi32(1);
  // Ordered and unequal: an infinite sum has a NaN here and is left alone.
  const __m256i inexact =
      _mm256_castps_si256(_mm256_or_ps(_mm256_cmp_ps(error, _mm256_setzero_ps(), _CMP_LT_OQ),
                                       _mm256_cmp_ps(error, _mm256_setzero_ps(), _CMP_GT_OQ)));
  const __m256i even = _mm256_cmpeq_epi32(_mm256_and_si256(bits, one), _mm256_setzero_si256());
  const __m256i step = _mm256_or_si256(
      _mm256_srai_epi32(_mm256_xor_si256(bits, _mm256_castps_si256(error)), 31), one);
  return _mm256_castsi256_ps(
      _mm256_add_epi32(bits, _mm256_and_si256(step, _mm256_and_si256(inexact, even))));
}

template <int MR>
inline void sum_f16_block(const std::uint16_t* x, const float* w, std::size_t channels,
                          __m256 (&acc)[MR][kVectors]) {
#pragma GCC unroll 6
  for (int m = 0; m < MR; ++m) {
#pragma GCC unroll 2
    for (int n = 0; n < kVectors; ++n) acc[m][n] = _mm256_setzero_ps();
  }
  for (std::size_t k = channels; k != 0; --k) {
    __m256 value[kVectors];
#pragma GCC unroll 2
    for (int n = 0; n < kVectors; ++n) {
      value[n] = _mm256_cvtph_ps(_mm_load_si128(reinterpret_cast<const __m128i*>(x) + n));
    }
#pragma GCC unroll 6
    for (int m = 0; m < MR; ++m) {
      const __m256 weight = _mm256_broadcast_ss(w + m);
#pragma GCC unroll 2
      for (int n = 0; n < kVectors; ++n) acc[m][n] = _mm256_fmadd_ps(value[n], weight, acc[m][n]);
    }
    x += kLanes;
    w += MR;
  }
}

template <int MR>
void f16_tile(const F16Params& params, const std::uint16_t* x, const float* w, std::size_t channel,
              std::size_t valid, std::uint16_t* out_tile) {
  const bool in_blocks = params.in_channels > kF16SumBlock;
  alignas(32) double sums[MR][kLanes];
  if (in_blocks) std::memset(sums, 0, sizeof sums);
  for (std::size_t begin = 0; begin < valid; begin += kHalfTile) {
    __m256 acc[MR][kVectors];
    if (in_blocks) {
      for (std::size_t k = 0; k < params.in_channels; k += kF16SumBlock) {
        const std::size_t left = params.in_channels - k;
        sum_f16_block<MR>(x + k * kLanes + begin, w + k * MR,
                          left < kF16SumBlock ? left : kF16SumBlock, acc);
#pragma GCC unroll 6
        for (int m = 0; m < MR; ++m) {
#pragma GCC unroll 2
          for (int n = 0; n < kVectors; ++n) {
            double* const to = sums[m] + begin + n * 8;
            const __m256d low = _mm256_cvtps_pd(_mm256_castps256_ps128(acc[m][n]));
            const __m256d high = _mm256_cvtps_pd(_mm256_extractf128_ps(acc[m][n], 1));
            _mm256_store_pd(to, _mm256_add_pd(_mm256_load_pd(to), low));
            _mm256_store_pd(to + 4, _mm256_add_pd(_mm256_load_pd(to + 4), high));
          }
        }
      }
      continue;
    }
    sum_f16_block<MR>(x + begin, w, params.in_channels, acc);
#pragma GCC unroll 6
    for (int m = 0; m < MR; ++m) {
      const std::size_t c = channel + static_cast<std::size_t>(m);
      if (c >= params.out_channels) break;
      const __m256 bias = _mm256_set1_ps(params.bias[c]);
      auto* const out = reinterpret_cast<__m128i*>(out_tile + c * kLanes + begin);
#pragma GCC unroll 2
      for (int n = 0; n < kVectors; ++n) {
        __m128i halves = halves_of(params.has_bias ? biased(acc[m][n], bias) : acc[m][n]);
        if (params.relu) halves = relu_halves(halves);
        _mm_store_si128(out + n, halves);
      }
    }
  }
  if (!in_blocks) return;
  for (std::size_t m = 0; m < MR && channel + m < params.out_channels; ++m) {
    finish_f16_row(sums[m], static_cast<double>(params.bias[channel + m]), params.has_bias,
                   params.relu, out_tile + (channel + m) * kLanes);
  }
}

struct Avx2Halves {
  static void widen(const std::uint16_t* in, float* out) {
    for (std::size_t p = 0; p < kLanes; p += 8) {
      _mm256_storeu_ps(out + p,
                       _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(in + p))));
    }
  }
  static void narrow(const float* in, std::uint16_t* out) {
    for (std::size_t p = 0; p < kLanes; p += 8) {
      _mm_storeu_si128(reinterpret_cast<__m128i*>(out + p), halves_of(_mm256_loadu_ps(in + p)));
    }
  }
};

}  // namespace

void run_int8_avx2(const Int8Params& params, const std::uint8_t* in, void* out,
                   std::size_t positions, std::size_t first_panel, std::size_t panel_count) {
  for_each_tile_and_panel(
      positions, first_panel, panel_count, params.panel_bytes,
      [&](std::size_t tile, std::size_t valid, std::size_t panel) {
        int8_tile(params, in + tile * params.in_tile_bytes,
                  params.weights + panel * params.panel_bytes, panel * kInt8Width, valid,
                  static_cast<std::uint8_t*>(out) + tile * params.out_tile_bytes);
      });
}

void run_f16_avx2(const F16Params& params, const std::uint16_t* in, std::uint16_t* out,
                  std::size_t positions, std::size_t first_panel, std::size_t panel_count) {
  for_each_tile_and_panel(
      positions, first_panel, panel_count, params.panel_bytes,
      [&](std::size_t tile, std::size_t valid, std::size_t panel) {
        const std::uint16_t* x = in + tile * (params.in_tile_bytes / 2);
        const float* w = params.weights + panel * (params.panel_bytes / sizeof(float));
        std::uint16_t* y = out + tile * (params.out_tile_bytes / 2);
        const std::size_t channel = panel * kF16Width;
        const std::size_t width = width_of_panel(params.out_channels, channel, kF16Width, kF16Step);
        if (width == 6) {
          f16_tile<6>(params, x, w, channel, valid, y);
        } else if (width == 4) {
          f16_tile<4>(params, x, w, channel, valid, y);
        } else {
          f16_tile<2>(params, x, w, channel, valid, y);
        }
      });
}

ANEBENCH_DEFINE_TILE_FUNCTIONS(kAvx2Tiles, Avx2Halves);

}  // namespace anebench::kernels
