// What every measurement shares: its start, its time limit, hooks, and the conditions around it.
// Internal to the layer.
#pragma once

#include <cstddef>
#include <span>

#include "anebench/base/clock.h"
#include "anebench/measure/canary.h"
#include "anebench/measure/measure.h"
#include "anebench/measure/sampler.h"
#include "anebench/measure/stop_rule.h"

namespace anebench::measure {

class Session {
 public:
  // Reads the environment and starts the time. All must outlive the session.
  Session(const Plan& plan, const Clock& clock, const Hooks& hooks, Conditions& conditions);

  double seconds() const;
  bool cancelled() const;
  Canary& canary() { return canary_; }

  // Chooses batches and warms up: samples of all callables in turn, until plan.warmup is content.
  Result<void> warm_up(std::span<Sampler> samplers);

  // Runs `unit` until the rule says so, counting complete ones in `units`. False from `unit` means
  // that it was cancelled, and ends it, too.
  Result<void> repeat(StopRule& rule, std::size_t& units, FunctionRef<Result<bool>()> unit,
                      FunctionRef<stats::Estimate()> estimate);

  // Reports progress after a sample, by the last expectation of the end.
  void report_sample(bool is_warmup = false);

  // Times the canary last, reads the environment, and adds what they say.
  void finish(std::size_t units, std::vector<Validity>& validity);

 private:
  Result<void> warm_up_rounds(std::span<Sampler> samplers);

  void report(bool is_warmup, double seconds_left);

  const Plan& plan_;
  const Clock& clock_;
  const Hooks& hooks_;
  Conditions& conditions_;
  Canary canary_;
  std::int64_t start_ns_;
  double fraction_ = 0;
  double expected_end_ = 0;
};

}  // namespace anebench::measure
