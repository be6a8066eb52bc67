// What requantize.h does with each constant of one function. Internal to this layer.
//
//   WeightPlanner planner(files, options);
//   ANEBENCH_ASSIGN(plan, planner.plan(function));
//
// Plans reference the function, which must outlive them. Not thread-safe.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "anebench/transform/requantize.h"
#include "anebench/transform/weight_uses.h"

namespace anebench::transform {

struct WeightPlan {
  // What takes the place of a `const`.
  std::unordered_map<const mil::Operation*, std::shared_ptr<const StoredWeight>> replacements;
  std::vector<WeightResult> results;
  // Constants that are int8 with zero point 0, or become it.
  std::set<std::string_view> int8_weights;
};

// The function's opset; the newest where it is spelled in an unknown way.
mil::Opset opset_of(const mil::Function& function);

class WeightPlanner {
 public:
  // Both must outlive this object; `files` may be null.
  WeightPlanner(const mil::BlobResolver* files, const RequantizeOptions& options)
      : files_(files), options_(options) {}

  // Which constants would be replaced, without reading them: no replacements, results as they are
  // expected.
  WeightPlan expect(const mil::Function& function) const;
  Result<WeightPlan> plan(const mil::Function& function);

 private:
  // Where it lies, what it is, and what it becomes.
  using Key = std::tuple<std::string, std::uint64_t, std::string, WeightAxes, mil::Opset>;
  struct Expectation {
    WeightPlan plan;
    // The constant of each of the plan's results.
    std::vector<const ConstantUses*> constants;
  };

  Expectation expect(const mil::Function& function,
                     const std::vector<ConstantUses>& constants) const;
  // Nothing where the constant is not one to report.
  std::optional<WeightResult> judge(const mil::Function& function,
                                    const ConstantUses& constant) const;
  void judge_const(const ConstantUses& constant, WeightResult& result) const;
  // Whether every use may multiply it as int8.
  bool is_int8_for_all(const ConstantUses& constant, const WeightResult& result) const;
  Result<std::shared_ptr<const StoredWeight>> store(const mil::Value& value, const WeightAxes& axes,
                                                    mil::Opset opset);

  const mil::BlobResolver* files_;
  const RequantizeOptions& options_;
  // Of weights in files, which functions may share.
  std::map<Key, std::shared_ptr<const StoredWeight>> stored_;
};

}  // namespace anebench::transform
