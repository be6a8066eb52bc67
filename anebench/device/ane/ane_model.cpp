#include "anebench/device/ane/ane_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "anebench/device/ane/compile_budget.h"
#include "anebench/weights/weight_files.h"

namespace anebench::device::ane {
namespace {

std::span<const std::byte> bytes_of_text(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

// "@model_path/weights/<file>" → {"offset": 0, "data": …}, one entry a file; an empty dictionary,
// not nil, where there are none. Source: spec/ane-runtime.md, Life cycle.
Result<Id> weight_dictionary(const Framework& framework, const AneSource& source) {
  std::vector<std::pair<Id, Id>> entries;
  for (const AneSource::File& file : source.files) {
    ANEBENCH_ASSIGN(offset_key, framework.string("offset"));
    ANEBENCH_ASSIGN(offset, framework.number(0));
    ANEBENCH_ASSIGN(data_key, framework.string("data"));
    ANEBENCH_ASSIGN(data, framework.data(file.content.bytes));
    const std::pair<Id, Id> fields[] = {{offset_key, offset}, {data_key, data}};
    ANEBENCH_ASSIGN(entry, framework.dictionary(fields));
    ANEBENCH_ASSIGN(name, framework.string(file.name));
    entries.emplace_back(name, entry);
  }
  return framework.dictionary(entries);
}

}  // namespace

CompileBudget& compile_budget() {
  static CompileBudget budget;
  return budget;
}

AneModel::AneModel(std::shared_ptr<const Framework> framework, Handle object, Handle no_options,
                   ModelFolder folder, std::uint32_t qos)
    : framework_(std::move(framework)),
      object_(std::move(object)),
      no_options_(std::move(no_options)),
      folder_(std::move(folder)),
      qos_(qos) {}

AneModel::~AneModel() {
  if (!is_loaded_) return;
  // Nobody is left to hear of a failure; the system unloads what its objects' end leaves.
  (void)unload();
}

Result<Handle> AneModel::describe(const Framework& framework, const AneSource& source) {
  const Framework::Engine& engine = framework.engine();
  ANEBENCH_ASSIGN(text, framework.data(bytes_of_text(source.text)));
  ANEBENCH_ASSIGN(weights, weight_dictionary(framework, source));
  ANEBENCH_ASSIGN(descriptor,
                  engine.make_descriptor(engine.descriptor_class, text, weights, nullptr));
  if (descriptor == nullptr) {
    return fail(ErrorCode::unsupported,
                "the system rejected the program's text or its weights without saying why (the "
                "descriptor is nil); `anebench check` says which rules of the language it breaks");
  }
  ANEBENCH_ASSIGN(model, engine.make_model(engine.model_class, descriptor));
  if (model == nullptr) {
    return fail(ErrorCode::unsupported,
                "the system made no model of the program's descriptor and did not say why");
  }
  return Handle::retain(framework.runtime(), model);
}

Result<std::unique_ptr<AneModel>> AneModel::compile(std::shared_ptr<const Framework> framework,
                                                    const AneSource& source, std::uint32_t qos) {
  if (!compile_budget().take()) {
    return fail(ErrorCode::resource_exhausted,
                "this process has compiled {} programs for the Neural Engine, after which the "
                "system's compiler fails without a word; run the rest in another process "
                "(--isolate gives each case its own)",
                compile_budget().used());
  }
  const Framework& used = *framework;
  const Pool pool(used.runtime());
  ANEBENCH_ASSIGN(object, describe(used, source), "descriptor");
  ANEBENCH_ASSIGN(no_options, used.dictionary({}), "descriptor");
  Handle kept_options = Handle::retain(used.runtime(), no_options);
  ANEBENCH_ASSIGN(identifier, used.engine().identifier(object.get()), "descriptor");
  if (identifier == nullptr) {
    return fail_with_context(Error(ErrorCode::internal, "the system names no folder for the model"),
                             "descriptor");
  }
  ANEBENCH_ASSIGN(name, used.text_of(identifier), "descriptor");
  ANEBENCH_ASSIGN(parent, used.temporary_directory(), "write");
  ANEBENCH_ASSIGN(folder, ModelFolder::create(parent, name), "write");
  ANEBENCH_TRY(folder.write("model.mil", bytes_of_text(source.text)), "write");
  std::unique_ptr<AneModel> model(new AneModel(std::move(framework), std::move(object),
                                               std::move(kept_options), std::move(folder), qos));
  for (const AneSource::File& file : source.files) {
    ANEBENCH_ASSIGN(path, weights::normalized_weight_name(file.name), "write");
    ANEBENCH_TRY(model->folder_.write(path, file.content.bytes), "write");
    model->files_.push_back(std::move(path));
  }
  ANEBENCH_TRY(model->run_compiler());
  return model;
}

Result<void> AneModel::check(Result<Bool> done, Id error, std::string_view step) const {
  ANEBENCH_ASSIGN(is_done, std::move(done));
  if (is_done != 0) return {};
  if (error == nullptr && step == "compile") {
    return fail(
        ErrorCode::unsupported,
        "the system did not compile the program and did not say why. This process has "
        "compiled {} programs, and after about {} the compiler fails like this: run the "
        "case in another process (--isolate); if it fails there, too, the compiler does not "
        "take this program",
        compile_budget().used(), kCompilationsPerProcess);
  }
  if (error == nullptr) {
    return fail(ErrorCode::unsupported, "the system did not {} the program and did not say why",
                step);
  }
  return fail(ErrorCode::unsupported, "the system did not {} the program: {}", step,
              framework_->describe_error(error));
}

Result<void> AneModel::run_compiler() const {
  Id error = nullptr;
  auto done = framework_->engine().compile(object_.get(), qos_, no_options_.get(), &error);
  return check(std::move(done), error, "compile");
}

Result<void> AneModel::load() {
  if (is_loaded_) return fail(ErrorCode::invalid_argument, "the program is loaded already");
  const Pool pool(framework_->runtime());
  Id error = nullptr;
  auto done = framework_->engine().load(object_.get(), qos_, no_options_.get(), &error);
  ANEBENCH_TRY(check(std::move(done), error, "load"));
  is_loaded_ = true;
  return {};
}

Result<void> AneModel::unload() {
  if (!is_loaded_) return fail(ErrorCode::invalid_argument, "the program is not loaded");
  const Pool pool(framework_->runtime());
  Id error = nullptr;
  // Also where it fails: what is not unloaded for certain must not be evaluated.
  is_loaded_ = false;
  auto done = framework_->engine().unload(object_.get(), qos_, &error);
  return check(std::move(done), error, "unload");
}

bool AneModel::has_file(const std::string& name) const {
  const auto path = weights::normalized_weight_name(name);
  return path && std::find(files_.begin(), files_.end(), *path) != files_.end();
}

Result<void> AneModel::replace_file(const std::string& name, std::span<const std::byte> content) {
  ANEBENCH_ASSIGN(path, weights::normalized_weight_name(name));
  if (std::find(files_.begin(), files_.end(), path) == files_.end()) {
    return fail(ErrorCode::not_found, "the program has no weight file {}", name);
  }
  return folder_.write(path, content);
}

Result<void> AneModel::evaluate(Id request) const {
  const Pool pool(framework_->runtime());
  Id error = nullptr;
  auto done =
      framework_->engine().evaluate(object_.get(), qos_, no_options_.get(), request, &error);
  return check(std::move(done), error, "evaluate");
}

}  // namespace anebench::device::ane
