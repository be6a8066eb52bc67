// Types and values of a model file's program. Internal to the package layer; not thread-safe.
//
// Sizes are checked against the bytes that are there before anything is allocated. Errors say what
// is wrong, not where: the program's reader adds that.
#pragma once

#include "anebench/base/result.h"
#include "anebench/mil/type.h"
#include "anebench/mil/value.h"
#include "anebench/package/message_reader.h"

namespace anebench::package {

Result<mil::Type> read_type(Message input, ReadState& state);

// A value of any kind. Elements may be encoded in any field that can hold them; a tensor of unknown
// length gets that of its elements.
Result<mil::Value> read_value(Message input, ReadState& state);

}  // namespace anebench::package
