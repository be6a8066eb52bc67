// Any model on disk: a package, a compiled model, a folder with model.mil, a MIL text, a model
// file.
//
//   ANEBENCH_ASSIGN(model, open_model("x.mlpackage", weights::ReadMode::tolerant));
//
// Thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "anebench/base/result.h"
#include "anebench/mil/program.h"
#include "anebench/weights/weight_files.h"

namespace anebench::package {

// What a model was read from; `built` if it was made in memory.
enum class ModelForm : std::uint8_t { built, text, compiled, package, model_file };
std::string_view to_string(ModelForm form);

struct Model {
  mil::Program program;
  // Never null. Files are those of the model's folder.
  std::shared_ptr<weights::WeightFiles> weights;
  ModelForm form = ModelForm::built;
  // 6 for iOS 15 … 10 for iOS 26; texts do not say it.
  std::optional<std::int32_t> specification = std::nullopt;
  // What applications see of it, a message that description.h reads; texts do not have it.
  std::optional<std::string> description = std::nullopt;
};

// Errors name the file and, within a text, line and column.
Result<Model> open_model(const std::filesystem::path& path, weights::ReadMode mode);

}  // namespace anebench::package
