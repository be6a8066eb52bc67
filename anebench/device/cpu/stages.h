// Which units run together, and in which layout: the part of planning that needs no memory.
//
// Units of a segment pass position tiles on (plan.h), fused elementwise units pieces of their
// shape; every other unit is a stage of its own. Immutable; thread-safe. Refers to the graph and
// the units, which must outlive it.
#pragma once

#include <cstddef>
#include <vector>

#include "anebench/device/cpu/graph.h"
#include "anebench/device/cpu/units.h"

namespace anebench::device::cpu {

class Stages {
 public:
  Stages(const Graph& graph, const std::vector<Unit>& units);

  enum class Kind : std::uint8_t { segment, elementwise, single };
  std::size_t count() const { return units_of_.size(); }
  Kind kind(std::size_t stage) const { return kinds_[stage]; }
  // Ascending, never empty.
  const std::vector<std::size_t>& units_of(std::size_t stage) const { return units_of_[stage]; }
  std::size_t stage_of(std::size_t unit) const { return stage_of_unit_[unit]; }

  // The unit that computes a value; kNone where none does.
  std::size_t producer(ValueId value) const { return producers_[value]; }
  // Units, ascending.
  const std::vector<std::size_t>& readers(ValueId value) const { return readers_[value]; }
  // Readers within a stage.
  std::size_t readers_in(ValueId value, std::size_t stage) const;
  // Whether a value that `stage` computes is needed beyond it, as a row-major tensor.
  bool leaves(ValueId value, std::size_t stage) const;
  // The stage after which nothing reads a computed value, be it through views of it.
  std::size_t last_use(ValueId value) const { return last_uses_[value]; }

 private:
  const mil::Type& type(ValueId id) const { return graph_.value(id).type; }
  bool wants_tiles(const Unit& unit) const;
  bool comes_in_tiles(ValueId value) const;
  void index_units();
  void find_feeders();
  void group();
  void find_last_uses();

  const Graph& graph_;
  const std::vector<Unit>& units_;
  std::vector<std::size_t> producers_;             // by value
  std::vector<std::vector<std::size_t>> readers_;  // by value
  std::vector<bool> only_feeds_pointwise_;         // by value
  std::vector<std::size_t> last_uses_;             // by value
  std::vector<bool> in_tiles_;                     // by unit
  std::vector<std::size_t> stage_of_unit_;
  std::vector<std::vector<std::size_t>> units_of_;
  std::vector<Kind> kinds_;
};

// Whether the unit's outputs are parts of its input's memory, so that it needs no step.
bool is_view(const Unit& unit, const Graph& graph);

}  // namespace anebench::device::cpu
