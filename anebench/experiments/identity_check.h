// Judges the outputs of chains of identity convolutions (programs/identity_conv.h).
//
// The identities before the last layer change no fp16 value: each sum has one term that is not
// zero, so nothing is rounded. The reference therefore evaluates the last layer alone, whatever the
// depth, and full-size chains are checked as a whole.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/device/device.h"
#include "anebench/mil/type.h"
#include "anebench/programs/program_spec.h"
#include "anebench/record/record.h"

namespace anebench::experiments {

// What the reference says that the output is.
Result<std::vector<std::byte>> identity_output(device::Device& reference,
                                               const programs::ProgramSpec& spec);

// Passed where every value is within `tolerance` of the expected one.
// Precondition: both spans hold the bytes of `type`.
record::Check judge_identity(const mil::Type& type, std::span<const std::byte> expected,
                             std::span<const std::byte> actual, double tolerance);

// Both parts of one check: failed where one is, the larger errors, the sum of what was compared.
record::Check combine_checks(const record::Check& one, const record::Check& other);

// The elements as doubles.
std::vector<double> values_of(const mil::Type& type, std::span<const std::byte> bytes);

}  // namespace anebench::experiments
