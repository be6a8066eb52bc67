#include "anebench/weights/k_means.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "anebench/base/half.h"
#include "anebench/weights/quantize_test_util.h"

namespace anebench::weights {
namespace {

using testing::ElementsAre;

double cost(std::span<const WeightedPoint> points, std::span<const double> centers) {
  double sum = 0;
  for (const auto& [value, weight] : points) {
    double best = std::numeric_limits<double>::infinity();
    for (const double center : centers) best = std::min(best, std::abs(center - value));
    sum += weight * best * best;
  }
  return sum;
}

// The least possible: every cluster is an interval of sorted points, so the best division of the
// first n into k comes from the best of the first m < n into k - 1.
double optimal_cost(std::span<const WeightedPoint> points, std::size_t size) {
  const double kInfinite = std::numeric_limits<double>::infinity();
  std::vector<double> best(points.size() + 1, kInfinite);
  best[0] = 0;
  for (std::size_t k = 0; k < size; ++k) {
    std::vector<double> next(points.size() + 1, kInfinite);
    next[0] = 0;
    for (std::size_t end = 1; end <= points.size(); ++end) {
      double weight = 0;
      double sum = 0;
      double squares = 0;
      for (std::size_t begin = end; begin-- > 0;) {
        weight += points[begin].weight;
        sum += points[begin].weight * points[begin].value;
        squares += points[begin].weight * points[begin].value * points[begin].value;
        next[end] = std::min(next[end], best[begin] + squares - sum * sum / weight);
      }
    }
    best = std::move(next);
  }
  return best.back();
}

TEST(KMeans, IsOptimalForUpTo4096Points) {
  const auto points = points_of(normal_values(1000, 3, 1.0));
  for (const std::size_t size : {2u, 4u, 8u, 16u, 64u}) {
    const double optimum = optimal_cost(points, size);
    EXPECT_NEAR(cost(points, k_means(points, size)), optimum, 1e-9 * optimum) << size;
  }
}

TEST(KMeans, IsNearlyOptimalForMore) {
  // Dense enough that the optimum is that of the distribution. Mean squared errors of the optimal
  // quantizers of a unit normal: J. Max, "Quantizing for Minimum Distortion", IRE Trans. IT-6
  // (1960).
  const auto points = points_of(normal_values(100'000, 5, 1.0));
  for (const auto& [size, error] : {std::pair(4u, 0.1175), std::pair(16u, 0.009497)}) {
    EXPECT_NEAR(cost(points, k_means(points, size)) / 1e5 / error, 1, 0.03) << size;
  }
}

TEST(KMeans, IsNotLedAstrayByOneFarValue) {
  auto values = normal_values(2000, 4, 1.0);
  values.push_back(1000.0F);
  const auto points = points_of(values);
  const auto centers = k_means(points, 16);
  EXPECT_EQ(centers.back(), 1000);
  const double optimum = optimal_cost(points, 16);
  EXPECT_NEAR(cost(points, centers), optimum, 1e-9 * optimum);
}

TEST(KMeans, NoneOfManyPointsIsLostToOneFarValue) {
  auto values = normal_values(20'000, 4, 1.0);
  values.push_back(1000.0F);
  const auto centers = k_means(points_of(values), 16);
  EXPECT_EQ(centers.back(), 1000);
  // 15 for the others, as near as without it.
  EXPECT_LT(centers[13], 4);
  EXPECT_LT(centers[7] - centers[6], 0.5);
}

TEST(KMeans, OfEqualValuesIsThatValue) {
  EXPECT_THAT(k_means(std::vector<WeightedPoint>{{0.5, 3}}, 4), ElementsAre(0.5, 0.5, 0.5, 0.5));
}

TEST(DistinctValues, AreAscendingAndZerosAreOne) {
  const std::vector<float> values = {2, -0.0F, 1, 0, 2, 1};
  EXPECT_THAT(distinct_values(values, 3).value(), ElementsAre(0, 1, 2));
  EXPECT_FALSE(distinct_values(values, 2));
}

TEST(Points, TakeEqualValuesTogether) {
  const std::vector<float> values = {2, -0.0F, 1, 0, 2, 1, 2};
  const auto points = points_of(values);
  ASSERT_EQ(points.size(), 3u);
  EXPECT_EQ(points[0].weight, 2);
  EXPECT_EQ(points[2].value, 2);
  EXPECT_EQ(points[2].weight, 3);
}

TEST(Points, OfManyHalfPrecisionNumbersAreTheNumbers) {
  // Every finite fp16 number thrice: enough to be counted in bins.
  std::vector<float> values;
  for (int repeat = 0; repeat < 3; ++repeat) {
    for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
      const float value = half_to_float(static_cast<std::uint16_t>(bits));
      if (std::isfinite(value)) values.push_back(value);
    }
  }
  const auto points = points_of(values);
  ASSERT_EQ(points.size(), 2u * 0x7c00 - 1);
  for (std::size_t i = 0; i < points.size(); ++i) {
    ASSERT_EQ(round_to_half(points[i].value), points[i].value);
    ASSERT_EQ(points[i].weight, points[i].value == 0 ? 6 : 3);
    if (i > 0) {
      ASSERT_LT(points[i - 1].value, points[i].value);
    }
  }
}

TEST(Points, OfManyNumbersKeepTheirSumAndCount) {
  const auto values = normal_values(200'000, 9, 1.0);
  double sum = 0;
  for (const float value : values) sum += static_cast<double>(value);
  double weight = 0;
  double weighted = 0;
  for (const WeightedPoint& point : points_of(values)) {
    weight += point.weight;
    weighted += point.weight * point.value;
  }
  EXPECT_EQ(weight, 200'000);
  EXPECT_NEAR(weighted, sum, 1e-6);
}

}  // namespace
}  // namespace anebench::weights
