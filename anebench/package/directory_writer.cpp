#include "anebench/package/directory_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <system_error>
#include <utility>
#include <vector>

#include "anebench/base/descriptor.h"
#include "anebench/base/file.h"

namespace anebench::package {
namespace {

namespace fs = std::filesystem;

struct NewFile {
  fs::path path;
  std::span<const std::byte> content;
};

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

// Writes files that are not there yet. All are written before the first is waited for, so that the
// disk is asked once.
Result<void> write_new_files(const std::vector<NewFile>& files) {
  std::vector<Descriptor> descriptors;
  for (const NewFile& file : files) {
    Descriptor descriptor(::open(file.path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (descriptor.number() < 0) return file_failure("write", file.path, errno);
    const int error = write_all(descriptor.number(), file.content);
    if (error != 0) return file_failure("write", file.path, error);
    descriptors.push_back(std::move(descriptor));
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    int error = ::fsync(descriptors[i].number()) == 0 ? 0 : errno;
    if (::close(descriptors[i].release()) != 0 && error == 0) error = errno;
    if (error != 0) return file_failure("write", files[i].path, error);
  }
  return {};
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
  std::vector<NewFile> files;
  for (const auto& [name, bytes] : content) {
    ANEBENCH_ASSIGN(path_inside, join_inside(made.path, name));
    ANEBENCH_TRY(make_directories(path_inside.parent_path()));
    files.push_back({std::move(path_inside), bytes});
  }
  ANEBENCH_TRY(write_new_files(files));
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
