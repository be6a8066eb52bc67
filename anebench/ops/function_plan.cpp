#include "anebench/ops/function_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "anebench/base/bytes.h"
#include "anebench/mil/names_read.h"
#include "anebench/ops/registry.h"

namespace anebench::ops {
namespace {

using LastUses = std::map<std::string, std::size_t, std::less<>>;

// Counts what nested blocks take from around them as used by the operation that carries them. A
// nested name that hides one of these only makes it live longer.
void note_uses(const mil::Operation& operation, std::size_t index, LastUses& last_use) {
  mil::visit_names_read(operation, [&](const std::string& name) {
    if (const auto found = last_use.find(name); found != last_use.end()) found->second = index;
  });
}

}  // namespace

bool is_executed(const mil::Operation& operation) {
  const Definition* definition = find(operation.type);
  return operation.type != "const" && (definition == nullptr || !definition->is_constexpr);
}

Result<FunctionPlan> FunctionPlan::create(const mil::Function& function) {
  FunctionPlan plan(function);
  ANEBENCH_TRY(plan.analyse(function.body, function.inputs));
  return plan;
}

Result<std::int64_t> FunctionPlan::analyse(const mil::Block& block,
                                           const std::vector<mil::NamedType>& inputs) {
  const auto& operations = block.operations;
  LastUses last_use;
  for (const mil::NamedType& input : inputs) last_use[input.name] = 0;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    note_uses(operations[i], i, last_use);
    for (const mil::NamedType& output : operations[i].outputs) last_use[output.name] = i;
  }
  for (const std::string& name : block.outputs) last_use.erase(name);
  BlockPlan& plan = blocks_[&block];
  plan.dead_after.resize(operations.size());
  for (const auto& [name, index] : last_use) {
    if (!operations.empty()) plan.dead_after[index].push_back(name);
  }
  // References into an unordered_map stay valid while nested blocks are added.
  std::map<std::string_view, std::int64_t> live;
  std::int64_t bytes = 0;
  std::int64_t peak = 0;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const mil::Operation& operation = operations[i];
    if (!is_executed(operation)) continue;
    for (const mil::NamedType& output : operation.outputs) {
      const std::int64_t size = output.type.byte_size().value_or(0);
      const auto total = checked_add(bytes, size);
      if (!total) {
        return fail(ErrorCode::resource_exhausted, "{} '{}': its {} exceeds any memory",
                    operation.type, operation.label(), to_string(output.type));
      }
      bytes = *total;
      live[output.name] = size;
    }
    std::int64_t nested = 0;
    for (const mil::Block& inner : operation.blocks) {
      ANEBENCH_ASSIGN(inner_peak, analyse(inner, inner.inputs));
      nested = std::max(nested, inner_peak);
    }
    const auto here = checked_add(bytes, nested);
    if (!here) {
      return fail(ErrorCode::resource_exhausted, "{} '{}': its blocks exceed any memory",
                  operation.type, operation.label());
    }
    if (*here > peak) {
      peak = *here;
      if (peak > peak_bytes_) {
        peak_bytes_ = peak;
        peak_operation_ = fmt::format("{} '{}'", operation.type, operation.label());
      }
    }
    for (const std::string& name : plan.dead_after[i]) {
      if (const auto found = live.find(name); found != live.end()) {
        bytes -= found->second;
        live.erase(found);
      }
    }
  }
  return peak;
}

Result<void> FunctionPlan::load(const mil::BlobResolver& resolver, std::int64_t limit_bytes) {
  unload();
  Scope scope(*function_, &resolver);
  return load(function_->body, scope, {}, limit_bytes);
}

Result<void> FunctionPlan::load(const mil::Block& block, Scope& scope, TensorEnvironment visible,
                                std::int64_t limit_bytes) {
  for (const mil::NamedType& input : block.inputs) visible.erase(input.name);
  for (const mil::Operation& operation : block.operations) {
    scope.declare(operation);
    for (const mil::NamedType& output : operation.outputs) visible.erase(output.name);
    const mil::Value* value = constant_value(operation);
    if (value == nullptr || !value->is_blob()) continue;
    ANEBENCH_TRY(scope.resolver()->resolve(value->blob_reference(), value->type()),
                 fmt::format("const '{}'", operation.label()));
  }
  ANEBENCH_TRY(fold_constants(block, scope, visible, limit_bytes - constant_bytes_));
  TensorEnvironment& constants = blocks_.at(&block).constants;
  for (const mil::Operation& operation : block.operations) {
    for (const mil::NamedType& output : operation.outputs) {
      const auto found = visible.find(output.name);
      if (found == visible.end() || is_executed(operation)) continue;
      constants.insert(*found);
      constant_bytes_ += static_cast<std::int64_t>(found->second.bytes().size());
    }
  }
  for (const mil::Operation& operation : block.operations) {
    for (const mil::Block& nested : operation.blocks) {
      Scope inner(scope, nested);
      ANEBENCH_TRY(load(nested, inner, visible, limit_bytes));
    }
  }
  return {};
}

void FunctionPlan::unload() {
  for (auto& [block, plan] : blocks_) plan.constants.clear();
  constant_bytes_ = 0;
}

}  // namespace anebench::ops
