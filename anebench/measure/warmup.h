// When the warm-up is over. Internal to the layer.
#pragma once

#include <cstddef>
#include <span>

#include "anebench/measure/plan.h"
#include "anebench/measure/sampler.h"

namespace anebench::measure {

class WarmupRule {
 public:
  explicit WarmupRule(const Plan& plan) : plan_(plan) {}

  // Asked before every round of samples of all callables, with the seconds since the measurement
  // began. Sets Series::warmup_settled where a cap ends an automatic warm-up.
  bool is_enough(std::span<Sampler> samplers, double elapsed_seconds);

 private:
  bool is_automatically_enough(std::span<Sampler> samplers, double elapsed_seconds);

  const Plan& plan_;
  std::size_t rounds_ = 0;
  std::size_t next_check_ = stats::kWarmupWindow;
};

}  // namespace anebench::measure
