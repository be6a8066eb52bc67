// Steps on whole row-major tensors.
//
// Each maker returns an immutable, thread-safe operation. Only the reference fallback allocates
// when it runs.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "anebench/device/cpu/elementwise.h"
#include "anebench/device/cpu/plan.h"
#include "anebench/ops/arguments.h"

namespace anebench::device::cpu {

std::unique_ptr<TensorOperation> make_copy(Location x, Location out, std::size_t bytes);

// fp16 to 8 bits and back; rows of `row` elements take the affine parameters in turn.
std::unique_ptr<TensorOperation> make_quantize(std::vector<Affine8> affines, std::size_t row,
                                               Location x, Location out, std::size_t count);
std::unique_ptr<TensorOperation> make_dequantize(std::vector<Affine8> affines, std::size_t row,
                                                 Location x, Location out, std::size_t count);

// The operation's own reference evaluation. `arguments` (of the plan's graph) outlives it.
struct NamedLocation {
  std::string name;
  mil::Type type;
  Location location;
};
std::unique_ptr<TensorOperation> make_reference(const ops::Arguments& arguments,
                                                std::vector<NamedLocation> inputs,
                                                std::vector<NamedLocation> outputs);

}  // namespace anebench::device::cpu
