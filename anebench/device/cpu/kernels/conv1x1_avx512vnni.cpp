// int8 kernels for AVX-512 with VNNI: vpdpbusd multiplies four unsigned by four signed bytes and
// adds the exact sum to an int32, modulo 2^32.
#include "anebench/device/cpu/kernels/avx512.h"

namespace anebench::kernels {
namespace {

// As an instruction and not as an intrinsic, because g++ 12 copies the accumulators of the
// intrinsic around and spills most of them.
inline void add_dot_products(__m512i& acc, __m512i x, __m512i w) {
  asm("vpdpbusd %2, %1, %0" : "+v"(acc) : "v"(x), "v"(w));
}

struct VnniTile {
  template <int MR, int NR>
  [[gnu::noinline]] static void run(const Int8Params& params, const std::uint8_t* in_tile,
                                    const std::uint8_t* panel, std::size_t channel,
                                    std::uint8_t* out_tile) {
    __m512i acc[MR][NR];
#pragma GCC unroll 16
    for (int m = 0; m < MR; ++m) {
#pragma GCC unroll 4
      for (int n = 0; n < NR; ++n) {
        acc[m][n] = _mm512_set1_epi32(params.initial[channel + static_cast<std::size_t>(m)]);
      }
    }
    const auto* weights = reinterpret_cast<const std::int32_t*>(panel);
    for (std::size_t g = params.in_groups; g != 0; --g) {
      __m512i x[NR];
#pragma GCC unroll 4
      for (int n = 0; n < NR; ++n) x[n] = _mm512_load_si512(in_tile + n * 64);
#pragma GCC unroll 16
      for (int m = 0; m < MR; ++m) {
        const __m512i w = _mm512_set1_epi32(weights[m]);
#pragma GCC unroll 4
        for (int n = 0; n < NR; ++n) add_dot_products(acc[m][n], x[n], w);
      }
      // The next panel; past the last one the hint is harmless.
      _mm_prefetch(reinterpret_cast<const char*>(weights) + params.panel_bytes, _MM_HINT_T1);
      in_tile += 4 * kLanes;
      weights += MR;
    }
    finish_int8<MR, NR>(params, acc, channel, out_tile);
  }
};

}  // namespace

void run_int8_avx512vnni(const Int8Params& params, const std::uint8_t* in, void* out,
                         std::size_t positions, std::size_t first_panel, std::size_t panel_count) {
  run_int8_tiles<VnniTile>(params, in, out, positions, first_panel, panel_count);
}

}  // namespace anebench::kernels
