#include "anebench/stats/holm.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace anebench::stats {

std::vector<double> holm_adjusted(std::span<const double> p_values) {
  const std::size_t count = p_values.size();
  std::vector<double> p(p_values.begin(), p_values.end());
  for (double& value : p) {
    if (std::isnan(value)) value = 1;
  }
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  std::vector<double> adjusted(count);
  double so_far = 0;  // adjusted values never fall along the order
  for (std::size_t i = 0; i < count; ++i) {
    so_far = std::max(so_far, p[order[i]] * static_cast<double>(count - i));
    adjusted[order[i]] = std::min(so_far, 1.0);
  }
  return adjusted;
}

std::vector<bool> holm_rejected(std::span<const double> p_values, double alpha) {
  std::vector<bool> rejected;
  for (const double p : holm_adjusted(p_values)) rejected.push_back(p <= alpha);
  return rejected;
}

}  // namespace anebench::stats
