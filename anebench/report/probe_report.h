// The report of `probe`: the verdict on each variant with its evidence, the ladder it stands on,
// and the published probe's table. A projection of records; regimes are read off them again by the
// rules of experiments/ladder.h. Pure; thread-safe.
#pragma once

#include <span>
#include <string>

#include "anebench/record/record.h"
#include "anebench/report/document.h"

namespace anebench::report {

// A row a variant: kind and sub-kind, and how many shapes it stands on.
Table verdict_table(std::span<const record::Record> records);

// A row a shape: channels, positions, layers, what bounds it, fp16 time and rate, and the ratio of
// each variant. `variants` are at most as many as fit into a line.
Table ladder_table(std::span<const record::Record> records, std::span<const std::string> variants);

// A row a shape and variant of the published probe: stage reached, time, rate, ratio, weight bytes,
// check.
Table classic_table(std::span<const record::Record> records);

// Records of one device.
Document probe_report(std::span<const record::Record> records, std::span<const std::string> notes);

}  // namespace anebench::report
