#include "model.h"

#include <filesystem>

#include "anebench/base/file.h"
#include "anebench/mil/text_parser.h"
#include "anebench/programs/catalogue.h"
#include "nearest.h"

namespace anebench::cli {
namespace {

namespace fs = std::filesystem;

Result<Model> open_text(const fs::path& path, weights::ReadMode mode) {
  ANEBENCH_ASSIGN(text, read_text_file(path));
  auto program = mil::parse_text(text);
  if (!program) return fail_with_context(program.error(), path.string());
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  ANEBENCH_ASSIGN(weights, weights::WeightFiles::from_folder(folder.string(), mode));
  return Model{std::move(*program), std::move(weights)};
}

Result<Model> open_folder(const fs::path& folder, weights::ReadMode mode) {
  std::error_code ignored;
  const fs::path text = folder / "model.mil";
  if (fs::exists(text, ignored)) return open_text(text, mode);
  if (folder.extension() == ".mlpackage") {
    return fail(ErrorCode::unsupported,
                "{} is a package, which this version does not read; give it a folder with "
                "model.mil",
                folder.string());
  }
  return fail(ErrorCode::not_found, "the folder {} has no model.mil", folder.string());
}

Result<Model> open_named(const std::string& name, weights::ReadMode mode) {
  ANEBENCH_ASSIGN(built, programs::build(name));
  return Model{std::move(built.program), built.weights->copy(mode)};
}

}  // namespace

bool is_weight_file(const std::string& model) { return fs::path(model).extension() == ".bin"; }

Result<Model> open_model(const std::string& model, weights::ReadMode mode) {
  std::error_code ignored;
  const fs::path path(model);
  if (fs::is_directory(path, ignored)) return open_folder(path, mode);
  if (fs::exists(path, ignored) || path.extension() == ".mil") return open_text(path, mode);
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
