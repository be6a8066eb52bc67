// Records that are computed from other records: what a sharded run leaves out and `merge` computes
// once all parts are there.
#pragma once

#include <span>
#include <vector>

#include "anebench/record/record.h"

namespace anebench::experiments {

// The summaries that are missing from `records`, each with the id that the same summary has where
// the experiment itself made it: the verdicts of `probe`. Pure but for the time of the record.
std::vector<record::Record> summaries(std::span<const record::Record> records);

}  // namespace anebench::experiments
