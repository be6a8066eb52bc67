#include "anebench/device/cpu/placement.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

namespace anebench::device::cpu {

std::size_t byte_size(const mil::Type& type) {
  return static_cast<std::size_t>(type.byte_size().value_or(0));
}

Placement::Placement(const Graph& graph, const Stages& stages, const PlanOptions& options,
                     std::vector<ops::Tensor>& constants)
    : graph_(graph),
      stages_(stages),
      options_(options),
      constants_(constants),
      memory_(options.max_memory),
      places_(graph.value_count()),
      dies_after_(stages.count()) {}

Result<void> count_inputs(const Graph& graph, MemoryBudget& memory) {
  for (const mil::NamedType& input : graph.function().inputs) {
    memory.set_current(fmt::format("input '{}'", input.name));
    if (!input.type.byte_size()) {
      return fail(ErrorCode::resource_exhausted, "{} of type {} exceeds any memory",
                  memory.current(), mil::to_string(input.type));
    }
    ANEBENCH_TRY(memory.count(byte_size(input.type)));
  }
  // Whether they fit is asked with the first operation, so that the message names one.
  return {};
}

Result<Location> Placement::place(ValueId id) {
  if (places_[id]) return *places_[id];
  const GraphValue& value = graph_.value(id);
  if (!value.type.byte_size()) {
    return fail(ErrorCode::resource_exhausted, "{}: '{}' of type {} exceeds any memory",
                memory_.current(), value.name, mil::to_string(value.type));
  }
  Location location;
  if (value.is_constant) {
    location = {Location::Space::constant, constants_.size()};
    ops::Tensor tensor;
    if (options_.with_weights) {
      ANEBENCH_ASSIGN(evaluated, graph_.constant(id));
      tensor = std::move(evaluated);
      // Kernels read words; constants in files need not lie where words do.
      if (reinterpret_cast<std::uintptr_t>(tensor.bytes().data()) % alignof(std::uint64_t) != 0) {
        static_cast<void>(tensor.mutable_bytes());  // a copy of its own
      }
    }
    constants_.push_back(std::move(tensor));
    ANEBENCH_TRY(memory_.keep(byte_size(value.type)));
  } else if (value.producer == kNone) {
    const auto& inputs = graph_.function().inputs;
    const auto found = std::find_if(inputs.begin(), inputs.end(),
                                    [&](const auto& input) { return input.name == value.name; });
    location = {Location::Space::input, static_cast<std::size_t>(found - inputs.begin())};
  } else if (value.output != kNone) {
    location = {Location::Space::output, value.output};
    ANEBENCH_TRY(memory_.keep(byte_size(value.type)));
  } else {
    ANEBENCH_ASSIGN(offset, memory_.allocate(byte_size(value.type)));
    location = {Location::Space::arena, offset};
    dies_after_[stages_.last_use(id)].push_back(id);
  }
  places_[id] = location;
  return location;
}

Result<Location> Placement::scratch(std::size_t bytes) {
  ANEBENCH_ASSIGN(offset, memory_.allocate(bytes));
  scratch_.emplace_back(offset, bytes);
  return Location{Location::Space::arena, offset};
}

void Placement::end_step() {
  for (const auto& [offset, bytes] : scratch_) memory_.release(offset, bytes);
  scratch_.clear();
}

void Placement::end_stage(std::size_t stage) {
  for (const ValueId value : dies_after_[stage]) {
    memory_.release(places_[value]->index, byte_size(graph_.value(value).type));
  }
}

}  // namespace anebench::device::cpu
