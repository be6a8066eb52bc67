#include "anebench/io/npy.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <string>

#include "anebench/base/bytes.h"
#include "anebench/base/file.h"
#include "anebench/base/mapped_file.h"
#include "anebench/io/npy_header.h"

namespace anebench::io {
namespace {

// Source: NumPy's documentation of the format (numpy.lib.format).
constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kVersionAt = 6;
constexpr std::size_t kLengthAt = 8;
// Data start at a multiple of it in the files that NumPy writes.
constexpr std::size_t kAlignment = 64;

struct Layout {
  std::string_view header;
  std::size_t data_at = 0;
};

Result<Layout> find_header(std::span<const std::byte> file) {
  const auto* characters = reinterpret_cast<const char*>(file.data());
  const std::string_view text(characters, file.size());
  if (!text.starts_with(kMagic)) {
    return fail(ErrorCode::parse_error, "this is no npy file: it does not begin with \\x93NUMPY");
  }
  const auto version = try_load_le<std::uint8_t>(file, kVersionAt);
  if (!version || *version < 1 || *version > 3) {
    return fail(ErrorCode::unsupported, "npy version {} where 1 to 3 are read",
                version ? *version : 0);
  }
  // The length has two bytes in version 1 and four in the others.
  const std::size_t length_size = *version == 1 ? 2 : 4;
  const auto length =
      *version == 1 ? std::optional<std::uint32_t>(try_load_le<std::uint16_t>(file, kLengthAt))
                    : try_load_le<std::uint32_t>(file, kLengthAt);
  const std::size_t start = kLengthAt + length_size;
  if (!length || *length > file.size() - start) {
    return fail(ErrorCode::parse_error, "the npy header does not end within the {} bytes",
                file.size());
  }
  return Layout{text.substr(start, *length), start + *length};
}

void swap_bytes(std::span<std::byte> bytes, std::size_t size) {
  for (std::size_t at = 0; at + size <= bytes.size(); at += size) {
    std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                 bytes.begin() + static_cast<std::ptrdiff_t>(at + size));
  }
}

// Elements whose first axis is the fastest to those whose last is.
std::vector<std::byte> to_c_order(std::span<const std::byte> bytes, std::size_t size,
                                  const std::vector<std::int64_t>& shape) {
  std::vector<std::byte> out(bytes.size());
  std::vector<std::size_t> strides(shape.size());  // in the source, in elements
  std::size_t stride = 1;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    strides[axis] = stride;
    stride *= static_cast<std::size_t>(shape[axis]);
  }
  std::vector<std::int64_t> index(shape.size());
  std::size_t source = 0;
  for (std::size_t to = 0; to < out.size(); to += size) {
    std::memcpy(out.data() + to, bytes.data() + source * size, size);
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      source += strides[axis];
      if (++index[axis] < shape[axis]) break;
      source -= strides[axis] * static_cast<std::size_t>(shape[axis]);
      index[axis] = 0;
    }
  }
  return out;
}

// Bytes that the elements take; nothing where they do not fit.
std::optional<std::uint64_t> byte_size(NpyType type, const std::vector<std::int64_t>& shape) {
  // An empty array may have other dimensions of any size.
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return 0;
  const auto count = checked_product(shape);
  if (!count) return std::nullopt;
  return checked_mul<std::uint64_t>(static_cast<std::uint64_t>(*count), size_of(type));
}

}  // namespace

Result<NpyArray> read_npy(std::span<const std::byte> file) {
  ANEBENCH_ASSIGN(layout, find_header(file));
  ANEBENCH_ASSIGN(header, parse_npy_header(layout.header));
  const auto needed = byte_size(header.type, header.shape);
  const auto data = file.subspan(layout.data_at);
  if (!needed || *needed != data.size()) {
    return fail(ErrorCode::parse_error, "the array of {} needs {} bytes, and the file has {}",
                to_string(header.type), needed ? fmt::format("{}", *needed) : "too many",
                data.size());
  }
  try {
    NpyArray array{.type = header.type, .shape = std::move(header.shape), .bytes = {}};
    const std::size_t size = size_of(array.type);
    array.bytes = header.is_fortran_order ? to_c_order(data, size, array.shape)
                                          : std::vector<std::byte>(data.begin(), data.end());
    if (header.is_big_endian) swap_bytes(array.bytes, size);
    if (array.type == NpyType::boolean) {
      for (std::byte& element : array.bytes) element = std::byte{element != std::byte{0}};
    }
    return array;
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::resource_exhausted, "no memory for an array of {} bytes", data.size());
  }
}

Result<NpyArray> read_npy_file(const std::filesystem::path& path) {
  ANEBENCH_ASSIGN(file, MappedFile::open(path));
  ANEBENCH_ASSIGN(array, read_npy(file.bytes()), path.string());
  return array;
}

Result<std::vector<std::byte>> write_npy(const NpyArray& array) {
  const auto needed = byte_size(array.type, array.shape);
  const bool is_negative = std::any_of(array.shape.begin(), array.shape.end(),
                                       [](std::int64_t extent) { return extent < 0; });
  if (is_negative || !needed || *needed != array.bytes.size()) {
    return fail(ErrorCode::invalid_argument, "{} bytes do not fit the shape of the array",
                array.bytes.size());
  }
  std::string header = format_npy_header(array.type, array.shape);
  // The line feed counts, and version 1 has two bytes for the length.
  const auto padded = [&](std::size_t prefix) {
    return align_up(prefix + header.size() + 1, kAlignment) - prefix;
  };
  const bool is_long = padded(kLengthAt + 2) > UINT16_MAX;
  const std::size_t prefix = kLengthAt + (is_long ? 4 : 2);
  const std::size_t length = padded(prefix);
  header.append(length - header.size() - 1, ' ');
  header += '\n';

  std::vector<std::byte> file(prefix + length + array.bytes.size());
  const auto put = [&](std::size_t at, std::span<const std::byte> bytes) {
    std::copy(bytes.begin(), bytes.end(), file.begin() + static_cast<std::ptrdiff_t>(at));
  };
  put(0, std::as_bytes(std::span(kMagic)));
  store_le<std::uint8_t>(file, kMagic.size(), is_long ? 2 : 1);
  if (is_long) {
    store_le(file, kLengthAt, static_cast<std::uint32_t>(length));
  } else {
    store_le(file, kLengthAt, static_cast<std::uint16_t>(length));
  }
  put(prefix, std::as_bytes(std::span(header)));
  put(prefix + length, array.bytes);
  return file;
}

Result<void> write_npy_file(const std::filesystem::path& path, const NpyArray& array) {
  ANEBENCH_ASSIGN(file, write_npy(array));
  return write_file_atomically(path, file);
}

}  // namespace anebench::io
