// How well a rate is known from counted runs. Pure.
//
//   Estimate rate = proportion(2, 100);   // 2 of 100: 0.02 [0.0055, 0.0700]
#pragma once

#include <cstddef>

#include "anebench/stats/estimate.h"

namespace anebench::stats {

// The share successes / runs with Wilson's 95 % score interval (J. Am. Stat. Assoc. 22, 1927),
// which keeps its level near 0 and 1, too. Nothing is known of no runs: NaN in [0, 1].
Estimate proportion(std::size_t successes, std::size_t runs);

}  // namespace anebench::stats
