#include "anebench/weights/quantize_common.h"

#include <algorithm>
#include <limits>

#include "anebench/base/bytes.h"
#include "anebench/weights/quantize.h"

namespace anebench::weights {

Result<void> check_values(std::span<const float> values, const mil::Shape& shape) {
  const auto count = mil::element_count(shape);
  if (shape.empty() || !count || *count == 0) {
    return fail(ErrorCode::invalid_argument,
                "cannot quantize a tensor of shape {}: it needs a rank of at least 1, known "
                "dimensions and elements",
                mil::to_string(shape));
  }
  if (static_cast<std::uint64_t>(*count) != values.size()) {
    return fail(ErrorCode::invalid_argument, "{} values where the shape {} has {}", values.size(),
                mil::to_string(shape), *count);
  }
  const auto odd =
      std::find_if(values.begin(), values.end(), [](float value) { return !std::isfinite(value); });
  if (odd != values.end()) {
    return fail(ErrorCode::invalid_argument, "cannot quantize {} (element {})", *odd,
                odd - values.begin());
  }
  return {};
}

Result<void> check_real_type(mil::DataType type) {
  if (type == mil::DataType::fp16 || type == mil::DataType::fp32) return {};
  return fail(ErrorCode::invalid_argument, "{} where fp16 or fp32 is needed", mil::to_string(type));
}

Result<std::size_t> checked_axis(std::int64_t axis, const mil::Shape& shape) {
  const auto rank = static_cast<std::int64_t>(shape.size());
  if (axis < -rank || axis >= rank) {
    return fail(ErrorCode::invalid_argument, "axis {} does not exist in the shape {}", axis,
                mil::to_string(shape));
  }
  return static_cast<std::size_t>(axis < 0 ? axis + rank : axis);
}

Result<Groups> Groups::create(const mil::Shape& shape, std::span<const std::int64_t> block_shape) {
  if (block_shape.size() != shape.size()) {
    return fail(ErrorCode::invalid_argument, "a block shape of {} dimensions for the shape {}",
                block_shape.size(), mil::to_string(shape));
  }
  Groups groups;
  std::size_t last_cut = 0;
  std::vector<Dimension> dimensions;
  for (std::size_t d = 0; d < shape.size(); ++d) {
    const std::int64_t size = shape[d].size();
    const std::int64_t block = block_shape[d] == 0 ? size : block_shape[d];
    if (block < 0 || size <= 0 || size % block != 0) {
      return fail(ErrorCode::invalid_argument, "blocks of {} do not divide dimension {} of {}",
                  block, d, mil::to_string(shape));
    }
    const auto count = static_cast<std::size_t>(size / block);
    dimensions.push_back({count, static_cast<std::size_t>(block)});
    groups.counts_.emplace_back(size / block);
    groups.count_ *= count;
    groups.element_count_ *= static_cast<std::size_t>(size);
    if (count > 1) last_cut = d;
  }
  groups.runs_in_row_ = dimensions[last_cut].groups;
  groups.run_ = dimensions[last_cut].block;
  for (std::size_t d = last_cut + 1; d < dimensions.size(); ++d) groups.run_ *= dimensions[d].block;
  dimensions.resize(last_cut);
  groups.outer_ = std::move(dimensions);
  return groups;
}

Result<Groups> Groups::along_axis(const mil::Shape& shape, std::size_t axis,
                                  std::int64_t channels) {
  std::vector<std::int64_t> block_shape(shape.size(), 0);
  if (channels <= 0) {
    return fail(ErrorCode::invalid_argument, "groups of {} channels", channels);
  }
  block_shape[axis] = channels;
  return create(shape, block_shape);
}

mil::Value real_tensor(mil::DataType type, mil::Shape shape, std::span<const double> elements) {
  if (type == mil::DataType::fp16) return mil::Value::fp16_tensor(std::move(shape), elements);
  return mil::Value::tensor<float>(std::move(shape),
                                   std::vector<float>(elements.begin(), elements.end()));
}

mil::Value code_tensor(mil::DataType type, mil::Shape shape, std::span<const std::uint8_t> codes) {
  const auto bits = static_cast<unsigned>(mil::bit_width(type));
  mil::Value::Bytes bytes((codes.size() * bits + 7) / 8);
  pack_bits(codes, bits, bytes);
  return mil::Value::packed(mil::Type::tensor(type, std::move(shape)), std::move(bytes));
}

Result<mil::Value> shape_value(const mil::Shape& shape) {
  std::vector<std::uint32_t> sizes;
  for (const mil::Dim dim : shape) {
    if (dim.size() > std::numeric_limits<std::uint32_t>::max()) {
      return fail(ErrorCode::unsupported, "dimension {} does not fit the uint32 of iOS 16's form",
                  dim.size());
    }
    sizes.push_back(static_cast<std::uint32_t>(dim.size()));
  }
  return mil::Value::tensor<std::uint32_t>({static_cast<std::int64_t>(sizes.size())}, sizes);
}

QuantizationError quantization_error(std::span<const float> original,
                                     std::span<const float> restored) {
  QuantizationError error;
  double signal = 0;
  double noise = 0;
  for (std::size_t i = 0; i < original.size(); ++i) {
    if (!std::isfinite(original[i])) continue;
    const double value = static_cast<double>(original[i]);
    const double difference = static_cast<double>(restored[i]) - value;
    signal += value * value;
    noise += difference * difference;
    error.max_abs = std::max(error.max_abs, std::abs(difference));
  }
  if (!original.empty()) {
    error.root_mean_square = std::sqrt(noise / static_cast<double>(original.size()));
  }
  error.snr_db =
      noise == 0 ? std::numeric_limits<double>::infinity() : 10 * std::log10(signal / noise);
  return error;
}

}  // namespace anebench::weights
