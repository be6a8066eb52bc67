// Cuts a function into parts that run one after the other, so that no chain of convolutions in a
// part is too long for a compiler that does not survive it (ane_limits.h, conv-depth).
//
//   ANEBENCH_ASSIGN(parts, split_convolutions(program, "main", 256));
//
// Together the parts compute what the function does: each takes the function's inputs and the
// earlier parts' outputs by their names. Weight files stay valid. Pure; thread-safe.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/mil/program.h"

namespace anebench::transform {

struct ProgramPart {
  // One function, named as the whole.
  mil::Program program;
  // The positions, in the whole function, of the part's operations that run; ascending.
  std::vector<std::size_t> operations;
};

// Convolutions in a row on the longest path.
std::size_t convolution_depth(const mil::Function& function);

// Parts with at most `max_depth` convolutions in a row; one part where the function has no more.
// Errors: no such function; a value that would have to pass from part to part and is no tensor.
Result<std::vector<ProgramPart>> split_convolutions(const mil::Program& program,
                                                    std::string_view function,
                                                    std::size_t max_depth);

}  // namespace anebench::transform
