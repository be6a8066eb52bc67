// The reports of `int8` and `peak`: header, tables, published rows beside them, and how to read
// them. Projections of records (and the notes of the run); nothing is measured or judged here.
//
//   Document document = int8_report(records, notes);
//
// Pure; thread-safe.
#pragma once

#include <span>
#include <string>

#include "anebench/record/record.h"
#include "anebench/report/document.h"

namespace anebench::report {

// Config, precision, W(MB), GOP, ms/eval, ±, TOPS, Ratio with its 95 % interval, check; a row a
// record.
Table int8_table(std::span<const record::Record> records);

// fp16: Config, W(MB), GFLOP, ms/eval, ±, TFLOPS, %peak, check; W8A8: the same with GOP, TOPS,
// %fp16 and %int8. `variant` is "fp16" or "w8a8"; others' records are left out. Devices with a
// fixed relation of clock and rate (engines) also get Est.MHz.
Table peak_table(std::span<const record::Record> records, std::string_view variant);

// `notes` are what the run said beside its records (shortened depths). Records of one device; an
// empty span gives a document that says so.
Document int8_report(std::span<const record::Record> records, std::span<const std::string> notes);
Document peak_report(std::span<const record::Record> records, std::span<const std::string> notes);

}  // namespace anebench::report
