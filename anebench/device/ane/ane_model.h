// A program as the Neural Engine's framework holds it: descriptor, model, the model's folder. Its
// life cycle is compile → load → evaluate … → unload → load …; whatever happens, it is unloaded,
// its objects are released and its folder is removed.
//
//   ANEBENCH_ASSIGN(model, AneModel::compile(framework, source, kDefaultQos));
//   ANEBENCH_TRY(model->load());
//   ANEBENCH_TRY(model->evaluate(request));
//
// Evaluating is thread-safe; everything else needs outside synchronisation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "anebench/device/ane/framework.h"
#include "anebench/device/ane/model_folder.h"
#include "anebench/mil/resolver.h"

namespace anebench::device::ane {

// What the framework is given.
struct AneSource {
  std::string text;  // MIL
  struct File {
    std::string name;  // as the text spells it: "@model_path/weights/weight.bin"
    mil::SharedBytes content;
  };
  std::vector<File> files;
};

class AneModel {
 public:
  // Errors carry the stage as context where it is not compiling itself: "descriptor", "write".
  // unsupported where the system refuses the program, with its words; resource_exhausted where this
  // process has compiled as much as it may.
  static Result<std::unique_ptr<AneModel>> compile(std::shared_ptr<const Framework> framework,
                                                   const AneSource& source, std::uint32_t qos);
  ~AneModel();
  AneModel(const AneModel&) = delete;
  AneModel& operator=(const AneModel&) = delete;

  Result<void> load();
  Result<void> unload();
  bool is_loaded() const { return is_loaded_; }
  // Overwrites a weight file in the model's folder. Errors: not_found where the program has none of
  // that name; io_error.
  Result<void> replace_file(const std::string& name, std::span<const std::byte> content);
  bool has_file(const std::string& name) const;
  // `request` is an object that AneRequest made for this model. Precondition: loaded.
  Result<void> evaluate(Id request) const;

  const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  AneModel(std::shared_ptr<const Framework> framework, Handle object, Handle no_options,
           ModelFolder folder, std::uint32_t qos);
  static Result<Handle> describe(const Framework& framework, const AneSource& source);
  // Whatever `done` and `error` say about a step: "compile", "load", …
  Result<void> check(Result<Bool> done, Id error, std::string_view step) const;
  Result<void> run_compiler() const;

  std::shared_ptr<const Framework> framework_;
  Handle object_;
  Handle no_options_;  // an empty dictionary, kept so that evaluating makes nothing
  ModelFolder folder_;
  std::uint32_t qos_;
  std::vector<std::string> files_;  // normalized names
  bool is_loaded_ = false;
};

}  // namespace anebench::device::ane
