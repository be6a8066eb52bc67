#include "anebench/stats/paired.h"

#include <cmath>

#include "anebench/stats/rank_interval.h"

namespace anebench::stats {

std::string_view to_string(BlockOrder order) { return order == BlockOrder::abba ? "ABBA" : "BAAB"; }

bool is_a(BlockOrder order, std::size_t position) {
  const bool is_outer = position == 0 || position == 3;
  return is_outer == (order == BlockOrder::abba);
}

BlockOrder draw_block_order(Rng& rng) {
  return rng.uniform() < 0.5 ? BlockOrder::abba : BlockOrder::baab;
}

double log_ratio(BlockOrder order, const std::array<double, 4>& times) {
  const double outer = times[0] + times[3];
  const double inner = times[1] + times[2];
  const double d = std::log(outer) - std::log(inner);
  return order == BlockOrder::abba ? d : -d;
}

Estimate ratio_estimate(std::span<const double> log_ratios, double level) {
  const Estimate d = median_estimate(log_ratios, level);
  return {std::exp(d.value), std::exp(d.low), std::exp(d.high)};
}

}  // namespace anebench::stats
