#include "anebench/measure/session.h"

#include <algorithm>

#include "anebench/measure/warmup.h"
#include "anebench/stats/thresholds.h"

namespace anebench::measure {
Session::Session(const Plan& plan, const Clock& clock, const Hooks& hooks, Conditions& conditions)
    : plan_(plan),
      clock_(clock),
      hooks_(hooks),
      conditions_(conditions),
      canary_(hooks.canary, clock, conditions) {
  if (hooks_.environment) conditions_.before = hooks_.environment();
  start_ns_ = clock_.now_ns();
  expected_end_ = plan_.max_seconds;
}

double Session::seconds() const { return static_cast<double>(clock_.now_ns() - start_ns_) * 1e-9; }

bool Session::cancelled() const {
  return hooks_.cancelled != nullptr && hooks_.cancelled->load(std::memory_order_relaxed);
}

void Session::report(bool is_warmup, double seconds_left) {
  const double now = seconds();
  expected_end_ = now + seconds_left;
  if (!hooks_.progress) return;
  const double fraction = expected_end_ > 0 ? now / expected_end_ : 1;
  fraction_ = std::clamp(fraction, fraction_, 1.0);
  hooks_.progress({fraction_, seconds_left, is_warmup});
}

void Session::report_sample(bool is_warmup) {
  report(is_warmup, std::max(expected_end_ - seconds(), 0.0));
}

Result<void> Session::warm_up(std::span<Sampler> samplers) {
  Result<void> result = warm_up_rounds(samplers);
  for (Sampler& sampler : samplers) {
    sampler.series().warmup_count = sampler.series().samples_ns.size();
  }
  return result;
}

Result<void> Session::warm_up_rounds(std::span<Sampler> samplers) {
  for (Sampler& sampler : samplers) {
    ANEBENCH_TRY(sampler.choose_batch());
    report_sample(true);
  }
  WarmupRule rule(plan_);
  while (!cancelled() && !rule.is_enough(samplers, seconds())) {
    for (Sampler& sampler : samplers) {
      if (cancelled()) break;
      ANEBENCH_TRY(sampler.warmup_sample());
      report_sample(true);
    }
  }
  return {};
}

Result<void> Session::repeat(StopRule& rule, std::size_t& units, FunctionRef<Result<bool>()> unit,
                             FunctionRef<stats::Estimate()> estimate) {
  canary_.start();
  const double start = seconds();
  for (;;) {
    const double unit_start = seconds();
    ANEBENCH_ASSIGN(complete, unit());
    if (!complete) return {};
    ++units;
    const double now = seconds();
    const StopRule::Times times{now - start, now, now - unit_start};
    if (rule.after(units, times, estimate) != StopRule::Decision::go_on) return {};
    report(false, rule.seconds_left(units, times));
    canary_.after_block(units);
  }
}

void Session::finish(std::size_t units, std::vector<Validity>& validity) {
  canary_.finish(units);
  const auto flagged = static_cast<double>(conditions_.flagged_blocks.size());
  if (flagged > stats::kMaxFlaggedShare * static_cast<double>(units)) {
    add(validity, Validity::core_contended);
  }
  if (cancelled()) add(validity, Validity::interrupted);
  if (!hooks_.environment) return;
  conditions_.after = hooks_.environment();
  for (const Validity code : changes(*conditions_.before, *conditions_.after)) add(validity, code);
}

}  // namespace anebench::measure
