#include <png.h>

#include <array>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <new>

#include "anebench/io/image_codecs.h"

namespace anebench::io {
namespace {

// What a side of any real image stays below; libpng's own limit is 1,000,000.
constexpr png_uint_32 kMaxPngSide = 1'000'000;
// A deflated block cannot hold more than 1,032 times its size (zlib's technical details).
constexpr std::uint64_t kMostPngDeflated = 1032;
// Chunks beside the image: profiles and texts. libpng's defaults, which a system may have changed.
constexpr png_alloc_size_t kMaxPngChunk = 8'000'000;
constexpr png_uint_32 kMaxPngChunks = 1000;

// A libpng session, and its way out of errors.
class PngSession {
 public:
  PngSession() = default;
  PngSession(const PngSession&) = delete;
  PngSession& operator=(const PngSession&) = delete;

  // The last error in libpng's words.
  const char* message() const { return message_.data(); }

 protected:
  ~PngSession() = default;

  static void on_error(png_structp png, png_const_charp text) {
    auto& session = *static_cast<PngSession*>(png_get_error_ptr(png));
    std::snprintf(session.message_.data(), session.message_.size(), "%s", text);
    png_longjmp(png, 1);
  }
  static void on_warning(png_structp, png_const_charp) {}

  png_structp png_ = nullptr;
  png_infop info_ = nullptr;

 private:
  std::array<char, 200> message_{};
};

// Runs a step of a session; false where it ended with an error.
template <typename Session>
bool run_png_step(Session& session, png_structp png, void (Session::*step)()) {
  if (setjmp(png_jmpbuf(png)) != 0) return false;
  (session.*step)();
  return true;
}

class PngReader final : public PngSession {
 public:
  explicit PngReader(std::span<const std::byte> file) : rest_(file) {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, &on_error, &on_warning);
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
  }
  ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }

  bool is_open() const { return info_ != nullptr; }
  bool read_header() { return run_png_step(*this, png_, &PngReader::header_step); }
  bool read_rows(std::span<std::byte> pixels) {
    pixels_ = pixels.data();
    return run_png_step(*this, png_, &PngReader::rows_step);
  }

  // Once the header is read: the image to make, and the filtered bytes that the file declares.
  Image size() const {
    return {.width = png_get_image_width(png_, info_),
            .height = png_get_image_height(png_, info_),
            .channels = png_get_channels(png_, info_),
            .bits = png_get_bit_depth(png_, info_),
            .bytes = {}};
  }
  std::uint64_t filtered_bytes() const { return filtered_bytes_; }

 private:
  static void on_read(png_structp png, png_bytep out, std::size_t count) {
    auto& reader = *static_cast<PngReader*>(png_get_io_ptr(png));
    if (count > reader.rest_.size()) png_error(png, "the file ends too early");
    std::memcpy(out, reader.rest_.data(), count);
    reader.rest_ = reader.rest_.subspan(count);
  }

  void header_step() {
    png_set_read_fn(png_, this, &on_read);
    png_set_user_limits(png_, kMaxPngSide, kMaxPngSide);
    png_set_chunk_malloc_max(png_, kMaxPngChunk);
    // What is not the image itself (texts, profiles, dates) is skipped, so it can take no memory.
    png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
    png_read_info(png_, info_);
    filtered_bytes_ = std::uint64_t{png_get_rowbytes(png_, info_)} *
                      std::uint64_t{png_get_image_height(png_, info_)};
    png_set_palette_to_rgb(png_);
    png_set_expand_gray_1_2_4_to_8(png_);
    png_set_strip_alpha(png_);
    png_set_swap(png_);  // 16-bit samples are big-endian in the file
    passes_ = png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
  }

  void rows_step() {
    const std::size_t row_bytes = png_get_rowbytes(png_, info_);
    const png_uint_32 height = png_get_image_height(png_, info_);
    for (int pass = 0; pass < passes_; ++pass) {
      for (png_uint_32 row = 0; row < height; ++row) {
        png_read_row(png_, reinterpret_cast<png_bytep>(pixels_ + row * row_bytes), nullptr);
      }
    }
    png_read_end(png_, nullptr);
  }

  std::span<const std::byte> rest_;
  std::byte* pixels_ = nullptr;
  std::uint64_t filtered_bytes_ = 0;
  int passes_ = 0;
};

class PngWriter final : public PngSession {
 public:
  explicit PngWriter(const Image& image) : image_(image) {
    png_ = png_create_write_struct(PNG_LIBPNG_VER_STRING, this, &on_error, &on_warning);
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
  }
  ~PngWriter() { png_destroy_write_struct(&png_, &info_); }

  bool is_open() const { return info_ != nullptr; }
  bool write() { return run_png_step(*this, png_, &PngWriter::write_step); }
  std::vector<std::byte> take_file() { return std::move(file_); }

 private:
  // No exception may pass through libpng.
  bool append(std::span<const std::byte> bytes) noexcept {
    try {
      file_.insert(file_.end(), bytes.begin(), bytes.end());
      return true;
    } catch (const std::bad_alloc&) {
      return false;
    }
  }
  static void on_write(png_structp png, png_bytep bytes, std::size_t count) {
    auto& writer = *static_cast<PngWriter*>(png_get_io_ptr(png));
    if (!writer.append(std::as_bytes(std::span(bytes, count)))) png_error(png, "no memory");
  }
  static void on_flush(png_structp) {}

  void write_step() {
    png_set_write_fn(png_, this, &on_write, &on_flush);
    png_set_user_limits(png_, kMaxPngSide, kMaxPngSide);
    png_set_IHDR(png_, info_, static_cast<png_uint_32>(image_.width),
                 static_cast<png_uint_32>(image_.height), image_.bits,
                 image_.channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png_, info_);
    png_set_swap(png_);
    const std::size_t row_bytes = png_get_rowbytes(png_, info_);
    const auto* row = reinterpret_cast<png_const_bytep>(image_.bytes.data());
    for (std::int64_t y = 0; y < image_.height; ++y, row += row_bytes) png_write_row(png_, row);
    png_write_end(png_, info_);
  }

  const Image& image_;
  std::vector<std::byte> file_;
};

Result<void> check_writable(const Image& image) {
  const bool has_format =
      (image.channels == 1 || image.channels == 3) && (image.bits == 8 || image.bits == 16);
  const bool has_size = image.width > 0 && image.height > 0 && image.width <= kMaxPngSide &&
                        image.height <= kMaxPngSide;
  if (!has_format || !has_size ||
      image.bytes.size() != static_cast<std::uint64_t>(image.width) *
                                static_cast<std::uint64_t>(image.height) *
                                static_cast<std::uint64_t>(image.channels * image.bits / 8)) {
    return fail(ErrorCode::invalid_argument,
                "{} bytes are no image of {}x{} with {} channels of {} bits (1 or 3 channels of 8 "
                "or 16 bits, sides of 1 to {})",
                image.bytes.size(), image.width, image.height, image.channels, image.bits,
                kMaxPngSide);
  }
  return {};
}

}  // namespace

bool has_images() { return true; }

Result<Image> read_png(std::span<const std::byte> file, std::uint64_t max_bytes) {
  PngReader reader(file);
  if (!reader.is_open()) return fail(ErrorCode::resource_exhausted, "no memory to read a PNG");
  const auto damaged = [&] {
    return fail(ErrorCode::parse_error, "the PNG image is damaged: {}", reader.message());
  };
  if (!reader.read_header()) return damaged();
  ANEBENCH_ASSIGN(image, make_image(reader.size(), reader.filtered_bytes() / kMostPngDeflated,
                                    file.size(), max_bytes));
  if (!reader.read_rows(image.bytes)) return damaged();
  return image;
}

Result<std::vector<std::byte>> write_png(const Image& image) {
  ANEBENCH_TRY(check_writable(image));
  PngWriter writer(image);
  if (!writer.is_open()) return fail(ErrorCode::resource_exhausted, "no memory to write a PNG");
  if (!writer.write()) {
    return fail(ErrorCode::io_error, "the PNG image cannot be made: {}", writer.message());
  }
  return writer.take_file();
}

}  // namespace anebench::io
