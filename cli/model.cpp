#include "model.h"

#include <filesystem>

#include "anebench/programs/catalogue.h"
#include "nearest.h"

namespace anebench::cli {
namespace {

namespace fs = std::filesystem;

Result<Model> open_named(const std::string& name, weights::ReadMode mode) {
  ANEBENCH_ASSIGN(built, programs::build(name));
  return Model{std::move(built.program), built.weights->copy(mode)};
}

}  // namespace

bool is_weight_file(const std::string& model) { return fs::path(model).extension() == ".bin"; }

Result<Model> open_model(const std::string& model, weights::ReadMode mode) {
  std::error_code ignored;
  const fs::path path(model);
  if (fs::exists(path, ignored) || path.extension() == ".mil") {
    return package::open_model(path, mode);
  }
  const std::string name = model.substr(0, model.find(':'));
  if (programs::find(name) != nullptr) return open_named(model, mode);
  std::vector<std::string> names;
  for (const programs::CatalogueEntry& entry : programs::catalogue()) {
    names.emplace_back(entry.name);
  }
  return fail(ErrorCode::not_found, "\"{}\" is neither a file, a folder nor a program{}", model,
              suggestion(name, names));
}

}  // namespace anebench::cli
