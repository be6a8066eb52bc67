// The load-time part of a unit: its weights read, dequantized or kept as integers, and packed into
// an operation. pack_unit may run on several threads at once.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "anebench/base/cpu_features.h"
#include "anebench/base/result.h"
#include "anebench/device/cpu/plan.h"
#include "anebench/device/cpu/segment_builder.h"
#include "anebench/device/cpu/units.h"

namespace anebench::device::cpu {

struct PackedUnit {
  std::unique_ptr<TileOperation> operation;
  // False where the exact form that the unit wanted could not be had.
  bool is_exact = true;
};
// A unit of a segment. Errors: what reading the constants gives.
Result<PackedUnit> pack_unit(const Unit& unit, const Graph& graph, Isa isa);

struct PackingJob {
  const Unit* unit = nullptr;
  const Graph* graph = nullptr;
  // Where the operation goes.
  std::size_t stage = 0;
  std::size_t step = 0;
};

// Weights and bias of a general convolution, in fp32.
struct FloatWeights {
  std::vector<float> weights;
  std::vector<float> bias;
};
Result<FloatWeights> float_weights(const Unit& unit, const Graph& graph);

// Bytes that the packed weights will take, before they are read.
std::size_t planned_weight_bytes(const Unit& unit, const Graph& graph);

// For Step::kernel.
std::string tile_kernel_name(const Unit& unit, Isa isa);
std::string tensor_kernel_name(const Unit& unit);

TileCost tile_work(const Unit& unit, const Graph& graph, Isa isa);

}  // namespace anebench::device::cpu
