#include "anebench/weights/weight_files.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "anebench/base/file.h"

namespace anebench::weights {
namespace {

constexpr std::string_view kModelPathPrefix = "@model_path/";

std::string spelled(std::string_view normalized) {
  return std::string(kModelPathPrefix) + std::string(normalized);
}

// A name that normalizing would leave as it is; nearly all are. (Others may be, too.)
bool is_plain(std::string_view name) {
  return !name.empty() && name.front() != '/' && name.front() != '.' && name.back() != '/' &&
         name.find("//") == name.npos && name.find("/.") == name.npos &&
         name.find('\0') == name.npos;
}

// Both canonical.
bool lies_below(const std::filesystem::path& path, const std::filesystem::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first ==
         folder.end();
}

Result<std::shared_ptr<const BlobFileReader>> reader_of(const std::string& name,
                                                        std::vector<std::byte> content,
                                                        ReadMode mode) {
  const auto owner = std::make_shared<const std::vector<std::byte>>(std::move(content));
  ANEBENCH_ASSIGN(reader, BlobFileReader::from_memory(spelled(name), {*owner, owner}, mode));
  return std::make_shared<const BlobFileReader>(std::move(reader));
}

}  // namespace

Result<std::string> normalized_weight_name(std::string_view name) {
  std::string_view relative = name;
  if (relative.starts_with(kModelPathPrefix)) relative.remove_prefix(kModelPathPrefix.size());
  if (is_plain(relative)) return std::string(relative);
  ANEBENCH_ASSIGN(path, join_inside({}, relative), fmt::format("weight file \"{}\"", name));
  std::string normalized = path.lexically_normal().generic_string();
  if (normalized == "." || normalized.ends_with('/')) {
    return fail(ErrorCode::invalid_argument, "weight file \"{}\": the name is that of a folder",
                name);
  }
  return normalized;
}

Result<std::shared_ptr<WeightFiles>> WeightFiles::from_folder(const std::string& model_folder,
                                                              ReadMode mode) {
  std::error_code error;
  const auto folder = std::filesystem::canonical(model_folder, error);
  if (error || !std::filesystem::is_directory(folder, error)) {
    return fail(ErrorCode::not_found, "{}: there is no such folder", model_folder);
  }
  auto files = std::make_shared<WeightFiles>(mode);
  files->folder_ = folder.string();
  return files;
}

Result<std::shared_ptr<WeightFiles>> WeightFiles::from_memory(
    std::map<std::string, std::vector<std::byte>> contents, ReadMode mode) {
  auto files = std::make_shared<WeightFiles>(mode);
  for (auto& [name, content] : contents) ANEBENCH_TRY(files->add(name, std::move(content)));
  return files;
}

Result<void> WeightFiles::add(std::string_view name, std::vector<std::byte> content) {
  ANEBENCH_ASSIGN(normalized, normalized_weight_name(name));
  ANEBENCH_ASSIGN(reader, reader_of(normalized, std::move(content), mode_));
  const std::lock_guard lock(mutex_);
  if (!readers_.try_emplace(normalized, std::move(reader)).second) {
    return fail(ErrorCode::invalid_argument, "weight file \"{}\" is there already", name);
  }
  return {};
}

Result<void> WeightFiles::replace(std::string_view name, std::vector<std::byte> content) {
  ANEBENCH_ASSIGN(normalized, normalized_weight_name(name));
  ANEBENCH_ASSIGN(reader, reader_of(normalized, std::move(content), mode_));
  const std::lock_guard lock(mutex_);
  readers_.insert_or_assign(normalized, std::move(reader));
  return {};
}

Result<WeightFiles::ReaderPointer> WeightFiles::find_or_open(std::string_view name) const {
  ANEBENCH_ASSIGN(normalized, normalized_weight_name(name));
  const std::lock_guard lock(mutex_);
  const auto found = readers_.find(normalized);
  if (found != readers_.end()) return found->second;
  if (!folder_) {
    return fail(ErrorCode::not_found, "weight file \"{}\" is not among the program's files", name);
  }

  ANEBENCH_ASSIGN(joined, join_inside(*folder_, normalized));
  std::error_code error;
  const auto path = std::filesystem::canonical(joined, error);
  if (error) {
    return fail(ErrorCode::not_found, "weight file \"{}\": cannot find {}: {}", name,
                joined.string(), error.message());
  }
  if (!lies_below(path, *folder_)) {
    return fail(ErrorCode::invalid_argument,
                "weight file \"{}\": {} leads out of the model's folder, to {}", name,
                joined.string(), path.string());
  }
  ANEBENCH_ASSIGN(reader, BlobFileReader::open(path.string(), mode_));
  auto shared = std::make_shared<const BlobFileReader>(std::move(reader));
  readers_.emplace(normalized, shared);
  return shared;
}

Result<mil::SharedBytes> WeightFiles::resolve(const mil::BlobReference& reference,
                                              const mil::Type& type) const {
  ANEBENCH_ASSIGN(reader, find_or_open(reference.path));
  ANEBENCH_ASSIGN(blob, reader->read(reference.offset, type));
  if (!blob.warnings.empty()) {
    const std::lock_guard lock(mutex_);
    for (WeightWarning& warning : blob.warnings) {
      if (known_warnings_.insert(warning.to_string()).second) {
        warnings_.push_back(std::move(warning));
      }
    }
  }
  return std::move(blob.data);
}

Result<mil::SharedBytes> WeightFiles::content(std::string_view name) const {
  ANEBENCH_ASSIGN(reader, find_or_open(name));
  return reader->image();
}

std::vector<std::pair<std::string, mil::SharedBytes>> WeightFiles::files() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::pair<std::string, mil::SharedBytes>> files;
  files.reserve(readers_.size());
  for (const auto& [name, reader] : readers_) files.emplace_back(spelled(name), reader->image());
  return files;
}

std::vector<WeightWarning> WeightFiles::warnings() const {
  const std::lock_guard lock(mutex_);
  return warnings_;
}

std::shared_ptr<WeightFiles> WeightFiles::copy(ReadMode mode) const {
  auto copied = std::make_shared<WeightFiles>(mode);
  copied->folder_ = folder_;
  const std::lock_guard lock(mutex_);
  for (const auto& [name, reader] : readers_) {
    copied->readers_.emplace(name, std::make_shared<const BlobFileReader>(reader->with_mode(mode)));
  }
  return copied;
}

}  // namespace anebench::weights
