// Runs, checks and times the passes of one configuration of `ceiling`: comparisons interleaved
// (sequential and queue against run_only, shared surfaces against run_only, one program against
// shared surfaces), the copies on their own.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/experiments/context.h"
#include "anebench/programs/program_spec.h"
#include "anebench/record/record.h"
#include "anebench/runner/reporter.h"

namespace anebench::experiments {

// In the order of the records; the last runs the whole program.
inline constexpr std::array<std::string_view, 6> kPassVariants = {
    "sequential", "run_only", "copies_only", "queue", "shared_surfaces", "one_program"};

// The identity convolution of the experiment, `depth` layers of it.
programs::ProgramSpec ceiling_spec(std::int64_t channels, std::int64_t width, std::int64_t depth);

// Reports `planned`, one record for each of kPassVariants, filled in. Kernels that are refused are
// noted and left out, from two upwards. An error means that the run cannot go on.
Result<void> run_passes(const Context& context, const programs::ProgramSpec& kernel,
                        const programs::ProgramSpec& whole,
                        const std::vector<record::Record>& planned, runner::Reporter& reporter);

}  // namespace anebench::experiments
