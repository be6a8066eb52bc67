// One 1x1 convolution whose weights are a multiple of the identity matrix, or several in a row, of
// which the last has the multiple and the others the identity itself: whatever the depth, the
// output is that multiple of the input. The programs behind `reload` (format 1.3, fp32 input and
// output with casts) and `ceiling` (format 1.0, fp16 input and output).
//
// Source: the experiments' specification, `reload` and `ceiling`.
#pragma once

#include <vector>

#include "anebench/base/result.h"
#include "anebench/programs/benchmark_program.h"

namespace anebench::programs {

// Keys: channels, width, depth, gain (the multiple), io (fp32, fp16), format (1.3, 1.0).
const std::vector<Key>& identity_conv_keys();

// `spec` must be completed. The input at channel c and position s is (c·width + s + 1)·0.01.
Result<BenchmarkProgram> build_identity_conv(const ProgramSpec& spec, Content content);

}  // namespace anebench::programs
