#include "engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <utility>

#include "anebench/base/env.h"
#include "anebench/base/file.h"
#include "anebench/base/sha256.h"
#include "anebench/weights/weight_files.h"
#include "personality.h"

namespace anebench::standin {
namespace {

constexpr const char* kCompilerDomain = "com.apple.appleneuralengine.compiler";
constexpr const char* kEngineDomain = "com.apple.appleneuralengine";
// What real systems say. Source: spec/ane-runtime.md, Known limits.
constexpr std::int64_t kEvaluationStatus = 0x1d;

std::atomic<std::int64_t> compilation_count = 0;
std::atomic<std::int64_t> evaluation_count = 0;
std::atomic<std::int64_t> evaluation_time_ns = 0;

bool fails_with(Id* error, const char* domain, std::int64_t code, const std::string& text) {
  if (error != nullptr) *error = autoreleased(new NsError(domain, code, text));
  return false;
}

// Something that only a wrong program does: the strict stand-in throws, the others give an error.
bool misuse(Id* error, const std::string& text) {
  if (personality().is_strict) raise("NSInternalInconsistencyException", text);
  return fails_with(error, kEngineDomain, 1, text);
}

// False, with the error, where the personality wants this stage to fail; or throws.
bool may_pass(const char* stage, Id* error, const char* domain, std::int64_t code,
              const std::string& text) {
  if (personality().throwing_stage == stage) {
    raise("NSGenericException", fmt::format("the test wants {} to throw", stage));
  }
  return personality().failing_stage != stage || fails_with(error, domain, code, text);
}

// "@model_path/weights/weight.bin" → {"offset": 0, "data": NSData}.
WeightContents contents_of(const NsDictionary& weights) {
  WeightContents files;
  for (const auto& [name, value] : weights.entries()) {
    if (!name.starts_with("@model_path/")) {
      raise("NSInvalidArgumentException", fmt::format("the weight file \"{}\" is not in "
                                                      "@model_path",
                                                      name));
    }
    const auto& fields = checked<NsDictionary>(value->id(), "a weight file's entry").entries();
    const auto offset = fields.find("offset");
    const auto data = fields.find("data");
    if (fields.size() != 2 || offset == fields.end() || data == fields.end()) {
      raise("NSInvalidArgumentException", "a weight file's entry has other keys than offset, data");
    }
    if (checked<NsNumber>(offset->second->id(), "a weight file's offset").value() != 0) {
      raise("NSInvalidArgumentException", "a weight file's offset is not 0");
    }
    files[name] = checked<NsData>(data->second->id(), "a weight file's data").bytes();
  }
  return files;
}

RequestObject::Surfaces surfaces_of(Id array, Id indices, const char* what) {
  RequestObject::Surfaces surfaces;
  const auto& items = checked<NsArray>(array, what).items();
  const auto& numbers = checked<NsArray>(indices, "the indices").items();
  if (items.size() != numbers.size()) {
    raise("NSInvalidArgumentException", fmt::format("{} and their indices differ in number", what));
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    surfaces.emplace_back(&checked<SurfaceObject>(items[i]->id(), what));
    if (checked<NsNumber>(numbers[i]->id(), "an index").value() != i) {
      raise("NSInvalidArgumentException", "the indices are not 0, 1, 2, …");
    }
  }
  return surfaces;
}

void check_quality(std::uint32_t qos) {
  constexpr std::uint32_t kKnown[] = {0, 9, 17, 21, 25, 33};
  if (std::find(std::begin(kKnown), std::end(kKnown), qos) == std::end(kKnown)) {
    raise("NSInvalidArgumentException", fmt::format("no quality of service {}", qos));
  }
}

void check_options(Id options) {
  if (!checked<NsDictionary>(options, "the options").entries().empty()) {
    raise("NSInvalidArgumentException", "the options are not empty");
  }
}

ModelObject& model_of(Id self) {
  return *static_cast<ModelObject*>(reinterpret_cast<Object*>(self));
}

Id make_descriptor(Id, Sel, Id text, Id weights, Id plist) {
  if (plist != nullptr) raise("NSInvalidArgumentException", "an options list was given");
  const auto& bytes = checked<NsData>(text, "the MIL text").bytes();
  auto files = contents_of(checked<NsDictionary>(weights, "the weights"));
  std::string characters(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (!may_pass("descriptor", nullptr, "", 0, "") || !characters.starts_with("program(")) {
    return nullptr;
  }
  return autoreleased(new Descriptor(std::move(characters), std::move(files)));
}

Id make_model(Id, Sel, Id descriptor) {
  return autoreleased(new ModelObject(checked<Descriptor>(descriptor, "the descriptor")));
}

Id identifier(Id self, Sel) {
  return autoreleased_string(model_of(self).descriptor().identifier());
}

Bool compile(Id self, Sel, std::uint32_t qos, Id options, Id* error) {
  check_quality(qos);
  check_options(options);
  return model_of(self).compile(error) ? 1 : 0;
}

Bool load(Id self, Sel, std::uint32_t qos, Id options, Id* error) {
  check_quality(qos);
  check_options(options);
  return model_of(self).load(error) ? 1 : 0;
}

Bool unload(Id self, Sel, std::uint32_t qos, Id* error) {
  check_quality(qos);
  return model_of(self).unload(error) ? 1 : 0;
}

Bool evaluate(Id self, Sel, std::uint32_t qos, Id options, Id request, Id* error) {
  const auto start = std::chrono::steady_clock::now();
  check_quality(qos);
  check_options(options);
  const bool is_done =
      model_of(self).evaluate(checked<RequestObject>(request, "the request"), error);
  const auto time = std::chrono::steady_clock::now() - start;
  evaluation_time_ns += std::chrono::duration_cast<std::chrono::nanoseconds>(time).count();
  ++evaluation_count;
  return is_done ? 1 : 0;
}

Id make_request(Id, Sel, Id inputs, Id input_indices, Id outputs, Id output_indices, Id weights,
                Id statistics, Id procedure) {
  if (weights != nullptr || statistics != nullptr) {
    raise("NSInvalidArgumentException", "weightsBuffer or perfStats was given");
  }
  // The ninth argument of the call, which is passed on the stack.
  if (checked<NsNumber>(procedure, "the procedure's index").value() != 0) {
    raise("NSInvalidArgumentException", "the model has one procedure, 0");
  }
  if (!may_pass("request", nullptr, "", 0, "")) return nullptr;
  return autoreleased(new RequestObject(surfaces_of(inputs, input_indices, "the inputs"),
                                        surfaces_of(outputs, output_indices, "the outputs")));
}

std::uint32_t engine_count(Id, Sel) { return 1; }
std::uint32_t core_count(Id, Sel) { return 2; }
Id subtype(Id, Sel) { return autoreleased_string(personality().subtype); }

}  // namespace

ClassObject& Descriptor::shared_class() { return class_named("_ANEInMemoryModelDescriptor"); }
ClassObject& RequestObject::shared_class() { return class_named("_ANERequest"); }
ClassObject& ModelObject::shared_class() { return class_named("_ANEInMemoryModel"); }

Descriptor::Descriptor(std::string text, WeightContents files)
    : Object(shared_class()), text_(std::move(text)), files_(std::move(files)) {
  std::string all = text_;
  for (const auto& [name, content] : files_) {
    all += name;
    all.append(reinterpret_cast<const char*>(content.data()), content.size());
  }
  identifier_ = sha256_hex(std::string_view(all));
}

std::filesystem::path ModelObject::folder() const {
  return std::filesystem::path(temporary_directory()) / descriptor().identifier();
}

bool ModelObject::read_folder(WeightContents& files, Id* error) const {
  const auto text = read_text_file(folder() / "model.mil");
  if (!text || *text != descriptor().text()) {
    return misuse(error, fmt::format("{} does not hold the model's model.mil", folder().string()));
  }
  for (const auto& [name, content] : descriptor().files()) {
    auto read = read_file(folder() / weights::normalized_weight_name(name).value_or("none"));
    if (!read || read->size() != content.size()) {
      return misuse(error, fmt::format("{} does not hold {}", folder().string(), name));
    }
    files[name] = std::move(*read);
  }
  return true;
}

bool ModelObject::compile(Id* error) {
  const auto limit = static_cast<std::int64_t>(personality().compile_limit);
  if (++compilation_count > limit) {
    // Real systems answer NO and leave the error nil.
    if (!personality().is_strict) return false;
    raise("NSInternalInconsistencyException",
          fmt::format("compilation {} of a process that may make {}", compilation_count.load(),
                      limit));
  }
  if (!may_pass("compile", error, kCompilerDomain, 1, "_ANECompiler : ANECCompile() FAILED")) {
    return false;
  }
  while (personality().hangs_in_compile) std::this_thread::sleep_for(std::chrono::seconds(1));
  const std::string& refused = personality().refused_text;
  if (!refused.empty() && descriptor().text().find(refused) != std::string::npos) {
    return fails_with(
        error, kCompilerDomain, 1,
        fmt::format("_ANECompiler : ANECCompile() FAILED: unsupported type {}", refused));
  }
  WeightContents files;
  if (!read_folder(files, error)) return false;
  auto evaluator = Evaluator::create(descriptor().text(), files);
  if (!evaluator) {
    return fails_with(error, kCompilerDomain, 1,
                      "_ANECompiler : ANECCompile() FAILED: " + evaluator.error().to_string());
  }
  evaluator_ = std::move(*evaluator);
  return true;
}

bool ModelObject::load(Id* error) {
  if (!may_pass("load", error, kEngineDomain, 4, "Program load failure (0x50004)")) return false;
  if (evaluator_ == nullptr) return misuse(error, "load without compile");
  if (is_loaded_) return misuse(error, "load of a loaded model");
  if (was_loaded_ && personality().reloads) {
    WeightContents files;
    if (!read_folder(files, error)) return false;
    if (const auto replaced = evaluator_->replace(files); !replaced) {
      return fails_with(error, kEngineDomain, 4, replaced.error().to_string());
    }
  }
  if (const auto loaded = evaluator_->load(); !loaded) {
    return fails_with(error, kEngineDomain, 4, loaded.error().to_string());
  }
  is_loaded_ = true;
  was_loaded_ = true;
  return true;
}

bool ModelObject::unload(Id* error) {
  if (!may_pass("unload", error, kEngineDomain, 5, "Program unload failure")) return false;
  if (!is_loaded_) return misuse(error, "unload of a model that is not loaded");
  is_loaded_ = false;
  if (const auto unloaded = evaluator_->unload(); !unloaded) {
    return fails_with(error, kEngineDomain, 5, unloaded.error().to_string());
  }
  return true;
}

bool ModelObject::check_surfaces(const RequestObject::Surfaces& surfaces,
                                 const std::vector<mil::NamedType>& values, const char* what,
                                 Id* error) const {
  const auto refuse = [&](const std::string& text) {
    if (personality().is_strict) raise("NSInvalidArgumentException", text);
    return fails_with(error, kEngineDomain, kEvaluationStatus,
                      fmt::format("Program Inference error (status {:#x})", kEvaluationStatus));
  };
  if (surfaces.size() != values.size()) {
    return refuse(fmt::format("{} {}s for a program of {}", surfaces.size(), what, values.size()));
  }
  for (std::size_t i = 0; i < surfaces.size(); ++i) {
    const IoSurface& surface = surfaces[i]->surface();
    if (surface.size() < personality().least_surface) {
      return refuse(
          fmt::format("the surface of {} '{}' has {} bytes", what, values[i].name, surface.size()));
    }
    if (surface.size() != surfaces[0]->surface().size()) {
      return refuse(fmt::format("the {} surfaces differ in size", what));
    }
    if (static_cast<std::int64_t>(surface.size()) < values[i].type.byte_size().value_or(0)) {
      return refuse(fmt::format("the surface of {} '{}' is too small", what, values[i].name));
    }
    if (surface.is_locked() && personality().is_strict) {
      return refuse(fmt::format("the surface of {} '{}' is locked", what, values[i].name));
    }
    if (values[i].type.data_type() == mil::DataType::int8) {
      return fails_with(error, kEngineDomain, kEvaluationStatus,
                        fmt::format("Program Inference error (status {:#x})", kEvaluationStatus));
    }
  }
  return true;
}

bool ModelObject::evaluate(const RequestObject& request, Id* error) {
  if (!may_pass("evaluate", error, kEngineDomain, kEvaluationStatus,
                "Program Inference error (status 0x1d)")) {
    return false;
  }
  if (!is_loaded_) return misuse(error, "evaluation of a model that is not loaded");
  if (!check_surfaces(request.inputs(), evaluator_->inputs(), "input", error) ||
      !check_surfaces(request.outputs(), evaluator_->outputs(), "output", error)) {
    return false;
  }
  std::vector<const std::byte*> inputs;
  std::vector<std::byte*> outputs;
  for (const auto& surface : request.inputs()) inputs.push_back(surface->surface().memory());
  for (const auto& surface : request.outputs()) outputs.push_back(surface->surface().memory());
  if (const auto done = evaluator_->evaluate(inputs, outputs); !done) {
    return fails_with(error, kEngineDomain, kEvaluationStatus, done.error().to_string());
  }
  return true;
}

std::string temporary_directory() {
  std::string path = env("TMPDIR").value_or("/tmp");
  if (!path.ends_with('/')) path += '/';
  return path;
}

std::int64_t compilations() { return compilation_count.load(); }
void forget_compilations() { compilation_count = 0; }
std::int64_t evaluations() { return evaluation_count.load(); }
std::int64_t evaluate_ns() { return evaluation_time_ns.load(); }

// The types are those of arm64.
void define_engine() {
  define(Descriptor::shared_class(), '+',
         "modelWithMILText:weights:optionsPlist:", "@40@0:8@16@24@32", make_descriptor);
  ClassObject& model = ModelObject::shared_class();
  define(model, '+', "inMemoryModelWithDescriptor:", "@24@0:8@16", make_model);
  define(model, '-', "hexStringIdentifier", "@16@0:8", identifier);
  define(model, '-', "compileWithQoS:options:error:", "B36@0:8I16@20^@28", compile);
  define(model, '-', "loadWithQoS:options:error:", "B36@0:8I16@20^@28", load);
  define(model, '-', "unloadWithQoS:error:", "B28@0:8I16^@20", unload);
  define(model, '-', "evaluateWithQoS:options:request:error:", "B44@0:8I16@20@28^@36", evaluate);
  define(RequestObject::shared_class(), '+',
         "requestWithInputs:inputIndices:outputs:outputIndices:weightsBuffer:perfStats:"
         "procedureIndex:",
         "@72@0:8@16@24@32@40@48@56@64", make_request);
  ClassObject& info = class_named("_ANEDeviceInfo");
  define(info, '+', "numANEs", "I16@0:8", engine_count);
  define(info, '+', "numANECores", "I16@0:8", core_count);
  define(info, '+', "aneSubType", "@16@0:8", subtype);
}

}  // namespace anebench::standin
