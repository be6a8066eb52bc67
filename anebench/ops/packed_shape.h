// The iOS 16 way to store elements of n bits: a vector of bytes with a `shape` beside it.
#pragma once

#include <string_view>

#include "anebench/base/result.h"
#include "anebench/mil/type.h"
#include "anebench/ops/arguments.h"

namespace anebench::ops {

// Whether the operation has that form.
bool has_packed_shape(const Arguments& arguments);

// The shape in parameter `shape`, after checking that the byte vector `packed` holds exactly its
// elements of `bits` bits each. Dimensions are unknown where the shape's values are.
Result<mil::Shape> packed_shape(const Arguments& arguments, std::string_view packed, int bits);

}  // namespace anebench::ops
