#include "anebench/weights/k_means.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <utility>

namespace anebench::weights {
namespace {

// Lloyd's iteration nearly always settles earlier; the limit bounds the time.
constexpr int kMostIterations = 100;

// So many points are divided in the best way there is; more are first taken together to so many.
constexpr std::size_t kMostDividedPoints = 4096;

// Below this, sorting is faster than clearing the bins.
constexpr std::size_t kWorthBinning = std::size_t{1} << 17;
// Sign, exponent and 11 bits of mantissa of an fp32 number.
constexpr unsigned kBinBits = 20;

// Cells of the range, of each of which the density is taken.
constexpr std::size_t kDensityCells = 4096;

// Ordered as the numbers are.
std::uint32_t bin_of(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t ordered = (bits & 0x80000000u) != 0 ? ~bits : bits | 0x80000000u;
  return ordered >> (32 - kBinBits);
}

std::vector<WeightedPoint> sorted_points(std::span<const float> values) {
  std::vector<float> sorted(values.begin(), values.end());
  for (float& value : sorted) value += 0.0F;  // -0 becomes +0
  std::sort(sorted.begin(), sorted.end());
  std::vector<WeightedPoint> points;
  for (const float value : sorted) {
    if (points.empty() || points.back().value != static_cast<double>(value)) {
      points.push_back({static_cast<double>(value), 0});
    }
    ++points.back().weight;
  }
  return points;
}

std::vector<WeightedPoint> binned_points(std::span<const float> values) {
  struct Bin {
    double sum = 0;
    std::uint64_t count = 0;
  };
  std::vector<Bin> bins(std::size_t{1} << kBinBits);
  for (const float value : values) {
    Bin& bin = bins[bin_of(value + 0.0F)];
    bin.sum += static_cast<double>(value);
    ++bin.count;
  }
  std::vector<WeightedPoint> points;
  for (const Bin& bin : bins) {
    if (bin.count == 0) continue;
    const auto weight = static_cast<double>(bin.count);
    points.push_back({bin.sum / weight, weight});
  }
  return points;
}

// Clusters of sorted points are intervals, so prefix sums give each one's mean and cost from its
// bounds.
class SortedKMeans {
 public:
  explicit SortedKMeans(std::span<const WeightedPoint> points)
      : points_(points),
        weights_(points.size() + 1),
        sums_(points.size() + 1),
        squares_(points.size() + 1) {
    for (std::size_t i = 0; i < points.size(); ++i) {
      const auto& [value, weight] = points[i];
      weights_[i + 1] = weights_[i] + weight;
      sums_[i + 1] = sums_[i] + weight * value;
      squares_[i + 1] = squares_[i] + weight * value * value;
    }
  }

  // Lloyd's iteration from ascending centers.
  std::vector<double> improve(std::vector<double> centers) const {
    std::vector<std::size_t> bounds = bounds_of(centers);
    for (int iteration = 0; iteration < kMostIterations; ++iteration) {
      centers = means_of(bounds, std::move(centers));
      std::sort(centers.begin(), centers.end());  // rounding may swap neighbours
      std::vector<std::size_t> next = bounds_of(centers);
      if (next == bounds) break;
      bounds = std::move(next);
    }
    return centers;
  }

  // The best division into `size` clusters: that of the first points into one cluster less, and one
  // more cluster, for every number of points. Where that one begins only grows with their number,
  // so that halving the range finds all in n·log n steps (H. Wang, M. Song, "Ckmeans.1d.dp", The R
  // Journal 3/2, 2011; A. Grønlund et al., "Fast exact k-means, k-medians and Bregman divergence
  // clustering in 1D", arXiv:1701.07204). Precondition: kMostDividedPoints at most, more than
  // `size`.
  std::vector<double> divide(std::size_t size) const {
    const std::size_t count = points_.size();
    std::vector<double> best(count + 1, std::numeric_limits<double>::infinity());
    best[0] = 0;
    std::vector<double> next(count + 1);
    // Where the last of k + 1 clusters begins, by the number of points.
    std::vector<std::vector<std::uint16_t>> begins(size, std::vector<std::uint16_t>(count + 1));
    for (std::size_t k = 0; k < size; ++k) {
      next[0] = std::numeric_limits<double>::infinity();
      add_cluster(best, next, begins[k], {1, count, 0, count - 1});
      std::swap(best, next);
    }
    std::vector<std::size_t> bounds(size + 1, 0);
    bounds[size] = count;
    for (std::size_t k = size; k-- > 0;) bounds[k] = begins[k][bounds[k + 1]];
    return means_of(bounds, std::vector<double>(size));
  }

 private:
  struct Sums {
    double weight;
    double sum;
    double squares;
  };
  Sums sums(std::size_t begin, std::size_t end) const {
    return {weights_[end] - weights_[begin], sums_[end] - sums_[begin],
            squares_[end] - squares_[begin]};
  }

  // Of the points' distances from their mean.
  double cost(std::size_t begin, std::size_t end) const {
    const Sums cluster = sums(begin, end);
    return cluster.squares - cluster.sum * cluster.sum / cluster.weight;
  }

  struct Search {
    std::size_t first_end;  // numbers of points to be divided, both included
    std::size_t last_end;
    std::size_t first_begin;  // where the last cluster can begin, both included
    std::size_t last_begin;
  };
  void add_cluster(const std::vector<double>& before, std::vector<double>& after,
                   std::vector<std::uint16_t>& begins, const Search& search) const {
    if (search.first_end > search.last_end) return;
    const std::size_t end = search.first_end + (search.last_end - search.first_end) / 2;
    after[end] = std::numeric_limits<double>::infinity();
    std::size_t chosen = search.first_begin;
    for (std::size_t begin = search.first_begin; begin <= std::min(search.last_begin, end - 1);
         ++begin) {
      const double total = before[begin] + cost(begin, end);
      if (total < after[end]) {
        after[end] = total;
        chosen = begin;
      }
    }
    begins[end] = static_cast<std::uint16_t>(chosen);
    add_cluster(before, after, begins, {search.first_end, end - 1, search.first_begin, chosen});
    add_cluster(before, after, begins, {end + 1, search.last_end, chosen, search.last_begin});
  }

  // An empty cluster's stays what it is.
  std::vector<double> means_of(std::span<const std::size_t> bounds,
                               std::vector<double> centers) const {
    for (std::size_t c = 0; c < centers.size(); ++c) {
      const Sums cluster = sums(bounds[c], bounds[c + 1]);
      if (cluster.weight > 0) centers[c] = cluster.sum / cluster.weight;
    }
    return centers;
  }

  // Cluster c holds the points [bounds[c], bounds[c + 1]).
  std::vector<std::size_t> bounds_of(std::span<const double> centers) const {
    std::vector<std::size_t> bounds(centers.size() + 1, 0);
    bounds.back() = points_.size();
    for (std::size_t c = 0; c + 1 < centers.size(); ++c) {
      const double middle = (centers[c] + centers[c + 1]) / 2;
      const auto first = points_.begin() + static_cast<std::ptrdiff_t>(bounds[c]);
      const auto above = std::upper_bound(
          first, points_.end(), middle,
          [](double value, const WeightedPoint& point) { return value < point.value; });
      bounds[c + 1] = static_cast<std::size_t>(above - points_.begin());
    }
    return bounds;
  }

  std::span<const WeightedPoint> points_;
  std::vector<double> weights_;
  std::vector<double> sums_;
  std::vector<double> squares_;
};

// x^(5/16), nearly the cube root, of square roots only.
double near_cube_root(double x) {
  const double fourth = std::sqrt(std::sqrt(x));
  return fourth * std::sqrt(std::sqrt(fourth));
}

// With many centers the best density of centers is the cube root of the values' density (Panter and
// Dite, "Quantization distortion in pulse-count modulation with nonuniform spacing of levels",
// Proceedings of the IRE 39, 1951).
std::vector<double> by_density(std::span<const WeightedPoint> points, std::size_t size) {
  const double low = points.front().value;
  const double width = (points.back().value - low) / static_cast<double>(kDensityCells);
  std::vector<double> cells(kDensityCells, 0);
  for (const auto& [value, weight] : points) {
    const auto cell = static_cast<std::size_t>((value - low) / width);
    cells[std::min(cell, kDensityCells - 1)] += weight;
  }
  std::transform(cells.begin(), cells.end(), cells.begin(), near_cube_root);
  const double share = std::accumulate(cells.begin(), cells.end(), 0.0) / static_cast<double>(size);
  // Center i where the sum over the cells before it is (i + ½) shares.
  std::vector<double> result;
  double before = 0;
  for (std::size_t cell = 0; cell < kDensityCells; ++cell) {
    if (cells[cell] == 0) continue;
    while (result.size() < size) {
      const double inside =
          ((static_cast<double>(result.size()) + 0.5) * share - before) / cells[cell];
      if (inside > 1) break;
      result.push_back(low + (static_cast<double>(cell) + inside) * width);
    }
    before += cells[cell];
  }
  result.resize(size, points.back().value);
  return result;
}

// Neighbours taken together, so that at most kMostDividedPoints are left: finely where the
// centers will be dense.
std::vector<WeightedPoint> coarse(std::span<const WeightedPoint> points) {
  const std::vector<double> limits = by_density(points, kMostDividedPoints - 1);
  std::vector<WeightedPoint> result;
  std::size_t limit = 0;
  double sum = 0;
  double total = 0;
  const auto close = [&] {
    if (total > 0) result.push_back({sum / total, total});
    sum = total = 0;
  };
  for (const auto& [value, weight] : points) {
    if (limit < limits.size() && value > limits[limit]) close();
    while (limit < limits.size() && value > limits[limit]) ++limit;
    sum += weight * value;
    total += weight;
  }
  close();
  return result;
}

}  // namespace

std::optional<std::vector<double>> distinct_values(std::span<const float> values,
                                                   std::size_t most) {
  std::vector<double> found;
  for (const float value : values) {
    const double number = static_cast<double>(value) + 0.0;
    const auto place = std::lower_bound(found.begin(), found.end(), number);
    if (place != found.end() && *place == number) continue;
    if (found.size() == most) return std::nullopt;
    found.insert(place, number);
  }
  return found;
}

std::vector<WeightedPoint> points_of(std::span<const float> values) {
  return values.size() < kWorthBinning ? sorted_points(values) : binned_points(values);
}

std::vector<double> equally_spaced(double low, double high, std::size_t count) {
  std::vector<double> table(count);
  for (std::size_t i = 0; i < count; ++i) {
    table[i] = low + (high - low) * (static_cast<double>(i) / static_cast<double>(count - 1));
  }
  return table;
}

std::vector<double> k_means(std::span<const WeightedPoint> points, std::size_t size) {
  if (points.size() <= size) {
    std::vector<double> values;
    for (const WeightedPoint& point : points) values.push_back(point.value);
    values.resize(size, values.back());
    return values;
  }
  if (points.size() <= kMostDividedPoints) return SortedKMeans(points).divide(size);
  const std::vector<WeightedPoint> fewer = coarse(points);
  const std::vector<double> start =
      fewer.size() > size ? SortedKMeans(fewer).divide(size) : by_density(points, size);
  return SortedKMeans(points).improve(start);
}

}  // namespace anebench::weights
