// A POSIX file descriptor that is closed at the end of its life. For source files of the library;
// not part of what is installed.
#pragma once

#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <utility>

#include "anebench/base/result.h"

namespace anebench {

class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }

  int number() const { return number_; }
  int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

// The failure of `action` ("read", "rename", …) on `path` with the system's reason for `error`, an
// errno; not_found where that says so, else io_error.
tl::unexpected<Error> file_failure(std::string_view action, const std::filesystem::path& path,
                                   int error);

// Writes all of it at the descriptor's position. Returns 0 or an errno.
int write_all(int descriptor, std::span<const std::byte> content);

struct OpenFile {
  Descriptor descriptor;
  std::uint64_t size;
};
// Opens a regular file to be read; refuses everything else without waiting for it.
Result<OpenFile> open_regular_file(const std::filesystem::path& path);

}  // namespace anebench
