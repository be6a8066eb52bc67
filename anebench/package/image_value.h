// Images as values of programs, and back: what Core ML does between an application and a model.
//
//   ANEBENCH_ASSIGN(image, io::read_image_file("photo.jpg"));
//   ANEBENCH_ASSIGN(value, value_from_image(image, image_type, input.type));
//
// Nothing is resized and no color made gray: an image that does not fit is an error that says what
// was seen and what is needed. Samples of 16 bits count in the same units, so that 65535 is 255: as
// fractions for fp16 pixels, else rounded. Pure functions; thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "anebench/base/result.h"
#include "anebench/io/image.h"
#include "anebench/mil/type.h"
#include "anebench/mil/value.h"
#include "anebench/package/image_type.h"

namespace anebench::package {

// What a tensor's own shape says where no description does: [1, 3, height, width] is RGB,
// [1, 1, height, width] grayscale, of any size where the type leaves it open.
std::optional<ImageType> image_type_of(const mil::Type& type);

// Errors (invalid_argument): the wrong size; color where gray is needed, unless every pixel is
// gray; a type that is no [1, channels, height, width].
Result<mil::Value> value_from_image(const io::Image& image, const ImageType& image_type,
                                    const mil::Type& type);

// A tensor's packed elements as an image: rounded to the nearest of 0 to 255 (ties to even; NaN is
// 0), and where pixels are fp16 to the nearest of 16 bits. Errors: invalid_argument for a type that
// is no [1, channels, height, width].
Result<io::Image> image_from_tensor(const mil::Type& type, std::span<const std::byte> bytes,
                                    const ImageType& image_type);

}  // namespace anebench::package
