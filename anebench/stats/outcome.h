// The outcome of a comparison of B against A, from the interval of r = time(A) / time(B).
//
//   Judgement judged = judge(ratio, mistrust_code);
//   print("{} ({})", to_string(judged.outcome), judged.reason);
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "anebench/stats/estimate.h"
#include "anebench/stats/thresholds.h"

namespace anebench::stats {

enum class Outcome : std::uint8_t { mistrusted, same, faster, slower, inconclusive };

// As written in records.
std::string_view to_string(Outcome outcome);

// Reason codes of judge(); a mistrusted outcome carries the code that it was given.
inline constexpr std::string_view kInsideMargin = "inside_margin";
inline constexpr std::string_view kExcludesOne = "excludes_one";
inline constexpr std::string_view kContainsOne = "contains_one";
inline constexpr std::string_view kTooFewBlocks = "too_few_blocks";
inline constexpr std::string_view kNotSignificantTogether = "not_significant_together";

struct Judgement {
  Outcome outcome = Outcome::inconclusive;
  std::string reason{kTooFewBlocks};
};

// In this order: mistrusted where `mistrust` (a reason code) is not empty; same if the interval
// lies inside ±margin (between 1/(1+margin) and 1+margin, so that swapping A and B changes
// nothing); faster (B takes less time, r > 1) or slower if it excludes 1; else inconclusive.
Judgement judge(const Estimate& ratio, std::string_view mistrust = {},
                double margin = kDefaultMargin);

// Holm's correction over simultaneous comparisons: a faster or slower whose test (p-value at the
// same index, of r = 1) is not rejected together with the others becomes inconclusive. The
// spans' sizes must be equal; where they are not, nothing is changed.
void correct_together(std::span<Judgement> judgements, std::span<const double> p_values);

}  // namespace anebench::stats
