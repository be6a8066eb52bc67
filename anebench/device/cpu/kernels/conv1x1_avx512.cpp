// Kernels for AVX-512 F, BW, DQ, VL: fp16 with float sums, and int8 by 16-bit multiply-add.
#include "anebench/device/cpu/kernels/avx512.h"
#include "anebench/device/cpu/kernels/tile_loops.h"

namespace anebench::kernels {
namespace {

// Bytes are taken apart into 16-bit lanes: (c0, c2) and (c1, c3) of each position, which
// vpmaddwd multiplies and adds pairwise, exactly.
struct WordTile {
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
      __m512i even[NR];
      __m512i odd[NR];
#pragma GCC unroll 4
      for (int n = 0; n < NR; ++n) {
        const __m512i x = _mm512_load_si512(in_tile + n * 64);
        even[n] = _mm512_and_si512(x, _mm512_set1_epi16(0xff));
        odd[n] = _mm512_srli_epi16(x, 8);
      }
#pragma GCC unroll 16
      for (int m = 0; m < MR; ++m) {
        const __m512i w_even = _mm512_set1_epi32(weights[m]);
        const __m512i w_odd = _mm512_set1_epi32(weights[MR + m]);
#pragma GCC unroll 4
        for (int n = 0; n < NR; ++n) {
          const __m512i products = _mm512_add_epi32(_mm512_madd_epi16(even[n], w_even),
                                                    _mm512_madd_epi16(odd[n], w_odd));
          acc[m][n] = _mm512_add_epi32(acc[m][n], products);
        }
      }
      in_tile += 4 * kLanes;
      weights += 2 * MR;
    }
    finish_int8<MR, NR>(params, acc, channel, out_tile);
  }
};

struct Avx512Halves {
  static void widen(const std::uint16_t* in, float* out) {
    for (std::size_t p = 0; p < kLanes; p += 16) {
      _mm512_storeu_ps(
          out + p, _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(in + p))));
    }
  }
  static void narrow(const float* in, std::uint16_t* out) {
    for (std::size_t p = 0; p < kLanes; p += 16) {
      _mm256_storeu_si256(
          reinterpret_cast<__m256i*>(out + p),
          _mm512_cvtps_ph(_mm512_loadu_ps(in + p), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
    }
  }
};

// sum + bias rounded to odd (sum_to_odd() of epilogue.h, in float): the rounding to fp16 that
// follows is then the only one.
inline __m512 biased(__m512 sum, __m512 bias) {
  const __m512 total = _mm512_add_ps(sum, bias);
  const __m512 bias_part = _mm512_sub_ps(total, sum);
  const __m512 error = _mm512_add_ps(_mm512_sub_ps(sum, _mm512_sub_ps(total, bias_part)),
                                     _mm512_sub_ps(bias, bias_part));
  const __m512i bits = _mm512_castps_si512(total);
  const __mmask16 adjust =
      static_cast<__mmask16>(_mm512_cmp_ps_mask(error, _mm512_setzero_ps(), _CMP_LT_OQ) |
                             _mm512_cmp_ps_mask(error, _mm512_setzero_ps(), _CMP_GT_OQ));
  const __mmask16 even = _mm512_testn_epi32_mask(bits, _mm512_set1_epi32(1));
  // +1 away from zero if the error has the sum's sign, else -1.
  const __m512i step =
      _mm512_or_si512(_mm512_srai_epi32(_mm512_xor_si512(bits, _mm512_castps_si512(error)), 31),
                      _mm512_set1_epi32(1));
  return _mm512_castsi512_ps(
      _mm512_mask_add_epi32(bits, static_cast<__mmask16>(adjust & even), bits, step));
}

template <int MR, int NR>
inline void sum_f16_block(const std::uint16_t* x, const float* w, std::size_t channels,
                          __m512 (&acc)[MR][NR]) {
#pragma GCC unroll 16
  for (int m = 0; m < MR; ++m) {
#pragma GCC unroll 4
    for (int n = 0; n < NR; ++n) acc[m][n] = _mm512_setzero_ps();
  }
  // The next panel's weights come from the third-level cache at the first tile of a call: asking
  // for them one panel ahead takes 6 % off a chain of 512 channels.
  const std::size_t ahead = channels * MR * sizeof(float);
  for (std::size_t k = channels; k != 0; --k) {
    __m512 value[NR];
#pragma GCC unroll 4
    for (int n = 0; n < NR; ++n) {
      value[n] = _mm512_cvtph_ps(_mm256_load_si256(reinterpret_cast<const __m256i*>(x + n * 16)));
    }
#pragma GCC unroll 16
    for (int m = 0; m < MR; ++m) {
      const __m512 weight = _mm512_set1_ps(w[m]);
#pragma GCC unroll 4
      for (int n = 0; n < NR; ++n) acc[m][n] = _mm512_fmadd_ps(value[n], weight, acc[m][n]);
    }
    _mm_prefetch(reinterpret_cast<const char*>(w) + ahead, _MM_HINT_T1);
    x += kLanes;
    w += MR;
  }
}

template <int MR, int NR>
[[gnu::noinline]] void f16_tile(const F16Params& params, const std::uint16_t* x, const float* w,
                                std::size_t channel, std::uint16_t* out_tile) {
  __m512 acc[MR][NR];
  sum_f16_block<MR, NR>(x, w, params.in_channels, acc);
#pragma GCC unroll 16
  for (int m = 0; m < MR; ++m) {
    const std::size_t c = channel + static_cast<std::size_t>(m);
    if (c >= params.out_channels) break;
    const __m512 bias = _mm512_set1_ps(params.bias[c]);
#pragma GCC unroll 4
    for (int n = 0; n < NR; ++n) {
      const __m512 sum = params.has_bias ? biased(acc[m][n], bias) : acc[m][n];
      __m256i halves = _mm512_cvtps_ph(sum, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
      if (params.relu) halves = relu_halves(halves);
      _mm256_store_si256(reinterpret_cast<__m256i*>(out_tile + c * kLanes + n * 16), halves);
    }
  }
}

// More than kF16SumBlock input channels: blocks in float, their sum in double.
template <int MR, int NR>
[[gnu::noinline]] void f16_tile_in_blocks(const F16Params& params, const std::uint16_t* x,
                                          const float* w, std::size_t channel,
                                          std::uint16_t* out_tile) {
  alignas(64) double sums[MR][kLanes] = {};
  for (std::size_t begin = 0; begin < params.in_channels; begin += kF16SumBlock) {
    const std::size_t left = params.in_channels - begin;
    __m512 acc[MR][NR];
    sum_f16_block<MR, NR>(x + begin * kLanes, w + begin * MR,
                          left < kF16SumBlock ? left : kF16SumBlock, acc);
#pragma GCC unroll 16
    for (int m = 0; m < MR; ++m) {
#pragma GCC unroll 4
      for (int n = 0; n < NR; ++n) {
        double* const to = sums[m] + n * 16;
        const __m512d low = _mm512_cvtps_pd(_mm512_castps512_ps256(acc[m][n]));
        const __m512d high = _mm512_cvtps_pd(_mm512_extractf32x8_ps(acc[m][n], 1));
        _mm512_store_pd(to, _mm512_add_pd(_mm512_load_pd(to), low));
        _mm512_store_pd(to + 8, _mm512_add_pd(_mm512_load_pd(to + 8), high));
      }
    }
  }
  for (std::size_t m = 0; m < MR && channel + m < params.out_channels; ++m) {
    finish_f16_row(sums[m], static_cast<double>(params.bias[channel + m]), params.has_bias,
                   params.relu, out_tile + (channel + m) * kLanes);
  }
}

using F16TileFunction = void (*)(const F16Params&, const std::uint16_t*, const float*, std::size_t,
                                 std::uint16_t*);

template <int MR>
F16TileFunction f16_tile_of(bool in_blocks, bool narrow) {
  if (in_blocks) return narrow ? &f16_tile_in_blocks<MR, 1> : &f16_tile_in_blocks<MR, 2>;
  return narrow ? &f16_tile<MR, 1> : &f16_tile<MR, 2>;
}

constexpr std::size_t kF16Width = 14;
constexpr std::size_t kF16Step = 2;

F16TileFunction f16_tile_for(std::size_t width, bool in_blocks, bool narrow) {
  switch (width) {
    case 14: return f16_tile_of<14>(in_blocks, narrow);
    case 12: return f16_tile_of<12>(in_blocks, narrow);
    case 10: return f16_tile_of<10>(in_blocks, narrow);
    case 8: return f16_tile_of<8>(in_blocks, narrow);
    case 6: return f16_tile_of<6>(in_blocks, narrow);
    case 4: return f16_tile_of<4>(in_blocks, narrow);
    default: return f16_tile_of<2>(in_blocks, narrow);
  }
}

}  // namespace

void run_int8_avx512(const Int8Params& params, const std::uint8_t* in, void* out,
                     std::size_t positions, std::size_t first_panel, std::size_t panel_count) {
  run_int8_tiles<WordTile>(params, in, out, positions, first_panel, panel_count);
}

void run_f16_avx512(const F16Params& params, const std::uint16_t* in, std::uint16_t* out,
                    std::size_t positions, std::size_t first_panel, std::size_t panel_count) {
  const bool in_blocks = params.in_channels > kF16SumBlock;
  for_each_tile_and_panel(positions, first_panel, panel_count, params.panel_bytes,
                          [&](std::size_t tile, std::size_t valid, std::size_t panel) {
                            const std::size_t channel = panel * kF16Width;
                            const std::size_t width =
                                width_of_panel(params.out_channels, channel, kF16Width, kF16Step);
                            f16_tile_for(width, in_blocks, valid <= 16)(
                                params, in + tile * (params.in_tile_bytes / 2),
                                params.weights + panel * (params.panel_bytes / sizeof(float)),
                                channel, out + tile * (params.out_tile_bytes / 2));
                          });
}

ANEBENCH_DEFINE_TILE_FUNCTIONS(kAvx512Tiles, Avx512Halves);

}  // namespace anebench::kernels
