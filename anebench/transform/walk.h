// Visits everything in a program, nested blocks included.
//
//   visit_operations(function.body, [&](const mil::Operation& operation) { ++count; });
//
// Recursion is as deep as blocks nest, which the text parser and the package reader bound.
#pragma once

#include "anebench/base/function_ref.h"
#include "anebench/mil/program.h"

namespace anebench::transform {

// In program order, an operation before those in its blocks.
void visit_operations(const mil::Block& block, FunctionRef<void(const mil::Operation&)> visit);

// Every literal of every operation: attributes and inline arguments.
void visit_values(const mil::Program& program, FunctionRef<void(const mil::Value&)> visit);

}  // namespace anebench::transform
