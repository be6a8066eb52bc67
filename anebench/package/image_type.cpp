#include "anebench/package/image_type.h"

#include <fmt/format.h>

#include <algorithm>

namespace anebench::package {
namespace {

bool lies_in(std::int64_t size, const std::pair<std::int64_t, std::int64_t>& range) {
  return size >= range.first && (range.second < 0 || size <= range.second);
}

}  // namespace

std::string_view to_string(ColorSpace color) {
  switch (color) {
    case ColorSpace::grayscale: return "grayscale";
    case ColorSpace::rgb: return "RGB";
    case ColorSpace::bgr: return "BGR";
    case ColorSpace::grayscale_fp16: break;
  }
  return "grayscale fp16";
}

std::int64_t ImageType::channels() const {
  return color == ColorSpace::rgb || color == ColorSpace::bgr ? 3 : 1;
}

bool ImageType::allows(const ImageSize& other) const {
  if (other == size || std::find(enumerated.begin(), enumerated.end(), other) != enumerated.end()) {
    return true;
  }
  return ranges && lies_in(other.width, ranges->width) && lies_in(other.height, ranges->height);
}

std::string to_string(const ImageType& type) {
  const bool is_flexible = type.ranges || !type.enumerated.empty();
  return fmt::format("{} {}x{}{}", to_string(type.color), type.size.width, type.size.height,
                     is_flexible ? " (flexible)" : "");
}

}  // namespace anebench::package
