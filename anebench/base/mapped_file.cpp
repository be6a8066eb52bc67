#include "anebench/base/mapped_file.h"

#include <sys/mman.h>

#include <limits>
#include <utility>

#include "anebench/base/descriptor.h"

namespace anebench {

Result<MappedFile> MappedFile::open(const std::filesystem::path& path) {
  ANEBENCH_ASSIGN(file, open_regular_file(path));
  if (file.size == 0) return MappedFile({});  // mmap refuses empty mappings
  if (file.size > std::numeric_limits<std::size_t>::max()) {
    return file_failure("map", path, EFBIG);
  }
  const auto size = static_cast<std::size_t>(file.size);
  void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.descriptor.number(), 0);
  if (data == MAP_FAILED) return file_failure("map", path, errno);
  return MappedFile({static_cast<const std::byte*>(data), size});
}

MappedFile::MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  return *this;
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

}  // namespace anebench
