// The report of `reload`: the finding of every size, its times, and how to read them. A projection
// of records. Pure; thread-safe.
#pragma once

#include <span>
#include <string>

#include "anebench/record/record.h"
#include "anebench/report/document.h"

namespace anebench::report {

// A row a record: layers × channels, weights, finding, times, ratios with their intervals, check.
Table reload_table(std::span<const record::Record> records);

// Records of one device; an empty span gives a document that says so.
Document reload_report(std::span<const record::Record> records, std::span<const std::string> notes);

}  // namespace anebench::report
