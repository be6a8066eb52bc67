// Images as arrays of samples: PNG and JPEG files read, PNG files written.
//
//   ANEBENCH_ASSIGN(image, read_image_file("photo.jpg"));       // image.width, image.bytes
//   ANEBENCH_TRY(write_png_file("y.png", image));
//
// The kind of a file is told by its first bytes, never by its name. Samples are those of the file:
// palettes and depths below 8 bits are expanded, transparency is dropped, and neither color
// profiles nor the orientation that a camera notes are applied. Sizes that a file declares are
// checked before anything is allocated. Decoding is the work of libpng and libjpeg-turbo; a build
// without them has these functions, and reading and writing fail with ErrorCode::unsupported. Pure
// functions; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "anebench/base/result.h"

namespace anebench::io {

enum class ImageKind : std::uint8_t { png, jpeg };
std::string_view to_string(ImageKind kind);

// Nothing for what is neither.
std::optional<ImageKind> image_kind(std::span<const std::byte> file);

struct Image {
  std::int64_t width = 0;
  std::int64_t height = 0;
  // 1 for shades of gray, 3 for red, green, blue.
  int channels = 3;
  // Of a sample: 8 or 16.
  int bits = 8;
  // Rows from the top, the samples of a pixel side by side; those of 16 bits little-endian.
  std::vector<std::byte> bytes;

  // Number `index` in the order of the bytes; 0 is black, 2^bits - 1 full.
  std::uint32_t sample(std::size_t index) const;
  friend bool operator==(const Image&, const Image&) = default;
};

// What an image's samples may take, in bytes. Reading a JPEG image in several scans takes twice
// that beside them.
inline constexpr std::uint64_t kImageReadLimit = std::uint64_t{1} << 30;

// Whether this build can read and write images.
bool has_images();

// Errors: parse_error for what is no such image, is cut short or damaged; unsupported for other
// color models (CMYK); resource_exhausted where the samples take more than `max_bytes`, or are
// more than the file's bytes can hold.
Result<Image> read_image(std::span<const std::byte> file,
                         std::uint64_t max_bytes = kImageReadLimit);
Result<Image> read_image_file(const std::filesystem::path& path,
                              std::uint64_t max_bytes = kImageReadLimit);

// Equal images make equal files. Errors: invalid_argument where the bytes do not fit the size.
Result<std::vector<std::byte>> write_png(const Image& image);
// Old content of the path is replaced at once or not at all.
Result<void> write_png_file(const std::filesystem::path& path, const Image& image);

}  // namespace anebench::io
