// From a graph to a plan: units placed into stages, layouts, memory, packed weights.
#pragma once

#include <cstddef>
#include <memory>

#include "anebench/base/cpu_features.h"
#include "anebench/base/result.h"
#include "anebench/base/thread_pool.h"
#include "anebench/device/cpu/graph.h"
#include "anebench/device/cpu/plan.h"
#include "anebench/device/cpu/trace_cache.h"
#include "anebench/device/device.h"

namespace anebench::device::cpu {

struct PlanOptions {
  Isa isa = Isa::portable;
  CompileOptions::Int8Mode int8_mode = CompileOptions::Int8Mode::exact;
  bool uses_int8 = true;  // units.h
  std::size_t max_memory = 0;
  // False: everything but the weights and constants is planned and checked; such a plan cannot run.
  bool with_weights = true;
};

// The plan refers to the graph, which must outlive it. Weights are packed on the pool's threads;
// `traces` are those of earlier plans of the program, and then of this one.
// Errors: resource_exhausted above max_memory, naming the operation that exceeded it; whatever
// reading constants gives.
Result<std::unique_ptr<Plan>> make_plan(const Graph& graph, const PlanOptions& options,
                                        ThreadPool& pool, TraceCache& traces);

}  // namespace anebench::device::cpu
