#include "anebench/device/ane/model_folder.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

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

void remove_quietly(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!path.empty()) std::filesystem::remove_all(path, ignored);
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
  if (error != std::errc() || marker.process <= 0 || digits + 1 >= name.size() ||
      name[digits] != '-') {
    return std::nullopt;
  }
  marker.folder = name.substr(digits + 1);
  // A marker may have been made by anybody: only a plain name is followed.
  if (marker.folder == "." || marker.folder == "..") return std::nullopt;
  return marker;
}

// Without a sync to the disk, which nothing here needs and whose time would count as compiling.
Result<void> write_new_file(const std::filesystem::path& path, std::span<const std::byte> content) {
  ANEBENCH_ASSIGN(file, AppendFile::open(path));
  return file.append({reinterpret_cast<const char*>(content.data()), content.size()});
}

}  // namespace

Result<ModelFolder> ModelFolder::create(const std::filesystem::path& parent,
                                        std::string_view name) {
  ANEBENCH_ASSIGN(path, join_inside(parent, name));
  if (path.parent_path() != (parent / "x").parent_path()) {
    return fail(ErrorCode::internal, "the model's name \"{}\" is no name of a folder", name);
  }
  const auto marker = parent / fmt::format("{}{}-{}", kMarkerPrefix, ::getpid(), name);
  ANEBENCH_TRY(write_new_file(marker, {}));
  // Owns both from here on.
  ModelFolder folder(std::move(path), marker);
  ANEBENCH_TRY(make_directories(folder.path_));
  return folder;
}

ModelFolder::ModelFolder(std::filesystem::path path, std::filesystem::path marker)
    : path_(std::move(path)), marker_(std::move(marker)) {}

ModelFolder::ModelFolder(ModelFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})), marker_(std::exchange(other.marker_, {})) {}

ModelFolder& ModelFolder::operator=(ModelFolder&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(marker_, other.marker_);
  return *this;
}

ModelFolder::~ModelFolder() {
  remove_quietly(path_);
  remove_quietly(marker_);
}

Result<void> ModelFolder::write(std::string_view relative,
                                std::span<const std::byte> content) const {
  ANEBENCH_ASSIGN(path, join_inside(path_, relative));
  ANEBENCH_TRY(make_directories(path.parent_path()));
  auto fresh = path;
  fresh += ".new";
  remove_quietly(fresh);
  ANEBENCH_TRY(write_new_file(fresh, content));
  std::error_code error;
  std::filesystem::rename(fresh, path, error);
  if (!error) return {};
  return fail(ErrorCode::io_error, "cannot replace {}: {}", path.string(), error.message());
}

std::size_t remove_abandoned_folders(const std::filesystem::path& parent) {
  std::size_t removed = 0;
  std::error_code error;
  for (auto entry = std::filesystem::directory_iterator(
           parent, std::filesystem::directory_options::skip_permission_denied, error);
       !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const auto marker = parse_marker(entry->path().filename().string());
    if (!marker || is_running(marker->process)) continue;
    remove_quietly(parent / marker->folder);
    remove_quietly(entry->path());
    ++removed;
  }
  return removed;
}

}  // namespace anebench::device::ane
