// Kernels for Advanced SIMD as every 64-bit Arm processor has it: fp16 with float sums, and int8 by
// 8-bit products added pairwise into 32 bits.
#include "anebench/device/cpu/kernels/neon.h"
#include "anebench/device/cpu/kernels/tile_loops.h"

namespace anebench::kernels {
namespace {

// A 16-bit product of two signed bytes always fits; the sum of two may not (twice 128 * 128), so
// products go straight to 32 bits, two positions to a vector.
struct PairwiseProducts {
  template <int MR>
  static void accumulate(std::size_t groups, const std::uint8_t* in, const std::int8_t* weights,
                         int32x4_t (&acc)[MR][kVectors]) {
    int32x4_t pairs[MR][kVectors][2];
    for (int m = 0; m < MR; ++m) {
      for (int n = 0; n < kVectors; ++n) {
        pairs[m][n][0] = pairs[m][n][1] = vdupq_n_s32(0);
      }
    }
    for (std::size_t g = groups; g != 0; --g) {
      int8x16_t x[kVectors];
#pragma GCC unroll 2
      for (int n = 0; n < kVectors; ++n) {
        x[n] = vreinterpretq_s8_u8(veorq_u8(vld1q_u8(in + 16 * n), vdupq_n_u8(0x80)));
      }
#pragma GCC unroll 4
      for (int m = 0; m < MR; ++m) {
        std::int32_t quad;
        std::memcpy(&quad, weights + 4 * m, sizeof quad);
        const int8x16_t w = vreinterpretq_s8_s32(vdupq_n_s32(quad));
#pragma GCC unroll 2
        for (int n = 0; n < kVectors; ++n) {
          pairs[m][n][0] = vpadalq_s16(pairs[m][n][0], vmull_s8(vget_low_s8(x[n]), vget_low_s8(w)));
          pairs[m][n][1] = vpadalq_s16(pairs[m][n][1], vmull_high_s8(x[n], w));
        }
      }
      in += 4 * kLanes;
      weights += 4 * MR;
    }
    for (int m = 0; m < MR; ++m) {
      for (int n = 0; n < kVectors; ++n) {
        acc[m][n] = vaddq_s32(acc[m][n], vpaddq_s32(pairs[m][n][0], pairs[m][n][1]));
      }
    }
  }
};

constexpr int kF16Width = 12;

// sum + bias rounded to odd (sum_to_odd() of epilogue.h, in float).
inline float32x4_t biased(float32x4_t sum, float32x4_t bias) {
  const float32x4_t total = vaddq_f32(sum, bias);
  const float32x4_t bias_part = vsubq_f32(total, sum);
  const float32x4_t error =
      vaddq_f32(vsubq_f32(sum, vsubq_f32(total, bias_part)), vsubq_f32(bias, bias_part));
  const int32x4_t bits = vreinterpretq_s32_f32(total);
  const int32x4_t one = vdupq_n_s32(1);
  // Ordered and unequal: an infinite sum has a NaN here and is left alone.
  const uint32x4_t inexact = vorrq_u32(vcltzq_f32(error), vcgtzq_f32(error));
  const uint32x4_t odd = vtstq_s32(bits, one);
  const int32x4_t step =
      vorrq_s32(vshrq_n_s32(veorq_s32(bits, vreinterpretq_s32_f32(error)), 31), one);
  const int32x4_t adjustment = vandq_s32(step, vreinterpretq_s32_u32(vbicq_u32(inexact, odd)));
  return vreinterpretq_f32_s32(vaddq_s32(bits, adjustment));
}

template <int MR>
inline void sum_f16_block(const std::uint16_t* x, const float* w, std::size_t channels,
                          float32x4_t (&acc)[MR][kVectors]) {
  for (int m = 0; m < MR; ++m) {
    for (int n = 0; n < kVectors; ++n) acc[m][n] = vdupq_n_f32(0);
  }
  for (std::size_t k = channels; k != 0; --k) {
    const float16x8_t halves = vreinterpretq_f16_u16(vld1q_u16(x));
    const float32x4_t value[kVectors] = {vcvt_f32_f16(vget_low_f16(halves)),
                                         vcvt_high_f32_f16(halves)};
#pragma GCC unroll 3
    for (int q = 0; q < MR / 4; ++q) {
      const float32x4_t weights = vld1q_f32(w + 4 * q);
#pragma GCC unroll 2
      for (int n = 0; n < kVectors; ++n) {
        acc[4 * q + 0][n] = vfmaq_laneq_f32(acc[4 * q + 0][n], value[n], weights, 0);
        acc[4 * q + 1][n] = vfmaq_laneq_f32(acc[4 * q + 1][n], value[n], weights, 1);
        acc[4 * q + 2][n] = vfmaq_laneq_f32(acc[4 * q + 2][n], value[n], weights, 2);
        acc[4 * q + 3][n] = vfmaq_laneq_f32(acc[4 * q + 3][n], value[n], weights, 3);
      }
    }
    x += kLanes;
    w += MR;
  }
}

template <int MR>
void f16_tile(const F16Params& params, const std::uint16_t* x, const float* w, std::size_t channel,
              std::size_t valid, std::uint16_t* out_tile) {
  const bool in_blocks = params.in_channels > kF16SumBlock;
  double sums[MR][kLanes];
  if (in_blocks) std::memset(sums, 0, sizeof sums);
  for (std::size_t begin = 0; begin < valid; begin += kStretch) {
    float32x4_t acc[MR][kVectors];
    if (in_blocks) {
      for (std::size_t k = 0; k < params.in_channels; k += kF16SumBlock) {
        const std::size_t left = params.in_channels - k;
        sum_f16_block<MR>(x + k * kLanes + begin, w + k * MR,
                          left < kF16SumBlock ? left : kF16SumBlock, acc);
        for (int m = 0; m < MR; ++m) {
          for (int n = 0; n < kVectors; ++n) {
            double* const to = sums[m] + begin + 4 * n;
            vst1q_f64(to, vaddq_f64(vld1q_f64(to), vcvt_f64_f32(vget_low_f32(acc[m][n]))));
            vst1q_f64(to + 2, vaddq_f64(vld1q_f64(to + 2), vcvt_high_f64_f32(acc[m][n])));
          }
        }
      }
      continue;
    }
    sum_f16_block<MR>(x + begin, w, params.in_channels, acc);
    for (int m = 0; m < MR; ++m) {
      const std::size_t c = channel + static_cast<std::size_t>(m);
      if (c >= params.out_channels) break;
      const float32x4_t bias = vdupq_n_f32(params.bias[c]);
      for (int n = 0; n < kVectors; ++n) {
        uint16x4_t halves = halves_of(params.has_bias ? biased(acc[m][n], bias) : acc[m][n]);
        if (params.relu) halves = relu_halves(halves);
        vst1_u16(out_tile + c * kLanes + begin + static_cast<std::size_t>(4 * n), halves);
      }
    }
  }
  if (!in_blocks) return;
  for (std::size_t m = 0; m < MR && channel + m < params.out_channels; ++m) {
    finish_f16_row(sums[m], static_cast<double>(params.bias[channel + m]), params.has_bias,
                   params.relu, out_tile + (channel + m) * kLanes);
  }
}

struct NeonHalves {
  static void widen(const std::uint16_t* in, float* out) {
    for (std::size_t p = 0; p < kLanes; p += 4) {
      vst1q_f32(out + p, vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(in + p))));
    }
  }
  static void narrow(const float* in, std::uint16_t* out) {
    for (std::size_t p = 0; p < kLanes; p += 4) vst1_u16(out + p, halves_of(vld1q_f32(in + p)));
  }
};

}  // namespace

void run_int8_neon(const Int8Params& params, const std::uint8_t* in, void* out,
                   std::size_t positions, std::size_t first_panel, std::size_t panel_count) {
  run_int8_tiles<PairwiseProducts, 4>(params, in, out, positions, first_panel, panel_count);
}

void run_f16_neon(const F16Params& params, const std::uint16_t* in, std::uint16_t* out,
                  std::size_t positions, std::size_t first_panel, std::size_t panel_count) {
  for_each_tile_and_panel(
      positions, first_panel, panel_count, params.panel_bytes,
      [&](std::size_t tile, std::size_t valid, std::size_t panel) {
        const std::uint16_t* x = in + tile * (params.in_tile_bytes / 2);
        const float* w = params.weights + panel * (params.panel_bytes / sizeof(float));
        std::uint16_t* y = out + tile * (params.out_tile_bytes / 2);
        const std::size_t channel = panel * kF16Width;
        const std::size_t width = width_of_panel(params.out_channels, channel, kF16Width, 4);
        if (width == 12) {
          f16_tile<12>(params, x, w, channel, valid, y);
        } else if (width == 8) {
          f16_tile<8>(params, x, w, channel, valid, y);
        } else {
          f16_tile<4>(params, x, w, channel, valid, y);
        }
      });
}

ANEBENCH_DEFINE_TILE_FUNCTIONS(kNeonTiles, NeonHalves);

}  // namespace anebench::kernels
