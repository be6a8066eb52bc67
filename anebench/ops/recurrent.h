// The activation functions that recurrent layers are told by name. Pure.
#pragma once

#include <string_view>

#include "anebench/base/result.h"
#include "anebench/ops/arguments.h"

namespace anebench::ops {

using RecurrentActivation = double (*)(double);

// The function that a parameter names; `fallback` where it is absent.
Result<RecurrentActivation> recurrent_activation(const Arguments& arguments,
                                                 std::string_view parameter,
                                                 std::string_view fallback);

}  // namespace anebench::ops
