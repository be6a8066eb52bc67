// What the readers and the writer of images share. Internal to the io layer.
//
// libpng and libjpeg report errors by longjmp, which must not skip a destructor. So each codec is a
// class whose members hold all state, and whose steps (which call the library, and may be left by a
// jump) have only trivial objects of their own; one function, which does nothing else, calls
// setjmp and then a step. Memory is allocated between the steps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/io/image.h"

namespace anebench::io {

Result<Image> read_png(std::span<const std::byte> file, std::uint64_t max_bytes);
Result<Image> read_jpeg(std::span<const std::byte> file, std::uint64_t max_bytes);

// An image of the given size with its bytes all zero. `needed` is the least that a file with such
// an image takes. Errors: resource_exhausted.
Result<Image> make_image(const Image& size, std::uint64_t needed, std::size_t file_size,
                         std::uint64_t max_bytes);

}  // namespace anebench::io
