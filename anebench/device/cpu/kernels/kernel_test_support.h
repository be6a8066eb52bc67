// What the tests of the kernels share: the definition of conv1x1.h in plain arithmetic, written
// from the specification and not from the kernels.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "anebench/base/half.h"
#include "anebench/device/cpu/kernels/tiles.h"

namespace anebench::kernels {

// fp16 nearest to an exactly given value; long double has at least 64 significant bits where these
// tests run.
inline double half_nearest(long double value) {
  if (std::isnan(value) || std::isinf(value) || value == 0) return static_cast<double>(value);
  const int exponent = std::max(std::ilogb(value), -14);
  const long double rounded =
      std::ldexp(std::nearbyint(std::ldexp(value, 10 - exponent)), exponent - 10);
  if (std::abs(rounded) >= 65536.0L) {
    return std::copysign(std::numeric_limits<double>::infinity(), static_cast<double>(value));
  }
  return std::copysign(static_cast<double>(rounded), static_cast<double>(value));
}

inline int quantize_exactly(double y, const Quantization& to) {
  const double t = half_nearest(static_cast<long double>(y) / static_cast<long double>(to.scale));
  if (std::isnan(t)) return 0;
  const double low = to.is_signed ? -128 : 0;
  const double high = to.is_signed ? 127 : 255;
  return static_cast<int>(std::clamp(std::nearbyint(t) + to.zero_point, low, high));
}

// Bytes with guards behind them, aligned as tiles must be.
class TileBytes {
 public:
  explicit TileBytes(std::size_t bytes) : size_(bytes), memory_(bytes + kGuard + kTileAlignment) {
    std::fill(memory_.begin(), memory_.end(), kPoison);
  }
  std::uint8_t* data() {
    const auto address = reinterpret_cast<std::uintptr_t>(memory_.data());
    return memory_.data() + (kTileAlignment - address % kTileAlignment) % kTileAlignment;
  }
  std::uint16_t* halves() { return reinterpret_cast<std::uint16_t*>(data()); }
  bool guards_hold() {
    return std::all_of(data() + size_, data() + size_ + kGuard - kTileAlignment,
                       [](std::uint8_t byte) { return byte == kPoison; });
  }

 private:
  static constexpr std::size_t kGuard = 256;
  static constexpr std::uint8_t kPoison = 0xa5;
  std::size_t size_;
  std::vector<std::uint8_t> memory_;
};

}  // namespace anebench::kernels
