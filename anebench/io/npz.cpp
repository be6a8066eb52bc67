#include "anebench/io/npz.h"

#include <zip.h>

#include <memory>
#include <new>
#include <string_view>
#include <utility>

#include "anebench/base/file.h"
#include "anebench/base/mapped_file.h"

namespace anebench::io {
namespace {

constexpr std::string_view kSuffix = ".npy";
// A deflated block cannot hold more than 1,032 times its size (zlib's technical details).
constexpr std::uint64_t kMostDeflated = 1032;

struct Discard {
  void operator()(zip_t* archive) const { zip_discard(archive); }
  void operator()(zip_source_t* source) const { zip_source_free(source); }
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};
template <typename T>
using Owned = std::unique_ptr<T, Discard>;

class ZipError {
 public:
  ZipError() { zip_error_init(&error_); }
  ~ZipError() { zip_error_fini(&error_); }
  ZipError(const ZipError&) = delete;
  ZipError& operator=(const ZipError&) = delete;
  zip_error_t* get() { return &error_; }
  std::string text() { return zip_error_strerror(&error_); }

 private:
  zip_error_t error_;
};

tl::unexpected<Error> fail_writing(std::string_view reason) {
  return fail(ErrorCode::io_error, "the npz archive cannot be made: {}", reason);
}

// What is known of an entry before any of it is read.
Result<zip_stat_t> entry_at(zip_t* archive, zip_uint64_t index) {
  zip_stat_t entry;
  zip_stat_init(&entry);
  constexpr zip_uint64_t kNeeded =
      ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD;
  if (zip_stat_index(archive, index, ZIP_FL_ENC_GUESS, &entry) != 0 ||
      (entry.valid & kNeeded) != kNeeded) {
    return fail(ErrorCode::parse_error, "entry {} of the npz archive cannot be read: {}", index,
                zip_strerror(archive));
  }
  const std::string_view name(entry.name);
  if (!name.ends_with(kSuffix) || name.size() == kSuffix.size()) {
    return fail(ErrorCode::parse_error,
                "the archive holds \"{}\"; one of arrays holds nothing but .npy files", name);
  }
  const bool is_deflated = entry.comp_method == ZIP_CM_DEFLATE;
  if (!is_deflated && entry.comp_method != ZIP_CM_STORE) {
    return fail(ErrorCode::unsupported, "\"{}\" is compressed by method {}; NumPy only deflates",
                name, entry.comp_method);
  }
  // Beyond it the size is a lie, or comp_size · 1032 exceeds 64 bits.
  if (entry.size / (is_deflated ? kMostDeflated : 1) > entry.comp_size) {
    return fail(ErrorCode::resource_exhausted,
                "\"{}\" declares {} bytes, more than its {} compressed ones can hold", name,
                entry.size, entry.comp_size);
  }
  return entry;
}

Result<NpyArray> read_entry(zip_t* archive, zip_uint64_t index, const zip_stat_t& entry) {
  const Owned<zip_file_t> file(zip_fopen_index(archive, index, 0));
  if (file == nullptr) {
    return fail(ErrorCode::parse_error, "\"{}\" cannot be read: {}", entry.name,
                zip_strerror(archive));
  }
  std::vector<std::byte> bytes(entry.size);
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const zip_int64_t read = zip_fread(file.get(), bytes.data() + filled, bytes.size() - filled);
    if (read <= 0) break;
    filled += static_cast<std::size_t>(read);
  }
  // The checksum is compared where the end is seen.
  std::byte beyond{};
  const zip_int64_t rest = filled < bytes.size() ? -1 : zip_fread(file.get(), &beyond, 1);
  if (rest != 0) {
    return fail(ErrorCode::parse_error, "\"{}\" is damaged: {}", entry.name,
                rest > 0 ? "it is longer than it says" : zip_file_strerror(file.get()));
  }
  ANEBENCH_ASSIGN(array, read_npy(bytes), fmt::format("\"{}\"", entry.name));
  return array;
}

Result<NpzArrays> read_archive(zip_t* archive, std::uint64_t max_bytes) {
  NpzArrays arrays;
  std::uint64_t left = max_bytes;
  const auto count = static_cast<zip_uint64_t>(zip_get_num_entries(archive, 0));
  for (zip_uint64_t index = 0; index < count; ++index) {
    ANEBENCH_ASSIGN(entry, entry_at(archive, index));
    if (entry.size > left) {
      return fail(ErrorCode::resource_exhausted,
                  "the arrays take more than {} bytes from \"{}\" on; give .npy files", max_bytes,
                  entry.name);
    }
    left -= entry.size;
    ANEBENCH_ASSIGN(array, read_entry(archive, index, entry));
    const std::string_view name(entry.name);
    if (!arrays.emplace(name.substr(0, name.size() - kSuffix.size()), std::move(array)).second) {
      return fail(ErrorCode::parse_error, "the archive holds \"{}\" twice", name);
    }
  }
  return arrays;
}

Result<void> add_entry(zip_t* archive, const std::string& name,
                       const std::vector<std::byte>& content) {
  Owned<zip_source_t> source(zip_source_buffer(archive, content.data(), content.size(), 0));
  if (source == nullptr) return fail_writing(zip_strerror(archive));
  const zip_int64_t index =
      zip_file_add(archive, (name + std::string(kSuffix)).c_str(), source.get(), ZIP_FL_ENC_UTF_8);
  if (index < 0) return fail_writing(zip_strerror(archive));
  static_cast<void>(source.release());  // the archive's now
  // The first day that a ZIP file knows: 1 January 1980.
  constexpr zip_uint16_t kFirstDay = 1 << 5 | 1;
  const auto at = static_cast<zip_uint64_t>(index);
  if (zip_set_file_compression(archive, at, ZIP_CM_STORE, 0) != 0 ||
      zip_file_set_dostime(archive, at, 0, kFirstDay, 0) != 0) {
    return fail_writing(zip_strerror(archive));
  }
  return {};
}

Result<std::vector<std::byte>> content_of(zip_source_t* source) {
  zip_stat_t stat;
  zip_stat_init(&stat);
  if (zip_source_stat(source, &stat) != 0 || zip_source_open(source) != 0) {
    return fail_writing(zip_error_strerror(zip_source_error(source)));
  }
  std::vector<std::byte> bytes(stat.size);
  const zip_int64_t read = zip_source_read(source, bytes.data(), bytes.size());
  zip_source_close(source);
  if (read < 0 || static_cast<std::size_t>(read) != bytes.size()) {
    return fail_writing("it cannot be read back");
  }
  return bytes;
}

}  // namespace

bool has_npz() { return true; }

Result<NpzArrays> read_npz(std::span<const std::byte> file, std::uint64_t max_bytes) {
  // libzip takes an empty file for an archive of nothing.
  if (file.empty()) return fail(ErrorCode::parse_error, "this is no npz archive: it is empty");
  ZipError error;
  Owned<zip_source_t> source(zip_source_buffer_create(file.data(), file.size(), 0, error.get()));
  if (source == nullptr) return fail(ErrorCode::resource_exhausted, "{}", error.text());
  const Owned<zip_t> archive(
      zip_open_from_source(source.get(), ZIP_RDONLY | ZIP_CHECKCONS, error.get()));
  if (archive == nullptr) {
    return fail(ErrorCode::parse_error, "this is no npz archive (a ZIP file): {}", error.text());
  }
  static_cast<void>(source.release());  // the archive's now
  try {
    return read_archive(archive.get(), max_bytes);
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::resource_exhausted, "no memory for the arrays of the npz archive");
  }
}

Result<NpzArrays> read_npz_file(const std::filesystem::path& path, std::uint64_t max_bytes) {
  ANEBENCH_ASSIGN(file, MappedFile::open(path));
  ANEBENCH_ASSIGN(arrays, read_npz(file.bytes(), max_bytes), path.string());
  return arrays;
}

Result<std::vector<std::byte>> write_npz(const NpzArrays& arrays) {
  // The archive reads the entries' content when it is closed, so they outlive it.
  std::vector<std::vector<std::byte>> contents;
  contents.reserve(arrays.size());
  ZipError error;
  const Owned<zip_source_t> image(zip_source_buffer_create(nullptr, 0, 0, error.get()));
  if (image == nullptr) return fail_writing(error.text());
  zip_source_keep(image.get());
  Owned<zip_t> archive(zip_open_from_source(image.get(), ZIP_TRUNCATE, error.get()));
  if (archive == nullptr) {
    zip_source_free(image.get());
    return fail_writing(error.text());
  }
  for (const auto& [name, array] : arrays) {
    ANEBENCH_ASSIGN(content, write_npy(array), fmt::format("\"{}\"", name));
    contents.push_back(std::move(content));
    ANEBENCH_TRY(add_entry(archive.get(), name, contents.back()));
  }
  if (zip_close(archive.get()) != 0) return fail_writing(zip_strerror(archive.get()));
  static_cast<void>(archive.release());  // closed
  return content_of(image.get());
}

Result<void> write_npz_file(const std::filesystem::path& path, const NpzArrays& arrays) {
  ANEBENCH_ASSIGN(file, write_npz(arrays));
  return write_file_atomically(path, file);
}

}  // namespace anebench::io
