// Visits everything in a program, nested blocks included.
//
//   visit_operations(function.body, [&](const mil::Operation& operation) { ++count; });
//
// Recursion is as deep as blocks nest, which the text parser and the package reader bound.
#pragma once

#include <string>

#include "anebench/base/function_ref.h"
#include "anebench/mil/program.h"

namespace anebench::transform {

// In program order, an operation before those in its blocks.
void visit_operations(const mil::Block& block, FunctionRef<void(const mil::Operation&)> visit);

// Every literal of every operation: attributes and inline arguments.
void visit_values(const mil::Program& program, FunctionRef<void(const mil::Value&)> visit);

// The types of everything that a function defines at its top level.
mil::TypeEnvironment types_in(const mil::Function& function);

// The program with this function in place of all of its own.
mil::Program with_function(const mil::Program& program, mil::Function function);

}  // namespace anebench::transform
