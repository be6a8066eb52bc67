// The program of a model file. Internal to the package layer; not thread-safe.
#pragma once

#include <cstdint>

#include "anebench/base/result.h"
#include "anebench/mil/program.h"
#include "anebench/package/message_reader.h"

namespace anebench::package {

// Of the program message; there has been no other.
inline constexpr std::int64_t kProgramVersion = 1;

// Orders (of functions, arguments, attributes) are those of the file. Where a function has blocks
// for several opsets, the one that it names is read, the others are kept as unknown fields. Errors
// name function and operation.
Result<mil::ProgramData> read_program(Message input, ReadState& state);

}  // namespace anebench::package
