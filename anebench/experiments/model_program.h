// Any model as the program of a case: with inputs of seeded random values, and the figures that
// records have.
//
//   ANEBENCH_ASSIGN(program, model_program("net.mlpackage", model.program, model.weights, seed));
//
// Pure; thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "anebench/base/result.h"
#include "anebench/mil/program.h"
#include "anebench/programs/benchmark_program.h"
#include "anebench/weights/weight_files.h"

namespace anebench::experiments {

// `name` is what records call it. An input with unknown dimensions gets the default shape that the
// model names for it, and the figures are of what that makes of the program. Errors: no function;
// an input that no value can be made for.
Result<programs::BenchmarkProgram> model_program(std::string name, const mil::Program& program,
                                                 std::shared_ptr<weights::WeightFiles> weights,
                                                 std::uint64_t seed);

// The main function with the dimensions that the program's inputs have (ops/specialize.h): what its
// costs are told from. Precondition: there is one. Errors: inputs that do not fit.
Result<mil::Function> function_with_inputs(const programs::BenchmarkProgram& program);

}  // namespace anebench::experiments
