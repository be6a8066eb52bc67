// Builds a segment step by step: which tensors it holds in tiles, where they lie in scratch memory,
// how large a block of positions is, and how threads share the work. Not thread-safe.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <vector>

#include "anebench/base/cpu_features.h"
#include "anebench/base/result.h"
#include "anebench/device/cpu/graph.h"
#include "anebench/device/cpu/plan.h"

namespace anebench::device::cpu {

// What a step costs, roughly, and what its inner loop walks over.
struct TileCost {
  double ns_per_position = 0;
  // Of a convolution: its wider side; 0 for steps that need no weights in the cache.
  std::size_t channels = 0;
  // Of the activations that it reads.
  std::size_t element_bytes = 1;
  std::size_t panels = 1;
};

class SegmentBuilder {
 public:
  SegmentBuilder(std::size_t images, std::size_t plane, Isa isa);

  // The tiles of a value, if it has been added or packed.
  std::optional<TileOperand> find(ValueId value) const;
  // Tiles that a step is to write.
  TileOperand add_value(ValueId value, const mil::Type& type);
  // Adds the step that moves a row-major tensor into tiles.
  TileOperand pack(ValueId value, const mil::Type& type, Location from, std::size_t step);
  // Adds the step that moves a value's tiles to a row-major tensor.
  void unpack(ValueId value, const mil::Type& type, Location to, std::size_t step);
  // A step whose operation is put in later. Returns its index in Segment::steps.
  std::size_t add_step(std::vector<TileOperand> inputs, TileOperand output, std::size_t step,
                       const TileCost& cost);

  // Errors: resource_exhausted where sizes cannot be counted.
  Result<Segment> finish(std::size_t threads);

 private:
  void choose_blocks(std::size_t threads);
  bool assign_offsets();

  Isa isa_;
  Segment segment_;
  std::map<ValueId, std::size_t> slots_;
  double ns_per_position_ = 0;
  // The costs that decide the block: of the convolutions.
  std::vector<TileCost> costs_;
  bool is_countable_ = true;
};

}  // namespace anebench::device::cpu
