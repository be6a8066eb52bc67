#include "anebench/experiments/linear_solve.h"

#include <cmath>
#include <utility>

namespace anebench::experiments {
namespace {

// The lower triangle L of A = L·Lᵀ, in place.
void factorize(std::vector<double>& a, std::size_t n) {
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t k = 0; k < j; ++k) a[j * n + j] -= a[j * n + k] * a[j * n + k];
    a[j * n + j] = std::sqrt(a[j * n + j]);
    for (std::size_t i = j + 1; i < n; ++i) {
      for (std::size_t k = 0; k < j; ++k) a[i * n + j] -= a[i * n + k] * a[j * n + k];
      a[i * n + j] /= a[j * n + j];
    }
  }
}

void substitute(const std::vector<double>& lower, std::vector<double>& b) {
  const std::size_t n = b.size();
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < i; ++k) b[i] -= lower[i * n + k] * b[k];
    b[i] /= lower[i * n + i];
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t k = i + 1; k < n; ++k) b[i] -= lower[k * n + i] * b[k];
    b[i] /= lower[i * n + i];
  }
}

}  // namespace

std::vector<double> solve_symmetric(std::vector<double> a, std::vector<double> b) {
  factorize(a, b.size());
  substitute(a, b);
  return b;
}

std::vector<double> inverse_of(const std::vector<double>& a, std::size_t n) {
  std::vector<double> lower = a;
  factorize(lower, n);
  std::vector<double> inverse(n * n);
  for (std::size_t column = 0; column < n; ++column) {
    std::vector<double> unit(n);
    unit[column] = 1;
    substitute(lower, unit);
    for (std::size_t row = 0; row < n; ++row) inverse[row * n + column] = unit[row];
  }
  return inverse;
}

}  // namespace anebench::experiments
