#include "anebench/device/cpu/quantized_weights.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include "anebench/base/half.h"

namespace anebench::device::cpu {
namespace {

using mil::DataType;

bool is_byte(DataType type) { return type == DataType::int8 || type == DataType::uint8; }

struct ParameterNames {
  std::string_view data;
  std::string_view scale;
  std::string_view zero_point;
};

// Zero points as integers; nothing where one is no integer in the data's range.
std::optional<std::vector<std::int32_t>> integer_zero_points(const ops::Tensor& tensor,
                                                             DataType data_type) {
  const mil::IntegerRange range = mil::integer_range(data_type);
  std::vector<std::int32_t> result;
  for (const double value : tensor.to_doubles()) {
    if (!(value >= static_cast<double>(range.low) && value <= static_cast<double>(range.high)) ||
        value != std::floor(value)) {
      return std::nullopt;
    }
    result.push_back(static_cast<std::int32_t>(value));
  }
  return result;
}

// Scale and offset of a blockwise quantization that has one block an output channel, or one in all.
bool is_per_channel(const ops::Tensor& blocks, std::int64_t channels) {
  if (blocks.rank() == 0) return false;
  const std::vector<std::int64_t>& dims = blocks.dims();
  return (dims[0] == 1 || dims[0] == channels) &&
         std::all_of(dims.begin() + 1, dims.end(), [](std::int64_t dim) { return dim == 1; });
}

Result<std::optional<QuantizedWeights>> read(const Graph& graph, const ops::Arguments& arguments,
                                             const ParameterNames& names) {
  ANEBENCH_ASSIGN(type, arguments.tensor_type(names.data));
  if (!is_byte(type.data_type()) || type.rank() < 1 || type.element_count().value_or(0) < 1) {
    return std::nullopt;
  }
  ANEBENCH_ASSIGN(scale, graph.constant(arguments, names.scale));
  if (scale.data_type() != DataType::fp16) return std::nullopt;
  QuantizedWeights weights;
  weights.scales = scale.to_doubles();
  weights.zero_points = {0};
  const std::int64_t channels = type.shape()[0].size();
  const bool is_blockwise = names.zero_point == "offset";
  if (is_blockwise && !is_per_channel(scale, channels)) return std::nullopt;
  if (arguments.has(names.zero_point)) {
    ANEBENCH_ASSIGN(zero_point, graph.constant(arguments, names.zero_point));
    if (is_blockwise && !is_per_channel(zero_point, channels)) return std::nullopt;
    std::optional<std::vector<std::int32_t>> integers =
        integer_zero_points(zero_point, type.data_type());
    if (!integers) return std::nullopt;
    weights.zero_points = *std::move(integers);
  }
  const auto is_scalar_or_per_channel = [&](std::size_t size) {
    return size == 1 || size == static_cast<std::size_t>(channels);
  };
  if (!is_scalar_or_per_channel(weights.scales.size()) ||
      !is_scalar_or_per_channel(weights.zero_points.size())) {
    return std::nullopt;
  }
  if (!is_blockwise && (weights.scales.size() > 1 || weights.zero_points.size() > 1)) {
    ANEBENCH_ASSIGN(axis, arguments.axis("axis", type.rank()));
    if (axis != 0) return std::nullopt;
  }
  ANEBENCH_ASSIGN(data, graph.constant(arguments, names.data));
  weights.data = std::move(data);
  return weights;
}

}  // namespace

bool QuantizedWeights::has_zero_points() const {
  return std::any_of(zero_points.begin(), zero_points.end(), [](std::int32_t z) { return z != 0; });
}

Result<std::optional<QuantizedWeights>> find_quantized_weights(const Graph& graph, ValueId weight) {
  const GraphValue& value = graph.value(weight);
  if (value.producer == kNone || value.type.data_type() != DataType::fp16) return std::nullopt;
  const mil::Operation& operation = graph.operation(value.producer);
  ParameterNames names;
  if (operation.type == "constexpr_affine_dequantize") {
    names = {"quantized_data", "scale", "zero_point"};
  } else if (operation.type == "constexpr_blockwise_shift_scale") {
    names = {"data", "scale", "offset"};
  } else {
    return std::nullopt;
  }
  ANEBENCH_ASSIGN(arguments, ops::Arguments::bind(operation, graph.scope()));
  return read(graph, arguments, names);
}

bool fits_int8(const QuantizedWeights& weights) {
  if (weights.is_signed() && !weights.has_zero_points()) return true;
  const std::size_t length = weights.elements_per_channel();
  for (std::size_t o = 0; o < weights.out_channels(); ++o) {
    const std::int32_t zero_point = weights.zero_point(o);
    std::int32_t low = 255;
    std::int32_t high = -128;
    for (std::size_t i = 0; i < length; ++i) {
      low = std::min(low, weights.stored(o, i));
      high = std::max(high, weights.stored(o, i));
    }
    if (low - zero_point < -128 || high - zero_point > 127) return false;
  }
  return true;
}

std::optional<IntegerWeights> IntegerWeights::create(const QuantizedWeights& weights) {
  IntegerWeights result;
  const std::span<const std::byte> bytes = weights.data.bytes();
  if (weights.is_signed() && !weights.has_zero_points()) {
    result.values_ = {reinterpret_cast<const std::int8_t*>(bytes.data()), bytes.size()};
    return result;
  }
  if (!fits_int8(weights)) return std::nullopt;
  result.shifted_.resize(bytes.size());
  const std::size_t length = weights.elements_per_channel();
  for (std::size_t o = 0; o < weights.out_channels(); ++o) {
    for (std::size_t i = 0; i < length; ++i) {
      result.shifted_[o * length + i] =
          static_cast<std::int8_t>(weights.stored(o, i) - weights.zero_point(o));
    }
  }
  result.values_ = result.shifted_;
  return result;
}

std::vector<std::uint16_t> dequantize_to_halves(const QuantizedWeights& weights) {
  const std::size_t length = weights.elements_per_channel();
  std::vector<std::uint16_t> result(weights.data.element_count());
  std::array<std::uint16_t, 256> table;
  for (std::size_t o = 0; o < weights.out_channels(); ++o) {
    const bool new_table = o == 0 || weights.scales.size() > 1 || weights.zero_points.size() > 1;
    if (new_table) {
      // The product of a 9-bit integer and an fp16 number is exact in float: one rounding.
      const auto scale = static_cast<float>(weights.scale(o));
      std::array<float, 256> values;
      for (std::int32_t raw = 0; raw < 256; ++raw) {
        const std::int32_t q = weights.is_signed() && raw >= 128 ? raw - 256 : raw;
        values[static_cast<std::size_t>(raw)] =
            static_cast<float>(q - weights.zero_point(o)) * scale;
      }
      halves_from_floats(values, table);
    }
    const std::byte* row = weights.data.bytes().data() + o * length;
    for (std::size_t i = 0; i < length; ++i) {
      result[o * length + i] = table[static_cast<std::size_t>(row[i])];
    }
  }
  return result;
}

}  // namespace anebench::device::cpu
