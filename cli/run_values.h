// Values that go into a program and come out of it, for `run`: from files and random numbers, to
// files and into a table.
#pragma once

#include <string>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/device/loaded_program.h"
#include "anebench/report/document.h"
#include "commands.h"

namespace anebench::cli {

// Sets every input. Dimensions that the program leaves open are those of the file, or for random
// values those that `function` declares as its default shapes. Gives remarks (arrays of an archive
// that are no inputs). Errors: inputs without a value are listed with their types.
Result<std::vector<std::string>> set_inputs(const RunArguments& arguments,
                                            const mil::Function& function,
                                            device::LoadedProgram& loaded);

// Writes the outputs that were asked for and gives a table of all: type, least and greatest value,
// mean, how many are NaN or infinite, file.
Result<report::Table> write_outputs(const RunArguments& arguments,
                                    const device::LoadedProgram& loaded);

}  // namespace anebench::cli
