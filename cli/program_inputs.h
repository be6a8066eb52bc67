// Values for a program's inputs, as --input, --random and --cast say.
//
//   ANEBENCH_ASSIGN(values, read_inputs(arguments.inputs, experiments::inputs_of(function)));
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/mil/program.h"
#include "anebench/mil/value.h"

namespace anebench::cli {

struct InputOptions {
  std::vector<std::string> files;  // "NAME=FILE" each
  // For inputs without a file: floating-point numbers from -1 to 1, integers and bools 0 or 1 (so
  // that they may be indices).
  std::optional<std::uint64_t> random_seed;
  // Convert any kind of number to any.
  bool cast = false;
};

// One value for each of `inputs`, in their order. Errors: a file that is not there or does not fit,
// a name that no input has; inputs without values, all of them with their types.
Result<std::vector<mil::Value>> read_inputs(const InputOptions& options,
                                            const std::vector<mil::NamedType>& inputs);

}  // namespace anebench::cli
