// What the steps of an executable are, before any of them is timed: which operations of the program
// each executes, how much arithmetic that is, and how many bytes it must move at the least.
//
//   ANEBENCH_ASSIGN(costs, FunctionCosts::create(function));
//   record::ProfileStep step = costs.describe(executable->steps()[3]);
//
// Costs come from the ops' definitions (ops/definition.h). Within a step, values that no other step
// reads or makes are not moved; weights count as they are stored, not as they are expanded. What
// the types do not tell (unknown dimensions) has no cost. Refers to the function, which must
// outlive it. Immutable after it was made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/device/executable.h"
#include "anebench/mil/program.h"
#include "anebench/ops/arguments.h"
#include "anebench/ops/definition.h"
#include "anebench/record/profile.h"

namespace anebench::experiments {

class FunctionCosts {
 public:
  // Errors: operations that break the rules of the language.
  static Result<FunctionCosts> create(const mil::Function& function);

  // Everything but the times. The layer is that of the step's last operation; steps without
  // operations have none.
  record::ProfileStep describe(const device::Step& step) const;

  // Of all executed operations whose cost is known.
  double arithmetic() const;
  double weight_bytes() const;
  // Operations that hold or expand constants, out of operation_count() in all.
  std::size_t constant_count() const;
  std::size_t operation_count() const { return costs_.size(); }

 private:
  struct OperationCost {
    std::optional<ops::OpCost> cost;  // weights as stored
    std::string_view layer;
    bool is_constant = false;  // const, or a constexpr_* operation
  };

  explicit FunctionCosts(const mil::Function& function) : function_(&function) {}
  Result<void> add(const mil::Operation& operation, const ops::Scope& scope);
  void count_stored_weights(const ops::Arguments& arguments, ops::OpCost& cost) const;
  void note_readers();
  void add_costs(const std::set<std::size_t>& members, record::ProfileStep& step) const;
  double bytes_of(std::string_view name) const;
  std::string input_of(const mil::Operation& operation) const;
  std::string precision_of(const std::set<std::size_t>& members) const;

  const mil::Function* function_;
  std::vector<OperationCost> costs_;  // of each operation of the body
  // By the value's name.
  std::map<std::string_view, std::size_t> producers_;
  std::map<std::string_view, std::set<std::size_t>> readers_;
  std::map<std::string_view, const mil::Type*> types_;
  std::map<std::string_view, double> stored_bytes_;  // of results of constexpr operations
};

}  // namespace anebench::experiments
