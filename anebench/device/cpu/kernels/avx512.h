// What the AVX-512 kernel files share. For kernel files only: internal linkage.
//
// A register tile is MR output channels times NR vectors of 16 positions; MR = 12, NR = 2 leaves 8
// of the 32 registers for activations, one broadcast weight and temporaries, and gives each of the
// two multiply units 12 independent sums, more than their latency (4 to 5 cycles) asks for.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "anebench/device/cpu/kernels/driver.h"

namespace anebench::kernels {
namespace {

// relu on fp16 bits: everything from -smallest to -infinity becomes +0; -0 and NaN stay.
[[maybe_unused]] inline __m256i relu_halves(__m256i halves) {
  const __m256i above = _mm256_sub_epi16(halves, _mm256_set1_epi16(static_cast<short>(0x8001)));
  const __mmask16 negative =
      _mm256_cmplt_epu16_mask(above, _mm256_set1_epi16(static_cast<short>(0x7c00)));
  return _mm256_mask_mov_epi16(halves, negative, _mm256_setzero_si256());
}

// The power-of-two epilogue up to the rounded integer, in steps of s: rounds to 11 significant bits
// (y to fp16), then to the nearest integer, both ties to even. epilogue.h explains the magic
// number.
[[maybe_unused]] inline __m512i quantized_steps(__m512i acc, __m512 factor) {
  const __m512 x = _mm512_mul_ps(_mm512_cvtepi32_ps(acc), factor);
  const __m512 binade =
      _mm512_castsi512_ps(_mm512_and_si512(_mm512_castps_si512(x), _mm512_set1_epi32(0x7f800000)));
  const __m512 magic = _mm512_set1_ps(0x1.8p13F);
  const __m512 above = _mm512_fmadd_ps(binade, magic, x);
  return _mm512_cvtps_epi32(_mm512_fnmadd_ps(binade, magic, above));
}

// fp16(acc * S + b) of 16 sums, for layers that are is_simple. The exact double is rounded to odd
// in float (towards zero, the last bit set where anything was lost), which leaves the only rounding
// to the conversion to fp16.
[[maybe_unused]] inline __m256i exact_halves(__m512i acc, __m512d scale, __m512d bias) {
  __m256 odd[2];
#pragma GCC unroll 2
  for (int i = 0; i < 2; ++i) {
    const __m256i half = i == 0 ? _mm512_castsi512_si256(acc) : _mm512_extracti64x4_epi64(acc, 1);
    const __m512d exact = _mm512_add_pd(_mm512_mul_pd(_mm512_cvtepi32_pd(half), scale), bias);
    const __m256 cut = _mm512_cvt_roundpd_ps(exact, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC);
    const __mmask8 lost = _mm512_cmp_pd_mask(_mm512_cvtps_pd(cut), exact, _CMP_NEQ_UQ);
    const __m256i bits = _mm256_castps_si256(cut);
    odd[i] = _mm256_castsi256_ps(_mm256_mask_or_epi32(bits, lost, bits, _mm256_set1_epi32(1)));
  }
  return _mm512_cvtps_ph(_mm512_insertf32x8(_mm512_castps256_ps512(odd[0]), odd[1], 1),
                         _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

// rne(fp16(y / s)), for fp16 numbers; far beyond any 8-bit range where it is large, and with NaN
// (0 / 0) marked in `nan`.
[[maybe_unused]] inline __m512i exact_steps(__m256i y, __m512 s, __mmask16* nan) {
  const __m256i t = _mm512_cvtps_ph(_mm512_div_ps(_mm512_cvtph_ps(y), s),
                                    _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  // Infinities must not become the smallest integer, whatever their sign.
  const __m512 limit = _mm512_set1_ps(4096.0F);
  const __m512 value = _mm512_cvtph_ps(t);
  *nan = _mm512_cmp_ps_mask(value, value, _CMP_UNORD_Q);
  return _mm512_cvtps_epi32(
      _mm512_max_ps(_mm512_min_ps(value, limit), _mm512_sub_ps(_mm512_setzero_ps(), limit)));
}

// Four channels' steps for 16 positions to the bytes of a u8 tile. Packing works within 128-bit
// lanes, whose 16 bytes are then a 4x4 transpose away from position order.
[[maybe_unused]] inline __m512i tile_bytes(const __m512i* steps, __m512i zero_point) {
  const __m512i low = _mm512_adds_epi16(_mm512_packs_epi32(steps[0], steps[1]), zero_point);
  const __m512i high = _mm512_adds_epi16(_mm512_packs_epi32(steps[2], steps[3]), zero_point);
  const __m512i bytes = _mm512_packs_epi16(low, high);
  const __m512i transpose =
      _mm512_broadcast_i32x4(_mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
  return _mm512_xor_si512(_mm512_shuffle_epi8(bytes, transpose),
                          _mm512_set1_epi8(static_cast<char>(0x80)));
}

// Writes MR channels from `channel` on, for the first NR * 16 positions of a tile.
template <int MR, int NR>
inline void finish_int8(const Int8Params& params, __m512i (&acc)[MR][NR], std::size_t channel,
                        std::uint8_t* out_tile) {
  if (params.epilogue == Int8Epilogue::power_of_two_quantized) {
    if (params.clamps) {
#pragma GCC unroll 16
      for (int m = 0; m < MR; ++m) {
        const __m512i limit =
            _mm512_set1_epi32(params.acc_limit[channel + static_cast<std::size_t>(m)]);
#pragma GCC unroll 4
        for (int n = 0; n < NR; ++n) {
          acc[m][n] = _mm512_max_epi32(_mm512_min_epi32(acc[m][n], limit),
                                       _mm512_sub_epi32(_mm512_setzero_si512(), limit));
        }
      }
    }
    if (params.relu) {
#pragma GCC unroll 16
      for (int m = 0; m < MR; ++m) {
#pragma GCC unroll 4
        for (int n = 0; n < NR; ++n) {
          acc[m][n] = _mm512_max_epi32(acc[m][n], _mm512_setzero_si512());
        }
      }
    }
    // uint8 is saturated as int8 with a zero point 128 lower.
    const __m512i zero_point = _mm512_set1_epi16(
        static_cast<short>(params.out_zero_point - (params.out_is_signed ? 0 : 128)));
#pragma GCC unroll 4
    for (int q = 0; q < MR / 4; ++q) {
      std::uint8_t* const out = out_tile + (channel / 4 + static_cast<std::size_t>(q)) * 4 * kLanes;
#pragma GCC unroll 4
      for (int n = 0; n < NR; ++n) {
        __m512i steps[4];
#pragma GCC unroll 4
        for (int i = 0; i < 4; ++i) {
          const std::size_t c = channel + static_cast<std::size_t>(4 * q + i);
          steps[i] = quantized_steps(acc[4 * q + i][n], _mm512_set1_ps(params.factor[c]));
        }
        _mm512_store_si512(out + n * 64, tile_bytes(steps, zero_point));
      }
    }
    return;
  }
  if (params.epilogue == Int8Epilogue::power_of_two_f16) {
#pragma GCC unroll 16
    for (int m = 0; m < MR; ++m) {
      const std::size_t c = channel + static_cast<std::size_t>(m);
      if (c >= params.out_channels) break;
      const __m512 factor = _mm512_set1_ps(params.factor[c]);
#pragma GCC unroll 4
      for (int n = 0; n < NR; ++n) {
        __m256i halves = _mm512_cvtps_ph(_mm512_mul_ps(_mm512_cvtepi32_ps(acc[m][n]), factor),
                                         _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
        if (params.relu) halves = relu_halves(halves);
        _mm256_store_si256(reinterpret_cast<__m256i*>(out_tile + c * 2 * kLanes + n * 32), halves);
      }
    }
    return;
  }
  if (params.is_simple) {
    const bool quantized = params.epilogue == Int8Epilogue::exact_quantized;
    const __m512 s = _mm512_set1_ps(params.out_scale);
    const int zero = params.out_zero_point - (params.out_is_signed ? 0 : 128);
    const __m512i zero_point = _mm512_set1_epi16(static_cast<short>(zero));
    // NaN is to give 0, whatever the zero point.
    const __m512i of_nan = _mm512_set1_epi32(-params.out_zero_point);
#pragma GCC unroll 4
    for (int q = 0; q < MR / 4; ++q) {
      std::uint8_t* const out = out_tile + (channel / 4 + static_cast<std::size_t>(q)) * 4 * kLanes;
#pragma GCC unroll 4
      for (int n = 0; n < NR; ++n) {
        __m512i steps[4];
#pragma GCC unroll 4
        for (int i = 0; i < 4; ++i) {
          const std::size_t c = channel + static_cast<std::size_t>(4 * q + i);
          __m256i halves = exact_halves(acc[4 * q + i][n], _mm512_set1_pd(params.scale[c]),
                                        _mm512_set1_pd(params.bias[c]));
          if (params.relu) halves = relu_halves(halves);
          if (quantized) {
            __mmask16 nan;
            const __m512i rounded = exact_steps(halves, s, &nan);
            steps[i] = _mm512_mask_mov_epi32(rounded, nan, of_nan);
          } else if (c < params.out_channels) {
            _mm256_store_si256(reinterpret_cast<__m256i*>(out_tile + c * 2 * kLanes + n * 32),
                               halves);
          }
        }
        if (quantized) _mm512_store_si512(out + n * 64, tile_bytes(steps, zero_point));
      }
    }
    return;
  }
  alignas(64) std::int32_t sums[MR * kLanes];
#pragma GCC unroll 16
  for (int m = 0; m < MR; ++m) {
#pragma GCC unroll 4
    for (int n = 0; n < NR; ++n) {
      _mm512_store_si512(sums + m * static_cast<int>(kLanes) + n * 16, acc[m][n]);
    }
    if (NR == 1) {
      _mm512_store_si512(sums + m * static_cast<int>(kLanes) + 16, _mm512_setzero_si512());
    }
  }
  exact_epilogue(params, sums, channel, MR, out_tile);
}

// Runs Tile::run<MR, NR>(params, in_tile, panel, channel, out_tile) over everything asked for.
template <typename Tile>
inline void run_int8_tiles(const Int8Params& params, const std::uint8_t* in, void* out,
                           std::size_t positions, std::size_t first_panel,
                           std::size_t panel_count) {
  constexpr std::size_t kWidth = 12;
  for_each_tile_and_panel(
      positions, first_panel, panel_count, params.panel_bytes,
      [&](std::size_t tile, std::size_t valid, std::size_t panel) {
        const std::uint8_t* x = in + tile * params.in_tile_bytes;
        const std::uint8_t* w = params.weights + panel * params.panel_bytes;
        auto* const y = static_cast<std::uint8_t*>(out) + tile * params.out_tile_bytes;
        const std::size_t channel = panel * kWidth;
        const std::size_t width = width_of_panel(params.out_channels, channel, kWidth, 4);
        if (valid > 16) {
          if (width == 12) {
            Tile::template run<12, 2>(params, x, w, channel, y);
          } else if (width == 8) {
            Tile::template run<8, 2>(params, x, w, channel, y);
          } else {
            Tile::template run<4, 2>(params, x, w, channel, y);
          }
        } else if (width == 12) {
          Tile::template run<12, 1>(params, x, w, channel, y);
        } else if (width == 8) {
          Tile::template run<8, 1>(params, x, w, channel, y);
        } else {
          Tile::template run<4, 1>(params, x, w, channel, y);
        }
      });
}

}  // namespace
}  // namespace anebench::kernels
