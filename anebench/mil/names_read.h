// Which values an operation refers to by name, those of its nested blocks and what these return
// included.
//
//   visit_names_read(operation, [&](const std::string& name) { ++readers[name]; });
//
// A name that a nested block defines itself is visited as well. Recursion is as deep as blocks
// nest, which the parsers bound. Pure.
#pragma once

#include <string>

#include "anebench/base/function_ref.h"
#include "anebench/mil/program.h"

namespace anebench::mil {

void visit_names_read(const Operation& operation, FunctionRef<void(const std::string&)> visit);

}  // namespace anebench::mil
