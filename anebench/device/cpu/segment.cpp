#include "anebench/device/cpu/segment.h"

#include <algorithm>
#include <array>

namespace anebench::device::cpu {
namespace {

using kernels::kTilePositions;
using kernels::TileRange;

// Where a segment's tile tensors are during one pass: scratch memory laid out for a block or for
// the whole, holding the tiles from `first` on.
struct View {
  const Segment& segment;
  const Memory& memory;
  std::byte* scratch;
  bool is_whole;
  std::size_t first;
};

std::byte* tile_pointer(const View& view, std::size_t slot_index, std::size_t tile) {
  const TileSlot& slot = view.segment.slots[slot_index];
  return view.scratch + (view.is_whole ? slot.whole_offset : slot.block_offset) +
         (tile - view.first) * slot.tile_bytes;
}

void run_step(const View& view, const TileStep& step, TileRange tiles,
              kernels::PanelRange panels = {}) {
  std::array<const std::byte*, TileStep::kMaxInputs> inputs = {};
  for (std::size_t i = 0; i < step.inputs.size(); ++i) {
    const TileOperand& input = step.inputs[i];
    inputs[i] = input.slot == TileOperand::kPlain ? view.memory.read(input.plain)
                                                  : tile_pointer(view, input.slot, tiles.first);
  }
  std::byte* output = step.output.slot == TileOperand::kPlain
                          ? view.memory.write(step.output.plain)
                          : tile_pointer(view, step.output.slot, tiles.first);
  const std::size_t end =
      std::min(view.segment.positions, (tiles.first + tiles.count) * kTilePositions);
  step.operation->run(
      {.tiles = tiles, .positions = end - tiles.first * kTilePositions, .panels = panels},
      inputs.data(), output);
}

void run_block(const Segment& segment, const Memory& memory, std::byte* scratch,
               std::size_t block) {
  const std::size_t first = block * segment.block_tiles;
  const View view{segment, memory, scratch, /*is_whole=*/false, first};
  const TileRange tiles{.first = first,
                        .count = std::min(segment.block_tiles, segment.tiles - first)};
  for (const TileStep& step : segment.steps) run_step(view, step, tiles);
}

// One worker's part of a step: some of the panels where the tiles do not go round, else some tiles.
void run_share(const View& view, const TileStep& step, std::size_t worker, std::size_t team) {
  const std::size_t tiles = view.segment.tiles;
  const std::size_t panels = step.operation->panel_count();
  const auto share = [&](std::size_t count) {
    const std::size_t begin = count * worker / team;
    return TileRange{.first = begin, .count = count * (worker + 1) / team - begin};
  };
  // A tile more or less is a small imbalance only where there are many.
  constexpr std::size_t kManyTilesEach = 8;
  if (panels >= team && tiles < kManyTilesEach * team) {
    const TileRange part = share(panels);
    run_step(view, step, {.first = 0, .count = tiles}, {.first = part.first, .count = part.count});
    return;
  }
  const TileRange part = share(tiles);
  if (part.count > 0) run_step(view, step, part);
}

}  // namespace

void run_segment(const Segment& segment, const Memory& memory, const SegmentScratch& scratch,
                 ThreadPool& pool) {
  const std::size_t blocks = (segment.tiles + segment.block_tiles - 1) / segment.block_tiles;
  switch (segment.sharing) {
    case Sharing::alone:
      for (std::size_t block = 0; block < blocks; ++block) {
        run_block(segment, memory, scratch.blocks, block);
      }
      return;
    case Sharing::blocks:
      pool.parallel_for(blocks, [&](std::size_t block, int worker) {
        run_block(segment, memory,
                  scratch.blocks + static_cast<std::size_t>(worker) * scratch.block_stride, block);
      });
      return;
    case Sharing::steps: break;
  }
  const View view{segment, memory, scratch.whole, /*is_whole=*/true, 0};
  pool.run([&](const Team& team) {
    for (const TileStep& step : segment.steps) {
      run_share(view, step, static_cast<std::size_t>(team.worker),
                static_cast<std::size_t>(team.size));
      team.barrier.wait();
    }
  });
}

void run_segment_observed(const Segment& segment, const Memory& memory,
                          const SegmentScratch& scratch, ThreadPool& pool, const Clock& clock,
                          StepObserver& observer) {
  const View view{segment, memory, scratch.whole, /*is_whole=*/true, 0};
  for (const TileStep& step : segment.steps) {
    const std::int64_t start = clock.now_ns();
    if (segment.sharing == Sharing::alone) {
      if (segment.tiles > 0) run_step(view, step, {.first = 0, .count = segment.tiles});
    } else {
      pool.run([&](const Team& team) {
        run_share(view, step, static_cast<std::size_t>(team.worker),
                  static_cast<std::size_t>(team.size));
      });
    }
    observer.on_step(step.step, start, clock.now_ns());
  }
}

}  // namespace anebench::device::cpu
