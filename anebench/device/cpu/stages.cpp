#include "anebench/device/cpu/stages.h"

#include <algorithm>
#include <optional>

#include "anebench/device/cpu/fused_elementwise.h"

namespace anebench::device::cpu {

using mil::DataType;

Stages::Stages(const Graph& graph, const std::vector<Unit>& units) : graph_(graph), units_(units) {
  index_units();
  find_feeders();
  in_tiles_.assign(units_.size(), false);
  for (std::size_t u = 0; u < units_.size(); ++u) in_tiles_[u] = wants_tiles(units_[u]);
  group();
  find_last_uses();
}

void Stages::index_units() {
  producers_.assign(graph_.value_count(), kNone);
  readers_.assign(graph_.value_count(), {});
  for (std::size_t u = 0; u < units_.size(); ++u) {
    for (const ValueId output : units_[u].outputs) producers_[output] = u;
    for (const ValueId input : units_[u].inputs) {
      if (readers_[input].empty() || readers_[input].back() != u) readers_[input].push_back(u);
    }
  }
}

// Which values nothing but 1x1 convolutions read, be it through quantize and dequantize.
void Stages::find_feeders() {
  only_feeds_pointwise_.assign(graph_.value_count(), false);
  const auto is_pointwise = [&](std::size_t reader) {
    const Unit& unit = units_[reader];
    switch (unit.kind) {
      case UnitKind::conv1x1_f16:
      case UnitKind::conv1x1_int8: return true;
      case UnitKind::quantize:
      case UnitKind::dequantize:
        return unit.affines.size() == 1 && positions_shape(type(unit.outputs.front())) &&
               only_feeds_pointwise_[unit.outputs.front()];
      default: return false;
    }
  };
  // Readers come after what they read, so that theirs is known.
  for (std::size_t u = units_.size(); u-- > 0;) {
    for (const ValueId value : units_[u].outputs) {
      only_feeds_pointwise_[value] = graph_.value(value).output == kNone &&
                                     !readers_[value].empty() &&
                                     std::ranges::all_of(readers_[value], is_pointwise);
    }
  }
}

bool Stages::comes_in_tiles(ValueId value) const {
  const std::size_t unit = producers_[value];
  return unit != kNone && in_tiles_[unit] && type(value).data_type() != DataType::fp32;
}

bool Stages::wants_tiles(const Unit& unit) const {
  if (unit.kind == UnitKind::conv1x1_f16 || unit.kind == UnitKind::conv1x1_int8) return true;
  if (unit.outputs.size() != 1 || !positions_shape(type(unit.outputs[0]))) return false;
  const ValueId x = unit.inputs.front();
  const ValueId out = unit.outputs.front();
  switch (unit.kind) {
    case UnitKind::relu: return type(x).data_type() == DataType::fp16 && comes_in_tiles(x);
    case UnitKind::binary: {
      const ValueId y = unit.inputs.back();
      const bool same_shapes =
          type(x).shape() == type(out).shape() && type(y).shape() == type(out).shape();
      return same_shapes && type(x).data_type() == DataType::fp16 &&
             (comes_in_tiles(x) || comes_in_tiles(y));
    }
    case UnitKind::cast:
      return type(x).data_type() == DataType::fp32 ? only_feeds_pointwise_[out] : comes_in_tiles(x);
    case UnitKind::quantize:
    case UnitKind::dequantize:
      return unit.affines.size() == 1 && (comes_in_tiles(x) || only_feeds_pointwise_[out]);
    default: return false;
  }
}

void Stages::group() {
  stage_of_unit_.resize(units_.size());
  std::optional<kernels::NchwShape> tiles;  // of the segment that the last stage is
  const Unit* fused = nullptr;              // a unit of the elementwise run that it is
  std::size_t slots = 0;                    // at most, of that run
  for (std::size_t u = 0; u < units_.size(); ++u) {
    const Unit& unit = units_[u];
    std::optional<kernels::NchwShape> shape;
    if (in_tiles_[u]) shape = positions_shape(type(unit.outputs.front()));
    const bool fuses = !in_tiles_[u] && is_elementwise(unit.kind);
    const std::size_t own_slots = unit.inputs.size() + 1;
    bool joins = shape && tiles && shape->images == tiles->images && shape->plane == tiles->plane;
    if (fuses && fused != nullptr) {
      joins = type(unit.outputs.front()).shape() == type(fused->outputs.front()).shape() &&
              slots + own_slots <= FusedElementwise::kMaxSlots;
    }
    if (!joins) {
      units_of_.emplace_back();
      kinds_.push_back(shape ? Kind::segment : fuses ? Kind::elementwise : Kind::single);
      slots = 0;
    }
    units_of_.back().push_back(u);
    stage_of_unit_[u] = units_of_.size() - 1;
    tiles = shape;
    fused = fuses ? &unit : nullptr;
    slots += own_slots;
  }
}

void Stages::find_last_uses() {
  last_uses_.assign(graph_.value_count(), 0);
  for (std::size_t u = units_.size(); u-- > 0;) {
    for (const ValueId output : units_[u].outputs) {
      last_uses_[output] = std::max(last_uses_[output], stage_of_unit_[u]);
    }
    for (const ValueId input : units_[u].inputs) {
      last_uses_[input] = std::max(last_uses_[input], stage_of_unit_[u]);
    }
    if (!is_view(units_[u], graph_)) continue;
    for (const ValueId output : units_[u].outputs) {
      last_uses_[units_[u].inputs[0]] =
          std::max(last_uses_[units_[u].inputs[0]], last_uses_[output]);
    }
  }
}

std::size_t Stages::readers_in(ValueId value, std::size_t stage) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      readers_[value], [&](std::size_t reader) { return stage_of_unit_[reader] == stage; }));
}

bool Stages::leaves(ValueId value, std::size_t stage) const {
  if (graph_.value(value).output != kNone) return true;
  return std::ranges::any_of(readers_[value],
                             [&](std::size_t reader) { return stage_of_unit_[reader] != stage; });
}

bool is_view(const Unit& unit, const Graph& graph) {
  if (!unit.kernel || !unit.kernel->view_offsets) return false;
  // Outputs of the function have memory of their own.
  return std::ranges::all_of(unit.outputs,
                             [&](ValueId output) { return graph.value(output).output == kNone; });
}

}  // namespace anebench::device::cpu
