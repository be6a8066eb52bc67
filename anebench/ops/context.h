// What the evaluation of one operation sees of the world. Whoever runs programs implements it
// (evaluation.h for whole functions, evaluate.h for single operations), so that ops know no device.
//
// One context serves one evaluation on one thread; `parallel_for` may spread work over others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/base/rng.h"
#include "anebench/ops/arguments.h"
#include "anebench/ops/runtime_value.h"
#include "anebench/ops/tensor.h"

namespace anebench::ops {

class OpContext {
 public:
  virtual ~OpContext() = default;

  // Parameters, types and constants. Types are those of the actual values, and what was computed at
  // run time reads like a constant: inference gives the outputs' exact types.
  virtual const Arguments& arguments() const = 0;
  // The value bound to a parameter: computed, literal or constant.
  virtual Result<RuntimeValue> value(std::string_view parameter, std::size_t index = 0) = 0;
  // The same where it is a numeric tensor; else an error.
  Result<Tensor> tensor(std::string_view parameter, std::size_t index = 0);

  // Calls body(begin, end) so that the ranges cover [0, count) once, possibly at the same time.
  // The default calls it once. Results must not depend on how the range is split.
  virtual void parallel_for(std::size_t count,
                            const std::function<void(std::size_t, std::size_t)>& body);

  // Runs the operation's nested block; the default refuses, as do the ones below.
  virtual Result<std::vector<RuntimeValue>> run_block(std::size_t block,
                                                      std::span<const RuntimeValue> inputs);
  // Called by loops before each iteration: fails where the evaluation has made as many as it may.
  virtual Result<void> start_iteration();
  // A generator of random numbers that no other operation of the evaluation gets.
  virtual Result<Rng> fork_generator();
};

// Evaluates the operation of `context`: its definition's evaluation with two checks around it, one
// for memory that runs out (ErrorCode::resource_exhausted), one for the number of outputs. Devices
// call this, not the functions of the definition.
Result<std::vector<RuntimeValue>> run(OpContext& context);

}  // namespace anebench::ops
