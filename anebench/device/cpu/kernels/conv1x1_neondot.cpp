// int8 kernel for the Arm dot-product instructions: SDOT adds four products of signed bytes to an
// int32. The tile's bytes are made signed by flipping their top bit; the layer's initial sums know.
#include "anebench/device/cpu/kernels/neon.h"

namespace anebench::kernels {
namespace {

struct DotProduct {
  template <int MR>
  static void accumulate(std::size_t groups, const std::uint8_t* in, const std::int8_t* weights,
                         int32x4_t (&acc)[MR][kVectors]) {
    for (std::size_t g = groups; g != 0; --g) {
      int8x16_t x[kVectors];
#pragma GCC unroll 2
      for (int n = 0; n < kVectors; ++n) {
        x[n] = vreinterpretq_s8_u8(veorq_u8(vld1q_u8(in + 16 * n), vdupq_n_u8(0x80)));
      }
#pragma GCC unroll 3
      for (int q = 0; q < MR / 4; ++q) {
        const int8x16_t w = vld1q_s8(weights + 16 * q);
#pragma GCC unroll 2
        for (int n = 0; n < kVectors; ++n) {
          acc[4 * q + 0][n] = vdotq_laneq_s32(acc[4 * q + 0][n], x[n], w, 0);
          acc[4 * q + 1][n] = vdotq_laneq_s32(acc[4 * q + 1][n], x[n], w, 1);
          acc[4 * q + 2][n] = vdotq_laneq_s32(acc[4 * q + 2][n], x[n], w, 2);
          acc[4 * q + 3][n] = vdotq_laneq_s32(acc[4 * q + 3][n], x[n], w, 3);
        }
      }
      in += 4 * kLanes;
      weights += 4 * MR;
    }
  }
};

}  // namespace

void run_int8_neondot(const Int8Params& params, const std::uint8_t* in, void* out,
                      std::size_t positions, std::size_t first_panel, std::size_t panel_count) {
  run_int8_tiles<DotProduct, 12>(params, in, out, positions, first_panel, panel_count);
}

}  // namespace anebench::kernels
