#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "anebench/base/half.h"
#include "anebench/device/cpu/kernels/kernel.h"

namespace anebench::kernels {
namespace {

constexpr std::int64_t kInt32Limit = std::int64_t{1} << 31;

struct WeightSums {
  std::int64_t sum = 0;
  std::int64_t magnitude = 0;
};

// Sums in 32 bits over stretches that cannot overflow, so that the compiler vectorizes them.
WeightSums sums_of(std::span<const std::int8_t> row) {
  constexpr std::size_t kStretch = std::size_t{1} << 20;
  WeightSums sums;
  for (std::size_t begin = 0; begin < row.size(); begin += kStretch) {
    std::int32_t sum = 0;
    std::int32_t magnitude = 0;
    for (const std::int8_t w : row.subspan(begin, std::min(kStretch, row.size() - begin))) {
      sum += w;
      magnitude += w < 0 ? -w : w;
    }
    sums.sum += sum;
    sums.magnitude += magnitude;
  }
  return sums;
}

// max |qx - zx| over all values of the type.
std::int64_t input_magnitude(bool is_signed, std::int32_t zero_point) {
  const std::int64_t lowest = is_signed ? -128 : 0;
  const std::int64_t highest = is_signed ? 127 : 255;
  return std::max(std::abs(lowest - zero_point), std::abs(highest - zero_point));
}

bool is_zero_point(bool is_signed, std::int32_t zero_point) {
  return is_signed ? zero_point >= -128 && zero_point <= 127 : zero_point >= 0 && zero_point <= 255;
}

bool is_power_of_two(double value) {
  int exponent = 0;
  return value > 0 && std::isfinite(value) && std::frexp(value, &exponent) == 0.5;
}

// At most 22 significant bits: then acc * S is exact in double.
bool is_scale(double value) {
  if (!std::isfinite(value)) return false;
  int exponent = 0;
  const double scaled = std::frexp(value, &exponent) * 0x1p22;
  return scaled == std::trunc(scaled);
}

Result<void> check(const Conv1x1Int8Spec& spec) {
  if (spec.in_channels == 0 || spec.out_channels == 0) {
    return fail(ErrorCode::invalid_argument,
                "a convolution needs at least one channel, not {} to {}", spec.in_channels,
                spec.out_channels);
  }
  if (spec.weights.size() / spec.in_channels != spec.out_channels ||
      spec.weights.size() % spec.in_channels != 0) {
    return fail(ErrorCode::invalid_argument, "{} weights for {} to {} channels",
                spec.weights.size(), spec.in_channels, spec.out_channels);
  }
  if (spec.scales.size() != spec.out_channels) {
    return fail(ErrorCode::invalid_argument, "{} scales for {} output channels", spec.scales.size(),
                spec.out_channels);
  }
  if (!spec.bias.empty() && spec.bias.size() != spec.out_channels) {
    return fail(ErrorCode::invalid_argument, "{} biases for {} output channels", spec.bias.size(),
                spec.out_channels);
  }
  if (!is_zero_point(spec.input_is_signed, spec.input_zero_point)) {
    return fail(ErrorCode::invalid_argument, "the input's zero point {} is out of its type's range",
                spec.input_zero_point);
  }
  for (const double scale : spec.scales) {
    if (!is_scale(scale)) {
      return fail(ErrorCode::invalid_argument,
                  "the scale {} is not finite or has more than 22 significant bits", scale);
    }
  }
  for (const double bias : spec.bias) {
    if (!(std::abs(bias) <= 65504.0)) {
      return fail(ErrorCode::invalid_argument, "the bias {} is not a finite fp16 number", bias);
    }
  }
  if (spec.output == Int8Output::quantized) {
    const Quantization& q = spec.quantization;
    if (!std::isfinite(q.scale) || !is_zero_point(q.is_signed, q.zero_point)) {
      return fail(ErrorCode::invalid_argument, "cannot quantize with scale {} and zero point {}",
                  q.scale, q.zero_point);
    }
  }
  return {};
}

// What is known of one output channel before packing.
struct Channel {
  std::int64_t sum = 0;          // of the weights
  std::int64_t bound = 0;        // |acc| at most
  std::int64_t folded_bias = 0;  // b / S where that is a whole number
  std::int64_t acc_limit = 0;    // clamping to this changes no output
};

// The fast epilogue. With S and s powers of two, x = float(acc) * (S / s) is exact for |acc| <=
// 2^24 and y's rounding to fp16 is x's rounding to 11 bits, in units of s:
//  - y below 2^-14, where fp16 has fewer bits, means |x| < 1/2 and q = z either way: s >= 2^-13;
//  - y = infinity means |x| >= 255.9, which saturates anyway: s <= 2^8;
//  - t = y / s is exact, or so large or small that it cannot matter.
// A bias that is a whole multiple n of S is n more in acc. Larger sums are clamped first to an A
// with A * S >= (256 + |z|) * s, beyond which everything saturates.
bool fits_power_of_two(const Conv1x1Int8Spec& spec, std::span<Channel> channels) {
  const bool quantized = spec.output == Int8Output::quantized;
  const double s = static_cast<double>(spec.quantization.scale);
  const double saturated = (256.0 + std::abs(spec.quantization.zero_point)) * s;
  if (quantized && (!is_power_of_two(s) || s < 0x1p-13 || s > 0x1p8)) return false;
  for (std::size_t o = 0; o < channels.size(); ++o) {
    const double S = spec.scales[o];
    if (!is_power_of_two(S)) return false;
    Channel& channel = channels[o];
    if (!spec.bias.empty()) {
      const double steps = spec.bias[o] / S;
      if (steps != std::trunc(steps) || !(std::abs(steps) < 0x1p30)) return false;
      channel.folded_bias = static_cast<std::int64_t>(steps);
    }
    const std::int64_t bound = channel.bound + std::abs(channel.folded_bias);
    if (bound >= kInt32Limit) return false;
    channel.acc_limit = bound;
    // Conversion to int32 must not overflow either.
    const bool in_range = !quantized || static_cast<double>(bound) * S / s < 0x1p30;
    if (bound <= (std::int64_t{1} << 24) && in_range) continue;
    if (!quantized) return false;
    const double limit = std::ceil(saturated / S);
    if (limit > 0x1p24) return false;
    channel.acc_limit = static_cast<std::int64_t>(limit);
    // A single step may be worth very much.
    if (limit * S / s >= 0x1p30) return false;
  }
  return true;
}

// The exponent of the lowest significant bit; of a zero, so high that it never matters.
int lowest_bit(double value) {
  if (value == 0) return 1100;
  int exponent = 0;
  const double fraction = std::abs(std::frexp(value, &exponent));
  const auto digits = static_cast<std::uint64_t>(std::ldexp(fraction, 53));
  return exponent - 53 + std::countr_zero(digits);
}

// Whether every sum acc * S + b fits the 53 bits of a double.
bool sums_are_exact(const Conv1x1Int8Spec& spec, std::span<const Channel> channels) {
  for (std::size_t o = 0; o < spec.bias.size(); ++o) {
    const double largest =
        static_cast<double>(channels[o].bound) * std::abs(spec.scales[o]) + std::abs(spec.bias[o]);
    int exponent = 0;
    std::frexp(largest, &exponent);
    // One more bit for the rounding of `largest` itself.
    const int lowest = std::min(lowest_bit(spec.scales[o]), lowest_bit(spec.bias[o]));
    if (exponent + 1 - lowest > 53) return false;
  }
  return true;
}

void pack_bytes(const Conv1x1Int8Spec& spec, std::size_t first, std::size_t width,
                std::uint8_t* panel) {
  const std::size_t whole = spec.in_channels / kChannelGroup;
  const std::size_t rest = spec.in_channels % kChannelGroup;
  const std::size_t used = std::min(width, spec.out_channels - first);
  for (std::size_t m = 0; m < used; ++m) {
    const std::int8_t* row = spec.weights.data() + (first + m) * spec.in_channels;
    std::uint8_t* to = panel + m * kChannelGroup;
    for (std::size_t g = 0; g < whole; ++g) {
      std::memcpy(to + g * width * kChannelGroup, row + g * kChannelGroup, kChannelGroup);
    }
    if (rest != 0) {
      std::memcpy(to + whole * width * kChannelGroup, row + whole * kChannelGroup, rest);
    }
  }
}

void pack_words(const Conv1x1Int8Spec& spec, std::size_t first, std::size_t width,
                std::uint8_t* panel) {
  const std::size_t used = std::min(width, spec.out_channels - first);
  for (std::size_t m = 0; m < used; ++m) {
    const std::int8_t* row = spec.weights.data() + (first + m) * spec.in_channels;
    std::uint8_t* to = panel + m * 4;
    const std::size_t half = width * 4;  // bytes of one [width][2] block
    for (std::size_t i = 0; i < spec.in_channels; i += kChannelGroup, to += 2 * half) {
      std::int16_t w[kChannelGroup] = {};
      const std::size_t count = std::min(kChannelGroup, spec.in_channels - i);
      for (std::size_t j = 0; j < count; ++j) w[j] = row[i + j];
      const std::int16_t even[2] = {w[0], w[2]};
      const std::int16_t odd[2] = {w[1], w[3]};
      std::memcpy(to, even, sizeof even);
      std::memcpy(to + half, odd, sizeof odd);
    }
  }
}

}  // namespace

bool int8_sums_fit(std::size_t in_channels, std::size_t out_channels,
                   std::span<const std::int8_t> weights, bool input_is_signed,
                   std::int32_t input_zero_point) {
  if (in_channels == 0 || weights.size() / in_channels != out_channels) return false;
  const std::int64_t magnitude = input_magnitude(input_is_signed, input_zero_point);
  for (std::size_t o = 0; o < out_channels; ++o) {
    const WeightSums sums = sums_of(weights.subspan(o * in_channels, in_channels));
    if (sums.magnitude >= kInt32Limit / magnitude) return false;
  }
  return true;
}

Result<std::unique_ptr<Int8Layer>> pack_int8(const Conv1x1Int8Spec& spec,
                                             const Int8Kernel& kernel) {
  ANEBENCH_TRY(check(spec));
  const std::int64_t magnitude = input_magnitude(spec.input_is_signed, spec.input_zero_point);
  std::vector<Channel> channels(spec.out_channels);
  for (std::size_t o = 0; o < spec.out_channels; ++o) {
    const WeightSums sums = sums_of(spec.weights.subspan(o * spec.in_channels, spec.in_channels));
    if (sums.magnitude >= kInt32Limit / magnitude) {
      return fail(ErrorCode::unsupported,
                  "sums of output channel {} may leave int32: {} times a weight sum of {}", o,
                  magnitude, sums.magnitude);
    }
    channels[o].sum = sums.sum;
    channels[o].bound = sums.magnitude * magnitude;
  }
  const bool power_of_two = fits_power_of_two(spec, channels);
  const bool quantized = spec.output == Int8Output::quantized;

  auto layer = std::make_unique<Int8Layer>();
  layer->kernel = &kernel;
  layer->in_channels = spec.in_channels;
  layer->panel_count = (spec.out_channels + kernel.panel_channels - 1) / kernel.panel_channels;
  const std::size_t groups = channel_groups(spec.in_channels);
  const std::size_t weight_bytes = kernel.weight_form == WeightForm::words ? 2 : 1;
  const std::size_t panel_bytes = groups * kChannelGroup * kernel.panel_channels * weight_bytes;
  const std::size_t padded = layer->panel_count * kernel.panel_channels;
  layer->packed_bytes = layer->panel_count * panel_bytes;
  layer->weights = make_aligned<std::uint8_t>(layer->packed_bytes);
  layer->integers = make_aligned<std::int32_t>(2 * padded);
  layer->factors = make_aligned<float>(padded);
  layer->doubles = make_aligned<double>(2 * padded);
  if (!layer->weights || !layer->integers || !layer->factors || !layer->doubles) {
    return fail(ErrorCode::resource_exhausted, "no memory for {} bytes of packed weights",
                layer->packed_bytes);
  }

  for (std::size_t panel = 0; panel < layer->panel_count; ++panel) {
    const std::size_t first = panel * kernel.panel_channels;
    const std::size_t width =
        std::min(kernel.panel_channels, (spec.out_channels - first + kInt8WidthStep - 1) /
                                            kInt8WidthStep * kInt8WidthStep);
    std::uint8_t* to = layer->weights.get() + panel * panel_bytes;
    if (kernel.weight_form == WeightForm::words) {
      pack_words(spec, first, width, to);
    } else {
      pack_bytes(spec, first, width, to);
    }
  }

  // The zero point of the bytes as the kernel multiplies them.
  const std::int32_t tile_zero = spec.input_zero_point + (spec.input_is_signed ? 128 : 0) -
                                 (kernel.weight_form == WeightForm::signed_bytes ? 128 : 0);
  const double s = quantized ? static_cast<double>(spec.quantization.scale) : 1.0;
  bool clamps = false;
  for (std::size_t o = 0; o < spec.out_channels; ++o) {
    const Channel& channel = channels[o];
    const std::int64_t folded = power_of_two ? channel.folded_bias : 0;
    // Modulo 2^32, as the kernels sum.
    layer->integers[o] = static_cast<std::int32_t>(
        static_cast<std::uint32_t>(static_cast<std::uint64_t>(folded - tile_zero * channel.sum)));
    layer->doubles[o] = spec.scales[o];
    layer->doubles[padded + o] = spec.bias.empty() ? 0.0 : spec.bias[o];
    if (power_of_two) {
      layer->factors[o] = static_cast<float>(spec.scales[o] / s);
      layer->integers[padded + o] = static_cast<std::int32_t>(channel.acc_limit);
      clamps = clamps || channel.acc_limit < channel.bound + std::abs(channel.folded_bias);
    }
  }

  Int8Params& params = layer->params;
  params.out_channels = spec.out_channels;
  params.in_groups = groups;
  params.panel_bytes = panel_bytes;
  params.in_tile_bytes = u8_tile_bytes(spec.in_channels);
  params.out_tile_bytes =
      quantized ? u8_tile_bytes(spec.out_channels) : f16_tile_bytes(spec.out_channels);
  params.weights = layer->weights.get();
  params.initial = layer->integers.get();
  params.acc_limit = layer->integers.get() + padded;
  params.factor = layer->factors.get();
  params.scale = layer->doubles.get();
  params.bias = layer->doubles.get() + padded;
  if (power_of_two) {
    params.epilogue =
        quantized ? Int8Epilogue::power_of_two_quantized : Int8Epilogue::power_of_two_f16;
  } else {
    params.epilogue = quantized ? Int8Epilogue::exact_quantized : Int8Epilogue::exact_f16;
  }
  params.has_bias = !spec.bias.empty() && !power_of_two;
  params.is_simple = sums_are_exact(spec, channels) &&
                     static_cast<double>(half_to_float(half_from_float(spec.quantization.scale))) ==
                         static_cast<double>(spec.quantization.scale);
  params.clamps = clamps;
  params.relu = spec.relu;
  params.out_is_signed = spec.quantization.is_signed;
  params.out_zero_point = spec.quantization.zero_point;
  params.out_scale = spec.quantization.scale;
  return layer;
}

Conv1x1Int8::Conv1x1Int8(std::unique_ptr<Int8Layer> layer) : layer_(std::move(layer)) {}
Conv1x1Int8::Conv1x1Int8(Conv1x1Int8&&) noexcept = default;
Conv1x1Int8& Conv1x1Int8::operator=(Conv1x1Int8&&) noexcept = default;
Conv1x1Int8::~Conv1x1Int8() = default;

Result<Conv1x1Int8> Conv1x1Int8::create(const Conv1x1Int8Spec& spec, Isa isa) {
  for (const Int8Kernel& kernel : int8_kernels()) {
    if (!runs_on(kernel.isa, isa)) continue;
    ANEBENCH_ASSIGN(layer, pack_int8(spec, kernel));
    return Conv1x1Int8(std::move(layer));
  }
  return fail(ErrorCode::unsupported, "no int8 kernel for {} in this build", to_string(isa));
}

void Conv1x1Int8::run(const std::uint8_t* in, void* out, std::size_t positions,
                      PanelRange panels) const {
  const std::size_t first = std::min(panels.first, layer_->panel_count);
  const std::size_t count = std::min(panels.count, layer_->panel_count - first);
  layer_->kernel->run(layer_->params, in, out, positions, first, count);
}

std::size_t Conv1x1Int8::in_channels() const { return layer_->in_channels; }
std::size_t Conv1x1Int8::out_channels() const { return layer_->params.out_channels; }
std::size_t Conv1x1Int8::panel_channels() const { return layer_->kernel->panel_channels; }
std::size_t Conv1x1Int8::panel_count() const { return layer_->panel_count; }
std::size_t Conv1x1Int8::packed_bytes() const { return layer_->packed_bytes; }
std::size_t Conv1x1Int8::in_tile_bytes() const { return layer_->params.in_tile_bytes; }
std::size_t Conv1x1Int8::out_tile_bytes() const { return layer_->params.out_tile_bytes; }
std::string_view Conv1x1Int8::kernel_name() const { return layer_->kernel->name; }
std::string_view Conv1x1Int8::epilogue_name() const {
  switch (layer_->params.epilogue) {
    case Int8Epilogue::power_of_two_quantized:
    case Int8Epilogue::power_of_two_f16: return "power_of_two";
    case Int8Epilogue::exact_quantized:
    case Int8Epilogue::exact_f16: break;
  }
  return "exact";
}

}  // namespace anebench::kernels
