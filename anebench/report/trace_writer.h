// A trace of one evaluation for Perfetto (ui.perfetto.dev) or Chrome (about:tracing): complete
// events in the Trace Event Format, times in microseconds.
//
//   ANEBENCH_TRY(write_file_atomically("trace.json", dump_json(trace_json(records))));
//
// Each record with a profile is a process, named after device and program, with two threads: the
// whole evaluation, and its steps. A projection of records. Pure; thread-safe.
#pragma once

#include <span>

#include "anebench/base/json.h"
#include "anebench/record/record.h"

namespace anebench::report {

Json trace_json(std::span<const record::Record> records);

}  // namespace anebench::report
