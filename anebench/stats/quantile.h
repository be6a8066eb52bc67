// Order statistics of a sample. Units are those of the data; functions are pure and sort a copy.
// NaNs sort last; an empty sample gives NaN.
//
//   if (auto p90 = tail_quantile(times, Tail::p90)) print(*p90);
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace anebench::stats {

std::vector<double> sorted(std::span<const double> values);

double mean(std::span<const double> values);
double median(std::span<const double> values);
// `ascending` as made by sorted(); linear interpolation between the two nearest (Hyndman and Fan's
// type 7, NumPy's default). 0 <= p <= 1.
double quantile_of_sorted(std::span<const double> ascending, double p);
double quantile(std::span<const double> values, double p);

enum class Tail { p90, p99 };
// Nothing where the sample is too small to bound that tail (thresholds.h).
std::optional<double> tail_quantile(std::span<const double> values, Tail tail);

// How many lie outside Tukey's fences (thresholds.h); 0 below four values.
std::size_t count_outliers(std::span<const double> values);
// The rule's name, as records give it.
inline constexpr const char* kOutlierRule = "tukey-1.5-iqr";

}  // namespace anebench::stats
