// What operations that only move elements do, found out by running each on the numbers of its
// elements (probe.h), so that whatever it does, one mechanism serves. Operations that do the same
// to the same shapes share what was found, also from one plan to the next, so that a program is
// traced once for its compilation and all its loads. Constants that lie in weight files are part of
// the question: new ones are traced anew.
//
//   TraceCache traces;                                       // as long as the executable
//   traces.begin_plan();
//   ANEBENCH_ASSIGN(trace, traces.get(graph, node));         // for each operation
//   (*trace.parts)[0]…                                       // of its first output
//   traces.end_plan();                                       // forgets what no operation asked for
//
// Not thread-safe; what it returns is immutable and thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/device/cpu/graph.h"
#include "anebench/device/cpu/probe.h"
#include "anebench/device/cpu/rearrangement.h"

namespace anebench::device::cpu {

// One for each output.
using Moves = std::vector<Rearrangement>;

class TraceCache {
 public:
  struct Trace {
    std::shared_ptr<const Moves> parts;
    // That it takes beside what the plan asked for before.
    std::size_t added_bytes = 0;
  };

  void begin_plan() { ++plan_; }
  // Of an operation that only moves elements of `x`, all else being constant. Errors: what the
  // evaluation gives; unsupported where something else is computed, and above the size that is
  // traced; resource_exhausted.
  Result<Trace> get(const Graph& graph, const GraphNode& node);
  void end_plan();

  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    Probe probe;
    std::vector<mil::Shape> shapes;  // of x and the outputs
    std::shared_ptr<const Moves> parts;
    std::uint64_t plan = 0;  // the last one that asked for it
  };
  Entry* find(const Probe& probe, const std::vector<mil::Shape>& shapes);

  std::vector<Entry> entries_;
  std::uint64_t plan_ = 0;
};

}  // namespace anebench::device::cpu
