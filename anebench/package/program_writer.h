// A program as the message of a model file. Internal to the package layer; not thread-safe.
#pragma once

#include <string>

#include "anebench/mil/program.h"
#include "anebench/package/value_writer.h"

namespace anebench::package {

// The message's content, all orders as they are in the program. The attribute for flexible shapes
// is left out: in a model it stands in the description.
std::string write_program(const mil::Program& program, WriteState& state);

}  // namespace anebench::package
