// The element type of outputs that are indices.
#pragma once

#include <string_view>

#include "anebench/base/result.h"
#include "anebench/mil/data_type.h"
#include "anebench/mil/type.h"
#include "anebench/ops/arguments.h"

namespace anebench::ops {

// int32, or what the string `parameter` says: "int32" or "uint16", which must hold the indices of
// `size` elements.
Result<mil::DataType> index_type(const Arguments& arguments, std::string_view parameter,
                                 mil::Dim size);

}  // namespace anebench::ops
