#include "anebench/measure/warmup.h"

#include <algorithm>

#include "anebench/stats/thresholds.h"
#include "anebench/stats/trend.h"

namespace anebench::measure {
namespace {

// The newest window of samples shows no trend.
bool has_settled(const Sampler& sampler) {
  const std::span<const double> samples(sampler.series().samples_ns);
  return samples.size() >= stats::kWarmupWindow &&
         !stats::theil_sen(samples.last(stats::kWarmupWindow)).excludes_zero();
}

}  // namespace

bool WarmupRule::is_enough(std::span<Sampler> samplers, double elapsed_seconds) {
  ++rounds_;  // choosing the batch was the first
  if (elapsed_seconds >= plan_.max_seconds) return true;
  switch (plan_.warmup.kind) {
    case Warmup::Kind::off: return true;
    case Warmup::Kind::count: return rounds_ >= plan_.warmup.count;
    case Warmup::Kind::duration: return elapsed_seconds >= plan_.warmup.seconds;
    case Warmup::Kind::automatic: break;
  }
  return is_automatically_enough(samplers, elapsed_seconds);
}

bool WarmupRule::is_automatically_enough(std::span<Sampler> samplers, double elapsed_seconds) {
  if (rounds_ >= next_check_) {
    next_check_ += stats::kWarmupStep;
    if (std::all_of(samplers.begin(), samplers.end(), has_settled)) return true;
  }
  const double with_next = elapsed_seconds * (1 + 1 / static_cast<double>(rounds_));
  if (rounds_ < stats::kWarmupMaxSamples &&
      with_next <= stats::kWarmupMaxShare * plan_.max_seconds) {
    return false;
  }
  for (Sampler& sampler : samplers) sampler.series().warmup_settled = has_settled(sampler);
  return true;
}

}  // namespace anebench::measure
