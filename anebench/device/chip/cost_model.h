// The time of a program on a chip: the call, the transfer of inputs and outputs, and for each layer
// the longest of arithmetic, activations and weights.
//
//   t = call floor + (input + output bytes) / io bandwidth
//     + Σ layers max(operations / rate, activation bytes / bandwidth, weight bytes / bandwidth)
//
//   const CostParameters parameters = cost_parameters(chip_table(), *chip_table().find("m5"));
//   const Prediction prediction = predict(work, parameters);
//
// docs/chip-model.md says what was fitted to what, what else was tried, and how well it does. Pure.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "anebench/device/chip/chip_constants.h"
#include "anebench/device/chip/program_work.h"

namespace anebench::device {

// A chip's constants in nanoseconds, operations and bytes a nanosecond.
struct CostParameters {
  double call_ns = 0;
  double io_rate = 0;
  double fp16_rate = 0;
  double int8_factor = 1;
  double activation_rate = 0;
  double flat_factor = 1;
  double kernel_factor = 1;
  double weight_rate = 0;
  double small_weight_rate = 0;
  double small_weight_bytes = 0;
  double least_weight_bits = 16;
  double aligned_factor = 1;
};

CostParameters cost_parameters(const ChipTable& table, const Chip& chip);

enum class Bound : std::uint8_t { arithmetic, activations, weights };
std::string_view to_string(Bound bound);

struct LayerTime {
  double ns = 0;
  Bound bound = Bound::arithmetic;
};

LayerTime layer_time(const LayerWork& layer, const CostParameters& parameters);

// What a prediction is like: programs of one kind err alike, so each kind has its own validation.
enum class ProgramKind : std::uint8_t {
  dense,               // 1×1 convolutions over two-dimensional positions, bound by arithmetic or
                       // activations
  flat,                // the same in one row, and matrix products
  weights,             // streaming fp16 weights, or fewer than 64 positions
  compressed_weights,  // the same with weights that are stored in fewer bits
  convolution,         // 3×3
  call,                // mostly the call and its transfers
  unknown,             // what was never measured, or nothing of these above half
};
inline constexpr ProgramKind kAllProgramKinds[] = {
    ProgramKind::dense,       ProgramKind::flat,
    ProgramKind::weights,     ProgramKind::compressed_weights,
    ProgramKind::convolution, ProgramKind::call,
    ProgramKind::unknown};
// "1×1 convolutions", "1×1 convolutions in one row, matrix products", …
std::string_view to_string(ProgramKind kind);

struct Prediction {
  double call_ns = 0;
  double io_ns = 0;
  std::vector<LayerTime> layers;  // as ProgramWork::layers
  ProgramKind kind = ProgramKind::unknown;

  double layers_ns() const;
  double total_ns() const { return call_ns + io_ns + layers_ns(); }
};

Prediction predict(const ProgramWork& work, const CostParameters& parameters);

}  // namespace anebench::device
