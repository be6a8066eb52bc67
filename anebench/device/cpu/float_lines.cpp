#include "anebench/device/cpu/float_lines.h"

#include <algorithm>
#include <bit>

namespace anebench::device::cpu {
namespace {

// e^x for x ≤ 0: 2^n · e^r with |r| ≤ ln 2 / 2, e^r by its series, whose eighth term is below
// 2^-27. Written without branches, so that loops over it are vectorised.
float exponential(float x) {
  constexpr float kLog2OfE = 1.44269504F;
  // ln 2 in two parts, the first with few enough bits that n times it is exact.
  constexpr float kLn2High = 0.693359375F;
  constexpr float kLn2Low = -2.12194440e-4F;
  // Adding 1.5 · 2^23 rounds to an integer, which the sum's low bits then hold.
  constexpr float kRounder = 12582912.0F;
  constexpr std::int32_t kRounderBits = 0x4b400000;
  constexpr float kLeast = -87.0F;  // e^-87 is still a normal number
  const float bounded = x < kLeast ? kLeast : x;
  const float shifted = bounded * kLog2OfE + kRounder;
  const float n = shifted - kRounder;
  const float r = bounded - n * kLn2High - n * kLn2Low;
  float series = 1.0F / 5040;
  series = series * r + 1.0F / 720;
  series = series * r + 1.0F / 120;
  series = series * r + 1.0F / 24;
  series = series * r + 1.0F / 6;
  series = series * r + 0.5F;
  series = series * r + 1.0F;
  series = series * r + 1.0F;
  // NaN has taken its way through the series; its n is anything.
  const std::int32_t exponent = (std::bit_cast<std::int32_t>(shifted) - kRounderBits + 127) & 0xff;
  const float power = std::bit_cast<float>(exponent << 23);
  return x < kLeast ? 0.0F : series * power;
}

}  // namespace

std::optional<FloatLines> FloatLines::along(std::span<const std::int64_t> dims,
                                            const std::vector<bool>& chosen) {
  FloatLines lines;
  bool began = false;
  bool ended = false;
  for (std::size_t d = 0; d < dims.size(); ++d) {
    const auto size = static_cast<std::size_t>(dims[d]);
    if (size == 1) continue;
    if (!chosen[d]) {
      ended = began;
      (began ? lines.inner : lines.outer) *= size;
    } else if (ended) {
      return std::nullopt;
    } else {
      began = true;
      lines.length *= size;
    }
  }
  if (!began) {
    // Lines of one element: all dimensions are outer ones.
    lines.outer *= lines.inner;
    lines.inner = 1;
  }
  return lines;
}

double exponentials(std::span<float> values, float shift) {
  for (float& value : values) value = exponential(value - shift);
  return sum_of(values, [](float value) { return static_cast<double>(value); });
}

void softmax_line(std::span<float> values) {
  if (values.empty()) return;
  const float most = greatest_of(values);
  const auto sum = static_cast<float>(exponentials(values, most));
  for (float& value : values) value /= sum;
}

}  // namespace anebench::device::cpu
