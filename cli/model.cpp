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

bool names_program(const std::string& model) {
  std::error_code ignored;
  return programs::find(model.substr(0, model.find(':'))) != nullptr &&
         !fs::exists(fs::path(model), ignored);
}

std::string model_name(const std::string& model) {
  const fs::path path = fs::path(model).lexically_normal();
  return (path.has_filename() ? path : path.parent_path()).filename().string();
}

bool is_weight_file(const std::string& model) { return fs::path(model).extension() == ".bin"; }

Result<Model> open_model(const std::string& model, weights::ReadMode mode) {
  std::error_code ignored;
  const fs::path path(model);
  if (fs::exists(path, ignored) || path.extension() == ".mil") {
    return package::open_model(path, mode);
  }
  if (names_program(model)) return open_named(model, mode);
  const std::string name = model.substr(0, model.find(':'));
  std::vector<std::string> names;
  for (const programs::CatalogueEntry& entry : programs::catalogue()) {
    names.emplace_back(entry.name);
  }
  return fail(ErrorCode::not_found, "\"{}\" is neither a file, a folder nor a program{}", model,
              suggestion(name, names));
}

}  // namespace anebench::cli
