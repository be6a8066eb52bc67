// The guard that makes an fp16 convolution bit-identical to the reference where it feeds integer
// convolutions: the first layer of a quantized chain.
//
// The kernel sums in fp32. Its sums are exact, in any order, where all inputs are integers times a
// common power of two u and Σ|x/u|·|w/v| ≤ 2^24 in the weights' unit v (over 1,024 input channels;
// the kernel adds such blocks in double). Whether that holds depends
// on the inputs (it does for inputs that lie on an int8 grid), so each call tests its tiles, which
// costs about as much as reading them; tiles that fail are computed in double in the reference's
// order instead: slower by an order of magnitude, and right.
//
// Immutable after creation; thread-safe; run-time functions allocate nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace anebench::device::cpu {

class ExactSums {
 public:
  // `weights` are [out][in] fp16 patterns, `bias` is empty or [out]. Nothing where no useful input
  // range (at least the 8-bit integers) could have exact sums, or a weight is not finite.
  static std::optional<ExactSums> create(std::span<const std::uint16_t> weights,
                                         std::span<const std::uint16_t> bias,
                                         std::size_t in_channels, bool relu);

  // Whether the fp32 sums over these `count` elements (whole tiles or any part) are exact.
  bool are_exact(const std::uint16_t* x, std::size_t count) const;

  // Output channels [first, last) of one fp16 tile in double: products are exact, sums run over
  // ascending input channels, the bias is added last, and the result is rounded once.
  void compute(const std::uint16_t* in_tile, std::uint16_t* out_tile, std::size_t first,
               std::size_t last) const;

  std::size_t resident_bytes() const {
    return (weights_.size() + bias_.size()) * sizeof(std::uint16_t);
  }

 private:
  std::vector<std::uint16_t> weights_;
  std::vector<std::uint16_t> bias_;
  std::size_t in_channels_ = 0;
  bool relu_ = false;
  // The largest |x/u|: 2^24 over the largest Σ|w/v| of an output channel.
  double limit_ = 0;
};

}  // namespace anebench::device::cpu
