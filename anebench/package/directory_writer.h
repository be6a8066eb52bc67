// Writes a whole folder at once: readers of its path see the old one or the new one.
//
// The files are written to a folder beside the path, which then takes its place; what went wrong
// before leaves nothing. Not thread-safe for one path.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>

#include "anebench/base/result.h"

namespace anebench::package {

// Contents by path within the folder ("weights/weight.bin").
using FolderContent = std::map<std::string, std::span<const std::byte>>;

// Errors: io_error; invalid_argument for paths that lead out of the folder.
Result<void> write_folder_atomically(const std::filesystem::path& path,
                                     const FolderContent& content);

}  // namespace anebench::package
