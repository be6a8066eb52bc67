// Where the row-major tensors of a plan lie: surfaces, constants, and the arena, whose pieces are
// taken again once nothing reads them. Counts what all of it needs. Not thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/device/cpu/graph.h"
#include "anebench/device/cpu/memory_budget.h"
#include "anebench/device/cpu/plan.h"
#include "anebench/device/cpu/planner.h"
#include "anebench/device/cpu/stages.h"

namespace anebench::device::cpu {

class Placement {
 public:
  // Constants go to the end of `constants`. All must outlive this object.
  Placement(const Graph& graph, const Stages& stages, const PlanOptions& options,
            std::vector<ops::Tensor>& constants);

  MemoryBudget& memory() { return memory_; }
  // Errors of all that follow: resource_exhausted above the limit, naming what is planned.

  // The place of a value; made when first asked for.
  Result<Location> place(ValueId value);
  // A view lies within another tensor.
  void place_at(ValueId value, Location location) { places_[value] = location; }
  // Memory that the step which is planned needs while it runs.
  Result<Location> scratch(std::size_t bytes);
  // The step is planned, so that its scratch memory may be taken again.
  void end_step();
  // A stage is planned: what it was the last to read may be taken again.
  void end_stage(std::size_t stage);

 private:
  const Graph& graph_;
  const Stages& stages_;
  const PlanOptions& options_;
  std::vector<ops::Tensor>& constants_;
  MemoryBudget memory_;
  std::vector<std::optional<Location>> places_;
  // Arena values to release after each stage.
  std::vector<std::vector<ValueId>> dies_after_;
  std::vector<std::pair<std::size_t, std::size_t>> scratch_;  // offset, bytes
};

// The function's inputs, as bytes that stay.
Result<void> count_inputs(const Graph& graph, MemoryBudget& memory);

// Bytes of a tensor; 0 where they cannot be counted.
std::size_t byte_size(const mil::Type& type);

}  // namespace anebench::device::cpu
