#include "anebench/transform/weight_uses.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <variant>

#include "anebench/ops/arguments.h"
#include "anebench/ops/scope.h"
#include "anebench/transform/extract.h"

namespace anebench::transform {
namespace {

// Where nothing is known of the operation: the first dimension that is one, and the last one else.
WeightAxes guessed_axes(const mil::Shape& shape) {
  WeightAxes axes{0, shape.size() - 1};
  while (axes.output + 1 < shape.size() && shape[axes.output].size() == 1) ++axes.output;
  if (axes.output == axes.input) axes.input = axes.output - 1;
  return axes;
}

// Of matmul's operand: rows × columns, or the other way round where it is transposed.
std::optional<WeightAxes> matmul_axes(const ops::Arguments& arguments, bool is_left,
                                      std::size_t rank) {
  const auto transposes = arguments.boolean_or(is_left ? "transpose_x" : "transpose_y", false);
  if (!transposes) return std::nullopt;
  // The inner dimension is the left operand's last and the right one's last but one.
  if (is_left != *transposes) return WeightAxes{rank - 2, rank - 1};
  return WeightAxes{rank - 1, rank - 2};
}

// Nothing where the operation is not known for taking weights there.
std::optional<WeightAxes> known_axes(const mil::Operation& operation, std::string_view parameter,
                                     std::size_t rank, const ops::Scope& scope) {
  const std::string& type = operation.type;
  if (type == "conv_transpose" && parameter == "weight") return WeightAxes{1, 0};
  if ((type == "conv" || type == "linear") && parameter == "weight") return WeightAxes{0, 1};
  if ((type == "lstm" || type == "gru" || type == "rnn") && parameter.starts_with("weight")) {
    return WeightAxes{0, 1};
  }
  if (type != "matmul" && type != "gather") return std::nullopt;
  const auto arguments = ops::Arguments::bind(operation, scope);
  if (!arguments) return std::nullopt;
  if (type == "matmul") return matmul_axes(*arguments, parameter == "x", rank);
  if (parameter != "x") return std::nullopt;
  // A table of embeddings: a row is what is taken out at once.
  const auto axis = arguments->integer_or("axis", 0);
  if (!axis) return std::nullopt;
  const std::int64_t positive = *axis < 0 ? *axis + static_cast<std::int64_t>(rank) : *axis;
  if (positive < 0 || positive >= static_cast<std::int64_t>(rank)) return std::nullopt;
  const auto output = static_cast<std::size_t>(positive);
  return WeightAxes{output, output + 1 == rank ? rank - 2 : rank - 1};
}

class UseCollector {
 public:
  std::vector<ConstantUses> collect(const mil::Function& function,
                                    const mil::BlobResolver* resolver) {
    ops::Scope scope(function, resolver);
    walk(function.body, scope, false);
    return std::move(constants_);
  }

 private:
  void walk(const mil::Block& block, ops::Scope& scope, bool is_nested) {
    for (const mil::Operation& operation : block.operations) {
      const bool is_constant = is_constant_operation(operation);
      const std::size_t position = constants_.size();
      if (is_constant) {
        constants_.push_back({&operation, ops::constant_value(operation), is_nested, {}});
      }
      for (const mil::Argument& argument : operation.inputs) {
        for (const mil::Binding& binding : argument.bindings) {
          const auto* name = std::get_if<std::string>(&binding);
          if (name != nullptr) add_use(*name, &operation, argument.parameter, scope);
        }
      }
      for (const mil::Block& nested : operation.blocks) {
        ops::Scope inner(scope, nested);
        walk(nested, inner, true);
      }
      scope.declare(operation);
      if (!is_constant) continue;
      for (const mil::NamedType& output : operation.outputs) {
        index_.insert_or_assign(scope.find(output.name), position);
      }
    }
    for (const std::string& name : block.outputs) add_use(name, nullptr, {}, scope);
  }

  void add_use(const std::string& name, const mil::Operation* operation, std::string_view parameter,
               const ops::Scope& scope) {
    const ops::Name* found = scope.find(name);
    if (found == nullptr || !found->is_constant) return;
    const auto index = index_.find(found);
    if (index == index_.end()) return;
    ConstantUse use{operation, parameter, {}, false};
    const mil::Type& type = found->type;
    if (operation != nullptr && type.is_tensor() && type.rank() >= 2) {
      const auto axes = known_axes(*operation, parameter, type.rank(), scope);
      use.axes = axes.value_or(guessed_axes(type.shape()));
      use.has_known_axes = axes.has_value();
    }
    constants_[index->second].uses.push_back(use);
  }

  std::vector<ConstantUses> constants_;
  // By what the scope knows of it. A place that a nested scope has left may be taken by another
  // constant, which then replaces the entry, or by what is none, which is never looked up.
  std::unordered_map<const ops::Name*, std::size_t> index_;
};

}  // namespace

const ConstantUse* ConstantUses::leading_use() const {
  const auto known =
      std::ranges::find_if(uses, [](const ConstantUse& use) { return use.has_known_axes; });
  if (known != uses.end()) return &*known;
  return uses.empty() ? nullptr : &uses.front();
}

std::vector<ConstantUses> constants_of(const mil::Function& function,
                                       const mil::BlobResolver* resolver) {
  return UseCollector().collect(function, resolver);
}

std::string describe(const mil::Operation& operation) {
  return fmt::format("{} '{}'", operation.type, operation.label());
}

}  // namespace anebench::transform
