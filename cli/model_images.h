// Which inputs and outputs of a model are images, and of what kind: for --input and --output.
//
//   ANEBENCH_ASSIGN(images, ModelImages::of(model, "main"));
//   ANEBENCH_ASSIGN(image_type, images.input({"x", type}));
//
// A package's description says it. A text or a program by name has none, so there the shape tells:
// [1, 3, height, width] is RGB, [1, 1, height, width] grayscale. Immutable; thread-safe.
#pragma once

#include <optional>
#include <string>

#include "anebench/base/result.h"
#include "anebench/mil/program.h"
#include "anebench/package/image_type.h"
#include "model.h"

namespace anebench::cli {

class ModelImages {
 public:
  // Errors: parse_error for a damaged description.
  static Result<ModelImages> of(const Model& model, const std::string& function);

  // Errors: invalid_argument where it is no image, with what to give instead.
  Result<package::ImageType> input(const mil::NamedType& value) const;
  Result<package::ImageType> output(const mil::NamedType& value) const;

 private:
  explicit ModelImages(std::optional<package::ImageFeatures> features)
      : features_(std::move(features)) {}

  std::optional<package::ImageFeatures> features_;
};

// Whether an output goes to `file` as an image. Errors: unsupported for kinds of images that are
// not written.
Result<bool> names_image(const std::string& file);

}  // namespace anebench::cli
