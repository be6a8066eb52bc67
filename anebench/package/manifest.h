// Manifest.json of a package: which of its items is the model.
//
//   X.mlpackage/Manifest.json
//   X.mlpackage/Data/com.apple.CoreML/model.mlmodel
//   X.mlpackage/Data/com.apple.CoreML/weights/weight.bin
//
// Paths are relative to Data/. Pure functions; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "anebench/base/result.h"

namespace anebench::package {

struct ManifestItem {
  std::string identifier;  // a UUID, as spelled
  std::string path;        // relative to Data/
  std::string name;
  std::string author;
  std::string description;
  friend bool operator==(const ManifestItem&, const ManifestItem&) = default;
};

struct Manifest {
  std::vector<ManifestItem> items;
  // Of the model's item.
  std::string root_identifier;

  // Null where the root is not among the items.
  const ManifestItem* root() const;
  friend bool operator==(const Manifest&, const Manifest&) = default;
};

// Errors: parse_error; unsupported for a newer format; not_found where the root is no item.
Result<Manifest> read_manifest(std::string_view json);
std::string write_manifest(const Manifest& manifest);

// The manifest of a package that holds a model and perhaps weights. Identifiers are made from the
// model's content, so that equal packages are equal byte for byte.
Manifest make_manifest(std::string_view model_content, bool has_weights);

}  // namespace anebench::package
