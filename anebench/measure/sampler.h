// Takes single samples of one callable: batches it so that the clock's resolution does not show.
// Internal to the layer.
#pragma once

#include <cstddef>

#include "anebench/base/clock.h"
#include "anebench/measure/measure.h"

namespace anebench::measure {

class Sampler {
 public:
  // All must outlive the sampler; samples go to `series`.
  Sampler(const Work& work, const Clock& clock, Series& series);

  // Evaluates once or more to choose series.batch, so that a sample lasts at least a thousand times
  // the clock's resolution. The last of these calls becomes the first sample. An error where the
  // clock does not move.
  Result<void> choose_batch();

  // Takes a sample of series.batch evaluations and appends it.
  Result<void> sample();

  // The same, then raises the batch where the work has become faster than when it was chosen. Only
  // during warm-up: the samples before stay, per evaluation.
  Result<void> warmup_sample();

  double last_ns() const { return series_->samples_ns.back(); }
  const Series& series() const { return *series_; }
  Series& series() { return *series_; }

 private:
  // Nanoseconds of `batch` evaluations.
  Result<double> time_batch();
  double required_ns() const;
  void raise_batch(double elapsed_ns);

  const Work* work_;
  const Clock* clock_;
  Series* series_;
  bool has_run_ = false;
};

}  // namespace anebench::measure
