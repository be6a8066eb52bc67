// One run of a function, operation by operation, each by its definition's evaluation. What the
// reference device, and other devices where they have no faster way, do with a program.
//
//   Evaluation evaluation(plan, resolver, options);
//   ANEBENCH_TRY(evaluation.set_input("x", x));
//   for (std::size_t i = 0; i < function.body.operations.size(); ++i)
//     ANEBENCH_TRY(evaluation.run(i));
//   ANEBENCH_ASSIGN(y, evaluation.output("y"));
//
// Names are looked up innermost block first. Values die with their last use. A program that loops
// for ever ends at `max_iterations`, one that grows for ever at `max_bytes`. Refers to the plan and
// the resolver, which must outlive it. One thread at a time; several evaluations may share a plan.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/base/rng.h"
#include "anebench/ops/function_plan.h"
#include "anebench/ops/limits.h"
#include "anebench/ops/runtime_value.h"
#include "anebench/ops/scope.h"

namespace anebench::ops {

// Splits [0, count) as OpContext::parallel_for does.
using ParallelFor =
    std::function<void(std::size_t, const std::function<void(std::size_t, std::size_t)>&)>;

struct EvaluationOptions {
  // Iterations of all loops together.
  std::int64_t max_iterations = kDefaultMaxIterations;
  // Computed values that live at the same time.
  std::int64_t max_bytes = std::numeric_limits<std::int64_t>::max();
  // What random operations draw from.
  Rng generator = Rng(0);
  // Empty: everything on the calling thread.
  ParallelFor parallel_for = {};
};

class Evaluation {
 public:
  Evaluation(const FunctionPlan& plan, const mil::BlobResolver& resolver,
             EvaluationOptions options);
  Evaluation(const Evaluation&) = delete;
  Evaluation& operator=(const Evaluation&) = delete;

  // Fails where the function has no such input, or one of another type.
  Result<void> set_input(std::string_view name, RuntimeValue value);
  // The operation at `index` of the function's body; in ascending order, all of them.
  Result<void> run(std::size_t index);
  // A value that the function returns; before it has run, an error.
  Result<RuntimeValue> output(std::string_view name) const;

 private:
  class Context;

  // The names of one block while it runs.
  struct Frame {
    Frame(const Frame* parent_frame, const mil::Block& block_to_run, const BlockPlan& block_plan,
          Scope block_scope)
        : parent(parent_frame),
          block(block_to_run),
          plan(block_plan),
          scope(std::move(block_scope)) {}
    Result<std::optional<RuntimeValue>> find(std::string_view name) const;

    const Frame* parent;
    const mil::Block& block;
    const BlockPlan& plan;
    Scope scope;
    std::map<std::string, RuntimeValue, std::less<>> values;
  };

  Result<void> run(Frame& frame, std::size_t index);
  Result<std::vector<RuntimeValue>> run_block(const Frame& parent, const mil::Block& block,
                                              std::span<const RuntimeValue> inputs);
  Result<void> store(Frame& frame, const std::string& name, RuntimeValue value);
  void release(Frame& frame, const std::string& name);
  static Result<RuntimeValue> require(const Frame& frame, std::string_view name);

  const FunctionPlan& plan_;
  EvaluationOptions options_;
  Frame top_;
  std::int64_t live_bytes_ = 0;
  std::int64_t iterations_ = 0;
  std::uint64_t forks_ = 0;
};

// The whole of it: inputs in the function's order, outputs in that of its return.
Result<std::vector<RuntimeValue>> evaluate(const FunctionPlan& plan,
                                           const mil::BlobResolver& resolver,
                                           std::span<const RuntimeValue> inputs,
                                           const EvaluationOptions& options = {});

}  // namespace anebench::ops
