#include "anebench/record/from_measure.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace anebench::record {
namespace {}  // namespace

Metric metric_of(std::string tag, const stats::Estimate& estimate, double scale, std::string unit,
                 std::string description) {
  Metric metric{std::move(tag),        estimate.value * scale, std::move(unit), {}, {},
                std::move(description)};
  if (std::isfinite(estimate.low) && std::isfinite(estimate.high) &&
      estimate.low <= estimate.high) {
    metric.low = estimate.low * scale;
    metric.high = estimate.high * scale;
  }
  return metric;
}

std::vector<Metric> time_metrics(const measure::Series& series) {
  std::vector<Metric> metrics;
  metrics.push_back(
      metric_of("time.eval", series.time_ns, kMsPerNs, "ms",
                series.is_mean ? "mean time of one evaluation" : "median time of one evaluation"));
  if (series.is_mean) {
    // The classic protocol's mean has no interval.
    metrics.back().low.reset();
    metrics.back().high.reset();
  }
  metrics.push_back(
      {"time.first", series.first_ns * kMsPerNs, "ms", {}, {}, "time of the first evaluation"});
  if (series.p90_ns) {
    metrics.push_back({"time.p90",
                       *series.p90_ns * kMsPerNs,
                       "ms",
                       {},
                       {},
                       "90th percentile of the time of one evaluation"});
  }
  if (series.p99_ns) {
    metrics.push_back({"time.p99",
                       *series.p99_ns * kMsPerNs,
                       "ms",
                       {},
                       {},
                       "99th percentile of the time of one evaluation"});
  }
  return metrics;
}

Series samples_of(std::string name, const measure::Series& series) {
  Series result{std::move(name), series.warmup_count, series.batch, {}};
  result.values.reserve(series.samples_ns.size());
  for (const double sample : series.samples_ns) result.values.push_back(sample * kMsPerNs);
  return result;
}

Host host_of(const measure::Conditions& conditions) {
  return {conditions.before, conditions.after};
}

void add_validity(Outcome& outcome, const std::vector<measure::Validity>& codes) {
  for (const measure::Validity code : codes) {
    const std::string text(measure::to_string(code));
    if (std::find(outcome.validity.begin(), outcome.validity.end(), text) ==
        outcome.validity.end()) {
      outcome.validity.push_back(text);
    }
  }
}

Pair pair_of(std::string baseline, const measure::PairResult& result) {
  Pair pair;
  pair.baseline = std::move(baseline);
  for (const stats::BlockOrder order : result.orders) {
    pair.orders.emplace_back(stats::to_string(order));
  }
  pair.seed = result.seed;
  pair.outcome = std::string(stats::to_string(result.judgement.outcome));
  pair.reason = std::string(result.judgement.reason);
  return pair;
}

}  // namespace anebench::record
