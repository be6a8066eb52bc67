#include "anebench/device/cpu/segment.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "anebench/base/bytes.h"

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

// Watches nothing.
struct NoWatch {
  void begin(int /*worker*/) {}
  void end_step(int /*worker*/, std::size_t /*step*/) {}
};

// Adds up the time that each worker spends in each step.
class StepWatch {
 public:
  StepWatch(const Clock& clock, std::size_t steps, int workers)
      : clock_(clock),
        steps_(steps),
        stride_(align_up(1 + steps, kNumbersPerLine)),
        numbers_(stride_ * static_cast<std::size_t>(workers)) {}

  void begin(int worker) { *row(worker) = clock_.now_ns(); }
  void end_step(int worker, std::size_t step) {
    std::int64_t* last = row(worker);
    const std::int64_t now = clock_.now_ns();
    last[1 + step] += now - *last;
    *last = now;
  }
  // Of all workers.
  std::int64_t total_ns(std::size_t step) const {
    std::int64_t sum = 0;
    for (std::size_t at = 1 + step; at < numbers_.size(); at += stride_) sum += numbers_[at];
    return sum;
  }
  std::size_t steps() const { return steps_; }

 private:
  // Rows begin on lines of their own (of 128 bytes on some processors).
  static constexpr std::size_t kNumbersPerLine = 128 / sizeof(std::int64_t);

  // The time of the worker's last reading, then the sum for each step.
  std::int64_t* row(int worker) { return &numbers_[static_cast<std::size_t>(worker) * stride_]; }

  const Clock& clock_;
  std::size_t steps_;
  std::size_t stride_;
  std::vector<std::int64_t> numbers_;
};

template <typename Watch>
void run_block(const Segment& segment, const Memory& memory, std::byte* scratch, std::size_t block,
               int worker, Watch& watch) {
  const std::size_t first = block * segment.block_tiles;
  const View view{segment, memory, scratch, /*is_whole=*/false, first};
  const TileRange tiles{.first = first,
                        .count = std::min(segment.block_tiles, segment.tiles - first)};
  watch.begin(worker);
  for (std::size_t i = 0; i < segment.steps.size(); ++i) {
    run_step(view, segment.steps[i], tiles);
    watch.end_step(worker, i);
  }
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

template <typename Watch>
void run(const Segment& segment, const Memory& memory, const SegmentScratch& scratch,
         ThreadPool& pool, Watch& watch) {
  const std::size_t blocks = (segment.tiles + segment.block_tiles - 1) / segment.block_tiles;
  switch (segment.sharing) {
    case Sharing::alone:
      for (std::size_t block = 0; block < blocks; ++block) {
        run_block(segment, memory, scratch.blocks, block, 0, watch);
      }
      return;
    case Sharing::blocks:
      pool.parallel_for(blocks, [&](std::size_t block, int worker) {
        run_block(segment, memory,
                  scratch.blocks + static_cast<std::size_t>(worker) * scratch.block_stride, block,
                  worker, watch);
      });
      return;
    case Sharing::steps: break;
  }
  const View view{segment, memory, scratch.whole, /*is_whole=*/true, 0};
  pool.run([&](const Team& team) {
    // A step ends for all at the barrier: one of them reads the time.
    const bool is_watching = team.worker == 0;
    if (is_watching) watch.begin(0);
    for (std::size_t i = 0; i < segment.steps.size(); ++i) {
      run_share(view, segment.steps[i], static_cast<std::size_t>(team.worker),
                static_cast<std::size_t>(team.size));
      team.barrier.wait();
      if (is_watching) watch.end_step(0, i);
    }
  });
}

}  // namespace

void run_segment(const Segment& segment, const Memory& memory, const SegmentScratch& scratch,
                 ThreadPool& pool) {
  NoWatch watch;
  run(segment, memory, scratch, pool, watch);
}

void run_segment_observed(const Segment& segment, const Memory& memory,
                          const SegmentScratch& scratch, ThreadPool& pool, const Clock& clock,
                          StepObserver& observer) {
  StepWatch watch(clock, segment.steps.size(), pool.size());
  const std::int64_t start = clock.now_ns();
  run(segment, memory, scratch, pool, watch);
  const auto elapsed = static_cast<double>(clock.now_ns() - start);
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < watch.steps(); ++i) sum += watch.total_ns(i);
  const double scale = sum > 0 ? elapsed / static_cast<double>(sum) : 0;
  std::int64_t before = 0;
  for (std::size_t i = 0; i < watch.steps(); ++i) {
    const std::int64_t after = before + watch.total_ns(i);
    const auto at = [&](std::int64_t worked) {
      return start + static_cast<std::int64_t>(static_cast<double>(worked) * scale);
    };
    observer.on_step(segment.steps[i].step, at(before), at(after));
    before = after;
  }
}

}  // namespace anebench::device::cpu
