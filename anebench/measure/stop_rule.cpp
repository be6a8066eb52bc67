#include "anebench/measure/stop_rule.h"

#include <algorithm>
#include <cmath>

#include "anebench/stats/looks.h"

namespace anebench::measure {

StopRule::StopRule(const Plan& plan, std::size_t first_look, std::size_t samples_per_unit)
    : plan_(plan), next_look_(first_look), max_units_(stats::kMaxSamples / samples_per_unit) {
  const auto units = [&](std::size_t samples) {
    return (samples + samples_per_unit - 1) / samples_per_unit;
  };
  if (plan.samples) fixed_units_ = units(*plan.samples);
  if (plan.min_samples) next_look_ = std::max<std::size_t>(units(*plan.min_samples), 1);
  expected_units_ = static_cast<double>(fixed_units_ > 0 ? fixed_units_ : next_look_);
}

StopRule::Decision StopRule::after(std::size_t units, const Times& times,
                                   FunctionRef<stats::Estimate()> estimate) {
  if (fixed_units_ > 0) {
    if (units >= fixed_units_) return Decision::done;
  } else if (units >= next_look_) {
    next_look_ = stats::next_look(units);
    const double width = stats::relative_half_width(estimate());
    const bool narrow = width <= plan_.precision;
    if (narrow && times.sampling_seconds >= plan_.min_seconds) return Decision::done;
    // An interval shrinks with the root of the sample's size.
    const double growth = std::isfinite(width) ? std::pow(width / plan_.precision, 2) : 2;
    expected_units_ =
        std::max(static_cast<double>(next_look_), static_cast<double>(units) * growth);
  }
  const bool too_late = times.total_seconds + times.last_unit_seconds > plan_.max_seconds;
  if (too_late || (fixed_units_ == 0 && units >= max_units_)) return Decision::exhausted;
  return Decision::go_on;
}

double StopRule::seconds_left(std::size_t units, const Times& times) const {
  const double left = std::max(plan_.max_seconds - times.total_seconds, 0.0);
  const auto done = static_cast<double>(units);
  if (done <= 0) return left;
  const double by_width = std::max(expected_units_ - done, 0.0) * times.sampling_seconds / done;
  const double by_time = fixed_units_ > 0 ? 0 : plan_.min_seconds - times.sampling_seconds;
  return std::min(left, std::max(by_width, by_time));
}

}  // namespace anebench::measure
