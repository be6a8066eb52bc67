// Convolution weights that a program stores as 8-bit integers with a scale and a zero point for the
// tensor or for each output channel: w = fp16(scale · (q − zero_point)).
//
// Found behind constexpr_affine_dequantize (either form) and constexpr_blockwise_shift_scale with
// one block an output channel. Plain values that share the program's bytes; functions are pure and
// thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/device/cpu/graph.h"
#include "anebench/ops/tensor.h"

namespace anebench::device::cpu {

struct QuantizedWeights {
  // int8 or uint8, [out channels, …].
  ops::Tensor data;
  // fp16 numbers, one or one an output channel.
  std::vector<double> scales;
  // One or one an output channel.
  std::vector<std::int32_t> zero_points;

  bool is_signed() const { return data.data_type() == mil::DataType::int8; }
  std::size_t out_channels() const { return static_cast<std::size_t>(data.dims()[0]); }
  std::size_t elements_per_channel() const { return data.element_count() / out_channels(); }
  double scale(std::size_t channel) const { return scales[scales.size() == 1 ? 0 : channel]; }
  std::int32_t zero_point(std::size_t channel) const {
    return zero_points[zero_points.size() == 1 ? 0 : channel];
  }
  // The stored integers of one channel, zero point not yet taken away.
  std::int32_t stored(std::size_t channel, std::size_t index) const {
    const std::byte raw = data.bytes()[channel * elements_per_channel() + index];
    return is_signed() ? static_cast<std::int8_t>(raw) : static_cast<std::int32_t>(raw);
  }
  bool has_zero_points() const;
};

// Nothing where the value is not of this form.
Result<std::optional<QuantizedWeights>> find_quantized_weights(const Graph& graph, ValueId weight);

// q − zero_point as int8; nothing where one does not fit. Where no zero point is subtracted from
// int8 data the result shares its bytes.
class IntegerWeights {
 public:
  static std::optional<IntegerWeights> create(const QuantizedWeights& weights);
  std::span<const std::int8_t> values() const { return values_; }

 private:
  std::span<const std::int8_t> values_;
  std::vector<std::int8_t> shifted_;
};

// Whether IntegerWeights::create would succeed; cheaper.
bool fits_int8(const QuantizedWeights& weights);

// The fp16 patterns that the program's dequantization gives: fp32 arithmetic, one rounding.
std::vector<std::uint16_t> dequantize_to_halves(const QuantizedWeights& weights);

}  // namespace anebench::device::cpu
