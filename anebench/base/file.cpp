#include "anebench/base/file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <system_error>
#include <utility>

#include "anebench/base/descriptor.h"

namespace anebench {
namespace {

template <typename Container>
Result<Container> read_whole(const std::filesystem::path& path, std::uint64_t max_bytes) {
  ANEBENCH_ASSIGN(file, open_regular_file(path));
  const auto too_large = [&] {
    return fail(ErrorCode::resource_exhausted, "{} is larger than the limit of {} bytes",
                path.string(), max_bytes);
  };
  if (file.size > max_bytes) return too_large();
  Container content;
  std::size_t filled = 0;
  try {
    // One byte more than expected, so that the end of the file shows without growing the buffer.
    content.resize(static_cast<std::size_t>(file.size) + 1);
    for (;;) {
      const ssize_t got =
          ::read(file.descriptor.number(), content.data() + filled, content.size() - filled);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return file_failure("read", path, errno);
      if (got == 0) break;
      filled += static_cast<std::size_t>(got);
      if (filled > max_bytes) return too_large();
      // Files of /proc tell no size, and any file may grow meanwhile.
      if (filled == content.size()) content.resize(filled + std::max<std::size_t>(filled, 4096));
    }
    content.resize(filled);
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::resource_exhausted, "no memory to read {} ({} bytes)", path.string(),
                file.size);
  }
  return content;
}

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

// A new file beside `path`, with the permissions that the user's mask gives.
Result<std::pair<Descriptor, std::filesystem::path>> create_beside(
    const std::filesystem::path& path) {
  static std::atomic<unsigned> counter = 0;
  for (int attempt = 0; attempt < 100; ++attempt) {
    std::filesystem::path temporary = path;
    temporary += fmt::format(".{}-{}.tmp", ::getpid(), counter.fetch_add(1));
    Descriptor descriptor(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (descriptor.number() >= 0) return std::pair(std::move(descriptor), std::move(temporary));
    if (errno != EEXIST) return file_failure("write", path, errno);
  }
  return file_failure("write", path, EEXIST);
}

void remove_tree(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!path.empty()) std::filesystem::remove_all(path, ignored);
}

}  // namespace

tl::unexpected<Error> file_failure(std::string_view action, const std::filesystem::path& path,
                                   int error) {
  const ErrorCode code =
      error == ENOENT || error == ENOTDIR ? ErrorCode::not_found : ErrorCode::io_error;
  return fail(code, "cannot {} {}: {}", action, path.string(),
              std::error_code(error, std::generic_category()).message());
}

Result<OpenFile> open_regular_file(const std::filesystem::path& path) {
  // Without O_NONBLOCK, opening a pipe would wait for its writer.
  Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (descriptor.number() < 0) return file_failure("open", path, errno);
  struct stat status = {};
  if (::fstat(descriptor.number(), &status) != 0) return file_failure("open", path, errno);
  if (S_ISDIR(status.st_mode)) return file_failure("open", path, EISDIR);
  if (!S_ISREG(status.st_mode)) {
    return fail(ErrorCode::io_error, "cannot open {}: not a regular file", path.string());
  }
  return OpenFile{std::move(descriptor), static_cast<std::uint64_t>(status.st_size)};
}

int write_all(int descriptor, std::span<const std::byte> content) {
  // Some systems refuse single writes of 2 GiB and more.
  constexpr std::size_t kMostAtOnce = std::size_t{1} << 30;
  while (!content.empty()) {
    const ssize_t written =
        ::write(descriptor, content.data(), std::min(content.size(), kMostAtOnce));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    content = content.subspan(static_cast<std::size_t>(written));
  }
  return 0;
}

Result<std::vector<std::byte>> read_file(const std::filesystem::path& path,
                                         std::uint64_t max_bytes) {
  return read_whole<std::vector<std::byte>>(path, max_bytes);
}

Result<std::string> read_text_file(const std::filesystem::path& path, std::uint64_t max_bytes) {
  return read_whole<std::string>(path, max_bytes);
}

Result<void> write_file_atomically(const std::filesystem::path& path,
                                   std::span<const std::byte> content) {
  ANEBENCH_ASSIGN(created, create_beside(path));
  auto& [descriptor, temporary] = created;
  int error = write_all(descriptor.number(), content);
  // Without it, a crash of the machine could leave the new name with the content missing.
  if (error == 0 && ::fsync(descriptor.number()) != 0) error = errno;
  if (::close(descriptor.release()) != 0 && error == 0) error = errno;
  if (error == 0 && std::rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error == 0) return {};
  ::unlink(temporary.c_str());
  return file_failure("write", path, error);
}

Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view content) {
  return write_file_atomically(path, bytes_of(content));
}

Result<void> make_directories(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!error && !std::filesystem::is_directory(path, error) && !error) {
    error = std::make_error_code(std::errc::not_a_directory);
  }
  if (error) {
    return fail(ErrorCode::io_error, "cannot make the directory {}: {}", path.string(),
                error.message());
  }
  return {};
}

AppendFile::AppendFile(std::filesystem::path path, int descriptor)
    : path_(std::move(path)), descriptor_(descriptor) {}

AppendFile::AppendFile(AppendFile&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

AppendFile& AppendFile::operator=(AppendFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

AppendFile::~AppendFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<AppendFile> AppendFile::open(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  if (descriptor < 0) return file_failure("open", path, errno);
  return AppendFile(path, descriptor);
}

Result<void> AppendFile::append(std::string_view content) {
  const int error = write_all(descriptor_, bytes_of(content));
  if (error != 0) return file_failure("append to", path_, error);
  return {};
}

Result<void> AppendFile::sync() {
  if (::fsync(descriptor_) != 0) return file_failure("sync", path_, errno);
  return {};
}

Result<TemporaryDirectory> TemporaryDirectory::create(std::string_view prefix) {
  std::error_code error;
  const std::filesystem::path parent = std::filesystem::temp_directory_path(error);
  if (error) {
    return fail(ErrorCode::io_error, "there is no directory for temporary files: {}",
                error.message());
  }
  std::string path = (parent / fmt::format("{}-XXXXXX", prefix)).string();
  if (::mkdtemp(path.data()) == nullptr) {
    return file_failure("make the temporary directory", path, errno);
  }
  return TemporaryDirectory(path);
}

TemporaryDirectory::TemporaryDirectory(TemporaryDirectory&& other) noexcept
    : path_(std::exchange(other.path_, {})) {}

TemporaryDirectory& TemporaryDirectory::operator=(TemporaryDirectory&& other) noexcept {
  std::swap(path_, other.path_);
  return *this;
}

TemporaryDirectory::~TemporaryDirectory() { remove_tree(path_); }

std::filesystem::path TemporaryDirectory::release() { return std::exchange(path_, {}); }

Result<std::filesystem::path> join_inside(const std::filesystem::path& root,
                                          std::string_view relative) {
  const auto refuse = [&](std::string_view reason) {
    return fail(ErrorCode::invalid_argument, "the path \"{}\" is refused: {}",
                relative.substr(0, 200), reason);
  };
  if (relative.empty()) return refuse("it is empty");
  if (relative.find('\0') != std::string_view::npos) return refuse("it contains a NUL character");
  const std::filesystem::path path(relative);
  if (path.has_root_path()) return refuse("it is absolute");
  for (const std::filesystem::path& part : path) {
    if (part == "..") return refuse("\"..\" could lead out of the directory");
  }
  return root / path;
}

}  // namespace anebench
