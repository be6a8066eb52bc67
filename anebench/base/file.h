// Files: reading with a limit, atomic writing, appending, temporary directories, path safety.
//
// Every error names the path and the operating system's reason. Functions are thread-safe; objects
// are thread-compatible. Only regular files are read (a device or pipe could never end).
//
//   ANEBENCH_ASSIGN(text, read_text_file(path, 64 << 20), "reading the program");
//   ANEBENCH_TRY(write_file_atomically(path, text));
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "anebench/base/result.h"

namespace anebench {

// 1 GiB: what is read whole unless the caller says otherwise. Larger files are to be mapped.
inline constexpr std::uint64_t kDefaultReadLimit = std::uint64_t{1} << 30;

// The whole file; not_found, io_error, or resource_exhausted above `max_bytes`.
Result<std::vector<std::byte>> read_file(const std::filesystem::path& path,
                                         std::uint64_t max_bytes = kDefaultReadLimit);
Result<std::string> read_text_file(const std::filesystem::path& path,
                                   std::uint64_t max_bytes = kDefaultReadLimit);

// Writes a temporary file beside `path`, then renames it: readers see the old content or the new,
// never a part. The directory must exist.
Result<void> write_file_atomically(const std::filesystem::path& path,
                                   std::span<const std::byte> content);
Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view content);

// Makes the directory and its parents; fine if it exists.
Result<void> make_directories(const std::filesystem::path& path);

// A file that only grows. Each append is handed to the operating system in whole before the call
// returns, so it survives the end of this process; sync() also survives that of the machine.
class AppendFile {
 public:
  // Creates the file if it does not exist.
  static Result<AppendFile> open(const std::filesystem::path& path);
  AppendFile(AppendFile&& other) noexcept;
  AppendFile& operator=(AppendFile&& other) noexcept;
  ~AppendFile();

  Result<void> append(std::string_view content);
  Result<void> sync();
  const std::filesystem::path& path() const { return path_; }

 private:
  AppendFile(std::filesystem::path path, int descriptor);
  std::filesystem::path path_;
  int descriptor_;
};

// A new directory, readable by this user only, removed with everything in it at the end.
class TemporaryDirectory {
 public:
  // Below $TMPDIR (or the system's default), with a unique name that starts with `prefix`.
  static Result<TemporaryDirectory> create(std::string_view prefix = "anebench");
  TemporaryDirectory(TemporaryDirectory&& other) noexcept;
  TemporaryDirectory& operator=(TemporaryDirectory&& other) noexcept;
  ~TemporaryDirectory();

  const std::filesystem::path& path() const { return path_; }
  // Keeps the directory: the caller now owns what is in it.
  std::filesystem::path release();

 private:
  explicit TemporaryDirectory(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;  // empty when nothing is owned
};

// root / relative, for names that come from input data: refuses absolute paths, "..", empty names
// and NUL characters (invalid_argument). Symbolic links are not resolved.
Result<std::filesystem::path> join_inside(const std::filesystem::path& root,
                                          std::string_view relative);

}  // namespace anebench
