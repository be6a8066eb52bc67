// When a measurement ends. A unit is a block of a comparison or a sample of a single series. The
// interval is looked at on the schedule of stats/looks.h only: every look is a chance to stop by
// luck.
//
//   StopRule rule(plan, stats::kFirstLookBlocks, 2);
//   while (rule.after(units, times, estimate) == StopRule::Decision::go_on) ...
#pragma once

#include <cstddef>
#include <cstdint>

#include "anebench/base/function_ref.h"
#include "anebench/measure/plan.h"
#include "anebench/stats/estimate.h"

namespace anebench::measure {

class StopRule {
 public:
  enum class Decision : std::uint8_t {
    go_on,
    done,       // narrow enough, or as many as asked for
    exhausted,  // the time limit, or the limit on the number of samples
  };

  struct Times {
    double sampling_seconds = 0;   // since the warm-up ended
    double total_seconds = 0;      // since the measurement began
    double last_unit_seconds = 0;  // what the next unit is expected to take
  };

  // `samples_per_unit`: of each callable.
  StopRule(const Plan& plan, std::size_t first_look, std::size_t samples_per_unit);

  // Asked once after every unit, with their number. `estimate` is called at looks only.
  Decision after(std::size_t units, const Times& times, FunctionRef<stats::Estimate()> estimate);

  // Seconds that sampling will still take, by the interval's width at the last look.
  double seconds_left(std::size_t units, const Times& times) const;

 private:
  const Plan& plan_;
  std::size_t next_look_;
  std::size_t fixed_units_ = 0;  // 0: not fixed
  std::size_t max_units_;
  double expected_units_;
};

}  // namespace anebench::measure
