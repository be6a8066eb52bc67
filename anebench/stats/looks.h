// When a running measurement is looked at, and whether it is done.
#pragma once

#include <cstddef>

#include "anebench/stats/estimate.h"

namespace anebench::stats {

// The look after `n`: n × 1.25 rounded up, at least n + 1. From 12: 15, 19, 24, 30, 38, …
std::size_t next_look(std::size_t n);

// True where both ends of the interval lie within `precision` (0.01 = ±1 %) of the value,
// relative to it. False for unbounded intervals and values that are not positive.
bool is_narrow(const Estimate& estimate, double precision);

// The larger of the two relative distances from value to end; infinity where is_narrow is false
// for every precision.
double relative_half_width(const Estimate& estimate);

}  // namespace anebench::stats
