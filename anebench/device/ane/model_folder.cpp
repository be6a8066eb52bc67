#include "anebench/device/ane/model_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <optional>
#include <system_error>
#include <utility>

#include "anebench/base/file.h"

namespace anebench::device::ane {
namespace {

// "anebench-ane-PROCESS-FOLDER", an empty file beside the folder.
constexpr std::string_view kMarkerPrefix = "anebench-ane-";
// What every model's folder holds, and what it is called while it is written.
constexpr const char* kModelText = "model.mil";
constexpr const char* kUnfinished = ".new";

void remove_quietly(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!path.empty()) std::filesystem::remove_all(path, ignored);
}

// Hexadecimal numbers joined by underscores are what the system gives. "." and ".." are none.
bool is_folder_name(std::string_view name) {
  const auto is_allowed = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
  };
  return !name.empty() && std::all_of(name.begin(), name.end(), is_allowed);
}

// Of this user, and of the type itself rather than a link to one.
bool is_own(const std::filesystem::path& path, mode_t type) {
  struct stat status{};
  return ::lstat(path.c_str(), &status) == 0 && (status.st_mode & S_IFMT) == type &&
         status.st_uid == ::geteuid();
}

bool is_running(pid_t process) { return ::kill(process, 0) == 0 || errno != ESRCH; }

struct Marker {
  pid_t process = 0;
  std::string folder;
};

std::optional<Marker> parse_marker(std::string_view name) {
  if (!name.starts_with(kMarkerPrefix)) return std::nullopt;
  name.remove_prefix(kMarkerPrefix.size());
  Marker marker;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), marker.process);
  const auto digits = static_cast<std::size_t>(end - name.data());
  if (error != std::errc() || marker.process <= 0 || digits >= name.size() || name[digits] != '-') {
    return std::nullopt;
  }
  marker.folder = name.substr(digits + 1);
  if (!is_folder_name(marker.folder)) return std::nullopt;
  return marker;
}

bool lock_marker(const Descriptor& marker) {
  return ::flock(marker.number(), LOCK_EX | LOCK_NB) == 0;
}

// Locked until the descriptor is closed, at the latest by the process's end. Where the file system
// knows no locks the process's number has to do.
Result<Descriptor> create_marker(const std::filesystem::path& path) {
  Descriptor marker(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                           S_IRUSR | S_IWUSR));
  if (marker.number() < 0) return file_failure("make", path, errno);
  (void)lock_marker(marker);
  return marker;
}

// The marker of a process that is gone, locked; nothing where it is in use or not this user's. A
// process of another container has a number that means nothing here, but its lock holds.
std::optional<Descriptor> take_over_marker(const std::filesystem::path& path,
                                           const Marker& marker) {
  if (is_running(marker.process) || !is_own(path, S_IFREG)) return std::nullopt;
  Descriptor opened(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (opened.number() < 0 || !lock_marker(opened)) return std::nullopt;
  return opened;
}

// A folder of this user's that such a process may have made.
bool is_own_model_folder(const std::filesystem::path& path) {
  if (!is_own(path, S_IFDIR)) return false;
  std::error_code error;
  return std::filesystem::is_empty(path, error) ||
         std::filesystem::exists(path / kModelText, error) ||
         std::filesystem::exists(path / (std::string(kModelText) + kUnfinished), error);
}

Result<void> make_own_folder(const std::filesystem::path& path) {
  if (::mkdir(path.c_str(), S_IRWXU | S_IRGRP | S_IXGRP | S_IROTH | S_IXOTH) == 0) return {};
  const int error = errno;
  // The framework may have made it first.
  if (error == EEXIST && is_own(path, S_IFDIR)) return {};
  return file_failure("make", path, error);
}

// Without a sync to the disk, which nothing here needs and whose time would count as compiling.
Result<void> write_new_file(const std::filesystem::path& path, std::span<const std::byte> content) {
  ANEBENCH_ASSIGN(file, AppendFile::open(path));
  return file.append({reinterpret_cast<const char*>(content.data()), content.size()});
}

// Where the content of a file is made ready before it takes the file's place.
Result<std::filesystem::path> unfinished_beside(const std::filesystem::path& path) {
  ANEBENCH_TRY(make_directories(path.parent_path()));
  auto fresh = path;
  fresh += kUnfinished;
  remove_quietly(fresh);
  return fresh;
}

Result<void> take_place(const std::filesystem::path& fresh, const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::rename(fresh, path, error);
  // A rename to another name of the same file leaves both.
  remove_quietly(fresh);
  if (!error) return {};
  return fail(ErrorCode::io_error, "cannot replace {}: {}", path.string(), error.message());
}

}  // namespace

Result<ModelFolder> ModelFolder::create(const std::filesystem::path& parent,
                                        std::string_view name) {
  if (!is_folder_name(name)) {
    return fail(ErrorCode::internal,
                "the model's name \"{}\" is no name of a folder that the system would give", name);
  }
  const auto marker = parent / fmt::format("{}{}-{}", kMarkerPrefix, ::getpid(), name);
  ANEBENCH_ASSIGN(marker_lock, create_marker(marker));
  ModelFolder folder(marker, std::move(marker_lock));
  const auto path = parent / name;
  ANEBENCH_TRY(make_own_folder(path));
  folder.path_ = path;
  return folder;
}

ModelFolder::ModelFolder(std::filesystem::path marker, Descriptor lock)
    : marker_(std::move(marker)), lock_(std::move(lock)) {}

ModelFolder::ModelFolder(ModelFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      marker_(std::exchange(other.marker_, {})),
      lock_(std::move(other.lock_)) {}

ModelFolder& ModelFolder::operator=(ModelFolder&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(marker_, other.marker_);
  lock_ = std::move(other.lock_);
  return *this;
}

ModelFolder::~ModelFolder() {
  remove_quietly(path_);
  remove_quietly(marker_);
}

Result<void> ModelFolder::write(std::string_view relative,
                                std::span<const std::byte> content) const {
  ANEBENCH_ASSIGN(path, join_inside(path_, relative));
  ANEBENCH_ASSIGN(fresh, unfinished_beside(path));
  ANEBENCH_TRY(write_new_file(fresh, content));
  return take_place(fresh, path);
}

Result<void> ModelFolder::link(std::string_view relative,
                               const std::filesystem::path& existing) const {
  ANEBENCH_ASSIGN(path, join_inside(path_, relative));
  ANEBENCH_ASSIGN(fresh, unfinished_beside(path));
  if (::link(existing.c_str(), fresh.c_str()) != 0) return file_failure("link", path, errno);
  return take_place(fresh, path);
}

std::size_t remove_abandoned_folders(const std::filesystem::path& parent) {
  std::size_t removed = 0;
  std::error_code error;
  for (auto entry = std::filesystem::directory_iterator(
           parent, std::filesystem::directory_options::skip_permission_denied, error);
       !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const auto marker = parse_marker(entry->path().filename().string());
    if (!marker) continue;
    const auto taken = take_over_marker(entry->path(), *marker);
    if (!taken) continue;
    if (const auto folder = parent / marker->folder; is_own_model_folder(folder)) {
      remove_quietly(folder);
      ++removed;
    }
    remove_quietly(entry->path());
  }
  return removed;
}

}  // namespace anebench::device::ane
