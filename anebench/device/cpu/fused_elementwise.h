// A run of elementwise operations on tensors of one shape, taken piece by piece through all of
// them, so that what they pass on stays in the first-level cache. Each result is rounded to its
// type, so that a run gives what its operations give one by one.
//
// Operands broadcast to the shape. Types are fp16, fp32, int32 and those of one byte. Operations
// are immutable and thread-safe, and allocate nothing when they run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "anebench/device/cpu/elementwise.h"
#include "anebench/device/cpu/lookup_table.h"
#include "anebench/device/cpu/plan.h"

namespace anebench::device::cpu {

struct FusedElementwise {
  enum class Kind : std::uint8_t {
    binary,  // fp16 or fp32
    relu,    // fp16 or fp32
    cast,    // between fp16 and fp32
    select,  // bool, then two of the output's type
    table,
  };
  // A tensor that is read.
  struct Operand {
    Location location;
    mil::Type type;
  };
  struct Instruction {
    Kind kind = Kind::binary;
    BinaryOperation binary = BinaryOperation::add;
    std::shared_ptr<const LookupTable> table;
    // Slots: the operands' come first, then those of the instructions before.
    std::vector<std::size_t> inputs;
    mil::DataType type = mil::DataType::fp16;  // of the result
    // Where the result goes; nothing for what only this run reads.
    std::optional<Location> output;
  };
  // More are not fused, so that a piece of each fits the cache.
  static constexpr std::size_t kMaxSlots = 16;
  static constexpr std::size_t kMaxInputs = 3;

  mil::Shape shape;
  std::vector<Operand> operands;
  std::vector<Instruction> instructions;
};

// Preconditions: at most kMaxSlots operands and instructions together; operands broadcast to the
// shape.
std::unique_ptr<TensorOperation> make_fused_elementwise(const FusedElementwise& run);

}  // namespace anebench::device::cpu
