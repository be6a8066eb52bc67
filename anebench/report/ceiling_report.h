// The report of `ceiling`: the ways to run the kernels, the copies between them, and single calls.
// A projection of records. Pure; thread-safe.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "anebench/record/record.h"
#include "anebench/report/document.h"

namespace anebench::report {

// A row a way, of the records of one configuration.
Table passes_table(std::span<const record::Record> records);
// A row a condition: after idle time, and with several in flight. Other records are left out.
Table idle_table(std::span<const record::Record> records);
Table in_flight_table(std::span<const record::Record> records);

// Records of one device; an empty span gives a document that says so.
Document ceiling_report(std::span<const record::Record> records,
                        std::span<const std::string> notes);

}  // namespace anebench::report
