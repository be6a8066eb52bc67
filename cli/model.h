// Whatever a command takes as MODEL: a program by name, a MIL text, a folder with model.mil.
#pragma once

#include <memory>
#include <string>

#include "anebench/base/result.h"
#include "anebench/mil/program.h"
#include "anebench/weights/weight_files.h"

namespace anebench::cli {

struct Model {
  mil::Program program;
  // Of the text's folder, or the made program's.
  std::shared_ptr<weights::WeightFiles> weights;
};

// Errors name the file and, within it, line and column.
Result<Model> open_model(const std::string& model, weights::ReadMode mode);

// Whether `model` names a weight file.
bool is_weight_file(const std::string& model);

}  // namespace anebench::cli
