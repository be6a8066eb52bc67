#include "anebench/package/manifest.h"

#include <algorithm>
#include <span>

#include "anebench/base/json.h"
#include "anebench/base/sha256.h"

namespace anebench::package {
namespace {

constexpr std::string_view kFormatVersion = "1.0.0";
// The items of a package are two or three; anything large is no manifest.
constexpr std::size_t kMaxManifestBytes = std::size_t{1} << 20;

Result<void> check_format(const Json& json) {
  ANEBENCH_ASSIGN(version, json_string(json, "fileFormatVersion"));
  if (version.starts_with("1.0.") || version == "1.0") return {};
  return fail(ErrorCode::unsupported, "the package's format is \"{}\", where {} is read", version,
              kFormatVersion);
}

// Absent texts are empty: nothing but the path matters to a reader.
std::string text_or_empty(const Json& object, std::string_view key) {
  return json_string(object, key).value_or("");
}

// 8-4-4-4-12 hexadecimal digits, a UUID of version 8 (made by the writer's own rule).
std::string uuid_from(std::string_view seed) {
  std::string digits = sha256_hex(seed);
  digits[12] = '8';
  digits[16] = 'a';
  return fmt::format("{}-{}-{}-{}-{}", digits.substr(0, 8), digits.substr(8, 4),
                     digits.substr(12, 4), digits.substr(16, 4), digits.substr(20, 12));
}

}  // namespace

const ManifestItem* Manifest::root() const {
  const auto found = std::find_if(items.begin(), items.end(), [&](const ManifestItem& item) {
    return item.identifier == root_identifier;
  });
  return found == items.end() ? nullptr : &*found;
}

Result<Manifest> read_manifest(std::string_view text) {
  ANEBENCH_ASSIGN(json, parse_json(text, {.max_bytes = kMaxManifestBytes}));
  ANEBENCH_TRY(check_format(json));
  Manifest manifest;
  ANEBENCH_ASSIGN(root, json_string(json, "rootModelIdentifier"));
  manifest.root_identifier = std::move(root);
  const auto entries = json.find("itemInfoEntries");
  if (entries == json.end() || !entries->is_object()) {
    return fail(ErrorCode::parse_error, "\"itemInfoEntries\" is absent or no object");
  }
  for (const auto& [identifier, entry] : entries->items()) {
    ANEBENCH_ASSIGN(path, json_string(entry, "path"), fmt::format("item \"{}\"", identifier));
    manifest.items.push_back({.identifier = identifier,
                              .path = std::move(path),
                              .name = text_or_empty(entry, "name"),
                              .author = text_or_empty(entry, "author"),
                              .description = text_or_empty(entry, "description")});
  }
  if (manifest.root() == nullptr) {
    return fail(ErrorCode::not_found, "the root model \"{}\" is not among the items",
                manifest.root_identifier);
  }
  return manifest;
}

std::string write_manifest(const Manifest& manifest) {
  Json json = Json::object();
  json["fileFormatVersion"] = kFormatVersion;
  Json& entries = json["itemInfoEntries"] = Json::object();
  for (const ManifestItem& item : manifest.items) {
    entries[item.identifier] = {{"author", item.author},
                                {"description", item.description},
                                {"name", item.name},
                                {"path", item.path}};
  }
  json["rootModelIdentifier"] = manifest.root_identifier;
  return dump_json_pretty(json) + "\n";
}

Manifest make_manifest(std::string_view model_content, bool has_weights) {
  const std::string hash = sha256_hex(model_content);
  Manifest manifest;
  manifest.root_identifier = uuid_from("model " + hash);
  manifest.items.push_back({.identifier = manifest.root_identifier,
                            .path = "com.apple.CoreML/model.mlmodel",
                            .name = "model.mlmodel",
                            .author = "com.apple.CoreML",
                            .description = "CoreML Model Specification"});
  if (has_weights) {
    manifest.items.push_back({.identifier = uuid_from("weights " + hash),
                              .path = "com.apple.CoreML/weights",
                              .name = "weights",
                              .author = "com.apple.CoreML",
                              .description = "CoreML Model Weights"});
  }
  return manifest;
}

}  // namespace anebench::package
