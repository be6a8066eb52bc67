// Values that come out of a program, for `run`: to files and into a table.
#pragma once

#include "anebench/base/result.h"
#include "anebench/device/loaded_program.h"
#include "anebench/report/document.h"
#include "commands.h"

namespace anebench::cli {

// Writes the outputs that were asked for and gives a table of all: type, least and greatest value,
// mean, how many are NaN or infinite, file.
Result<report::Table> write_outputs(const RunArguments& arguments,
                                    const device::LoadedProgram& loaded);

}  // namespace anebench::cli
