// In which precision a program computes: its operations with weights, grouped by how the weights
// are stored and what they are applied to. Pure; thread-safe.
#pragma once

#include "anebench/mil/program.h"
#include "anebench/report/document.h"

namespace anebench::report {

// A row for each way in which operations of a type use weights: "conv", int8 activations, weights
// of "uint4 table", how many operations, elements and stored bytes. A weight is a constant in a
// file or the result of a constexpr operation. Empty where there are none.
Document layer_report(const mil::Function& function);

}  // namespace anebench::report
