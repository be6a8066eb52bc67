// What is known of a function before it runs: when each value is last needed, how many bytes live
// at the same time, and its constants, evaluated once.
//
//   ANEBENCH_ASSIGN(plan, FunctionPlan::create(function));
//   ANEBENCH_TRY(plan.load(resolver, limit));
//   Evaluation evaluation(plan, resolver, options);   // evaluation.h
//
// Refers to the function, which must outlive it. Safe to read from several threads.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/mil/program.h"
#include "anebench/mil/resolver.h"
#include "anebench/ops/evaluate.h"
#include "anebench/ops/scope.h"

namespace anebench::ops {

// Of a function's body or a nested block.
struct BlockPlan {
  // For each operation, the block's names that nothing needs after it.
  std::vector<std::vector<std::string>> dead_after;
  // The results of the block's constexpr operations, once loaded.
  TensorEnvironment constants;
};

class FunctionPlan {
 public:
  // Fails where the sizes of what lives at the same time exceed 64 bits.
  static Result<FunctionPlan> create(const mil::Function& function);

  const mil::Function& function() const { return *function_; }
  const BlockPlan& block(const mil::Block& block) const { return blocks_.at(&block); }

  // Computed values of known size that live at the same time, at most, and the operation where.
  std::int64_t peak_bytes() const { return peak_bytes_; }
  const std::string& peak_operation() const { return peak_operation_; }

  // Evaluates the constexpr operations and checks that constants in weight files can be read.
  // `limit_bytes` bounds the sum of what is evaluated.
  Result<void> load(const mil::BlobResolver& resolver, std::int64_t limit_bytes);
  void unload();
  // Bytes of the evaluated constants.
  std::int64_t constant_bytes() const { return constant_bytes_; }

 private:
  explicit FunctionPlan(const mil::Function& function) : function_(&function) {}
  // The most bytes that the block needs beside those of enclosing blocks.
  Result<std::int64_t> analyse(const mil::Block& block, const std::vector<mil::NamedType>& inputs);
  Result<void> load(const mil::Block& block, Scope& scope, TensorEnvironment visible,
                    std::int64_t limit_bytes);

  const mil::Function* function_;
  std::unordered_map<const mil::Block*, BlockPlan> blocks_;
  std::int64_t peak_bytes_ = 0;
  std::string peak_operation_;
  std::int64_t constant_bytes_ = 0;
};

// Runs when the program does: neither a const nor evaluated at load.
bool is_executed(const mil::Operation& operation);

}  // namespace anebench::ops
