#include <algorithm>
#include <protozero/pbf_builder.hpp>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "anebench/mil/text_printer.h"
#include "anebench/package/description.h"
#include "anebench/package/directory_writer.h"
#include "anebench/package/fields.h"
#include "anebench/package/manifest.h"
#include "anebench/package/opset_name.h"
#include "anebench/package/package.h"
#include "anebench/package/program_writer.h"

namespace anebench::package {
namespace {

namespace fs = std::filesystem;

void collect_files(const mil::Value& value, std::set<std::string>& files) {
  if (value.is_blob()) files.insert(value.blob_reference().path);
  for (const mil::Value& item : value.item_elements()) collect_files(item, files);
  for (const auto& [key, entry] : value.dictionary_entries()) collect_files(entry, files);
}

void collect_files(const mil::Block& block, std::set<std::string>& files) {
  for (const mil::Operation& operation : block.operations) {
    for (const mil::Attribute& attribute : operation.attributes) {
      collect_files(attribute.value, files);
    }
    for (const mil::Argument& argument : operation.inputs) {
      for (const mil::Binding& binding : argument.bindings) {
        if (const auto* value = std::get_if<mil::Value>(&binding)) collect_files(*value, files);
      }
    }
    for (const mil::Block& nested : operation.blocks) collect_files(nested, files);
  }
}

// The weight files that the program refers to, by their names within the model's folder.
Result<std::vector<std::pair<std::string, mil::SharedBytes>>> weight_files_of(
    const mil::Program& program, const weights::WeightFiles* weights) {
  std::set<std::string> spelled;
  for (const mil::Function& function : program.functions()) collect_files(function.body, spelled);
  std::vector<std::pair<std::string, mil::SharedBytes>> files;
  for (const std::string& name : spelled) {
    if (weights == nullptr) {
      return fail(ErrorCode::invalid_argument,
                  "the program refers to \"{}\", but it has no weight files", name);
    }
    ANEBENCH_ASSIGN(content, weights->content(name));
    ANEBENCH_ASSIGN(normalized, weights::normalized_weight_name(name));
    files.emplace_back(std::move(normalized), std::move(content));
  }
  return files;
}

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

}  // namespace

std::int32_t specification_for(const mil::Program& program) {
  std::int32_t specification = kOldestSpecification;
  for (const mil::Function& function : program.functions()) {
    specification = std::max(specification, specification_of(function.opset));
  }
  // Several functions, and the text format 1.3, came with iOS 18.
  const std::int32_t ios18 = specification_of("ios18");
  const bool is_newer = program.functions().size() > 1 || program.version() == text_version(ios18);
  return is_newer ? std::max(specification, ios18) : specification;
}

Result<Package> make_package(const mil::Program& program,
                             std::shared_ptr<weights::WeightFiles> weights) {
  ANEBENCH_ASSIGN(description, make_description(program));
  Package package;
  package.specification = specification_for(program);
  package.program = program;
  package.weights = std::move(weights);
  package.description = std::move(description);
  return package;
}

std::string write_model(const Package& package) {
  WriteState state(package.unknown);
  std::string content;
  protozero::pbf_builder<ModelField> builder(content);
  builder.add_int32(ModelField::specification_version, package.specification);
  builder.add_message(ModelField::description, package.description);
  content += state.unknown();
  const FieldPath::Step step(state.path(), "program");
  builder.add_message(ModelField::ml_program, write_program(package.program, state));
  return content;
}

Result<void> write_package(const Package& package, const fs::path& path) {
  const std::string model = write_model(package);
  ANEBENCH_ASSIGN(files, weight_files_of(package.program, package.weights.get()));
  const Manifest manifest = make_manifest(model, !files.empty());
  const std::string manifest_text = write_manifest(manifest);
  FolderContent content = {{"Manifest.json", bytes_of(manifest_text)},
                           {"Data/" + manifest.root()->path, bytes_of(model)}};
  for (const auto& [name, bytes] : files) {
    content["Data/com.apple.CoreML/" + name] = bytes.bytes;
  }
  return write_folder_atomically(path, content);
}

Result<void> write_text_folder(const mil::Program& program, const weights::WeightFiles* weights,
                               const fs::path& path) {
  const std::string text = mil::print_text(program);
  ANEBENCH_ASSIGN(files, weight_files_of(program, weights));
  FolderContent content = {{"model.mil", bytes_of(text)}};
  for (const auto& [name, bytes] : files) content[name] = bytes.bytes;
  return write_folder_atomically(path, content);
}

}  // namespace anebench::package
