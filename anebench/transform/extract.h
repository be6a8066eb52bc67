// Cuts parts out of a program, meaning kept: other outputs, single operations. For checking a
// device operation by operation and for looking at intermediate values.
//
//   ANEBENCH_ASSIGN(prefix, with_outputs(program, "main", {"conv_003"}));
//   ANEBENCH_ASSIGN(single, isolate_operation(program, "main", 17));
//
// Programs stay valid against their weight files: constants keep their references. Pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/mil/program.h"

namespace anebench::transform {

// The function alone, returning `outputs` (names it defines), without the operations that they do
// not need. Errors: no such function or name.
Result<mil::Program> with_outputs(const mil::Program& program, std::string_view function,
                                  std::vector<std::string> outputs);

// A program of one operation (`index` into the function's operations) and the constants that feed
// it; the other values that it takes become inputs, in the order of the operation's arguments.
// Errors: no such function or operation; an operation with blocks, or without outputs.
Result<mil::Program> isolate_operation(const mil::Program& program, std::string_view function,
                                       std::size_t index);

// Known when the program is loaded: const and constexpr operations.
bool is_constant_operation(const mil::Operation& operation);

}  // namespace anebench::transform
