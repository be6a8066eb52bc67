// k-means in one dimension, for lookup tables. Internal to this layer.
//
//   const std::vector<double> table = k_means(points_of(values), 16);
//
// Pure functions; thread-safe; the same results on every platform (of mathematics beyond IEEE 754's
// correctly rounded operations nothing is used).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace anebench::weights {

// Equal values taken together.
struct WeightedPoint {
  double value = 0;
  double weight = 0;
};

// The distinct values, ascending, where there are at most `most` of them. Zeros of both signs are
// one. Stops as soon as there are more.
std::optional<std::vector<double>> distinct_values(std::span<const float> values, std::size_t most);

// The values as points, ascending. Many values are counted in bins of 11 bits of mantissa, each a
// point at the mean of its values: fp16 numbers are not mixed, and others moved by 2^-12 of
// themselves at most, in time proportional to their number.
std::vector<WeightedPoint> points_of(std::span<const float> values);

// `size` ascending numbers with the least sum of squared distances from the points to the nearest
// of them: exactly for up to 4096 points; for more very nearly, by Lloyd's iteration from the best
// division of 4096 groups of neighbours. Preconditions: ascending points, not empty; a size of at
// least 2, at most 256.
std::vector<double> k_means(std::span<const WeightedPoint> points, std::size_t size);

// `count` numbers from `low` to `high`.
std::vector<double> equally_spaced(double low, double high, std::size_t count);

}  // namespace anebench::weights
