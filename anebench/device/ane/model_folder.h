// The folder in which the system looks for a model's text and weights: made before the model is
// compiled, and removed on every path.
//
//   ANEBENCH_ASSIGN(folder, ModelFolder::create(temporary_directory, identifier));
//   ANEBENCH_TRY(folder.write("model.mil", text));
//
// A process that is killed cannot remove anything. So each folder has a marker beside it that names
// the process and is locked as long as the folder is in use, and remove_abandoned_folders() removes
// what the dead have left: devices do it when they are opened and when they are closed. The folder
// for temporary files may be everybody's: nothing is removed on the word of a name alone. Movable;
// not thread-safe.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "anebench/base/descriptor.h"
#include "anebench/base/result.h"

namespace anebench::device::ane {

class ModelFolder {
 public:
  // Errors: internal for a name that is not letters, digits and underscores alone, as the system's
  // are; io_error, also where somebody else's folder or marker of that name is in the way;
  // not_found where `parent` is missing.
  static Result<ModelFolder> create(const std::filesystem::path& parent, std::string_view name);
  ModelFolder(ModelFolder&& other) noexcept;
  ModelFolder& operator=(ModelFolder&& other) noexcept;
  ~ModelFolder();

  const std::filesystem::path& path() const { return path_; }
  // Makes or replaces a file: whoever has the old one open keeps it as it was. `relative` may name
  // folders in between. Errors: a path that leads out; io_error.
  Result<void> write(std::string_view relative, std::span<const std::byte> content) const;
  // The same with the content of a file that lies elsewhere, without a copy of it. Errors also
  // where the two cannot share a file.
  Result<void> link(std::string_view relative, const std::filesystem::path& existing) const;

 private:
  ModelFolder(std::filesystem::path marker, Descriptor lock);

  std::filesystem::path path_;  // empty where nothing is owned
  std::filesystem::path marker_;
  Descriptor lock_;
};

// Removes this user's model folders below `parent` whose processes are gone; gives their number.
std::size_t remove_abandoned_folders(const std::filesystem::path& parent);

}  // namespace anebench::device::ane
