#include "anebench/package/directory_writer.h"

#include <unistd.h>

#include <atomic>
#include <system_error>
#include <utility>

#include "anebench/base/file.h"

namespace anebench::package {
namespace {

namespace fs = std::filesystem;

// A name beside `path` that is not in use.
fs::path name_beside(const fs::path& path) {
  static std::atomic<unsigned> counter = 0;
  fs::path beside = path;
  std::error_code ignored;
  do {
    beside = path;
    beside += fmt::format(".{}-{}.tmp", ::getpid(), counter.fetch_add(1));
  } while (fs::exists(beside, ignored));
  return beside;
}

// Removes the folder at the end, whatever happened; of none once the path is empty.
struct Scratch {
  fs::path path;
  ~Scratch() {
    std::error_code ignored;
    if (!path.empty()) fs::remove_all(path, ignored);
  }
};

Result<void> move_folder(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (!error) return {};
  return fail(ErrorCode::io_error, "cannot move {} to {}: {}", from.string(), to.string(),
              error.message());
}

}  // namespace

Result<void> write_folder_atomically(const fs::path& given, const FolderContent& content) {
  // "x.mlpackage/" names the folder itself.
  const fs::path path = given.has_filename() ? given : given.parent_path();
  const Scratch made{name_beside(path)};
  ANEBENCH_TRY(make_directories(made.path));
  for (const auto& [name, bytes] : content) {
    ANEBENCH_ASSIGN(file, join_inside(made.path, name));
    ANEBENCH_TRY(make_directories(file.parent_path()));
    ANEBENCH_TRY(write_file_atomically(file, bytes));
  }
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return move_folder(made.path, path);
  // A folder with content cannot be replaced by renaming, so the old one steps aside.
  const Scratch old{name_beside(path)};
  ANEBENCH_TRY(move_folder(path, old.path));
  auto moved = move_folder(made.path, path);
  if (!moved) ANEBENCH_TRY(move_folder(old.path, path));
  return moved;
}

}  // namespace anebench::package
