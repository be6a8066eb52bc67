// The integer weights and inputs of the scaled initialisation.
//
// For a 1x1 convolution over `channels` inputs whose activations lie on the int8 grid of step 2^-3
// and fill it, uniform integer weights in −m…m with scale 2^-k keep the variance of the outputs
// equal to that of the inputs (g = 2 where a relu halves it, else 1):
//   k = the largest with 3·g·4^k ≤ 127²·channels,  m = floor(sqrt(3·g·4^k / channels)).
// Source: the experiments' specification, `int8`. Pure functions of their arguments.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "anebench/base/rng.h"

namespace anebench::programs {

struct WeightGrid {
  int k = 0;             // weights are integers times 2^-k
  int m = 0;             // the integers' largest magnitude, at most 127
  double scale() const;  // 2^-k
};

// Precondition: channels ≥ 1.
WeightGrid scaled_weight_grid(std::int64_t channels, bool relu);

// Streams of a seed's generator: the input, and the first of the weights'.
inline constexpr std::uint64_t kInputStream = 0;
inline constexpr std::uint64_t kFirstWeightStream = 1;

// Activations of scaled programs are integers −128…127 times this.
inline constexpr double kActivationScale = 0.125;

// Uniform integers low…high, which fit an int8: those that Rng::uniform_int gives one by one.
void fill_uniform(Rng& rng, int low, int high, std::span<std::int8_t> out);
// clamp(round(32·N(0,1)), −128, 127): the input's integers.
void fill_input_grid(Rng& rng, std::span<std::int8_t> out);
// fp16 patterns of the integers times `scale` (exact for the grids above).
void scale_to_halves(std::span<const std::int8_t> integers, double scale,
                     std::span<std::uint16_t> out);

}  // namespace anebench::programs
