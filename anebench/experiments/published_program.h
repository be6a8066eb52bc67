// The program that a published row was measured with, as far as the row tells: structure only, for
// predicting its time.
//
//   ANEBENCH_ASSIGN(program, published_program(row));
//
// Pure.
#pragma once

#include "anebench/base/result.h"
#include "anebench/experiments/published.h"
#include "anebench/mil/program.h"

namespace anebench::experiments {

// Chains, single convolutions of 1x1 and 3x3, parallel branches, products with a constant matrix,
// and the three convolutions of a language model's layer. Errors: unsupported where the row does
// not say enough, or its program is of another sort.
Result<mil::Program> published_program(const PublishedRow& row);

}  // namespace anebench::experiments
