// The codecs where libpng and libjpeg-turbo are absent.
#include "anebench/io/image_codecs.h"

namespace anebench::io {
namespace {

tl::unexpected<Error> fail_without_codecs() {
  return fail(ErrorCode::unsupported,
              "this build has no libpng and libjpeg-turbo, so it reads and writes no images; give "
              "an image as an array (.npy)");
}

}  // namespace

bool has_images() { return false; }

Result<Image> read_png(std::span<const std::byte>, std::uint64_t) { return fail_without_codecs(); }
Result<Image> read_jpeg(std::span<const std::byte>, std::uint64_t) { return fail_without_codecs(); }
Result<std::vector<std::byte>> write_png(const Image&) { return fail_without_codecs(); }

}  // namespace anebench::io
