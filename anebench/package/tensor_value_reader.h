// The elements of an immediate tensor. Internal to the package layer; not thread-safe.
#pragma once

#include "anebench/base/result.h"
#include "anebench/mil/type.h"
#include "anebench/mil/value.h"
#include "anebench/package/message_reader.h"

namespace anebench::package {

// Precondition: `type` is a tensor. Errors: elements that are not as many as the type says, or that
// do not fit its element type, or a field that cannot hold them.
Result<mil::Value> read_tensor_value(const mil::Type& type, Message input, ReadState& state);

}  // namespace anebench::package
