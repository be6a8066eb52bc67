// Values that come out of a program, for `run`: to files and into a table.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/device/loaded_program.h"
#include "anebench/report/document.h"
#include "model_images.h"
#include "named_files.h"

namespace anebench::cli {

struct OutputFiles {
  NamedFiles named;
  // Of the outputs that are written as images.
  std::map<std::string, package::ImageType, std::less<>> images;
};

// Where outputs go, as --output says. Errors: names that are not there, images that are none.
Result<OutputFiles> output_files(const std::vector<std::string>& texts,
                                 const std::vector<mil::NamedType>& outputs,
                                 const ModelImages& images);

// Writes the outputs to the files and gives a table of all: type, least and greatest value, mean,
// how many are NaN or infinite, file.
Result<report::Table> write_outputs(const OutputFiles& files, const device::LoadedProgram& loaded);

}  // namespace anebench::cli
