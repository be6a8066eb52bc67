// What the Advanced SIMD kernel files share. For kernel files only: internal linkage.
//
// Sums are taken for 8 positions (two vectors) at a time, so that 12 channels' 24 sums leave room
// in the 32 registers. Weights are multiplied by lane.
#pragma once

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include "anebench/device/cpu/kernels/driver.h"

namespace anebench::kernels {
namespace {

constexpr int kVectors = 2;          // of 4 positions
constexpr std::size_t kStretch = 8;  // positions at a time

// relu on fp16 bits: from -smallest (0x8001) to -infinity (0xfc00) becomes +0; -0 and NaN stay.
[[maybe_unused]] inline uint16x4_t relu_halves(uint16x4_t halves) {
  const uint16x4_t negative = vclt_u16(vsub_u16(halves, vdup_n_u16(0x8001)), vdup_n_u16(0x7c00));
  return vbic_u16(halves, negative);
}

[[maybe_unused]] inline uint16x4_t halves_of(float32x4_t values) {
  return vreinterpret_u16_f16(vcvt_f16_f32(values));
}

// See epilogue.h for the magic number. The conversion rounds to nearest, ties to even.
[[maybe_unused]] inline int32x4_t quantized_steps(int32x4_t acc, float factor) {
  const float32x4_t x = vmulq_n_f32(vcvtq_f32_s32(acc), factor);
  const float32x4_t binade =
      vreinterpretq_f32_u32(vandq_u32(vreinterpretq_u32_f32(x), vdupq_n_u32(0x7f800000)));
  const float32x4_t magic = vdupq_n_f32(0x1.8p13F);
  return vcvtnq_s32_f32(vfmsq_f32(vfmaq_f32(x, binade, magic), binade, magic));
}

// Writes MR channels from `channel` on, for kStretch positions from `begin` on.
template <int MR>
inline void finish_int8(const Int8Params& params, int32x4_t (&acc)[MR][kVectors],
                        std::size_t channel, std::size_t begin, std::uint8_t* out_tile) {
  if (params.epilogue == Int8Epilogue::power_of_two_f16) {
    for (int m = 0; m < MR; ++m) {
      const std::size_t c = channel + static_cast<std::size_t>(m);
      if (c >= params.out_channels) break;
      auto* const out = reinterpret_cast<std::uint16_t*>(out_tile) + c * kLanes + begin;
      for (int n = 0; n < kVectors; ++n) {
        uint16x4_t halves = halves_of(vmulq_n_f32(vcvtq_f32_s32(acc[m][n]), params.factor[c]));
        if (params.relu) halves = relu_halves(halves);
        vst1_u16(out + 4 * n, halves);
      }
    }
    return;
  }
  // uint8 is saturated as int8 with a zero point 128 lower.
  const int16x8_t zero_point = vdupq_n_s16(
      static_cast<std::int16_t>(params.out_zero_point - (params.out_is_signed ? 0 : 128)));
  static constexpr std::uint8_t kTranspose[16] = {0, 4, 8,  12, 1, 5, 9,  13,
                                                  2, 6, 10, 14, 3, 7, 11, 15};
  const uint8x16_t transpose = vld1q_u8(kTranspose);
  for (int q = 0; q < MR / 4; ++q) {
    const std::size_t first = channel + static_cast<std::size_t>(4 * q);
    std::uint8_t* const out = out_tile + first * kLanes + begin * 4;
    for (int n = 0; n < kVectors; ++n) {
      int16x4_t steps[4];
      for (int i = 0; i < 4; ++i) {
        const std::size_t c = first + static_cast<std::size_t>(i);
        int32x4_t sum = acc[4 * q + i][n];
        if (params.clamps) {
          const int32x4_t limit = vdupq_n_s32(params.acc_limit[c]);
          sum = vmaxq_s32(vminq_s32(sum, limit), vnegq_s32(limit));
        }
        if (params.relu) sum = vmaxq_s32(sum, vdupq_n_s32(0));
        steps[i] = vqmovn_s32(quantized_steps(sum, params.factor[c]));
      }
      const int8x8_t low = vqmovn_s16(vqaddq_s16(vcombine_s16(steps[0], steps[1]), zero_point));
      const int8x8_t high = vqmovn_s16(vqaddq_s16(vcombine_s16(steps[2], steps[3]), zero_point));
      const uint8x16_t bytes = vqtbl1q_u8(vreinterpretq_u8_s8(vcombine_s8(low, high)), transpose);
      vst1q_u8(out + 16 * n, veorq_u8(bytes, vdupq_n_u8(0x80)));
    }
  }
}

// One panel of one tile. Dot::accumulate<MR>(groups, in, panel, acc) adds the products for kStretch
// positions starting at `in`.
template <typename Dot, int MR>
void int8_tile(const Int8Params& params, const std::uint8_t* in_tile, const std::uint8_t* panel,
               std::size_t channel, std::size_t valid, std::uint8_t* out_tile) {
  const bool fast = params.epilogue == Int8Epilogue::power_of_two_quantized ||
                    params.epilogue == Int8Epilogue::power_of_two_f16;
  alignas(16) std::int32_t sums[MR][kLanes];
  if (!fast) std::memset(sums, 0, sizeof sums);
  for (std::size_t begin = 0; begin < valid; begin += kStretch) {
    int32x4_t acc[MR][kVectors];
    for (int m = 0; m < MR; ++m) {
      for (int n = 0; n < kVectors; ++n) {
        acc[m][n] = vdupq_n_s32(params.initial[channel + static_cast<std::size_t>(m)]);
      }
    }
    Dot::template accumulate<MR>(params.in_groups, in_tile + begin * 4,
                                 reinterpret_cast<const std::int8_t*>(panel), acc);
    if (fast) {
      finish_int8<MR>(params, acc, channel, begin, out_tile);
      continue;
    }
    for (int m = 0; m < MR; ++m) {
      for (int n = 0; n < kVectors; ++n) vst1q_s32(sums[m] + begin + 4 * n, acc[m][n]);
    }
  }
  if (!fast) exact_epilogue(params, sums[0], channel, MR, out_tile);
}

template <typename Dot, int kWidth>
inline void run_int8_tiles(const Int8Params& params, const std::uint8_t* in, void* out,
                           std::size_t positions, std::size_t first_panel,
                           std::size_t panel_count) {
  for_each_tile_and_panel(
      positions, first_panel, panel_count, params.panel_bytes,
      [&](std::size_t tile, std::size_t valid, std::size_t panel) {
        const std::uint8_t* x = in + tile * params.in_tile_bytes;
        const std::uint8_t* w = params.weights + panel * params.panel_bytes;
        auto* const y = static_cast<std::uint8_t*>(out) + tile * params.out_tile_bytes;
        const std::size_t channel = panel * kWidth;
        const std::size_t width = width_of_panel(params.out_channels, channel, kWidth, 4);
        if (width == 4) {
          int8_tile<Dot, 4>(params, x, w, channel, valid, y);
        } else if (width == 8) {
          int8_tile < Dot, kWidth<8 ? 4 : 8>(params, x, w, channel, valid, y);
        } else {
          int8_tile < Dot, kWidth<12 ? 4 : 12>(params, x, w, channel, valid, y);
        }
      });
}

}  // namespace
}  // namespace anebench::kernels
