// What a loaded executable runs: stages in order, and where every tensor lies.
//
// A tensor is `plain` (row-major, as in surfaces) in the arena, a surface or a constant; or it
// lives in position tiles (kernels/tiles.h) in the scratch memory of a segment. A segment is a run
// of steps in which every position is computed from the same position alone (1x1 convolutions,
// elementwise steps, and the moves between the two layouts), so that a thread can take a block of
// positions through all of them without meeting the others. Steps of any other kind are stages of
// their own.
//
// A plan is immutable once built and safe to run from several threads, each with its own memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/base/thread_pool.h"
#include "anebench/device/cpu/kernels/conv1x1.h"
#include "anebench/device/cpu/kernels/tiles.h"
#include "anebench/device/executable.h"
#include "anebench/ops/tensor.h"

namespace anebench::device::cpu {

// A plain tensor's place.
struct Location {
  enum class Space : std::uint8_t { arena, input, output, constant };
  Space space = Space::arena;
  // Bytes into the arena; the surface's position; the index into Plan::constants.
  std::size_t index = 0;
  // Bytes from there on: a view may begin within another tensor.
  std::size_t offset = 0;
};

// The memory of one evaluation.
struct Memory {
  std::byte* arena = nullptr;
  std::byte* const* inputs = nullptr;
  std::byte* const* outputs = nullptr;
  const ops::Tensor* constants = nullptr;

  const std::byte* read(Location location) const {
    switch (location.space) {
      case Location::Space::arena: return arena + location.index + location.offset;
      case Location::Space::input: return inputs[location.index] + location.offset;
      case Location::Space::output: return outputs[location.index] + location.offset;
      case Location::Space::constant: break;
    }
    return constants[location.index].bytes().data() + location.offset;
  }
  // Precondition: not a constant.
  std::byte* write(Location location) const { return const_cast<std::byte*>(read(location)); }
};

// The part of a tensor that a TileOperation is to compute.
struct TileWork {
  kernels::TileRange tiles;
  // Positions in these tiles that exist.
  std::size_t positions = 0;
  // Of a convolution's output channels.
  kernels::PanelRange panels = {};
};

// One step of a segment. Tile operands point at the first tile of the work, plain ones at the
// tensor's first element.
class TileOperation {
 public:
  virtual ~TileOperation() = default;
  virtual void run(const TileWork& work, const std::byte* const* inputs,
                   std::byte* output) const = 0;
  // More than 1 where work may also be split by panels.
  virtual std::size_t panel_count() const { return 1; }
  // Bytes that it holds.
  virtual std::size_t resident_bytes() const { return 0; }
};

// Bytes of a tile tensor within scratch memory laid out for one block of the segment, and for all
// of its tiles.
struct TileSlot {
  std::size_t tile_bytes = 0;
  std::size_t block_offset = 0;
  std::size_t whole_offset = 0;
};

struct TileOperand {
  // Index into Segment::slots; kPlain for a plain tensor at `plain`.
  static constexpr std::size_t kPlain = static_cast<std::size_t>(-1);
  std::size_t slot = kPlain;
  Location plain;
};

struct TileStep {
  static constexpr std::size_t kMaxInputs = 2;
  std::unique_ptr<TileOperation> operation;
  std::vector<TileOperand> inputs;
  TileOperand output;
  // Index into Plan::steps.
  std::size_t step = 0;
};

// How a segment's work is shared among threads.
enum class Sharing : std::uint8_t {
  // One thread: too little work to wake another for.
  alone,
  // Each thread takes blocks of positions through all steps.
  blocks,
  // Step by step with a barrier between, each step split by tiles or by panels of output channels:
  // for few positions, where each thread then reads its part of the weights only.
  steps,
};

struct Segment {
  Sharing sharing = Sharing::alone;
  std::size_t positions = 0;
  std::size_t tiles = 0;
  // Tiles that a thread takes through all steps at a time.
  std::size_t block_tiles = 1;
  std::size_t block_bytes = 0;
  std::size_t whole_bytes = 0;
  std::vector<TileSlot> slots;
  std::vector<TileStep> steps;
};

// A step on whole tensors.
class TensorOperation {
 public:
  virtual ~TensorOperation() = default;
  // Splits its work over `pool` where that is worth it.
  virtual Result<void> run(const Memory& memory, ThreadPool& pool) const = 0;
  virtual std::size_t resident_bytes() const { return 0; }
};

struct TensorStage {
  std::unique_ptr<TensorOperation> operation;
  std::size_t step = 0;
};

using Stage = std::variant<Segment, TensorStage>;

struct Plan {
  std::vector<Stage> stages;
  std::vector<Step> steps;
  std::vector<ops::Tensor> constants;
  std::vector<std::string> notes;
  std::size_t arena_bytes = 0;
  // The largest among the segments: per thread; and, of segments that share their steps, for all
  // tiles at once.
  std::size_t block_scratch_bytes = 0;
  std::size_t whole_scratch_bytes = 0;
  std::size_t resident_bytes = 0;
  bool is_bit_exact = true;
};

}  // namespace anebench::device::cpu
