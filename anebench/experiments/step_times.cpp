#include "anebench/experiments/step_times.h"

#include <algorithm>
#include <span>
#include <utility>

#include "anebench/stats/rank_interval.h"

namespace anebench::experiments {
namespace {

// 64 MiB of spans, and no more evaluations than any interval needs.
constexpr std::size_t kMostSpans = (std::size_t{64} << 20) / sizeof(StepSpan);
constexpr std::size_t kMostEvaluations = 4096;
constexpr std::size_t kLeastEvaluations = 64;

}  // namespace

StepTimes::StepTimes(std::size_t steps, const Clock& clock)
    : clock_(clock),
      steps_(steps),
      most_kept_(std::clamp(kMostSpans / std::max<std::size_t>(steps, 1), kLeastEvaluations,
                            kMostEvaluations)),
      current_(steps) {}

void StepTimes::begin() {
  std::ranges::fill(current_, StepSpan{});
  start_ns_ = clock_.now_ns();
}

void StepTimes::on_step(std::size_t step, std::int64_t start_ns, std::int64_t end_ns) {
  if (step >= steps_) return;
  StepSpan& span = current_[step];
  if (span.duration_ns == 0) span.start_ns = start_ns - start_ns_;
  span.duration_ns += end_ns - start_ns;
}

void StepTimes::end() {
  const std::int64_t duration = clock_.now_ns() - start_ns_;
  const std::uint64_t index = count_++;
  if (index % stride_ != 0) return;
  if (kept_.size() == most_kept_) {
    stride_ *= 2;
    std::erase_if(kept_, [&](const Evaluation& one) { return one.index % stride_ != 0; });
    if (index % stride_ != 0) return;
  }
  kept_.push_back({index, duration, current_});
}

StepSummary StepTimes::summary(std::size_t count) const {
  const std::uint64_t first = count_ > count ? count_ - count : 0;
  const auto begin = std::ranges::lower_bound(kept_, first, {}, &Evaluation::index);
  const std::span<const Evaluation> evaluations(begin, kept_.end());
  StepSummary summary;
  summary.evaluations = evaluations.size();
  if (evaluations.empty()) return summary;
  std::vector<double> values(evaluations.size());
  for (std::size_t step = 0; step < steps_; ++step) {
    std::ranges::transform(evaluations, values.begin(), [&](const Evaluation& one) {
      return static_cast<double>(one.steps[step].duration_ns);
    });
    summary.steps.push_back(stats::median_estimate(values));
  }
  std::vector<const Evaluation*> sorted;
  for (const Evaluation& one : evaluations) sorted.push_back(&one);
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::ranges::nth_element(sorted, middle, {}, &Evaluation::duration_ns);
  summary.shown_ns = (*middle)->duration_ns;
  summary.shown_steps = (*middle)->steps;
  return summary;
}

}  // namespace anebench::experiments
