// Records that are computed from other records: what a sharded run leaves out and `merge` computes
// once all parts are there.
#pragma once

#include <span>
#include <vector>

#include "anebench/record/record.h"

namespace anebench::experiments {

// The summaries of all experiments in `records`, each with the run and id that the same summary
// has where the experiment itself made it. `int8` and `peak` have none. Pure.
std::vector<record::Record> summaries(std::span<const record::Record> records);

}  // namespace anebench::experiments
