#include "anebench/io/image.h"

#include <algorithm>
#include <array>
#include <new>

#include "anebench/base/bytes.h"
#include "anebench/base/file.h"
#include "anebench/base/mapped_file.h"
#include "anebench/io/image_codecs.h"

namespace anebench::io {
namespace {

// PNG specification, section 5.2.
constexpr std::array<std::uint8_t, 8> kPngSignature = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
// ITU-T T.81, annex B: start of image, and the beginning of the next marker.
constexpr std::array<std::uint8_t, 3> kJpegSignature = {0xff, 0xd8, 0xff};

bool begins_with(std::span<const std::byte> file, std::span<const std::uint8_t> signature) {
  return file.size() >= signature.size() &&
         std::equal(signature.begin(), signature.end(), file.begin(),
                    [](std::uint8_t a, std::byte b) { return std::byte{a} == b; });
}

}  // namespace

std::string_view to_string(ImageKind kind) { return kind == ImageKind::png ? "PNG" : "JPEG"; }

std::optional<ImageKind> image_kind(std::span<const std::byte> file) {
  if (begins_with(file, kPngSignature)) return ImageKind::png;
  if (begins_with(file, kJpegSignature)) return ImageKind::jpeg;
  return std::nullopt;
}

std::uint32_t Image::sample(std::size_t index) const {
  return bits == 8 ? std::to_integer<std::uint32_t>(bytes[index])
                   : load_le<std::uint16_t>(bytes, 2 * index);
}

Result<Image> make_image(const Image& size, std::uint64_t needed, std::size_t file_size,
                         std::uint64_t max_bytes) {
  // Both codecs allow no more than 2^20 pixels a side, so nothing overflows.
  const std::uint64_t bytes = static_cast<std::uint64_t>(size.width) *
                              static_cast<std::uint64_t>(size.height) *
                              static_cast<std::uint64_t>(size.channels * size.bits / 8);
  if (bytes > max_bytes) {
    return fail(ErrorCode::resource_exhausted,
                "the image of {}x{} takes {} bytes, more than the limit of {}", size.width,
                size.height, bytes, max_bytes);
  }
  if (needed > file_size) {
    return fail(ErrorCode::resource_exhausted,
                "the file of {} bytes declares an image of {}x{}, more than it can hold", file_size,
                size.width, size.height);
  }
  Image image = size;
  try {
    image.bytes.resize(static_cast<std::size_t>(bytes));
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::resource_exhausted, "no memory for an image of {} bytes", bytes);
  }
  return image;
}

Result<Image> read_image(std::span<const std::byte> file, std::uint64_t max_bytes) {
  const auto kind = image_kind(file);
  if (!kind) {
    return fail(ErrorCode::parse_error, "this is neither a PNG nor a JPEG image");
  }
  return *kind == ImageKind::png ? read_png(file, max_bytes) : read_jpeg(file, max_bytes);
}

Result<Image> read_image_file(const std::filesystem::path& path, std::uint64_t max_bytes) {
  ANEBENCH_ASSIGN(file, MappedFile::open(path));
  ANEBENCH_ASSIGN(image, read_image(file.bytes(), max_bytes), path.string());
  return image;
}

Result<void> write_png_file(const std::filesystem::path& path, const Image& image) {
  ANEBENCH_ASSIGN(file, write_png(image));
  return write_file_atomically(path, file);
}

}  // namespace anebench::io
