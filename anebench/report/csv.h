// Records as CSV (RFC 4180): a row a record, whatever the experiment. Pure; thread-safe.
#pragma once

#include <span>
#include <string>

#include "anebench/record/record.h"

namespace anebench::report {

// A header line, then a line a record. Columns: identity, origin, device, variant, program,
// outcome and check, then three for each metric in any of the records, in the order of their first
// appearance: "time.eval (ms)", "time.eval low", "time.eval high". What a record lacks is empty.
std::string to_csv(std::span<const record::Record> records);

}  // namespace anebench::report
