// The constants of a function that could be its weights, each with the operations that take it.
//
//   for (const ConstantUses& constant : constants_of(function, resolver)) …
//
// References the function, which must outlive the result. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "anebench/mil/program.h"
#include "anebench/mil/resolver.h"
#include "anebench/transform/quantization_scheme.h"

namespace anebench::transform {

struct ConstantUse {
  // Null where a block returns it.
  const mil::Operation* operation = nullptr;
  std::string_view parameter;
  // Where the constant has a rank of 2 or more.
  WeightAxes axes;
  // The operation is known for what it does with weights (conv, linear, gather, …), so that the
  // axes are not a guess.
  bool has_known_axes = false;
};

struct ConstantUses {
  // A `const`, or a constexpr operation: a weight that is stored in some form already.
  const mil::Operation* operation = nullptr;
  // Of a `const`; null for a constexpr operation.
  const mil::Value* value = nullptr;
  // Within the block of an operation.
  bool is_nested = false;
  std::vector<ConstantUse> uses;

  // The use that decides about axes: the first with known ones, else the first. Null where there is
  // none.
  const ConstantUse* leading_use() const;
};

// In program order, those of nested blocks included.
std::vector<ConstantUses> constants_of(const mil::Function& function,
                                       const mil::BlobResolver* resolver);

// "conv 'y'".
std::string describe(const mil::Operation& operation);

}  // namespace anebench::transform
