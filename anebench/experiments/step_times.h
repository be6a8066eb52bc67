// Gathers the steps' times of many evaluations, and gives each step's median.
//
//   StepTimes times(executable.steps().size(), device.clock());
//   times.begin();
//   ANEBENCH_TRY(loaded.evaluate(&times));
//   times.end();
//   StepSummary summary = times.summary(100);   // of the last 100 evaluations
//
// Memory is bounded: of more than a few thousand evaluations, evenly spread ones are kept. Times
// are nanoseconds of the clock, which must outlive this. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "anebench/base/clock.h"
#include "anebench/device/executable.h"
#include "anebench/stats/estimate.h"

namespace anebench::experiments {

// A span of time within an evaluation, from its start.
struct StepSpan {
  std::int64_t start_ns = 0;
  std::int64_t duration_ns = 0;
};

struct StepSummary {
  // How many evaluations it is of; 0 where there are none, and then nothing else is set.
  std::size_t evaluations = 0;
  // For each step, the median with its rank interval.
  std::vector<stats::Estimate> steps;
  // The evaluation of median length: its length and its steps.
  std::int64_t shown_ns = 0;
  std::vector<StepSpan> shown_steps;
};

class StepTimes final : public device::StepObserver {
 public:
  StepTimes(std::size_t steps, const Clock& clock);

  void begin();
  // A step that is reported more than once (in a loop) counts with the sum.
  void on_step(std::size_t step, std::int64_t start_ns, std::int64_t end_ns) override;
  // An evaluation that ended with an error is not ended here, so it does not count.
  void end();

  // Of those among the last `count` evaluations that were kept.
  StepSummary summary(std::size_t count) const;

 private:
  struct Evaluation {
    std::uint64_t index;
    std::int64_t duration_ns;
    std::vector<StepSpan> steps;
  };

  const Clock& clock_;
  std::size_t steps_;
  std::size_t most_kept_;
  std::uint64_t stride_ = 1;
  std::uint64_t count_ = 0;
  std::int64_t start_ns_ = 0;
  std::vector<StepSpan> current_;
  std::vector<Evaluation> kept_;
};

}  // namespace anebench::experiments
