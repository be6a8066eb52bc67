// Inputs and outputs that are images to an application.
//
// To the program they are tensors [1, channels, height, width] whose numbers are the samples, 0 to
// 255: a model that wants others scales them itself. Source: coremltools' FeatureTypes.proto
// (ImageFeatureType) and its guide, "Image Input and Output".
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace anebench::package {

enum class ColorSpace : std::uint8_t {
  grayscale,
  rgb,
  bgr,
  // As grayscale, with fp16 for each pixel.
  grayscale_fp16,
};
// "grayscale", "RGB", "BGR", "grayscale fp16".
std::string_view to_string(ColorSpace color);

struct ImageSize {
  std::int64_t width = 0;
  std::int64_t height = 0;
  friend bool operator==(const ImageSize&, const ImageSize&) = default;
};

struct ImageType {
  ColorSpace color = ColorSpace::rgb;
  // Where sizes are flexible, the default.
  ImageSize size;
  // Other sizes: a list, or bounds (lowest and highest; -1 for none) of width and height.
  std::vector<ImageSize> enumerated = {};
  struct Ranges {
    std::pair<std::int64_t, std::int64_t> width;
    std::pair<std::int64_t, std::int64_t> height;
  };
  std::optional<Ranges> ranges = std::nullopt;

  std::int64_t channels() const;
  bool allows(const ImageSize& other) const;
};
// "RGB 640x480", "grayscale 28x28 (flexible)".
std::string to_string(const ImageType& type);

// Of a function, by name.
struct ImageFeatures {
  std::map<std::string, ImageType, std::less<>> inputs;
  std::map<std::string, ImageType, std::less<>> outputs;
};

}  // namespace anebench::package
