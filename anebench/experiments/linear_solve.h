// Small systems of linear equations with a symmetric positive definite matrix (Cholesky). Pure.
#pragma once

#include <cstddef>
#include <vector>

namespace anebench::experiments {

// x of A·x = b. A is row-major, b.size() squared. Preconditions: A is symmetric and positive
// definite.
std::vector<double> solve_symmetric(std::vector<double> a, std::vector<double> b);

// The inverse of the row-major n × n matrix, same precondition.
std::vector<double> inverse_of(const std::vector<double>& a, std::size_t n);

}  // namespace anebench::experiments
