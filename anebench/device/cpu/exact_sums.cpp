#include "anebench/device/cpu/exact_sums.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "anebench/base/half.h"
#include "anebench/device/cpu/kernels/tiles.h"

namespace anebench::device::cpu {
namespace {

constexpr double kFloatIntegers = 0x1p24;
// The kernels sum blocks of at most so many input channels in float and add blocks in double
// (kernels/conv1x1.h).
constexpr std::size_t kSumBlock = 1024;

// Exponent of the lowest set bit of a finite fp16 number other than 0.
int lowest_bit_exponent(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 0x1f;
  const int fraction = bits & 0x3ff;
  const int significand = exponent == 0 ? fraction : fraction | 0x400;
  int trailing = 0;
  while (((significand >> trailing) & 1) == 0) ++trailing;
  return std::max(exponent, 1) - 25 + trailing;
}

// The unit of the weights, as an exponent; nothing where one is not finite.
std::optional<int> common_unit(std::span<const std::uint16_t> values) {
  int unit = 16;
  for (const std::uint16_t bits : values) {
    const std::uint16_t magnitude = bits & 0x7fff;
    if (magnitude >= kHalfInfinity) return std::nullopt;
    if (magnitude != 0) unit = std::min(unit, lowest_bit_exponent(bits));
  }
  return unit;
}

}  // namespace

std::optional<ExactSums> ExactSums::create(std::span<const std::uint16_t> weights,
                                           std::span<const std::uint16_t> bias,
                                           std::size_t in_channels, bool relu) {
  // A bias would have to lie on the products' grid as well; only the absent one is handled.
  const bool has_bias =
      std::any_of(bias.begin(), bias.end(), [](std::uint16_t b) { return (b & 0x7fff) != 0; });
  const std::optional<int> unit = common_unit(weights);
  if (has_bias || !unit || in_channels == 0) return std::nullopt;
  double largest_sum = 1;
  std::vector<float> row(in_channels);
  for (std::size_t o = 0; o * in_channels < weights.size(); ++o) {
    floats_from_halves(weights.subspan(o * in_channels, in_channels), row);
    for (std::size_t first = 0; first < in_channels; first += kSumBlock) {
      double sum = 0;
      const std::size_t last = std::min(in_channels, first + kSumBlock);
      for (std::size_t i = first; i < last; ++i) sum += static_cast<double>(std::abs(row[i]));
      largest_sum = std::max(largest_sum, std::ldexp(sum, -*unit));
    }
  }
  const double limit = std::floor(kFloatIntegers / largest_sum);
  // Below this not even 8-bit integers pass, and every evaluation would take the slow path.
  constexpr double kUsefulLimit = 128;
  if (limit < kUsefulLimit) return std::nullopt;
  ExactSums result;
  result.weights_.assign(weights.begin(), weights.end());
  result.bias_.assign(bias.begin(), bias.end());
  result.in_channels_ = in_channels;
  result.relu_ = relu;
  // Rounding tricks below want |x/u| < 2^22.
  result.limit_ = std::min(limit, 0x1p21);
  return result;
}

bool ExactSums::are_exact(const std::uint16_t* x, std::size_t count) const {
  std::uint16_t largest = 0;
  for (std::size_t i = 0; i < count; ++i) {
    largest = std::max(largest, static_cast<std::uint16_t>(x[i] & 0x7fff));
  }
  if (largest >= kHalfInfinity) return false;
  if (largest == 0) return true;
  // The smallest power of two u with largest / u ≤ limit; then every x must be a multiple of it.
  int exponent = 0;
  const double fraction = std::frexp(half_to_double(largest) / limit_, &exponent);
  if (fraction == 0.5) --exponent;
  const auto per_unit = static_cast<float>(std::ldexp(1.0, -exponent));
  constexpr std::size_t kValuesAtOnce = 512;
  // Adding and taking away 1.5·2^23 rounds a float below 2^22 to an integer.
  constexpr float kMagic = 0x1.8p23F;
  std::array<float, kValuesAtOnce> values;
  for (std::size_t first = 0; first < count; first += kValuesAtOnce) {
    const std::size_t size = std::min(kValuesAtOnce, count - first);
    floats_from_halves({x + first, size}, {values.data(), size});
    int off_grid = 0;
    for (std::size_t i = 0; i < size; ++i) {
      const float scaled = values[i] * per_unit;
      off_grid |= static_cast<int>((scaled + kMagic) - kMagic != scaled);
    }
    if (off_grid != 0) return false;
  }
  return true;
}

void ExactSums::compute(const std::uint16_t* in_tile, std::uint16_t* out_tile, std::size_t first,
                        std::size_t last) const {
  constexpr std::size_t kLanes = kernels::kTilePositions;
  constexpr std::size_t kTogether = 4;
  std::array<std::array<double, kLanes>, kTogether> sums;
  std::array<float, kLanes> x;
  for (std::size_t o = first; o < last; o += kTogether) {
    const std::size_t channels = std::min(kTogether, last - o);
    for (auto& sum : sums) sum.fill(0);
    for (std::size_t i = 0; i < in_channels_; ++i) {
      floats_from_halves({in_tile + i * kLanes, kLanes}, x);
      for (std::size_t c = 0; c < channels; ++c) {
        const double w = half_to_double(weights_[(o + c) * in_channels_ + i]);
        for (std::size_t p = 0; p < kLanes; ++p) sums[c][p] += w * static_cast<double>(x[p]);
      }
    }
    for (std::size_t c = 0; c < channels; ++c) {
      const double bias = bias_.empty() ? 0.0 : half_to_double(bias_[o + c]);
      for (std::size_t p = 0; p < kLanes; ++p) {
        double y = round_to_half(sums[c][p] + bias);
        if (relu_ && y < 0) y = 0;
        out_tile[(o + c) * kLanes + p] = half_from_double(y);
      }
    }
  }
}

}  // namespace anebench::device::cpu
