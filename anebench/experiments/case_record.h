// What a measurement adds to a case's record: outcome, figures, samples.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "anebench/base/result.h"
#include "anebench/measure/measure.h"
#include "anebench/record/record.h"

namespace anebench::experiments {

// The stage of a case that was left out, with State::timeout: it did not run because the machine
// cannot finish it in the time given. No failure.
inline constexpr std::string_view kLeftOutStage = "plan";

// The outcome of an error: unsupported where the device refused the program, timeout, else failed,
// with the stage and the message.
record::Outcome outcome_of(const Error& error, std::string stage);

// "time.compile" and the like: a time that was read once, in nanoseconds, as ms.
record::Metric single_time(std::string tag, std::int64_t ns, std::string description);

// A figure without an interval: derived, counted or predicted, as `description` says.
record::Metric plain_metric(std::string tag, double value, std::string unit,
                            std::string description);

// time.*, rate.ops and share.peak of one measured series.
void add_series(record::Record& record, const measure::Series& series);

// The device's peak for a precision ("fp16" falls back to "fp32", with which a CPU computes it);
// null where unknown.
const record::Peak* find_peak(const record::Device& device, std::string_view precision);

}  // namespace anebench::experiments
