// The inner loop of convolutions and matrix products: a row vector times a matrix.
#pragma once

#include <cstddef>
#include <span>

namespace anebench::ops {

// sums[p] += Σ_t weights[t] · rows[t · stride + p]. Four rows a pass, added one after the other, so
// that the order of additions is that of t whatever sums.size() is: splitting the work never
// changes a result. T is float, double, or an unsigned integer whose arithmetic wraps around.
template <typename T>
void multiply_accumulate(std::span<const T> weights, const T* rows, std::size_t stride,
                         std::span<T> sums) {
  const std::size_t count = sums.size();
  T* const out = sums.data();
  std::size_t t = 0;
  for (; t + 4 <= weights.size(); t += 4) {
    const T w0 = weights[t];
    const T w1 = weights[t + 1];
    const T w2 = weights[t + 2];
    const T w3 = weights[t + 3];
    const T* const row = rows + t * stride;
    for (std::size_t p = 0; p < count; ++p) {
      T sum = out[p] + w0 * row[p];
      sum += w1 * row[stride + p];
      sum += w2 * row[2 * stride + p];
      sum += w3 * row[3 * stride + p];
      out[p] = sum;
    }
  }
  for (; t < weights.size(); ++t) {
    const T* const row = rows + t * stride;
    for (std::size_t p = 0; p < count; ++p) out[p] += weights[t] * row[p];
  }
}

}  // namespace anebench::ops
