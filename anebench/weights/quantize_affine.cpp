// Affine and blockwise quantization: one core over groups of elements.
#include <algorithm>
#include <cmath>
#include <limits>

#include "anebench/weights/quantize.h"
#include "anebench/weights/quantize_common.h"

namespace anebench::weights {
namespace {

using mil::DataType;

struct Codes {
  std::int64_t low;
  std::int64_t high;
};

Result<Codes> codes_of(DataType type) {
  if (type != DataType::int8 && type != DataType::uint8 && type != DataType::int4 &&
      type != DataType::uint4) {
    return fail(ErrorCode::invalid_argument,
                "{} where int8, uint8, int4 or uint4 is needed for quantized data",
                mil::to_string(type));
  }
  const mil::IntegerRange range = mil::integer_range(type);
  return Codes{range.low, range.high};
}

// The smallest number of the type that is not below `value`, which is positive.
double rounded_up_to(DataType type, double value) {
  if (type == DataType::fp16) {
    const std::uint16_t bits = half_from_double(value);
    const double rounded = half_to_double(bits);
    if (rounded >= value) return rounded;
    return half_to_double(static_cast<std::uint16_t>(bits + 1));
  }
  const auto rounded = static_cast<float>(value);
  if (static_cast<double>(rounded) >= value) return static_cast<double>(rounded);
  return static_cast<double>(std::nextafter(rounded, std::numeric_limits<float>::infinity()));
}

// The smallest m·2^e ≥ value with m ≤ 2^bits, e no less than that of fp16's smallest step.
double rounded_up_to_bits(double value, int bits) {
  constexpr int kSmallestHalfExponent = -24;
  int exponent = 0;
  std::frexp(value, &exponent);
  const int step = std::max(exponent - bits, kSmallestHalfExponent);
  return std::ldexp(std::ceil(std::ldexp(value, -step)), step);
}

struct Range {
  float low = 0;
  float high = 0;
};

struct Mapping {
  double scale = 1;
  std::int64_t zero_point = 0;
};

// How values become codes.
struct Coding {
  RangeMode range;
  Codes codes;
  DataType scale_type;
  ScaleForm scale_form;
};

Mapping mapping_of(const Range& range, const Coding& coding) {
  const auto& [mode, codes, scale_type, scale_form] = coding;
  const double low = static_cast<double>(range.low);
  const double high = static_cast<double>(range.high);
  Mapping mapping;
  if (mode == RangeMode::symmetric) {
    const std::int64_t middle = codes.low < 0 ? 0 : (codes.high + 1) / 2;
    mapping.zero_point = middle;
    mapping.scale =
        symmetric_scale(std::max(-low, high), codes.high - middle, scale_form, scale_type);
    return mapping;
  }
  if (high > low) {
    mapping.scale =
        rounded_up_to(scale_type, (high - low) / static_cast<double>(codes.high - codes.low));
  }
  // Rounding the zero point moves all codes by half a step at most, so the largest value's code is
  // at most half a step beyond the last one and saturates within scale/2.
  mapping.zero_point = std::clamp(static_cast<std::int64_t>(std::nearbyint(
                                      static_cast<double>(codes.low) - low / mapping.scale)),
                                  codes.low, codes.high);
  return mapping;
}

struct Quantized {
  mil::Value data;
  std::vector<double> scales;
  std::vector<std::uint8_t> zero_points;
  QuantizationError error;
};

Result<Quantized> quantize_groups(std::span<const float> values, const mil::Shape& shape,
                                  const Groups& groups, DataType data_type, const Coding& coding) {
  const Codes& codes = coding.codes;
  const DataType scale_type = coding.scale_type;
  ANEBENCH_TRY(check_real_type(scale_type));

  std::vector<Range> ranges(groups.count());
  groups.for_each_run([&](std::size_t first, std::size_t count, std::size_t group) {
    const auto [low, high] =
        std::minmax_element(values.begin() + static_cast<std::ptrdiff_t>(first),
                            values.begin() + static_cast<std::ptrdiff_t>(first + count));
    ranges[group].low = std::min(ranges[group].low, *low);
    ranges[group].high = std::max(ranges[group].high, *high);
  });

  Quantized out;
  std::vector<Mapping> mappings;
  mappings.reserve(ranges.size());
  for (const Range& range : ranges) {
    const Mapping mapping = mapping_of(range, coding);
    mappings.push_back(mapping);
    out.scales.push_back(mapping.scale);
    out.zero_points.push_back(static_cast<std::uint8_t>(mapping.zero_point));
  }

  std::vector<std::uint8_t> data(values.size());
  std::vector<float> restored(values.size());
  bool fits = true;
  groups.for_each_run([&](std::size_t first, std::size_t count, std::size_t group) {
    const auto [scale, zero_point] = mappings[group];
    for (std::size_t i = first; i < first + count; ++i) {
      const double steps = std::nearbyint(static_cast<double>(values[i]) / scale);
      const std::int64_t code =
          std::clamp(static_cast<std::int64_t>(steps) + zero_point, codes.low, codes.high);
      data[i] = static_cast<std::uint8_t>(code);
      // As the operations expand it: in fp32, then rounded to the scale's type.
      const float expanded = static_cast<float>(code - zero_point) * static_cast<float>(scale);
      restored[i] = static_cast<float>(rounded_to(scale_type, static_cast<double>(expanded)));
      fits = fits && std::isfinite(restored[i]);
    }
  });
  if (!fits) {
    return fail(ErrorCode::invalid_argument, "the values are too large to be restored in {}",
                mil::to_string(scale_type));
  }
  out.data = code_tensor(data_type, shape, data);
  out.error = quantization_error(values, restored);
  return out;
}

}  // namespace

double symmetric_scale(double largest, std::int64_t highest_code, ScaleForm form, DataType type) {
  if (largest == 0) return 1;
  const double smallest = largest / static_cast<double>(highest_code);
  switch (form) {
    case ScaleForm::any: return rounded_up_to(type, smallest);
    case ScaleForm::exact: return rounded_to(type, rounded_up_to_bits(smallest, 4));
    case ScaleForm::power_of_two: return rounded_to(type, rounded_up_to_bits(smallest, 1));
  }
  return rounded_up_to(type, smallest);
}

Result<AffineTensor> quantize_affine(std::span<const float> values, const mil::Shape& shape,
                                     const AffineOptions& options) {
  ANEBENCH_TRY(check_values(values, shape));
  ANEBENCH_ASSIGN(axis, checked_axis(options.axis.value_or(0), shape));
  ANEBENCH_ASSIGN(groups, Groups::along_axis(shape, axis, options.axis ? 1 : shape[axis].size()));
  ANEBENCH_ASSIGN(codes, codes_of(options.data_type));
  ANEBENCH_ASSIGN(quantized, quantize_groups(values, shape, groups, options.data_type,
                                             {.range = options.range,
                                              .codes = codes,
                                              .scale_type = options.scale_type,
                                              .scale_form = options.scale_form}));
  // One number for the tensor has rank 0.
  const mil::Shape parameter_shape = options.axis ? mil::Shape{shape[axis]} : mil::Shape{};
  return AffineTensor{
      .data = std::move(quantized.data),
      .scale = real_tensor(options.scale_type, parameter_shape, quantized.scales),
      .zero_point = code_tensor(options.data_type, parameter_shape, quantized.zero_points),
      .axis = static_cast<int>(axis),
      .error = quantized.error};
}

Result<BlockwiseTensor> quantize_blockwise(std::span<const float> values, const mil::Shape& shape,
                                           const BlockwiseOptions& options) {
  ANEBENCH_TRY(check_values(values, shape));
  ANEBENCH_ASSIGN(groups, Groups::create(shape, options.block_shape));
  ANEBENCH_ASSIGN(codes, codes_of(options.data_type));
  ANEBENCH_ASSIGN(quantized, quantize_groups(values, shape, groups, options.data_type,
                                             {.range = options.range,
                                              .codes = codes,
                                              .scale_type = options.scale_type,
                                              .scale_form = ScaleForm::any}));
  BlockwiseTensor tensor{
      .data = std::move(quantized.data),
      .scale = real_tensor(options.scale_type, groups.counts(), quantized.scales),
      .offset = std::nullopt,
      .error = quantized.error};
  const bool has_offset = std::any_of(quantized.zero_points.begin(), quantized.zero_points.end(),
                                      [](std::uint8_t code) { return code != 0; });
  if (has_offset) {
    tensor.offset = code_tensor(options.data_type, groups.counts(), quantized.zero_points);
  }
  return tensor;
}

}  // namespace anebench::weights
