// The weight files of a program: named files on disk or in memory, and the resolver of its
// constants.
//
//   ANEBENCH_ASSIGN(weights, WeightFiles::from_folder("model.mlmodelc", ReadMode::tolerant));
//   ANEBENCH_ASSIGN(bytes, mil::packed_bytes(value, *weights));
//   for (const std::string& line : summarize(weights->warnings())) …
//
// Files are named as programs spell them: "@model_path/weights/weight.bin", where "@model_path/"
// is the model's folder (of a package: Data/com.apple.CoreML) and may be left out. Absolute names,
// names with "..", and links that lead out of the folder are refused. A folder's files are opened
// and mapped when first referred to.
//
// Contents are shared, not copied; bytes once resolved stay valid and unchanged whatever happens to
// the WeightFiles later. All functions are safe to call from several threads.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/mil/resolver.h"
#include "anebench/weights/blob_file_reader.h"
#include "anebench/weights/weight_warning.h"

namespace anebench::weights {

// Where converters put all constants, and so does this project.
inline constexpr std::string_view kDefaultWeightFile = "@model_path/weights/weight.bin";

class WeightFiles final : public mil::BlobResolver {
 public:
  // No files and no folder; add() gives it some.
  explicit WeightFiles(ReadMode mode = ReadMode::tolerant) : mode_(mode) {}

  // Errors: not_found where there is no such folder.
  static Result<std::shared_ptr<WeightFiles>> from_folder(const std::string& model_folder,
                                                          ReadMode mode);
  // Whole files by name. Errors: as add().
  static Result<std::shared_ptr<WeightFiles>> from_memory(
      std::map<std::string, std::vector<std::byte>> files, ReadMode mode = ReadMode::tolerant);

  // Adds a file. Errors: invalid_argument for a bad name or one that is there already; parse_error
  // for content that is no weight file.
  Result<void> add(std::string_view name, std::vector<std::byte> content);
  // Replaces a file's content in this object (not on disk), or adds it. Errors: as add().
  Result<void> replace(std::string_view name, std::vector<std::byte> content);

  // Errors name file and offset. Warnings are kept, each once.
  Result<mil::SharedBytes> resolve(const mil::BlobReference& reference,
                                   const mil::Type& type) const override;

  // A whole file, opened if need be: for devices that need it written out.
  Result<mil::SharedBytes> content(std::string_view name) const;
  // All files added or referred to so far, as ("@model_path/…", content), by name.
  std::vector<std::pair<std::string, mil::SharedBytes>> files() const;
  // In the order of discovery.
  std::vector<WeightWarning> warnings() const;

  ReadMode mode() const { return mode_; }
  // Another set of the same files (shared) with its own mode, replacements and warnings.
  std::shared_ptr<WeightFiles> copy(ReadMode mode) const;

 private:
  using ReaderPointer = std::shared_ptr<const BlobFileReader>;
  Result<ReaderPointer> find_or_open(std::string_view name) const;

  ReadMode mode_;
  // Canonical; nothing where there is no folder.
  std::optional<std::string> folder_;

  mutable std::mutex mutex_;
  // By name without "@model_path/".
  mutable std::map<std::string, ReaderPointer, std::less<>> readers_;
  mutable std::vector<WeightWarning> warnings_;
  // Their texts, so that each is kept once.
  mutable std::set<std::string> known_warnings_;
};

// "@model_path/weights/./weight.bin" → "weights/weight.bin". Errors: invalid_argument for empty and
// absolute names and for those with "..".
Result<std::string> normalized_weight_name(std::string_view name);

}  // namespace anebench::weights
