#include "anebench/device/cpu/segment_builder.h"

#include <algorithm>
#include <array>
#include <utility>

#include "anebench/base/bytes.h"
#include "anebench/device/cpu/arena.h"
#include "anebench/device/cpu/tile_operations.h"
#include "anebench/device/cpu/units.h"

namespace anebench::device::cpu {
namespace {

// A worker that sleeps takes some tens of microseconds to wake; sharing less work than this costs
// more than it saves.
constexpr double kWorthSharingNs = 40'000;
// With fewer tiles for each thread, threads that split output channels instead read less of the
// weights each, and are balanced better.
constexpr std::size_t kManyTilesEach = 4;
// A barrier costs about a microsecond: steps shorter than this are not worth meeting for.
constexpr double kWorthMeetingNs = 4'000;

TileElement element_of(const mil::Type& type) {
  switch (type.data_type()) {
    case mil::DataType::int8: return TileElement::s8;
    case mil::DataType::uint8: return TileElement::u8;
    default: return TileElement::f16;
  }
}

}  // namespace

SegmentBuilder::SegmentBuilder(std::size_t images, std::size_t plane, Isa isa)
    : images_(images), plane_(plane), isa_(isa) {
  segment_.positions = images * plane;
  segment_.tiles = kernels::tile_count(segment_.positions);
}

std::optional<TileOperand> SegmentBuilder::find(ValueId value) const {
  const auto found = slots_.find(value);
  if (found == slots_.end()) return std::nullopt;
  return TileOperand{.slot = found->second, .plain = {}};
}

TileOperand SegmentBuilder::add_value(ValueId value, const mil::Type& type) {
  const std::size_t channels = channel_count(type);
  // Padded positions and channels may push a countable tensor beyond what can be counted.
  const std::optional<std::size_t> most = checked_mul<std::size_t>(
      channels, kernels::kTilePositions * kernels::kChannelGroup * sizeof(std::uint16_t));
  is_countable_ = is_countable_ && most && checked_mul<std::size_t>(*most, segment_.tiles);
  const std::size_t slot = segment_.slots.size();
  segment_.slots.push_back(
      {.tile_bytes = is_countable_ ? tile_bytes(element_of(type), channels) : 0,
       .block_offset = 0,
       .whole_offset = 0});
  slots_.emplace(value, slot);
  return {.slot = slot, .plain = {}};
}

TileOperand SegmentBuilder::pack(ValueId value, const mil::Type& type, Location from,
                                 std::size_t step) {
  const TileOperand tiles = add_value(value, type);
  const std::size_t index =
      add_step({{.slot = TileOperand::kPlain, .plain = from}}, tiles, step,
               {.ns_per_position = static_cast<double>(channel_count(type)) / 4,
                .channels = 0,
                .element_bytes = 1,
                .panels = 1});
  segment_.steps[index].operation = make_pack(isa_, *positions_shape(type), element_of(type));
  return tiles;
}

void SegmentBuilder::unpack(ValueId value, const mil::Type& type, Location to, std::size_t step) {
  const std::size_t index =
      add_step({*find(value)}, {.slot = TileOperand::kPlain, .plain = to}, step,
               {.ns_per_position = static_cast<double>(channel_count(type)) / 4,
                .channels = 0,
                .element_bytes = 1,
                .panels = 1});
  segment_.steps[index].operation = make_unpack(isa_, *positions_shape(type), element_of(type));
}

std::size_t SegmentBuilder::add_step(std::vector<TileOperand> inputs, TileOperand output,
                                     std::size_t step, const TileCost& cost) {
  ns_per_position_ += cost.ns_per_position;
  if (cost.channels > 0) costs_.push_back(cost);
  segment_.steps.push_back(
      {.operation = nullptr, .inputs = std::move(inputs), .output = output, .step = step});
  return segment_.steps.size() - 1;
}

void SegmentBuilder::choose_blocks(std::size_t threads) {
  std::size_t widest = 1;
  double byte_cost = 0;
  double half_cost = 0;
  bool has_panels = false;
  for (const TileCost& cost : costs_) {
    widest = std::max(widest, cost.channels);
    (cost.element_bytes == 1 ? byte_cost : half_cost) += cost.ns_per_position;
    has_panels = has_panels || cost.panels > 1;
  }
  const std::size_t element_bytes = byte_cost >= half_cost ? 1 : 2;
  const std::size_t preferred = std::max<std::size_t>(
      1, kernels::preferred_positions_block(widest, element_bytes) / kernels::kTilePositions);
  const std::size_t tiles = std::max<std::size_t>(1, segment_.tiles);
  segment_.block_tiles = std::min(preferred, tiles);
  segment_.sharing = Sharing::alone;
  const double total_ns = ns_per_position_ * static_cast<double>(segment_.positions);
  if (threads < 2 || total_ns < kWorthSharingNs) return;
  const double step_ns = total_ns / static_cast<double>(segment_.steps.size());
  if (tiles < kManyTilesEach * threads && has_panels && step_ns > kWorthMeetingNs) {
    segment_.sharing = Sharing::steps;
    return;
  }
  if (tiles < threads) return;
  segment_.sharing = Sharing::blocks;
  // As many blocks as go round, of nearly equal size.
  const std::size_t rounds = (tiles + preferred * threads - 1) / (preferred * threads);
  const std::size_t blocks = std::min(tiles, rounds * threads);
  segment_.block_tiles = (tiles + blocks - 1) / blocks;
}

// Slots share scratch memory where their lifetimes do not overlap.
bool SegmentBuilder::assign_offsets() {
  std::vector<std::size_t> last_use(segment_.slots.size(), 0);
  for (std::size_t i = 0; i < segment_.steps.size(); ++i) {
    for (const TileOperand& input : segment_.steps[i].inputs) {
      if (input.slot != TileOperand::kPlain) last_use[input.slot] = i;
    }
    const std::size_t output = segment_.steps[i].output.slot;
    if (output != TileOperand::kPlain) last_use[output] = i;
  }
  std::vector<std::vector<std::size_t>> dies_after(segment_.steps.size());
  for (std::size_t slot = 0; slot < last_use.size(); ++slot) {
    dies_after[last_use[slot]].push_back(slot);
  }
  const auto assign = [&](std::size_t tiles, std::size_t TileSlot::* offset, std::size_t& total) {
    Arena arena;
    for (std::size_t i = 0; i < segment_.steps.size(); ++i) {
      const std::size_t output = segment_.steps[i].output.slot;
      if (output != TileOperand::kPlain) {
        TileSlot& slot = segment_.slots[output];
        const std::optional<std::size_t> place = arena.allocate(slot.tile_bytes * tiles);
        if (!place) return false;
        slot.*offset = *place;
      }
      for (const std::size_t slot : dies_after[i]) {
        arena.release(segment_.slots[slot].*offset, segment_.slots[slot].tile_bytes * tiles);
      }
    }
    total = arena.size();
    return true;
  };
  return assign(segment_.block_tiles, &TileSlot::block_offset, segment_.block_bytes) &&
         assign(std::max<std::size_t>(1, segment_.tiles), &TileSlot::whole_offset,
                segment_.whole_bytes);
}

Result<Segment> SegmentBuilder::finish(std::size_t threads) {
  if (is_countable_) {
    choose_blocks(threads);
    is_countable_ = assign_offsets();
  }
  if (!is_countable_) {
    return fail(ErrorCode::resource_exhausted, "sizes exceed any memory");
  }
  return std::move(segment_);
}

}  // namespace anebench::device::cpu
