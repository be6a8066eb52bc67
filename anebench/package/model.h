// Any model on disk: a package, a compiled model, a folder with model.mil, a MIL text, a model
// file.
//
//   ANEBENCH_ASSIGN(model, open_model("x.mlpackage", weights::ReadMode::tolerant));
//
// Thread-safe.
#pragma once

#include <filesystem>
#include <memory>

#include "anebench/base/result.h"
#include "anebench/mil/program.h"
#include "anebench/weights/weight_files.h"

namespace anebench::package {

struct Model {
  mil::Program program;
  // Never null. Files are those of the model's folder.
  std::shared_ptr<weights::WeightFiles> weights;
};

// Errors name the file and, within a text, line and column.
Result<Model> open_model(const std::filesystem::path& path, weights::ReadMode mode);

}  // namespace anebench::package
