// Limits on what evaluating a program may cost, for whoever evaluates one.
#pragma once

#include <cstdint>

namespace anebench::ops {

// Iterations of all loops of one evaluation together: more than any loop over a sequence makes, and
// over in minutes where the body is small.
inline constexpr std::int64_t kDefaultMaxIterations = 1'000'000;

}  // namespace anebench::ops
