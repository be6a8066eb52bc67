// Checks a device operation by operation: each op runs alone on the device, fed the values that the
// reference computed, so that errors do not add up and each is held to its own bound:
//
//   |y − reference| ≤ ulp16(reference) + K·2^-24·Σ|w·x|      for sums of K products (conv)
//   |y − reference| ≤ ulp16(reference)                         for the other ops
//
// which is what fp16 storage with fp32 arithmetic guarantees. Integer outputs must be equal.
// Source: the measurement specification, "checking results".
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/device/compare.h"
#include "anebench/device/device.h"

namespace anebench::experiments {

struct OpCheck {
  bool passed = true;
  std::string reason;  // the first op out of its bound
  std::size_t checked_ops = 0;
  // Sums and largest errors over all ops.
  device::Comparison worst;
};

// Errors: the program cannot be taken apart (nested blocks) or run.
Result<OpCheck> check_each_op(device::Device& device, device::Device& reference,
                              const mil::Program& program,
                              const std::shared_ptr<weights::WeightFiles>& weights,
                              const std::vector<mil::Value>& inputs,
                              const device::CompileOptions& options);

}  // namespace anebench::experiments
