// A compiled program on the CPU (executable.h): the graph, and while it is loaded the plan.
#pragma once

#include <memory>

#include "anebench/base/clock.h"
#include "anebench/base/cpu_features.h"
#include "anebench/base/thread_pool.h"
#include "anebench/device/device.h"

namespace anebench::device::cpu {

// What the kernels may use.
struct Target {
  Isa isa = Isa::portable;
  bool uses_int8 = true;  // units.h
};

// Clock and pool belong to the device and outlive the executable.
Result<std::unique_ptr<Executable>> compile(const mil::Program& program,
                                            const std::shared_ptr<weights::WeightFiles>& weights,
                                            const CompileOptions& options, const Target& target,
                                            const Clock& clock, ThreadPool& pool);

}  // namespace anebench::device::cpu
