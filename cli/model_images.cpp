#include "model_images.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>
#include <utility>

#include "anebench/package/description.h"
#include "anebench/package/image_value.h"

namespace anebench::cli {
namespace {

using Images = std::map<std::string, package::ImageType, std::less<>>;

// `images`: what the description says, null where there is none.
Result<package::ImageType> find_image(const Images* images, const mil::NamedType& value) {
  std::optional<package::ImageType> found;
  if (images == nullptr) {
    found = package::image_type_of(value.type);
  } else if (const auto image = images->find(value.name); image != images->end()) {
    found = image->second;
  }
  if (!found) {
    return fail(ErrorCode::invalid_argument,
                "it is no image to the model, but a {}: use an array (.npy)",
                mil::to_string(value.type));
  }
  return std::move(*found);
}

}  // namespace

Result<ModelImages> ModelImages::of(const Model& model, const std::string& function) {
  if (!model.description) return ModelImages(std::nullopt);
  ANEBENCH_ASSIGN(features, package::image_features(*model.description, function),
                  "the model's description");
  return ModelImages(std::move(features));
}

Result<package::ImageType> ModelImages::input(const mil::NamedType& value) const {
  return find_image(features_ ? &features_->inputs : nullptr, value);
}

Result<package::ImageType> ModelImages::output(const mil::NamedType& value) const {
  return find_image(features_ ? &features_->outputs : nullptr, value);
}

Result<bool> names_image(const std::string& file) {
  std::string extension = std::filesystem::path(file).extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (extension == ".jpg" || extension == ".jpeg") {
    return fail(ErrorCode::unsupported,
                "{}: images are written as .png, which keeps every value; JPEG would change them",
                file);
  }
  return extension == ".png";
}

}  // namespace anebench::cli
