#include "anebench/package/model.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "anebench/base/file.h"
#include "anebench/mil/text_parser.h"
#include "anebench/package/opset_name.h"
#include "anebench/package/package.h"

namespace anebench::package {
namespace {

namespace fs = std::filesystem;

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

Result<Model> open_text(const fs::path& path, weights::ReadMode mode, ModelForm form) {
  ANEBENCH_ASSIGN(text, read_text_file(path));
  ANEBENCH_ASSIGN(program, mil::parse_text(text), path.string());
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  ANEBENCH_ASSIGN(weights, weights::WeightFiles::from_folder(folder.string(), mode));
  return Model{std::move(program), std::move(weights), form};
}

Result<Model> model_of(Result<Package> package, ModelForm form) {
  if (!package) return fail(package.error());
  return Model{
      std::move(package->program), std::move(package->weights),     form,
      package->specification,      std::move(package->description), std::move(package->unknown)};
}

}  // namespace

std::string_view to_string(ModelForm form) {
  switch (form) {
    case ModelForm::built: return "program by name";
    case ModelForm::text: return "MIL text";
    case ModelForm::compiled: return "folder with model.mil";
    case ModelForm::package: return "package with an ML program";
    case ModelForm::model_file: break;
  }
  return "model file with an ML program";
}

Result<Model> open_model(const fs::path& path, weights::ReadMode mode) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) {
    if (path.extension() == ".mlmodel")
      return model_of(read_model_file(path, mode), ModelForm::model_file);
    return open_text(path, mode, ModelForm::text);
  }
  if (is_there(path / "model.mil")) {
    return open_text(path / "model.mil", mode, ModelForm::compiled);
  }
  if (is_there(path / "Manifest.json") || path.extension() == ".mlpackage") {
    return model_of(read_package(path, mode), ModelForm::package);
  }
  return fail(ErrorCode::not_found,
              "the folder {} has neither a model.mil nor a Manifest.json, so it is no model",
              path.string());
}

Result<Package> package_like(const Model& model, const mil::Program& program,
                             std::shared_ptr<weights::WeightFiles> weights) {
  if (!model.description) return make_package(program, std::move(weights));
  return Package{.specification = std::max(model.specification.value_or(kOldestSpecification),
                                           specification_for(program)),
                 .program = program,
                 .weights = std::move(weights),
                 .description = *model.description,
                 .unknown = model.unknown};
}

}  // namespace anebench::package
