// The engine's own classes: descriptor, model, request, device information.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "evaluator.h"
#include "foundation.h"
#include "io_surface.h"
#include "object.h"

namespace anebench::standin {

class Descriptor final : public Object {
 public:
  static ClassObject& shared_class();
  Descriptor(std::string text, WeightContents files);

  const std::string& text() const { return text_; }
  const WeightContents& files() const { return files_; }
  // Of text and weights: equal programs have equal ones, and share a folder.
  const std::string& identifier() const { return identifier_; }

 private:
  std::string text_;
  WeightContents files_;
  std::string identifier_;
};

// _ANERequest.
class RequestObject final : public Object {
 public:
  using Surfaces = std::vector<Reference<SurfaceObject>>;
  static ClassObject& shared_class();
  RequestObject(Surfaces inputs, Surfaces outputs)
      : Object(shared_class()), inputs_(std::move(inputs)), outputs_(std::move(outputs)) {}
  const Surfaces& inputs() const { return inputs_; }
  const Surfaces& outputs() const { return outputs_; }

 private:
  Surfaces inputs_;
  Surfaces outputs_;
};

// _ANEInMemoryModel. Each step gives false and sets `error`, or leaves it nil, as the real one
// does.
class ModelObject final : public Object {
 public:
  static ClassObject& shared_class();
  explicit ModelObject(Descriptor& descriptor) : Object(shared_class()), descriptor_(&descriptor) {}

  const Descriptor& descriptor() const { return *descriptor_.get(); }
  bool compile(Id* error);
  bool load(Id* error);
  bool unload(Id* error);
  bool evaluate(const RequestObject& request, Id* error);

 private:
  std::filesystem::path folder() const;
  // The files of the folder; throws (strict) or gives an error where one is missing or other.
  bool read_folder(WeightContents& files, Id* error) const;
  bool check_surfaces(const RequestObject::Surfaces& surfaces,
                      const std::vector<mil::NamedType>& values, const char* what, Id* error) const;

  Reference<Descriptor> descriptor_;
  std::unique_ptr<Evaluator> evaluator_;
  bool is_loaded_ = false;
  bool was_loaded_ = false;
};

std::string temporary_directory();
std::int64_t compilations();
void forget_compilations();
std::int64_t evaluations();
std::int64_t evaluate_ns();
void define_engine();

}  // namespace anebench::standin
