// The roofline of a device (Williams, Waterman, Patterson, CACM 52(4), 2009) and where the steps of
// a profile stand under it: no step can compute faster than the arithmetic peak of its precision,
// nor faster than memory brings its operands.
//
// Bytes are the least that a step must move (record/profile.h). What a step finds in caches does
// not come from memory, so it may stand above the slope. Rates are a second. Pure; thread-safe.
#pragma once

#include <optional>
#include <string_view>

#include "anebench/record/record.h"

namespace anebench::report {

// Of a step with arithmetic and bytes.
struct RooflinePoint {
  double intensity = 0;  // operations a byte
  double rate = 0;       // operations a second
  // Where the device's ceilings are known: what they let it reach, and which of them that is.
  std::optional<double> roof;
  bool is_memory_bound = false;
};

// Read and written; 0 where it is not known.
double bytes_moved(const record::ProfileStep& step);

// Bytes a second; nothing where the record has no such metric.
std::optional<double> memory_ceiling(const record::Record& record);

// Nothing for steps without arithmetic, bytes or time.
std::optional<RooflinePoint> roofline_point(const record::Record& record,
                                            const record::ProfileStep& step);

// "compute", "memory", or empty: which ceiling decides. Steps that only move data are bound by
// memory.
std::string_view bound_of(const record::Record& record, const record::ProfileStep& step);

}  // namespace anebench::report
