// The folder in which the system looks for a model's text and weights: made before the model is
// compiled, and removed on every path.
//
//   ANEBENCH_ASSIGN(folder, ModelFolder::create(temporary_directory, identifier));
//   ANEBENCH_TRY(folder.write("model.mil", text));
//
// A process that is killed cannot remove anything. So each folder has a marker beside it that names
// the process, and remove_abandoned_folders() removes what the dead have left: devices do it when
// they are opened and when they are closed. Movable; not thread-safe.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "anebench/base/result.h"

namespace anebench::device::ane {

class ModelFolder {
 public:
  // Errors: a name that leads out of `parent`; io_error.
  static Result<ModelFolder> create(const std::filesystem::path& parent, std::string_view name);
  ModelFolder(ModelFolder&& other) noexcept;
  ModelFolder& operator=(ModelFolder&& other) noexcept;
  ~ModelFolder();

  const std::filesystem::path& path() const { return path_; }
  // Makes or replaces a file: whoever has the old one open keeps it as it was. `relative` may name
  // folders in between. Errors: a path that leads out; io_error.
  Result<void> write(std::string_view relative, std::span<const std::byte> content) const;

 private:
  ModelFolder(std::filesystem::path path, std::filesystem::path marker);

  std::filesystem::path path_;  // empty where nothing is owned
  std::filesystem::path marker_;
};

// Removes the folders below `parent` whose processes are gone; gives their number.
std::size_t remove_abandoned_folders(const std::filesystem::path& parent);

}  // namespace anebench::device::ane
