#include "anebench/transform/program_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <variant>

#include "anebench/base/units.h"
#include "anebench/transform/constant_table.h"
#include "anebench/transform/walk.h"

namespace anebench::transform {
namespace {

// Which value after is which before: of one block, over those of the enclosing blocks.
class Partners {
 public:
  explicit Partners(const Partners* parent = nullptr) : parent_(parent) {}

  void pair(std::string_view before, std::string_view after) { partners_.emplace(before, after); }
  bool are_paired(std::string_view before, std::string_view after) const {
    const auto found = partners_.find(before);
    if (found != partners_.end()) return found->second == after;
    return parent_ != nullptr && parent_->are_paired(before, after);
  }

 private:
  const Partners* parent_;
  std::map<std::string_view, std::string_view> partners_;
};

// What is needed to read one of the two blocks that are compared.
struct Side {
  const mil::Block& block;
  const ConstantTable& constants;
};

// One position of a parameter: a constant, or a value that the program computes.
struct Operand {
  std::optional<Constant> constant;
  std::string_view name;
};
using Operands = std::vector<Operand>;

Operand operand_of(const std::string& name, const ConstantTable& constants) {
  const Constant* found = constants.find(name);
  return {found != nullptr ? std::optional(*found) : std::nullopt, name};
}

std::map<std::string_view, Operands> operands_of(const mil::Operation& operation,
                                                 const ConstantTable& constants) {
  std::map<std::string_view, Operands> result;
  for (const mil::Attribute& attribute : operation.attributes) {
    if (attribute.name == "name") continue;
    result[attribute.name].push_back({constants.literal(attribute.value), {}});
  }
  for (const mil::Argument& argument : operation.inputs) {
    Operands& operands = result[argument.parameter];
    for (const mil::Binding& binding : argument.bindings) {
      if (const auto* value = std::get_if<mil::Value>(&binding)) {
        operands.push_back({constants.literal(*value), {}});
        continue;
      }
      operands.push_back(operand_of(std::get<std::string>(binding), constants));
    }
  }
  return result;
}

bool are_equal(const Operands& before, const Operands& after, const Partners& names) {
  return std::equal(before.begin(), before.end(), after.begin(), after.end(),
                    [&](const Operand& a, const Operand& b) {
                      if (a.constant && b.constant) return a.constant->digest == b.constant->digest;
                      return !a.constant && !b.constant && names.are_paired(a.name, b.name);
                    });
}

std::string text_of(const Operand& operand) {
  if (!operand.constant) return fmt::format("'{}'", operand.name);
  const Constant& constant = *operand.constant;
  if (constant.value != nullptr) {
    if (const auto text = constant.value->as_string()) return fmt::format("\"{}\"", *text);
    if (const auto flag = constant.value->as_bool()) return *flag ? "true" : "false";
    if (const auto number = constant.value->as_double()) return fmt::format("{:g}", *number);
  }
  const auto bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(constant.stored_bytes, 0));
  const std::string what = constant.value != nullptr ? mil::to_string(constant.value->type())
                                                     : std::string(constant.op_type);
  return fmt::format("{}, {}", what, format_bytes(bytes));
}

std::string text_of(const Operands& operands) {
  if (operands.empty()) return "nothing";
  std::string text = text_of(operands.front());
  if (operands.size() > 1) text += fmt::format(" and {} more", operands.size() - 1);
  return text;
}

std::string describe_change(std::string_view parameter, const Operands& before,
                            const Operands& after) {
  const std::string was = text_of(before);
  const std::string is = text_of(after);
  if (was == is) return fmt::format("{}: other values, {}", parameter, is);
  return fmt::format("{}: {} → {}", parameter, was, is);
}

class FunctionDiffer {
 public:
  FunctionDiffer(const mil::Function& before, const mil::Function& after,
                 const DiffResolvers& resolvers)
      : before_(before), after_(after), resolvers_(resolvers) {}

  FunctionDiff run() {
    diff_.name = before_.name;
    diff_.opset_before = before_.opset;
    diff_.opset_after = after_.opset;
    Partners names;
    for (const MatchedPair& pair : compare_values("input", before_.inputs, after_.inputs).pairs) {
      names.pair(before_.inputs[pair.before].name, after_.inputs[pair.after].name);
    }
    const ConstantTable constants_before(before_.body, resolvers_.before);
    const ConstantTable constants_after(after_.body, resolvers_.after);
    compare({before_.body, constants_before}, {after_.body, constants_after}, names, "");
    compare_values("output", outputs_of(before_), outputs_of(after_));
    return std::move(diff_);
  }

 private:
  ListMatch compare_values(const std::string& what, const std::vector<mil::NamedType>& before,
                           const std::vector<mil::NamedType>& after) {
    ListMatch match = match_values(before, after);
    for (const MatchedPair& pair : match.pairs) {
      const mil::NamedType& was = before[pair.before];
      const mil::NamedType& is = after[pair.after];
      // An output's name is what callers know it by.
      if (was.type == is.type && was.name == is.name) continue;
      diff_.values.push_back({ChangeKind::changed, what, was.name, was.type, is.type});
      if (was.name != is.name) diff_.values.back().name += " → " + is.name;
    }
    for (const std::size_t i : match.removed) {
      diff_.values.push_back(
          {ChangeKind::removed, what, before[i].name, before[i].type, std::nullopt});
    }
    for (const std::size_t i : match.added) {
      diff_.values.push_back({ChangeKind::added, what, after[i].name, std::nullopt, after[i].type});
    }
    return match;
  }

  void compare(const Side& before, const Side& after, Partners& names, const std::string& prefix) {
    const ListMatch match = match_operations(before.block, after.block);
    for (const MatchedPair& pair : match.pairs) {
      const auto& was = before.block.operations[pair.before].outputs;
      const auto& is = after.block.operations[pair.after].outputs;
      for (std::size_t i = 0; i < std::min(was.size(), is.size()); ++i) {
        names.pair(was[i].name, is[i].name);
      }
    }
    for (const MatchedPair& pair : match.pairs) {
      const mil::Operation& was = before.block.operations[pair.before];
      const mil::Operation& is = after.block.operations[pair.after];
      std::vector<std::string> parts = changes(was, is, before.constants, after.constants, names);
      if (was.blocks.size() != is.blocks.size()) {
        parts.push_back(fmt::format("{} → {} blocks", was.blocks.size(), is.blocks.size()));
      }
      if (parts.empty()) {
        ++diff_.equal_operations;
      } else {
        add(ChangeKind::changed, was, prefix, std::move(parts));
      }
      compare_blocks(before, after, was, is, names, prefix);
    }
    for (const std::size_t i : match.removed) {
      add(ChangeKind::removed, before.block.operations[i], prefix, {});
    }
    for (const std::size_t i : match.added) {
      add(ChangeKind::added, after.block.operations[i], prefix, {});
    }
  }

  // The blocks of two matched operations. The parsers bound how deep blocks nest.
  void compare_blocks(const Side& before, const Side& after, const mil::Operation& was,
                      const mil::Operation& is, const Partners& enclosing,
                      const std::string& prefix) {
    for (std::size_t i = 0; i < std::min(was.blocks.size(), is.blocks.size()); ++i) {
      const mil::Block& block_before = was.blocks[i];
      const mil::Block& block_after = is.blocks[i];
      Partners names(&enclosing);
      for (const MatchedPair& pair : match_values(block_before.inputs, block_after.inputs).pairs) {
        names.pair(block_before.inputs[pair.before].name, block_after.inputs[pair.after].name);
      }
      const ConstantTable constants_before(block_before, resolvers_.before, &before.constants);
      const ConstantTable constants_after(block_after, resolvers_.after, &after.constants);
      compare({block_before, constants_before}, {block_after, constants_after}, names,
              fmt::format("{}{}/{}/", prefix, name_of(was), i));
      Operands returned_before;
      Operands returned_after;
      for (const std::string& name : block_before.outputs) {
        returned_before.push_back(operand_of(name, constants_before));
      }
      for (const std::string& name : block_after.outputs) {
        returned_after.push_back(operand_of(name, constants_after));
      }
      if (!are_equal(returned_before, returned_after, names)) {
        add(ChangeKind::changed, was, prefix,
            {describe_change(fmt::format("block {} returns", i), returned_before, returned_after)});
      }
    }
  }

  static std::vector<std::string> changes(const mil::Operation& before, const mil::Operation& after,
                                          const ConstantTable& constants_before,
                                          const ConstantTable& constants_after,
                                          const Partners& names) {
    std::vector<std::string> parts;
    if (before.type != after.type) parts.push_back(fmt::format("{} → {}", before.type, after.type));
    const auto operands_before = operands_of(before, constants_before);
    const auto operands_after = operands_of(after, constants_after);
    std::set<std::string_view> parameters;
    for (const auto& [parameter, operands] : operands_before) parameters.insert(parameter);
    for (const auto& [parameter, operands] : operands_after) parameters.insert(parameter);
    for (const std::string_view parameter : parameters) {
      const auto was = operands_before.find(parameter);
      const auto is = operands_after.find(parameter);
      const Operands none;
      const Operands& a = was == operands_before.end() ? none : was->second;
      const Operands& b = is == operands_after.end() ? none : is->second;
      if (!are_equal(a, b, names)) parts.push_back(describe_change(parameter, a, b));
    }
    for (std::size_t i = 0; i < std::max(before.outputs.size(), after.outputs.size()); ++i) {
      const std::string was = output_text(before, i);
      const std::string is = output_text(after, i);
      if (was != is) parts.push_back(fmt::format("output: {} → {}", was, is));
    }
    return parts;
  }

  static std::string output_text(const mil::Operation& operation, std::size_t index) {
    return index < operation.outputs.size() ? mil::to_string(operation.outputs[index].type)
                                            : "nothing";
  }
  static std::string name_of(const mil::Operation& operation) {
    return operation.outputs.empty() ? std::string(operation.label())
                                     : operation.outputs.front().name;
  }

  void add(ChangeKind kind, const mil::Operation& operation, const std::string& prefix,
           std::vector<std::string> parts) {
    diff_.operations.push_back(
        {kind, prefix + name_of(operation), operation.type, std::move(parts)});
  }

  const mil::Function& before_;
  const mil::Function& after_;
  const DiffResolvers& resolvers_;
  FunctionDiff diff_;
};

void count_weights(const mil::Program& program, std::map<mil::DataType, WeightTotal>& totals,
                   std::size_t WeightTotal::* count, std::int64_t WeightTotal::* bytes) {
  visit_values(program, [&](const mil::Value& value) {
    if (!value.is_blob() && !value.is_packed()) return;
    WeightTotal& total = totals[value.type().data_type()];
    total.type = value.type().data_type();
    ++(total.*count);
    // Sizes beyond an int64 are for the verifier to name.
    const std::int64_t size = value.type().byte_size().value_or(0);
    if (size <= INT64_MAX - total.*bytes) total.*bytes += size;
  });
}

}  // namespace

std::string_view to_string(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::added: return "added";
    case ChangeKind::removed: return "removed";
    case ChangeKind::changed: return "changed";
  }
  return "unknown";
}

bool ProgramDiff::is_equal() const {
  return removed_functions.empty() && added_functions.empty() &&
         std::all_of(functions.begin(), functions.end(),
                     [](const FunctionDiff& function) { return function.is_equal(); });
}

ProgramDiff diff_programs(const mil::Program& before, const mil::Program& after,
                          const DiffResolvers& resolvers) {
  ProgramDiff diff;
  diff.version_before = before.version();
  diff.version_after = after.version();
  for (const mil::Function& function : before.functions()) {
    const mil::Function* partner = after.find_function(function.name);
    if (partner == nullptr) {
      diff.removed_functions.push_back(function.name);
    } else {
      diff.functions.push_back(FunctionDiffer(function, *partner, resolvers).run());
    }
  }
  for (const mil::Function& function : after.functions()) {
    if (before.find_function(function.name) == nullptr) {
      diff.added_functions.push_back(function.name);
    }
  }
  std::map<mil::DataType, WeightTotal> totals;
  count_weights(before, totals, &WeightTotal::count_before, &WeightTotal::bytes_before);
  count_weights(after, totals, &WeightTotal::count_after, &WeightTotal::bytes_after);
  for (const auto& [type, total] : totals) diff.weights.push_back(total);
  return diff;
}

}  // namespace anebench::transform
