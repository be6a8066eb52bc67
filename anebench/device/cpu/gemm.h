// Products of row-major fp32 matrices: c = a · b, by oneDNN where it is built in, else by plain
// loops.
//
// One call runs on the calling thread; callers share out rows or columns. Thread-safe. Sums are in
// fp32, in an order that depends on the sizes.
#pragma once

#include <cstdint>

namespace anebench::device::cpu {

struct Gemm {
  std::int64_t m = 0;  // rows of c
  std::int64_t n = 0;  // columns of c
  std::int64_t k = 0;
  // Elements between rows, as the matrices are stored.
  std::int64_t row_a = 0;
  std::int64_t row_b = 0;
  std::int64_t row_c = 0;
  // Stored as its transpose: [k, m], [n, k].
  bool transposed_a = false;
  bool transposed_b = false;
};

// c is written, whatever it holds; it is zero where k is.
void multiply(const Gemm& gemm, const float* a, const float* b, float* c);
// The plain loops.
void multiply_portable(const Gemm& gemm, const float* a, const float* b, float* c);

// Operations a nanosecond of one thread, to within a factor of a few: for deciding how many threads
// are worth waking.
inline constexpr double kOperationsPerNs = 20;

}  // namespace anebench::device::cpu
