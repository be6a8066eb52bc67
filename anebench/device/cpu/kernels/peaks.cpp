#include "anebench/device/cpu/kernels/peaks.h"

#include <array>

#include "anebench/device/cpu/kernels/kernel.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace anebench::kernels {
namespace {

// Independent accumulators: more than two units times their latency asks for on any processor that
// we know of (2 * 5), and few enough for the registers. `text` is one instruction that accumulates
// into %0 from %1 and %2 (or a few, through the clobbered register); assembler, so that no compiler
// merges or drops any.
#define ANEBENCH_PEAK_LOOP(name, attributes, vector, constraint, count, zero, text, clobber, ops) \
  attributes double name(std::uint64_t iterations) {                                              \
    vector sums[count];                                                                           \
    _Pragma("GCC unroll 32") for (int i = 0; i < (count); ++i) sums[i] = zero;                    \
    vector a = zero;                                                                              \
    vector b = zero;                                                                              \
    asm volatile("" : "+" constraint(a), "+" constraint(b));                                      \
    for (std::uint64_t n = iterations; n != 0; --n) {                                             \
      _Pragma("GCC unroll 32") for (int i = 0; i < (count); ++i) {                                \
        asm volatile(text : "+" constraint(sums[i]) : constraint(a), constraint(b) : clobber);    \
      }                                                                                           \
    }                                                                                             \
    return static_cast<double>(iterations) * (count) * (ops);                                     \
  }

#if defined(__x86_64__)

#define ANEBENCH_AVX2 [[gnu::target("avx2,fma"), gnu::noinline]]
#define ANEBENCH_AVX512 [[gnu::target("avx512f,avx512bw"), gnu::noinline]]
#define ANEBENCH_VNNI [[gnu::target("avx512f,avx512vnni"), gnu::noinline]]

ANEBENCH_PEAK_LOOP(fma_avx2, ANEBENCH_AVX2, __m256, "x", 12, _mm256_setzero_ps(),
                   "vfmadd231ps %2, %1, %0", "cc", 16)
ANEBENCH_PEAK_LOOP(fma_avx512, ANEBENCH_AVX512, __m512, "v", 24, _mm512_setzero_ps(),
                   "vfmadd231ps %2, %1, %0", "cc", 32)
ANEBENCH_PEAK_LOOP(dot_avx512vnni, ANEBENCH_VNNI, __m512i, "v", 24, _mm512_setzero_si512(),
                   "vpdpbusd %2, %1, %0", "cc", 128)
// Without dot-product instructions: multiply-add of 16-bit pairs and the addition that it needs.
ANEBENCH_PEAK_LOOP(dot_avx2, ANEBENCH_AVX2, __m256i, "x", 12, _mm256_setzero_si256(),
                   "vpmaddwd %2, %1, %%ymm15\n\tvpaddd %%ymm15, %0, %0", "xmm15", 32)
ANEBENCH_PEAK_LOOP(dot_avx512, ANEBENCH_AVX512, __m512i, "v", 24, _mm512_setzero_si512(),
                   "vpmaddwd %2, %1, %%zmm31\n\tvpaddd %%zmm31, %0, %0", "xmm31", 64)

#elif defined(__aarch64__)

#define ANEBENCH_NEON [[gnu::noinline]]
#if defined(__clang__)
#define ANEBENCH_DOT [[gnu::target("dotprod"), gnu::noinline]]
#else
#define ANEBENCH_DOT [[gnu::target("arch=armv8.2-a+dotprod"), gnu::noinline]]
#endif

ANEBENCH_PEAK_LOOP(fma_neon, ANEBENCH_NEON, float32x4_t, "w", 24, vdupq_n_f32(0),
                   "fmla %0.4s, %1.4s, %2.4s", "cc", 8)
ANEBENCH_PEAK_LOOP(dot_neondot, ANEBENCH_DOT, int32x4_t, "w", 24, vdupq_n_s32(0),
                   "sdot %0.4s, %1.16b, %2.16b", "cc", 32)
// 8-bit products to 16 bits, added pairwise into 32.
ANEBENCH_PEAK_LOOP(dot_neon, ANEBENCH_NEON, int32x4_t, "w", 24, vdupq_n_s32(0),
                   "smull v31.8h, %1.8b, %2.8b\n\tsadalp %0.4s, v31.8h", "v31", 16)

#endif

#undef ANEBENCH_PEAK_LOOP

// What plain C++ gets from this build's compiler.
template <typename T>
[[gnu::noinline]] double portable_loop(std::uint64_t iterations) {
  constexpr std::size_t kCount = 32;
  std::array<T, kCount> sums{};
  T a{};
  T b{};
  asm volatile("" : : "r"(&a), "r"(&b) : "memory");
  const T x = a;
  const T y = b;
  for (std::uint64_t n = iterations; n != 0; --n) {
    for (std::size_t i = 0; i < kCount; ++i) sums[i] = static_cast<T>(sums[i] * x + y);
  }
  asm volatile("" : : "r"(sums.data()) : "memory");
  return static_cast<double>(iterations) * kCount * 2;
}

constexpr PeakLoops kPeakLoops[] = {
#if defined(__x86_64__)
    {Isa::avx512vnni, "vfmadd231ps zmm", "vpdpbusd zmm", &fma_avx512, &dot_avx512vnni},
    {Isa::avx512, "vfmadd231ps zmm", "vpmaddwd + vpaddd zmm", &fma_avx512, &dot_avx512},
    {Isa::avx2, "vfmadd231ps ymm", "vpmaddwd + vpaddd ymm", &fma_avx2, &dot_avx2},
#elif defined(__aarch64__)
    {Isa::neondot, "fmla 4s", "sdot 4s", &fma_neon, &dot_neondot},
    {Isa::neon, "fmla 4s", "smull + sadalp", &fma_neon, &dot_neon},
#endif
    {Isa::portable, "multiply and add, compiled", "16-bit multiply and add, compiled",
     &portable_loop<float>, &portable_loop<std::uint16_t>},
};

constexpr std::size_t kCanaryChannels = 128;
constexpr std::size_t kCanaryPanel = 16;  // the widest panel of any kernel
constexpr std::size_t kCanaryRuns = 40;   // about 0.5 us each

struct CanaryData {
  CanaryData() {
    weights.fill(0x1p-7F);
    input.fill(0x3c00);  // 1.0
  }
  alignas(kTileAlignment) std::array<float, kCanaryChannels * kCanaryPanel> weights;
  alignas(kTileAlignment) std::array<float, kCanaryPanel> bias{};
  alignas(kTileAlignment) std::array<std::uint16_t, kCanaryChannels * kTilePositions> input;
};

}  // namespace

const PeakLoops* peak_loops(Isa isa) {
  for (const PeakLoops& loops : kPeakLoops) {
    if (loops.isa == isa) return &loops;
  }
  return nullptr;
}

double run_canary(Isa isa) {
  static const CanaryData data;
  for (const F16Kernel& kernel : f16_kernels()) {
    if (!runs_on(kernel.isa, isa)) continue;
    const std::size_t width = kernel.panel_channels;
    F16Params params{};
    params.in_channels = kCanaryChannels;
    params.out_channels = width;
    params.panel_bytes = kCanaryChannels * width * sizeof(float);
    params.in_tile_bytes = f16_tile_bytes(kCanaryChannels);
    params.out_tile_bytes = f16_tile_bytes(width);
    params.weights = data.weights.data();
    params.bias = data.bias.data();
    alignas(kTileAlignment) std::array<std::uint16_t, kCanaryPanel * kTilePositions> out;
    for (std::size_t i = 0; i < kCanaryRuns; ++i) {
      kernel.run(params, data.input.data(), out.data(), kTilePositions, 0, 1);
    }
    return static_cast<double>(2 * kCanaryRuns * width * kCanaryChannels * kTilePositions);
  }
  return 0;
}

}  // namespace anebench::kernels
