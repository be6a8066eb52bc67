// From measurements to the parts of a record.
#pragma once

#include <string>
#include <vector>

#include "anebench/measure/measure.h"
#include "anebench/record/record.h"

namespace anebench::record {

// Measurements are in ns, records in ms.
inline constexpr double kMsPerNs = 1e-6;

// A metric with its interval where that is finite; `scale` converts the estimate's unit.
Metric metric_of(std::string tag, const stats::Estimate& estimate, double scale, std::string unit,
                 std::string description);

// time.eval and time.first in ms, and time.p90 and time.p99 where the sample bounds them.
std::vector<Metric> time_metrics(const measure::Series& series);

// Raw samples in ms.
Series samples_of(std::string name, const measure::Series& series);

Host host_of(const measure::Conditions& conditions);

// Adds codes that are not there yet.
void add_validity(Outcome& outcome, const std::vector<measure::Validity>& codes);

// The comparison of a pair; `baseline` is the id of A's record.
Pair pair_of(std::string baseline, const measure::PairResult& result);

}  // namespace anebench::record
