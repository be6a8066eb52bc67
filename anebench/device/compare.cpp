#include "anebench/device/compare.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "anebench/ops/tensor.h"

namespace anebench::device {
namespace {

// Elements converted at a time, so that large tensors need little room.
constexpr std::size_t kChunk = 4096;

bool same(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  return a == b && std::signbit(a) == std::signbit(b);
}

// Sorts and counts; all NaNs count as one value.
std::int64_t count_distinct(std::vector<double>& values) {
  for (double& value : values) {
    if (std::isnan(value)) value = std::numeric_limits<double>::quiet_NaN();
  }
  const auto order = [](double a, double b) {
    return std::bit_cast<std::int64_t>(a) < std::bit_cast<std::int64_t>(b);
  };
  std::sort(values.begin(), values.end(), order);
  const auto equal = [](double a, double b) {
    return std::bit_cast<std::int64_t>(a) == std::bit_cast<std::int64_t>(b);
  };
  return std::unique(values.begin(), values.end(), equal) - values.begin();
}

}  // namespace

Comparison compare(const mil::Type& type, std::span<const std::byte> expected,
                   std::span<const std::byte> actual) {
  return compare(type, expected, type.data_type(), actual);
}

Comparison compare(const mil::Type& expected_type, std::span<const std::byte> expected,
                   mil::DataType actual_type, std::span<const std::byte> actual) {
  Comparison result;
  result.compared_values = expected_type.element_count().value_or(0);
  const auto count = static_cast<std::size_t>(result.compared_values);
  std::vector<double> all(count);
  std::vector<double> wanted(std::min(count, kChunk));
  double signal = 0;
  double noise = 0;
  double actual_power = 0;
  double product = 0;
  for (std::size_t first = 0; first < count; first += kChunk) {
    const std::size_t size = std::min(kChunk, count - first);
    const std::span<double> e = std::span(wanted).first(size);
    const std::span<double> a = std::span(all).subspan(first, size);
    ops::load_doubles(expected_type.data_type(), expected, first, e);
    ops::load_doubles(actual_type, actual, first, a);
    for (std::size_t i = 0; i < size; ++i) {
      if (!same(e[i], a[i])) {
        if (result.mismatches == 0) result.first_mismatch = static_cast<std::int64_t>(first + i);
        ++result.mismatches;
      }
      if (!std::isfinite(e[i]) || !std::isfinite(a[i])) {
        if (!same(e[i], a[i])) ++result.special_mismatches;
        continue;
      }
      const double error = std::fabs(e[i] - a[i]);
      signal += e[i] * e[i];
      noise += error * error;
      actual_power += a[i] * a[i];
      product += e[i] * a[i];
      result.max_absolute_error = std::max(result.max_absolute_error, error);
      if (e[i] != 0) {
        result.max_relative_error = std::max(result.max_relative_error, error / std::fabs(e[i]));
      }
    }
  }
  result.bit_identical = result.mismatches == 0;
  result.snr_db =
      noise == 0 ? std::numeric_limits<double>::infinity() : 10 * std::log10(signal / noise);
  if (signal > 0 && actual_power > 0) {
    result.cosine = product / (std::sqrt(signal) * std::sqrt(actual_power));
  } else {
    result.cosine = signal == actual_power ? 1 : 0;
  }
  result.distinct_values = count_distinct(all);
  return result;
}

}  // namespace anebench::device
