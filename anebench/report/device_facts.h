// The header of a report: which device, on what, measured how. Pure; thread-safe.
#pragma once

#include <string>

#include "anebench/record/record.h"
#include "anebench/report/document.h"

namespace anebench::report {

// Device with instruction set and threads, its remarks, peaks with their origin, QoS, protocol,
// initialisation, seed and version, as the record has them.
Facts device_facts(const record::Record& record);

// "fp32 236 GFLOPS (measured: register-only FMA loop, 2 threads)".
std::string peak_text(const record::Peak& peak);

}  // namespace anebench::report
