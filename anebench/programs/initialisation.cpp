#include "anebench/programs/initialisation.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "anebench/base/half.h"

namespace anebench::programs {
namespace {

// Remainders by one divisor of at most 2^16, without a division of 64 bits each.
class Remainder {
 public:
  explicit Remainder(std::uint64_t divisor)
      : divisor_(static_cast<std::int64_t>(divisor)),
        carry_((std::uint64_t{1} << 32) % divisor),
        inverse_(1.0 / static_cast<double>(divisor)) {}

  std::uint64_t of(std::uint64_t value) const {
    // The same remainder as `value`, since 2^32 leaves carry_; below 2^49, so doubles hold it.
    const auto folded = static_cast<std::int64_t>((value >> 32) * carry_ + (value & 0xffffffffU));
    const auto quotient = static_cast<std::int64_t>(static_cast<double>(folded) * inverse_);
    // The quotient is right or off by one.
    std::int64_t rest = folded - quotient * divisor_;
    if (rest < 0) rest += divisor_;
    if (rest >= divisor_) rest -= divisor_;
    return static_cast<std::uint64_t>(rest);
  }

 private:
  std::int64_t divisor_;
  std::uint64_t carry_;
  double inverse_;
};

}  // namespace

double WeightGrid::scale() const { return std::ldexp(1.0, -k); }

WeightGrid scaled_weight_grid(std::int64_t channels, bool relu) {
  const double g = relu ? 2.0 : 1.0;
  const double inputs = static_cast<double>(channels);
  // In doubles every quantity below is an integer under 2^53 for up to 2^38 channels, so the
  // comparisons are exact.
  WeightGrid grid;
  while (3.0 * g * std::ldexp(1.0, 2 * (grid.k + 1)) <= 127.0 * 127.0 * inputs) ++grid.k;
  const double bound = 3.0 * g * std::ldexp(1.0, 2 * grid.k);
  while (grid.m < 127 && (grid.m + 1.0) * (grid.m + 1.0) * inputs <= bound) ++grid.m;
  return grid;
}

void fill_uniform(Rng& rng, int low, int high, std::span<std::int8_t> out) {
  // As Rng::uniform_int draws; what is the same for all draws is computed once.
  const auto count = static_cast<std::uint64_t>(high - low + 1);
  const std::uint64_t rejected = (0 - count) % count;
  const Remainder remainder(count);
  for (std::int8_t& value : out) {
    std::uint64_t draw = rng.next();
    while (draw < rejected) draw = rng.next();
    value = static_cast<std::int8_t>(low + static_cast<int>(remainder.of(draw)));
  }
}

void fill_input_grid(Rng& rng, std::span<std::int8_t> out) {
  for (std::int8_t& value : out) {
    const double rounded = std::nearbyint(32.0 * rng.normal());
    value = static_cast<std::int8_t>(std::clamp(rounded, -128.0, 127.0));
  }
}

void scale_to_halves(std::span<const std::int8_t> integers, double scale,
                     std::span<std::uint16_t> out) {
  std::array<std::uint16_t, 256> table{};
  for (int i = -128; i < 128; ++i) {
    table[static_cast<std::size_t>(i + 128)] = half_from_double(i * scale);
  }
  for (std::size_t i = 0; i < integers.size(); ++i) {
    out[i] = table[static_cast<std::size_t>(integers[i] + 128)];
  }
}

}  // namespace anebench::programs
