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
