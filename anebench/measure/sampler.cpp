#include "anebench/measure/sampler.h"

#include <algorithm>
#include <cmath>

#include "anebench/stats/thresholds.h"

namespace anebench::measure {

Sampler::Sampler(const Work& work, const Clock& clock, Series& series)
    : work_(&work), clock_(&clock), series_(&series) {}

double Sampler::required_ns() const {
  return static_cast<double>(clock_->resolution_ns()) / stats::kMaxResolutionShare;
}

Result<double> Sampler::time_batch() {
  const std::int64_t start = clock_->now_ns();
  for (std::size_t i = 0; i < series_->batch; ++i) ANEBENCH_TRY((*work_)());
  const auto elapsed = static_cast<double>(clock_->now_ns() - start);
  if (!has_run_) series_->first_ns = elapsed / static_cast<double>(series_->batch);
  has_run_ = true;
  return elapsed;
}

void Sampler::raise_batch(double elapsed_ns) {
  // A fifth more than needed, so that ordinary noise does not fall below; tenfold at most, since a
  // short time is known badly.
  const double wanted = 1.2 * required_ns() / std::max(elapsed_ns, 1.0);
  const auto factor = static_cast<std::size_t>(std::ceil(std::clamp(wanted, 2.0, 10.0)));
  series_->batch = std::min(series_->batch * factor, stats::kMaxBatch);
}

Result<void> Sampler::choose_batch() {
  series_->batch = 1;
  ANEBENCH_ASSIGN(first, time_batch());
  double elapsed = first;
  // The first evaluation may be far slower than the rest, so it decides only where it was so long
  // that the rest cannot be too short.
  if (elapsed < stats::kColdFactor * required_ns()) {
    for (;;) {
      ANEBENCH_ASSIGN(next, time_batch());
      elapsed = next;
      if (elapsed >= required_ns()) break;
      if (series_->batch >= stats::kMaxBatch) {
        if (elapsed > 0) break;
        return fail(ErrorCode::internal, "the clock did not move during {} evaluations",
                    series_->batch);
      }
      raise_batch(elapsed);
    }
  }
  series_->samples_ns.push_back(elapsed / static_cast<double>(series_->batch));
  return {};
}

Result<void> Sampler::sample() {
  ANEBENCH_ASSIGN(elapsed, time_batch());
  // What the clock cannot show is shorter than its resolution; nothing takes no time.
  const double shown = std::max(elapsed, static_cast<double>(clock_->resolution_ns()));
  series_->samples_ns.push_back(shown / static_cast<double>(series_->batch));
  return {};
}

Result<void> Sampler::warmup_sample() {
  ANEBENCH_TRY(sample());
  const double elapsed = last_ns() * static_cast<double>(series_->batch);
  if (elapsed < required_ns() && series_->batch < stats::kMaxBatch) raise_batch(elapsed);
  return {};
}

}  // namespace anebench::measure
