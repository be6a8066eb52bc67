// What is different between two programs: functions, inputs and outputs, operations, weights.
//
//   const ProgramDiff diff = diff_programs(before, after, {.before = a.get(), .after = b.get()});
//   for (const FunctionDiff& function : diff.functions)
//     for (const OperationChange& change : function.operations) …
//
// Names alone make no difference where everything that an operation refers to was matched
// (match.h), nor do the place of a constant in its weight file and the order of operations.
// Pure; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "anebench/mil/program.h"
#include "anebench/mil/resolver.h"
#include "anebench/transform/match.h"

namespace anebench::transform {

enum class ChangeKind : std::uint8_t { added, removed, changed };
std::string_view to_string(ChangeKind kind);

struct ValueChange {
  ChangeKind kind = ChangeKind::changed;
  // "input" or "output".
  std::string what;
  // Before, where it was there.
  std::string name;
  std::optional<mil::Type> before;
  std::optional<mil::Type> after;
};

struct OperationChange {
  ChangeKind kind = ChangeKind::changed;
  // The first output's name, before where it was there; those of nested blocks behind their
  // operation's: "loop/1/y".
  std::string name;
  std::string type;
  // What changed, in words, one part each: "weight: tensor<fp16, [64, 128, 3]>,
  // 48 KiB → constexpr_affine_dequantize, 24.2 KiB". Empty for added and removed ones.
  std::vector<std::string> parts;
};

struct FunctionDiff {
  std::string name;
  std::string opset_before;
  std::string opset_after;
  std::vector<ValueChange> values;
  std::vector<OperationChange> operations;
  // Matched and not changed; constants are not counted.
  std::size_t equal_operations = 0;

  bool is_equal() const {
    return opset_before == opset_after && values.empty() && operations.empty();
  }
};

// Tensor constants of one element type, as stored.
struct WeightTotal {
  mil::DataType type = mil::DataType::fp16;
  std::size_t count_before = 0;
  std::size_t count_after = 0;
  std::int64_t bytes_before = 0;
  std::int64_t bytes_after = 0;
};

struct ProgramDiff {
  std::string version_before;
  std::string version_after;
  std::vector<std::string> removed_functions;
  std::vector<std::string> added_functions;
  // Those in both, in the order before.
  std::vector<FunctionDiff> functions;
  // Every type that one of them has.
  std::vector<WeightTotal> weights;

  // Nothing differs but names, places and the format's version.
  bool is_equal() const;
};

// Read constants in weight files; where one is null, such constants count by their type alone.
struct DiffResolvers {
  const mil::BlobResolver* before = nullptr;
  const mil::BlobResolver* after = nullptr;
};

ProgramDiff diff_programs(const mil::Program& before, const mil::Program& after,
                          const DiffResolvers& resolvers = {});

}  // namespace anebench::transform
