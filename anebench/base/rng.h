// The project's random numbers: the same sequence on every platform and compiler.
//
// xoshiro256++ 1.0 (D. Blackman, S. Vigna, "Scrambled Linear Pseudorandom Number Generators", ACM
// Transactions on Mathematical Software 47(4), 2021, doi:10.1145/3460772), its state filled from
// the seed by SplitMix64 (G. Steele, D. Lea, C. Flood, OOPSLA 2014, doi:10.1145/2660193.2660195).
//
// uniform() and normal() use only operations that IEEE 754 rounds correctly (+ - * / sqrt) and
// integers, never libm's log or cos, whose last bits differ between platforms; the build turns
// contraction into fused multiply-adds off. So every value is bit-identical everywhere.
//
// Not for cryptography. An Rng is a value: copyable, thread-compatible. For parallel work give each
// part its own fork.
//
//   Rng rng(42);
//   Rng weights = rng.fork(layer);
//   for (float& w : data) w = static_cast<float>(weights.normal());
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string_view>

namespace anebench {

class Rng {
 public:
  static constexpr std::string_view kName = "xoshiro256++";

  explicit Rng(std::uint64_t seed);

  // 64 uniform bits.
  std::uint64_t next() {
    const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  // Uniform in [0, 1): a multiple of 2^-53.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

  // Uniform in [low, high], both included, without bias. Precondition: low <= high.
  std::int64_t uniform_int(std::int64_t low, std::int64_t high);

  // Standard normal: the inverse of its distribution function at a uniform number; one draw each.
  double normal();

  // The independent generator number `stream` of this one's seed. It depends on the seed and the
  // number only, not on what was drawn before; forks of forks are independent, too.
  Rng fork(std::uint64_t stream) const;

  // So that it can be handed to standard algorithms (whose results differ between libraries).
  using result_type = std::uint64_t;
  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return ~result_type{0}; }
  result_type operator()() { return next(); }

 private:
  std::uint64_t seed_;
  std::array<std::uint64_t, 4> state_;
};

// One step of SplitMix64: advances the state and returns 64 mixed bits.
std::uint64_t split_mix64(std::uint64_t& state);

// The x at which the standard normal distribution function equals `probability`, to about 16
// digits; -infinity at 0, infinity at 1, NaN outside. Bit-identical on every platform.
double inverse_normal_cdf(double probability);

}  // namespace anebench
