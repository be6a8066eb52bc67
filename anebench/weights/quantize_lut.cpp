// Quantization to lookup tables ("palettization").
#include <algorithm>
#include <cmath>

#include "anebench/weights/quantize.h"
#include "anebench/weights/quantize_common.h"

namespace anebench::weights {
namespace {

using mil::DataType;

// Lloyd's iteration nearly always settles much earlier; the limit bounds the time.
constexpr int kMaxIterations = 100;

Result<DataType> index_type(int bits) {
  switch (bits) {
    case 1: return DataType::uint1;
    case 2: return DataType::uint2;
    case 3: return DataType::uint3;
    case 4: return DataType::uint4;
    case 6: return DataType::uint6;
    case 8: return DataType::uint8;
    default:
      return fail(ErrorCode::invalid_argument, "{} bits where a table index has 1, 2, 3, 4, 6 or 8",
                  bits);
  }
}

std::vector<double> equally_spaced(double low, double high, std::size_t count) {
  std::vector<double> table(count);
  for (std::size_t i = 0; i < count; ++i) {
    table[i] = low + (high - low) * (static_cast<double>(i) / static_cast<double>(count - 1));
  }
  return table;
}

// k-means of sorted numbers. Clusters are intervals, so prefix sums give each one's mean and cost
// from its bounds.
class SortedKMeans {
 public:
  explicit SortedKMeans(std::span<const double> sorted)
      : sorted_(sorted), sums_(sorted.size() + 1), squares_(sorted.size() + 1) {
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      sums_[i + 1] = sums_[i] + sorted[i];
      squares_[i + 1] = squares_[i] + sorted[i] * sorted[i];
    }
  }

  struct Solution {
    std::vector<double> centers;
    double cost = 0;
  };

  // Lloyd's iteration from ascending centers.
  Solution improve(std::vector<double> centers) const {
    std::vector<std::size_t> bounds = bounds_of(centers);
    for (int iteration = 0; iteration < kMaxIterations; ++iteration) {
      for (std::size_t c = 0; c < centers.size(); ++c) {
        const std::size_t count = bounds[c + 1] - bounds[c];
        // An empty cluster stays where it is.
        if (count > 0) {
          centers[c] = (sums_[bounds[c + 1]] - sums_[bounds[c]]) / static_cast<double>(count);
        }
      }
      std::sort(centers.begin(), centers.end());  // rounding may swap neighbours
      std::vector<std::size_t> next = bounds_of(centers);
      if (next == bounds) break;
      bounds = std::move(next);
    }
    Solution solution{.centers = std::move(centers)};
    for (std::size_t c = 0; c < solution.centers.size(); ++c) {
      const double center = solution.centers[c];
      const double sum = sums_[bounds[c + 1]] - sums_[bounds[c]];
      const double squares = squares_[bounds[c + 1]] - squares_[bounds[c]];
      const auto count = static_cast<double>(bounds[c + 1] - bounds[c]);
      solution.cost += squares - 2 * center * sum + count * center * center;
    }
    return solution;
  }

 private:
  // Cluster c holds the sorted numbers [bounds[c], bounds[c + 1]).
  std::vector<std::size_t> bounds_of(std::span<const double> centers) const {
    std::vector<std::size_t> bounds(centers.size() + 1, 0);
    bounds.back() = sorted_.size();
    for (std::size_t c = 0; c + 1 < centers.size(); ++c) {
      const double middle = (centers[c] + centers[c + 1]) / 2;
      const auto first = sorted_.begin() + static_cast<std::ptrdiff_t>(bounds[c]);
      bounds[c + 1] = static_cast<std::size_t>(std::upper_bound(first, sorted_.end(), middle) -
                                               sorted_.begin());
    }
    return bounds;
  }

  std::span<const double> sorted_;
  std::vector<double> sums_;
  std::vector<double> squares_;
};

// An ascending table of `size` numbers for the sorted ones.
std::vector<double> make_table(const std::vector<double>& sorted, std::size_t size,
                               LutOptions::Method method) {
  if (method == LutOptions::Method::uniform) {
    return equally_spaced(sorted.front(), sorted.back(), size);
  }
  std::vector<double> distinct;
  std::unique_copy(sorted.begin(), sorted.end(), std::back_inserter(distinct));
  if (distinct.size() <= size) {
    distinct.resize(size, distinct.back());
    return distinct;
  }
  // Two starts, as each has its bad cases: quantiles starve the tails, equal spacing the middle.
  std::vector<double> quantiles(size);
  for (std::size_t i = 0; i < size; ++i) {
    quantiles[i] = distinct[(2 * i + 1) * distinct.size() / (2 * size)];
  }
  const SortedKMeans k_means(sorted);
  auto from_quantiles = k_means.improve(std::move(quantiles));
  auto from_spacing = k_means.improve(equally_spaced(sorted.front(), sorted.back(), size));
  return from_quantiles.cost <= from_spacing.cost ? std::move(from_quantiles.centers)
                                                  : std::move(from_spacing.centers);
}

// The nearest entry of an ascending table; of two, the first.
std::size_t nearest(std::span<const double> table, double value) {
  const auto above = std::lower_bound(table.begin(), table.end(), value);
  if (above == table.begin()) return 0;
  const double below = *(above - 1);
  const auto candidate = above == table.end() || value - below <= *above - value ? below : *above;
  return static_cast<std::size_t>(std::lower_bound(table.begin(), table.end(), candidate) -
                                  table.begin());
}

}  // namespace

Result<LutTensor> quantize_lut(std::span<const float> values, const mil::Shape& shape,
                               const LutOptions& options) {
  ANEBENCH_TRY(check_values(values, shape));
  ANEBENCH_TRY(check_real_type(options.lut_type));
  ANEBENCH_ASSIGN(type, index_type(options.bits));
  ANEBENCH_ASSIGN(axis, checked_axis(options.axis, shape));
  ANEBENCH_ASSIGN(groups,
                  Groups::along_axis(shape, axis, options.group_size.value_or(shape[axis].size())));

  std::vector<std::vector<double>> members(groups.count());
  groups.for_each_run([&](std::size_t first, std::size_t count, std::size_t group) {
    for (const float value : values.subspan(first, count)) {
      members[group].push_back(static_cast<double>(value) + 0.0);  // -0 becomes +0
    }
  });

  const std::size_t size = std::size_t{1} << options.bits;
  std::vector<double> tables;
  tables.reserve(groups.count() * size);
  for (std::vector<double>& group : members) {
    std::sort(group.begin(), group.end());
    for (const double entry : make_table(group, size, options.method)) {
      tables.push_back(rounded_to(options.lut_type, entry));
      if (!std::isfinite(tables.back())) {
        return fail(ErrorCode::invalid_argument, "the value {} is too large for a table of {}",
                    entry, mil::to_string(options.lut_type));
      }
    }
    group = {};
  }

  std::vector<std::uint8_t> indices(values.size());
  std::vector<float> restored(values.size());
  groups.for_each_run([&](std::size_t first, std::size_t count, std::size_t group) {
    const auto table = std::span(tables).subspan(group * size, size);
    for (std::size_t i = first; i < first + count; ++i) {
      const std::size_t index = nearest(table, static_cast<double>(values[i]));
      indices[i] = static_cast<std::uint8_t>(index);
      restored[i] = static_cast<float>(table[index]);
    }
  });

  mil::Shape lut_shape = groups.counts();
  lut_shape.emplace_back(static_cast<std::int64_t>(size));
  lut_shape.emplace_back(1);
  return LutTensor{.indices = code_tensor(type, shape, indices),
                   .lut = real_tensor(options.lut_type, std::move(lut_shape), tables),
                   .error = quantization_error(values, restored)};
}

Result<Ios16Lut> to_ios16(const LutTensor& tensor) {
  const mil::Type& index = tensor.indices.type();
  const std::int64_t size = std::int64_t{1} << mil::bit_width(index.data_type());
  if (index.data_type() == DataType::uint3) {
    return fail(ErrorCode::unsupported, "iOS 16's form of lookup tables has no 3-bit indices");
  }
  if (tensor.lut.type().element_count() != size) {
    return fail(ErrorCode::unsupported, "iOS 16's form holds one lookup table, not those of {}",
                mil::to_string(tensor.lut.type()));
  }
  ANEBENCH_ASSIGN(shape, shape_value(index.shape()));
  const auto packed = tensor.indices.bytes();
  const auto table = tensor.lut.bytes();
  return Ios16Lut{
      .indices = mil::Value::packed(
          mil::Type::tensor(DataType::uint8, {static_cast<std::int64_t>(packed.size())}),
          {packed.begin(), packed.end()}),
      .lut = mil::Value::packed(mil::Type::tensor(tensor.lut.type().data_type(), {size}),
                                {table.begin(), table.end()}),
      .shape = std::move(shape)};
}

}  // namespace anebench::weights
