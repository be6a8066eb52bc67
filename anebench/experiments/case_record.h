// Turns one case of an experiment into a record: identity, device, program, outcome, figures.
#pragma once

#include <string>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/device/device.h"
#include "anebench/experiments/settings.h"
#include "anebench/measure/measure.h"
#include "anebench/programs/benchmark_program.h"
#include "anebench/record/record.h"

namespace anebench::experiments {

// What stays the same through one run on one device.
struct RunIdentity {
  std::string run;  // random
  std::string experiment;
  std::string command;  // how to repeat a case, without its filter
  int qos = 0;
  record::Device device;
};

Result<RunIdentity> identify(device::Device& device, std::string experiment, std::string command,
                             int qos);

// Everything but the results: id (from every parameter that changes the work or its conditions),
// device, program, repro. `requested` is the program as the experiment lists it, which --quick may
// have shortened.
record::Record start_record(const RunIdentity& identity, const Settings& settings,
                            const programs::BenchmarkProgram& benchmark, std::string variant,
                            const programs::ProgramSpec& requested);

// The outcome of an error: unsupported where the device refused the program, timeout, else failed,
// with the stage and the message.
record::Outcome outcome_of(const Error& error, std::string stage);

// time.*, rate.ops and share.peak of one measured series.
void add_series(record::Record& record, const measure::Series& series);

// The device's peak for a precision ("fp16" falls back to "fp32", with which a CPU computes it);
// null where unknown.
const record::Peak* find_peak(const record::Device& device, std::string_view precision);

}  // namespace anebench::experiments
