// Comparing two things by interleaved blocks. A block is four samples in the order A B B A or
// B A A B, drawn by seed: within a block a linear drift cancels, and slow noise hits both alike.
// Every block gives d = log(mean of its two A) − log(mean of its two B); the estimate of
// time(A) / time(B) is exp(median d), with the rank interval of d.
//
//   Rng rng{seed};
//   BlockOrder order = draw_block_order(rng);
//   ... take four samples in that order ...
//   d.push_back(log_ratio(order, times));
//   Estimate ratio = ratio_estimate(d);
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "anebench/base/rng.h"
#include "anebench/stats/estimate.h"
#include "anebench/stats/thresholds.h"

namespace anebench::stats {

enum class BlockOrder : std::uint8_t { abba, baab };

// "ABBA" or "BAAB", as records spell it.
std::string_view to_string(BlockOrder order);

// True where the sample at `position` (0–3) of a block is one of A.
bool is_a(BlockOrder order, std::size_t position);

BlockOrder draw_block_order(Rng& rng);

// d of a block; `times` in the order they were taken, all positive.
double log_ratio(BlockOrder order, const std::array<double, 4>& times);

// exp of median and rank interval of the blocks' d; [0, ∞] where there are too few of them.
Estimate ratio_estimate(std::span<const double> log_ratios, double level = kConfidence);

}  // namespace anebench::stats
