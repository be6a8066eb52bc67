// An executable that evaluates each operation by its own definition (ops/evaluation.h): all that
// the reference device does, and what other devices do with programs that they have no plan for.
// Nested blocks, lists, states, random numbers, unknown dimensions: whatever the language has runs
// here.
//
// The clock and the pool must outlive it.
#pragma once

#include <memory>
#include <string>

#include "anebench/base/clock.h"
#include "anebench/base/thread_pool.h"
#include "anebench/device/device.h"
#include "anebench/ops/function_plan.h"

namespace anebench::device {

// `fallback_reason` goes into every step; empty where this is the device's best.
Result<std::unique_ptr<Executable>> compile_interpreted(
    const mil::Program& program, const std::shared_ptr<weights::WeightFiles>& weights,
    const CompileOptions& options, const Clock& clock, ThreadPool& pool,
    std::string fallback_reason);

// What every device does first: a copy of the weight files in the mode that was asked for, and the
// verified program's bent rules as notes.
struct VerifiedProgram {
  const mil::Function* function = nullptr;
  std::shared_ptr<weights::WeightFiles> weights;
  std::vector<mil::NamedType> outputs;
  std::vector<std::string> notes;
};
Result<VerifiedProgram> verify_for_device(const mil::Program& program,
                                          const std::shared_ptr<weights::WeightFiles>& weights,
                                          const CompileOptions& options);

// What its values need while it runs. Errors: resource_exhausted, naming the operation, where that
// is more than the options allow.
Result<ops::FunctionPlan> plan_for_device(const mil::Function& function,
                                          const CompileOptions& options);

}  // namespace anebench::device
