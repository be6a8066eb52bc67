#include "anebench/device/cpu/gemm.h"

#include <algorithm>
#include <array>
#include <span>

#include "anebench/device/cpu/onednn.h"
#include "anebench/ops/multiply_accumulate.h"

namespace anebench::device::cpu {
namespace {

// Columns of a whose values are gathered at a time.
constexpr std::int64_t kDepthBlock = 256;

// Lanes whose sums are independent, so that the loop is vectorised.
constexpr std::size_t kLanes = 16;

float dot(const float* a, const float* b, std::size_t count) {
  std::array<float, kLanes> sums = {};
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) sums[lane] += a[i + lane] * b[i + lane];
  }
  float sum = 0;
  for (; i < count; ++i) sum += a[i] * b[i];
  for (const float lane : sums) sum += lane;
  return sum;
}

// `count` values of row `row` of a, from column `first` on.
const float* row_of_a(const Gemm& gemm, const float* a, std::int64_t row, std::int64_t first,
                      std::int64_t count, std::array<float, kDepthBlock>& gathered) {
  if (!gemm.transposed_a) return a + row * gemm.row_a + first;
  for (std::int64_t i = 0; i < count; ++i) {
    gathered[static_cast<std::size_t>(i)] = a[(first + i) * gemm.row_a + row];
  }
  return gathered.data();
}

}  // namespace

void multiply_portable(const Gemm& gemm, const float* a, const float* b, float* c) {
  std::array<float, kDepthBlock> gathered;
  const auto columns = static_cast<std::size_t>(gemm.n);
  for (std::int64_t row = 0; row < gemm.m; ++row) {
    const std::span<float> sums(c + row * gemm.row_c, columns);
    std::ranges::fill(sums, 0.0F);
    for (std::int64_t first = 0; first < gemm.k; first += kDepthBlock) {
      const std::int64_t depth = std::min(kDepthBlock, gemm.k - first);
      const auto count = static_cast<std::size_t>(depth);
      const float* values = row_of_a(gemm, a, row, first, depth, gathered);
      if (!gemm.transposed_b) {
        ops::multiply_accumulate<float>({values, count}, b + first * gemm.row_b,
                                        static_cast<std::size_t>(gemm.row_b), sums);
        continue;
      }
      for (std::size_t i = 0; i < columns; ++i) {
        sums[i] += dot(values, b + static_cast<std::int64_t>(i) * gemm.row_b + first, count);
      }
    }
  }
}

void multiply(const Gemm& gemm, const float* a, const float* b, float* c) {
  if (gemm.m == 0 || gemm.n == 0) return;
  if (gemm.k > 0 && multiply_by_onednn(gemm, a, b, c)) return;
  multiply_portable(gemm, a, b, c);
}

}  // namespace anebench::device::cpu
