#include "anebench/stats/outcome.h"

#include <vector>

#include "anebench/stats/holm.h"

namespace anebench::stats {

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::mistrusted: return "mistrusted";
    case Outcome::same: return "same";
    case Outcome::faster: return "faster";
    case Outcome::slower: return "slower";
    case Outcome::inconclusive: break;
  }
  return "inconclusive";
}

Judgement judge(const Estimate& ratio, std::string_view mistrust, double margin) {
  const auto result = [](Outcome outcome, std::string_view reason) {
    return Judgement{outcome, std::string(reason)};
  };
  if (!mistrust.empty()) return result(Outcome::mistrusted, mistrust);
  if (!ratio.is_bounded()) return result(Outcome::inconclusive, kTooFewBlocks);
  if (ratio.low >= 1 / (1 + margin) && ratio.high <= 1 + margin) {
    return result(Outcome::same, kInsideMargin);
  }
  if (ratio.low > 1) return result(Outcome::faster, kExcludesOne);
  if (ratio.high < 1) return result(Outcome::slower, kExcludesOne);
  return result(Outcome::inconclusive, kContainsOne);
}

void correct_together(std::span<Judgement> judgements, std::span<const double> p_values) {
  if (judgements.size() != p_values.size()) return;
  const std::vector<bool> rejected = holm_rejected(p_values);
  for (std::size_t i = 0; i < judgements.size(); ++i) {
    const Outcome outcome = judgements[i].outcome;
    if ((outcome == Outcome::faster || outcome == Outcome::slower) && !rejected[i]) {
      judgements[i] = {Outcome::inconclusive, std::string(kNotSignificantTogether)};
    }
  }
}

}  // namespace anebench::stats
