// Values for a function's inputs where nobody gives any: random, and of the model's default shape
// where the type leaves dimensions open.
//
//   ANEBENCH_ASSIGN(value, random_input(function.inputs[i], function, Rng(seed).fork(i)));
//
// Pure; thread-safe.
#pragma once

#include <cstdint>

#include "anebench/base/result.h"
#include "anebench/base/rng.h"
#include "anebench/mil/program.h"
#include "anebench/mil/value.h"

namespace anebench::package {

// The shape is whatever a model declares.
inline constexpr std::int64_t kMostRandomBytes = std::int64_t{1} << 30;

// Floating-point numbers from -1 to 1; integers and bools 0 or 1, so that they may be indices.
// Errors: unsupported for what is no numeric tensor, or has open dimensions without a default;
// resource_exhausted above kMostRandomBytes.
Result<mil::Value> random_input(const mil::NamedType& input, const mil::Function& function,
                                Rng rng);

}  // namespace anebench::package
