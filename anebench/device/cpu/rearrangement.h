// Where operations that only move elements take each of them from: found by running the operation
// on the numbers of the elements (probe.h), so that whatever it does, one mechanism serves.
//
//   ANEBENCH_ASSIGN(parts, trace_rearrangement(graph, node));     // one for each output
//   if (parts[0].first) …                                         // a view: nothing to move
//   copy_rearranged(parts[0], width, fill, from, to, pool);
//
// Immutable values; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/base/thread_pool.h"
#include "anebench/device/cpu/graph.h"
#include "anebench/ops/strided_view.h"

namespace anebench::device::cpu {

// The elements of one output, in order. Exactly one of the three forms.
struct Rearrangement {
  // Elements first, first + step, …; where source is kFill they are a constant instead.
  struct Run {
    static constexpr std::int64_t kFill = -1;
    std::int64_t source = kFill;
    std::int64_t step = 0;
    std::size_t target = 0;
    std::size_t count = 0;
  };

  std::size_t count = 0;
  // Consecutive elements from there on.
  std::optional<std::size_t> first = {};
  // Dimensions of 1 left out, neighbours joined.
  std::optional<ops::StridedView> view = {};
  std::vector<Run> runs = {};

  std::size_t bytes() const { return runs.size() * sizeof(Run); }
};

// The form of a list of sources (Run::kFill for a constant); `dims` is the output's shape.
Rearrangement rearrangement_of(std::span<const std::int32_t> sources,
                               std::span<const std::int64_t> dims);

// Of an operation that only moves elements of `x`, all else being constant. Errors: what the
// evaluation gives; unsupported where something else is computed, and above the size that is
// traced; resource_exhausted.
Result<std::vector<Rearrangement>> trace_rearrangement(const Graph& graph, const GraphNode& node);

// `fill` is one element.
void copy_rearranged(const Rearrangement& how, std::size_t element_bytes, const std::byte* fill,
                     const std::byte* from, std::byte* to, ThreadPool& pool);

}  // namespace anebench::device::cpu
