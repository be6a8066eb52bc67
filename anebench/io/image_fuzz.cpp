// Fuzzes the readers of images: what they accept can be written as a PNG and read again, and is
// then the same.
#include <cstdint>
#include <cstdlib>
#include <span>

#include "anebench/io/image.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::uint64_t kLimit = 1 << 20;
  const auto image = anebench::io::read_image(std::as_bytes(std::span(data, size)), kLimit);
  if (!image) return 0;
  const auto written = anebench::io::write_png(*image);
  if (!written) std::abort();
  // What compresses better than the bomb rule allows cannot be: it is deflated by the same rules.
  const auto back = anebench::io::read_image(*written, kLimit);
  if (!back || *back != *image) std::abort();
  return 0;
}
