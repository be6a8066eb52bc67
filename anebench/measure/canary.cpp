#include "anebench/measure/canary.h"

#include <algorithm>

#include "anebench/stats/thresholds.h"

namespace anebench::measure {

Canary::Canary(const std::function<std::optional<double>()>& hook, const Clock& clock,
               Conditions& conditions)
    : hook_(&hook), clock_(&clock), conditions_(&conditions) {}

void Canary::start() {
  if (!*hook_) return;
  (*hook_)();
  run(0);
}

void Canary::run(std::size_t blocks) {
  if (!*hook_) return;
  const std::int64_t start = clock_->now_ns();
  const std::optional<double> nanoseconds = (*hook_)();
  last_end_ns_ = clock_->now_ns();
  last_duration_ns_ = static_cast<double>(last_end_ns_ - start);
  if (!nanoseconds || !(*nanoseconds > 0)) return;
  conditions_->canary_ns.push_back(*nanoseconds);
  conditions_->canary_blocks.push_back(blocks);
}

void Canary::after_block(std::size_t blocks) {
  if (!*hook_) return;
  const auto since = static_cast<double>(clock_->now_ns() - last_end_ns_);
  if (since * stats::kCanaryMaxShare >= last_duration_ns_) run(blocks);
}

void Canary::finish(std::size_t blocks) {
  // The last block may have had its turn already.
  if (!conditions_->canary_blocks.empty() && conditions_->canary_blocks.back() < blocks) {
    run(blocks);
  }
  conditions_->flagged_blocks = flag_blocks(conditions_->canary_ns, conditions_->canary_blocks);
}

std::vector<std::size_t> flag_blocks(std::span<const double> canary_ns,
                                     std::span<const std::size_t> canary_blocks) {
  std::vector<std::size_t> flagged;
  if (canary_ns.empty() || canary_ns.size() != canary_blocks.size()) return flagged;
  const double best = *std::min_element(canary_ns.begin(), canary_ns.end());
  const auto is_slow = [&](std::size_t i) { return best / canary_ns[i] < stats::kCanaryFloor; };
  for (std::size_t i = 0; i + 1 < canary_ns.size(); ++i) {
    if (!is_slow(i) && !is_slow(i + 1)) continue;
    for (std::size_t block = canary_blocks[i]; block < canary_blocks[i + 1]; ++block) {
      flagged.push_back(block);
    }
  }
  return flagged;
}

}  // namespace anebench::measure
