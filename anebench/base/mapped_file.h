// A file's content in memory, read-only and on demand.
//
// The bytes live as long as the MappedFile; moving it does not move them. If another process
// shortens the file meanwhile, touching the lost pages kills the process, as with any mapping.
// Thread-compatible; the bytes may be read from any number of threads.
//
//   ANEBENCH_ASSIGN(file, MappedFile::open("weights/weight.bin"));
//   read(file.bytes());
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

#include "anebench/base/result.h"

namespace anebench {

class MappedFile {
 public:
  // not_found or io_error; regular files only. An empty file gives an empty span.
  static Result<MappedFile> open(const std::filesystem::path& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  // The first byte is aligned to a page.
  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  explicit MappedFile(std::span<const std::byte> bytes) : bytes_(bytes) {}
  std::span<const std::byte> bytes_;
};

}  // namespace anebench
