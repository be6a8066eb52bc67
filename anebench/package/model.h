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
#include "anebench/package/package.h"
#include "anebench/package/unknown_fields.h"
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
  // Fields of it that the reader does not know, as Package has them.
  UnknownFields unknown = {};
};

// Errors name the file and, within a text, line and column.
Result<Model> open_model(const std::filesystem::path& path, weights::ReadMode mode);

// A package of a program that was made of `model` and has its inputs and outputs: with the model's
// own description (features, metadata) where it has one. Errors: as make_package().
Result<Package> package_like(const Model& model, const mil::Program& program,
                             std::shared_ptr<weights::WeightFiles> weights);

}  // namespace anebench::package
