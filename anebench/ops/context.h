// What the evaluation of one operation sees of the world. The reference device implements it (and
// `evaluate` in evaluate.h, for constants and tests), so that ops know no device.
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
#include "anebench/ops/arguments.h"
#include "anebench/ops/tensor.h"

namespace anebench::ops {

class OpContext {
 public:
  virtual ~OpContext() = default;

  // Parameters, types and constants. Types are those of the actual tensors.
  virtual const Arguments& arguments() const = 0;
  // The tensor bound to a parameter: computed, literal or constant.
  virtual Result<Tensor> tensor(std::string_view parameter, std::size_t index = 0) = 0;

  // Calls body(begin, end) so that the ranges cover [0, count) once, possibly at the same time.
  // The default calls it once. Results must not depend on how the range is split.
  virtual void parallel_for(std::size_t count,
                            const std::function<void(std::size_t, std::size_t)>& body);

  // Runs the operation's nested block; the default refuses, as do the ones below.
  virtual Result<std::vector<Tensor>> run_block(std::size_t block, std::span<const Tensor> inputs);
  // The state bound to a parameter.
  virtual Result<Tensor> read_state(std::string_view parameter);
  virtual Result<void> write_state(std::string_view parameter, Tensor value);
  // 64 uniformly random bits from the device's generator.
  virtual Result<std::uint64_t> random_bits();
};

// Evaluates the operation of `context`: its definition's evaluation with two checks around it, one
// for memory that runs out (ErrorCode::resource_exhausted), one for the number of outputs. Devices
// call this, not Definition::evaluate.
Result<std::vector<Tensor>> run(OpContext& context);

}  // namespace anebench::ops
