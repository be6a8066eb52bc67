// What `profile` prints: the whole, where its time went by type of operation, by layer and by step,
// what executes it, and why slower kernels were taken. A projection of records. Pure; thread-safe.
#pragma once

#include <span>
#include <string>

#include "anebench/record/record.h"
#include "anebench/report/document.h"

namespace anebench::report {

// Above this share of the whole, the residual is pointed out: the table then explains too little.
inline constexpr double kMostResidual = 0.10;

// Precondition: not empty. Records without a profile are reported by their outcome.
Document profile_report(std::span<const record::Record> records,
                        std::span<const std::string> notes);

// Its tables, for one record with a profile. Every table of times but that of the steps adds up to
// the whole: residual and total are rows of their own.
Table operation_types_table(const record::Record& record);
Table layers_table(const record::Record& record);
// The longest steps with a convolution: what goes in and out, and how near they come to the
// device's ceiling.
Table convolutions_table(const record::Record& record);
Table steps_table(const record::Record& record);
Table placement_table(const record::Record& record);

}  // namespace anebench::report
