#include "anebench/package/image_value.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "anebench/base/bytes.h"
#include "anebench/ops/tensor.h"

namespace anebench::package {
namespace {

// What the largest sample of 16 bits is divided by to be that of 8 bits: 65535 / 255.
constexpr double kSixteenBitStep = 257;

bool is_numeric_plane(const mil::Type& type, std::int64_t channels) {
  if (!type.is_tensor() || type.data_type() == mil::DataType::string || type.rank() != 4) {
    return false;
  }
  const auto fits = [](mil::Dim dim, std::int64_t size) { return !dim.is_known() || dim == size; };
  return fits(type.shape()[0], 1) && fits(type.shape()[1], channels);
}

Result<void> check_shape(const mil::Type& type, const ImageType& image_type) {
  if (is_numeric_plane(type, image_type.channels())) return {};
  return fail(ErrorCode::invalid_argument,
              "a {} cannot be an image of {}: that needs a tensor [1, {}, height, width]",
              mil::to_string(type), to_string(image_type.color), image_type.channels());
}

bool is_gray(const io::Image& image) {
  for (std::size_t i = 0; i + 2 < image.bytes.size() / (static_cast<std::size_t>(image.bits) / 8);
       i += 3) {
    if (image.sample(i) != image.sample(i + 1) || image.sample(i) != image.sample(i + 2)) {
      return false;
    }
  }
  return true;
}

std::string wanted_sizes(const ImageType& type) {
  std::string text = fmt::format("{}x{}", type.size.width, type.size.height);
  for (const ImageSize& size : type.enumerated) {
    if (size != type.size) text += fmt::format(" or {}x{}", size.width, size.height);
  }
  const auto range = [](const std::pair<std::int64_t, std::int64_t>& bounds) {
    return bounds.second < 0 ? fmt::format("{} or more", bounds.first)
                             : fmt::format("{} to {}", bounds.first, bounds.second);
  };
  if (type.ranges) {
    text += fmt::format(" (or a width of {} and a height of {})", range(type.ranges->width),
                        range(type.ranges->height));
  }
  return text;
}

Result<void> check_image(const io::Image& image, const ImageType& image_type,
                         const mil::Type& type) {
  ANEBENCH_TRY(check_shape(type, image_type));
  const mil::Type found =
      mil::Type::tensor(type.data_type(), {1, image_type.channels(), image.height, image.width});
  if (!image_type.allows({image.width, image.height}) || !mil::compatible(found, type)) {
    return fail(ErrorCode::invalid_argument,
                "the image is {}x{} and the model takes {}; scale or crop it first (nothing is "
                "resized here, since the way of resizing changes the result)",
                image.width, image.height, wanted_sizes(image_type));
  }
  if (image_type.channels() == 1 && image.channels == 3 && !is_gray(image)) {
    return fail(ErrorCode::invalid_argument,
                "the image has colors and the model takes {}; convert it first (there are several "
                "ways to weigh the colors)",
                to_string(image_type.color));
  }
  return {};
}

// Where channel `channel` of the tensor stands in a pixel of an image.
std::size_t place_in_pixel(std::size_t channel, const ImageType& type, int image_channels) {
  if (image_channels == 1 || type.channels() == 1) return 0;
  return type.color == ColorSpace::bgr ? 2 - channel : channel;
}

double clamped(double value, double most) {
  return std::isnan(value) ? 0 : std::nearbyint(std::clamp(value, 0.0, most));
}

}  // namespace

std::optional<ImageType> image_type_of(const mil::Type& type) {
  for (const ColorSpace color : {ColorSpace::rgb, ColorSpace::grayscale}) {
    ImageType result{.color = color, .size = {}};
    if (!is_numeric_plane(type, result.channels()) || !type.shape()[1].is_known()) continue;
    // The tensor's own sizes bound it.
    const auto bounds = [](mil::Dim dim) {
      return dim.is_known() ? std::pair(dim.size(), dim.size())
                            : std::pair(std::int64_t{1}, std::int64_t{-1});
    };
    result.ranges = {.width = bounds(type.shape()[3]), .height = bounds(type.shape()[2])};
    result.size = {.width = result.ranges->width.first, .height = result.ranges->height.first};
    return result;
  }
  return std::nullopt;
}

Result<mil::Value> value_from_image(const io::Image& image, const ImageType& image_type,
                                    const mil::Type& type) {
  ANEBENCH_TRY(check_image(image, image_type, type));
  const auto channels = static_cast<std::size_t>(image_type.channels());
  ANEBENCH_ASSIGN(tensor,
                  ops::Tensor::create(mil::Type::tensor(
                      type.data_type(), {1, image_type.channels(), image.height, image.width})));
  const double step = image.bits == 16 ? kSixteenBitStep : 1;
  const bool rounds = image_type.color != ColorSpace::grayscale_fp16;
  const auto width = static_cast<std::size_t>(image.width);
  const auto height = static_cast<std::size_t>(image.height);
  const auto pixel_samples = static_cast<std::size_t>(image.channels);
  std::vector<double> row(width);
  const std::span<std::byte> out = tensor.mutable_bytes();
  for (std::size_t channel = 0; channel < channels; ++channel) {
    const std::size_t place = place_in_pixel(channel, image_type, image.channels);
    for (std::size_t y = 0; y < height; ++y) {
      for (std::size_t x = 0; x < width; ++x) {
        const double value = image.sample((y * width + x) * pixel_samples + place) / step;
        row[x] = rounds ? std::nearbyint(value) : value;
      }
      ops::store_doubles(type.data_type(), out, (channel * height + y) * width, row);
    }
  }
  return tensor.to_value();
}

Result<io::Image> image_from_tensor(const mil::Type& type, std::span<const std::byte> bytes,
                                    const ImageType& image_type) {
  ANEBENCH_TRY(check_shape(type, image_type));
  const auto size = type.byte_size();
  if (!size || static_cast<std::uint64_t>(*size) != bytes.size()) {
    return fail(ErrorCode::invalid_argument, "{} bytes are no {}", bytes.size(),
                mil::to_string(type));
  }
  const bool is_deep = image_type.color == ColorSpace::grayscale_fp16;
  io::Image image{.width = type.shape()[3].size(),
                  .height = type.shape()[2].size(),
                  .channels = static_cast<int>(image_type.channels()),
                  .bits = is_deep ? 16 : 8,
                  .bytes = {}};
  const auto width = static_cast<std::size_t>(image.width);
  const auto height = static_cast<std::size_t>(image.height);
  const auto channels = static_cast<std::size_t>(image.channels);
  const std::size_t sample_bytes = is_deep ? 2 : 1;
  image.bytes.resize(width * height * channels * sample_bytes);
  std::vector<double> row(width);
  for (std::size_t channel = 0; channel < channels; ++channel) {
    const std::size_t place = place_in_pixel(channel, image_type, image.channels);
    for (std::size_t y = 0; y < height; ++y) {
      ops::load_doubles(type.data_type(), bytes, (channel * height + y) * width, row);
      for (std::size_t x = 0; x < width; ++x) {
        const std::size_t index = (y * width + x) * channels + place;
        if (is_deep) {
          const double sample = clamped(row[x] * kSixteenBitStep, 65535);
          store_le(std::span(image.bytes), 2 * index, static_cast<std::uint16_t>(sample));
        } else {
          image.bytes[index] = static_cast<std::byte>(clamped(row[x], 255));
        }
      }
    }
  }
  return image;
}

}  // namespace anebench::package
