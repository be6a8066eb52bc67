#include "anebench/device/chip/cost_model.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace anebench::device {
namespace {

constexpr double kNsPerUs = 1e3;
// 10^12 operations a second are 1000 a nanosecond; 10^9 bytes a second are one.
constexpr double kOpsPerNsPerTops = 1e3;
constexpr double kBytesPerNsPerGbs = 1;
constexpr double kMib = 1024.0 * 1024.0;

// Published for 4096 and 8192 input and output channels.
constexpr std::int64_t kAlignment = 4096;
constexpr double kDenseBits = 16;
// The fewest positions for which arithmetic was seen to bound a program of fp16 weights.
constexpr double kFewPositions = 64;
// A prediction is of the kind that makes up more than this of its time.
constexpr double kMostlyShare = 0.5;

double rate_of(const LayerWork& layer, const CostParameters& parameters) {
  double rate = parameters.fp16_rate;
  if (layer.is_int8) rate *= parameters.int8_factor;
  if (layer.kind == LayerWork::Kind::conv3x3) return rate * parameters.kernel_factor;
  return layer.is_flat ? rate * parameters.flat_factor : rate;
}

double weight_ns(const LayerWork& layer, const CostParameters& parameters) {
  double bits = std::max(layer.weight_bits, parameters.least_weight_bits);
  // Measured on one chip alone (M5 Pro), but in each of five rows: int8 factors of a matrix product
  // stream as long as fp16 ones.
  if (layer.kind == LayerWork::Kind::matrix_product && layer.has_affine_weight) bits = kDenseBits;
  const double bytes = layer.weight_elements * std::min(bits, kDenseBits) / 8;
  if (bytes <= parameters.small_weight_bytes) return bytes / parameters.small_weight_rate;
  const bool is_aligned = layer.in_channels > 0 && layer.in_channels % kAlignment == 0 &&
                          layer.out_channels % kAlignment == 0;
  return bytes / (parameters.weight_rate * (is_aligned ? parameters.aligned_factor : 1));
}

ProgramKind kind_of(const LayerWork& layer, const LayerTime& time) {
  const bool has_few_positions = layer.operations < 2 * kFewPositions * layer.weight_elements;
  if (time.bound == Bound::weights || has_few_positions) {
    return layer.weight_bits < kDenseBits ? ProgramKind::compressed_weights : ProgramKind::weights;
  }
  switch (layer.kind) {
    case LayerWork::Kind::conv1x1: return layer.is_flat ? ProgramKind::flat : ProgramKind::dense;
    case LayerWork::Kind::matrix_product: return ProgramKind::flat;
    case LayerWork::Kind::conv3x3: return ProgramKind::convolution;
    case LayerWork::Kind::conv:
    case LayerWork::Kind::other: break;
  }
  return ProgramKind::unknown;
}

ProgramKind kind_of(const ProgramWork& work, const Prediction& prediction) {
  std::array<double, std::size(kAllProgramKinds)> ns{};
  ns[static_cast<std::size_t>(ProgramKind::call)] = prediction.call_ns + prediction.io_ns;
  for (std::size_t i = 0; i < work.layers.size(); ++i) {
    const LayerTime& time = prediction.layers[i];
    ns[static_cast<std::size_t>(kind_of(work.layers[i], time))] += time.ns;
  }
  const auto largest = std::ranges::max_element(ns);
  if (*largest <= kMostlyShare * prediction.total_ns()) return ProgramKind::unknown;
  return static_cast<ProgramKind>(largest - ns.begin());
}

}  // namespace

std::string_view to_string(Bound bound) {
  switch (bound) {
    case Bound::arithmetic: return "arithmetic";
    case Bound::activations: return "activations";
    case Bound::weights: break;
  }
  return "weights";
}

std::string_view to_string(ProgramKind kind) {
  switch (kind) {
    case ProgramKind::dense: return "1×1 convolutions";
    case ProgramKind::flat: return "one row of positions";
    case ProgramKind::weights: return "streaming fp16 weights";
    case ProgramKind::compressed_weights: return "streaming compressed weights";
    case ProgramKind::convolution: return "3×3 convolutions";
    case ProgramKind::call: return "mostly the call itself";
    case ProgramKind::unknown: break;
  }
  return "nothing like it was measured";
}

CostParameters cost_parameters(const ChipTable& table, const Chip& chip) {
  const ChipFamily& family = table.family_of(chip);
  CostParameters parameters;
  parameters.call_ns = chip.call_floor_us.value * kNsPerUs;
  parameters.io_rate = table.io_gbs.value * kBytesPerNsPerGbs;
  parameters.fp16_rate = family.fp16_tops.value * kOpsPerNsPerTops;
  parameters.int8_factor = family.int8_factor.value;
  parameters.activation_rate = family.activation_gbs.value * kBytesPerNsPerGbs;
  parameters.flat_factor = family.flat_factor.value;
  parameters.kernel_factor = family.kernel_factor.value;
  parameters.weight_rate = chip.weight_gbs.value * kBytesPerNsPerGbs;
  parameters.small_weight_rate =
      std::max(family.small_weight_gbs.value, chip.weight_gbs.value) * kBytesPerNsPerGbs;
  parameters.small_weight_bytes = table.small_weights_mib.value * kMib;
  parameters.least_weight_bits = family.least_weight_bits.value;
  parameters.aligned_factor = family.aligned_factor.value;
  return parameters;
}

LayerTime layer_time(const LayerWork& layer, const CostParameters& parameters) {
  LayerTime time = {layer.operations / rate_of(layer, parameters), Bound::arithmetic};
  const auto take_longer = [&](double ns, Bound bound) {
    if (ns > time.ns) time = {ns, bound};
  };
  take_longer(layer.activation_bytes / parameters.activation_rate, Bound::activations);
  take_longer(weight_ns(layer, parameters), Bound::weights);
  return time;
}

double Prediction::layers_ns() const {
  double sum = 0;
  for (const LayerTime& layer : layers) sum += layer.ns;
  return sum;
}

Prediction predict(const ProgramWork& work, const CostParameters& parameters) {
  Prediction prediction;
  prediction.call_ns = parameters.call_ns;
  prediction.io_ns = work.io_bytes / parameters.io_rate;
  for (const LayerWork& layer : work.layers) {
    prediction.layers.push_back(layer_time(layer, parameters));
  }
  prediction.kind = kind_of(work, prediction);
  return prediction;
}

}  // namespace anebench::device
