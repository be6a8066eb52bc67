// jpeglib.h needs these before it.
#include <cstddef>
#include <cstdio>
// And this is whole only after it.
#include <jpeglib.h>
//
#include <jerror.h>

#include <algorithm>
#include <array>
#include <csetjmp>

#include "anebench/io/image_codecs.h"

namespace anebench::io {
namespace {

// Scans refine an image step by step, and each costs a pass over all of it, however small it is in
// the file; cameras and encoders write about ten.
constexpr int kMaxScans = 100;
constexpr std::uint64_t kJpegOverhead = std::uint64_t{32} << 20;
// Each block of 8x8 pixels takes at least one bit in a file with Huffman codes.
constexpr std::uint64_t kMostPixelsPerByte = 8 * 8 * 8;

// Warnings about files whose pixels are still as they were meant to be.
constexpr std::array kHarmless = {JWRN_ADOBE_XFORM, JWRN_BOGUS_ICC, JWRN_EXTRANEOUS_DATA,
                                  JWRN_JFIF_MAJOR};

class JpegReader {
 public:
  // Beside the image's samples libjpeg may take twice `max_bytes` (the coefficients of an image in
  // several scans have two bytes a sample) and what it needs for any image.
  JpegReader(std::span<const std::byte> file, std::uint64_t max_bytes)
      : file_(file),
        memory_limit_(static_cast<long>(std::min<std::uint64_t>(max_bytes, kImageReadLimit) * 2 +
                                        kJpegOverhead)) {
    decoder_.err = jpeg_std_error(&errors_);
    decoder_.client_data = this;
    errors_.error_exit = &on_error;
    errors_.emit_message = &on_message;
    progress_.progress_monitor = &on_progress;
  }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;
  ~JpegReader() { jpeg_destroy_decompress(&decoder_); }

  bool read_header() { return run(&JpegReader::header_step); }
  bool read_rows(std::span<std::byte> pixels) {
    pixels_ = pixels.data();
    return run(&JpegReader::rows_step);
  }

  int components() const { return decoder_.num_components; }
  Image size() const {
    return {.width = decoder_.image_width,
            .height = decoder_.image_height,
            .channels = decoder_.num_components,
            .bits = 8,
            .bytes = {}};
  }
  std::uint64_t least_file_bytes(std::uint64_t pixels) const {
    return decoder_.arith_code != 0 ? 0 : pixels / kMostPixelsPerByte;
  }
  // The last error in libjpeg's words.
  const char* message() const { return message_.data(); }

 private:
  // Runs a step; false where it ended with an error.
  bool run(void (JpegReader::*step)()) {
    if (setjmp(jump_) != 0) return false;
    (this->*step)();
    return true;
  }

  static JpegReader& self(j_common_ptr decoder) {
    return *static_cast<JpegReader*>(decoder->client_data);
  }
  static void on_error(j_common_ptr decoder) {
    JpegReader& reader = self(decoder);
    decoder->err->format_message(decoder, reader.message_.data());
    std::longjmp(reader.jump_, 1);
  }
  // A file that is cut short is completed with gray and only warned of: here it is an error.
  static void on_message(j_common_ptr decoder, int level) {
    if (level >= 0) return;  // a trace, not a warning
    const int code = decoder->err->msg_code;
    if (std::find(kHarmless.begin(), kHarmless.end(), code) == kHarmless.end()) on_error(decoder);
  }
  static void on_progress(j_common_ptr decoder) {
    JpegReader& reader = self(decoder);
    if (reader.decoder_.input_scan_number <= kMaxScans) return;
    std::snprintf(reader.message_.data(), reader.message_.size(), "it has more than %d scans",
                  kMaxScans);
    std::longjmp(reader.jump_, 1);
  }

  void header_step() {
    jpeg_create_decompress(&decoder_);
    decoder_.progress = &progress_;
    decoder_.mem->max_memory_to_use = memory_limit_;
    jpeg_mem_src(&decoder_, reinterpret_cast<const unsigned char*>(file_.data()),
                 static_cast<unsigned long>(file_.size()));
    jpeg_read_header(&decoder_, TRUE);
    decoder_.out_color_space = decoder_.num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
  }

  void rows_step() {
    jpeg_start_decompress(&decoder_);
    const std::size_t row_bytes =
        std::size_t{decoder_.output_width} * static_cast<std::size_t>(decoder_.output_components);
    while (decoder_.output_scanline < decoder_.output_height) {
      auto* row = reinterpret_cast<JSAMPROW>(pixels_ + decoder_.output_scanline * row_bytes);
      jpeg_read_scanlines(&decoder_, &row, 1);
    }
    jpeg_finish_decompress(&decoder_);
  }

  std::span<const std::byte> file_;
  long memory_limit_;
  std::byte* pixels_ = nullptr;
  jpeg_decompress_struct decoder_{};
  jpeg_error_mgr errors_{};
  jpeg_progress_mgr progress_{};
  std::jmp_buf jump_{};
  std::array<char, JMSG_LENGTH_MAX> message_{};
};

}  // namespace

Result<Image> read_jpeg(std::span<const std::byte> file, std::uint64_t max_bytes) {
  JpegReader reader(file, max_bytes);
  const auto damaged = [&] {
    return fail(ErrorCode::parse_error, "the JPEG image is damaged: {}", reader.message());
  };
  if (!reader.read_header()) return damaged();
  if (reader.components() != 1 && reader.components() != 3) {
    return fail(ErrorCode::unsupported,
                "the JPEG image has {} components (CMYK?) where gray and RGB are read; convert it",
                reader.components());
  }
  const Image size = reader.size();
  const auto pixels =
      static_cast<std::uint64_t>(size.width) * static_cast<std::uint64_t>(size.height);
  ANEBENCH_ASSIGN(image, make_image(size, reader.least_file_bytes(pixels), file.size(), max_bytes));
  if (!reader.read_rows(image.bytes)) return damaged();
  return image;
}

}  // namespace anebench::io
