#include "anebench/experiments/linear_solve.h"

#include <gtest/gtest.h>

namespace anebench::experiments {
namespace {

const std::vector<double> kMatrix = {4, 2, 1, 2, 5, 3, 1, 3, 6};

TEST(LinearSolve, SolvesASymmetricSystem) {
  const std::vector<double> x =
      solve_symmetric(kMatrix, {4 * 1 + 2 * 2 + 1 * 3,  // of (1, 2, 3)
                                2 * 1 + 5 * 2 + 3 * 3, 1 * 1 + 3 * 2 + 6 * 3});
  ASSERT_EQ(x.size(), 3u);
  EXPECT_NEAR(x[0], 1, 1e-12);
  EXPECT_NEAR(x[1], 2, 1e-12);
  EXPECT_NEAR(x[2], 3, 1e-12);
}

TEST(LinearSolve, TheInverseTimesTheMatrixIsOne) {
  const std::vector<double> inverse = inverse_of(kMatrix, 3);
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 3; ++j) {
      double sum = 0;
      for (std::size_t k = 0; k < 3; ++k) sum += kMatrix[i * 3 + k] * inverse[k * 3 + j];
      EXPECT_NEAR(sum, i == j ? 1 : 0, 1e-12);
    }
  }
}

}  // namespace
}  // namespace anebench::experiments
