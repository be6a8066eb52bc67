#include "anebench/transform/ane_lint.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>
#include <variant>

#include "anebench/ops/arguments.h"
#include "anebench/ops/evaluate.h"
#include "anebench/ops/scope.h"
#include "anebench/transform/extract.h"
#include "anebench/transform/match.h"

namespace anebench::transform {
namespace {

using mil::DataType;

bool is_literal_bool(const mil::Binding& binding) {
  const auto* value = std::get_if<mil::Value>(&binding);
  return value != nullptr && value->type().is_tensor() &&
         value->type().data_type() == DataType::boolean;
}

// The newest opset that a function of the program has; format 1.3 came with iOS 18.
mil::Opset newest_opset(const mil::Program& program) {
  mil::Opset newest = program.version() == "1.3" ? mil::Opset::ios18 : mil::Opset::ios13;
  for (const mil::Function& function : program.functions()) {
    newest = std::max(newest, mil::parse_opset(function.opset).value_or(mil::Opset::ios26));
  }
  return newest;
}

class Linter {
 public:
  Linter(const LintOptions& options, mil::Opset newest) : options_(options), newest_(newest) {}

  void lint(const mil::Function& function) {
    function_ = &function;
    std::vector<mil::NamedType> inputs;
    for (const mil::NamedType& input : function.inputs) {
      if (input.type.kind() == mil::Type::Kind::state) {
        check_state(input);
      } else {
        inputs.push_back(input);
      }
    }
    const std::vector<mil::NamedType> outputs = outputs_of(function);
    check_edge("input", inputs);
    check_edge("output", outputs);
    for (const mil::NamedType& input : inputs) {
      if (input.type.is_tensor() && input.type.data_type() == DataType::int8) {
        add(AneRule::int8_input, fmt::format("the input '{}' is int8", input.name));
      }
    }
    Scope scope(function, options_.resolver);
    depth_is_reported_ = false;
    lint(function.body, scope);
  }

  std::vector<LintFinding> take() { return std::move(findings_); }

 private:
  using Scope = ops::Scope;
  // Convolutions in a row up to each value of a block.
  using Depths = std::map<std::string_view, std::size_t>;

  // Inputs or outputs, as the surfaces of a request.
  void check_edge(std::string_view kind, const std::vector<mil::NamedType>& values) {
    std::int64_t smallest = 0;
    std::int64_t largest = 0;
    bool is_first = true;
    for (const auto& [name, type] : values) {
      if (!type.is_tensor()) continue;
      check_framework_type(kind, name, type.data_type());
      const auto bytes = type.byte_size();
      if (!bytes) continue;
      if (*bytes < kSafeSurfaceBytes) {
        add(AneRule::surface_size, fmt::format("the {} '{}' has {} bytes", kind, name, *bytes));
      }
      smallest = is_first ? *bytes : std::min(smallest, *bytes);
      largest = is_first ? *bytes : std::max(largest, *bytes);
      is_first = false;
    }
    if (smallest != largest) {
      add(AneRule::surface_sizes_differ,
          fmt::format("the {}s have from {} to {} bytes", kind, smallest, largest));
    }
    const auto by_name = [](const mil::NamedType& a, const mil::NamedType& b) {
      return a.name < b.name;
    };
    if (std::is_sorted(values.begin(), values.end(), by_name)) return;
    std::vector<mil::NamedType> sorted = values;
    std::sort(sorted.begin(), sorted.end(), by_name);
    std::string order;
    for (const mil::NamedType& value : sorted) order += (order.empty() ? "" : ", ") + value.name;
    add(AneRule::binding_order, fmt::format("the {}s bind as {}", kind, order));
  }

  void check_framework_type(std::string_view kind, std::string_view name, DataType type) {
    const bool is_allowed = type == DataType::fp32 || type == DataType::int32 ||
                            type == DataType::string ||
                            (type == DataType::fp16 && newest_ >= mil::Opset::ios16) ||
                            (type == DataType::int8 && newest_ >= mil::Opset::ios26);
    if (is_allowed) return;
    add(AneRule::framework_io_type, fmt::format("the {} '{}' is {} in an {} program", kind, name,
                                                mil::to_string(type), mil::to_string(newest_)));
  }

  void check_state(const mil::NamedType& state) {
    const mil::Type& held = state.type.elements().front();
    if (held.is_tensor() && held.data_type() == DataType::fp16 && held.byte_size()) return;
    add(AneRule::framework_state,
        fmt::format("the state '{}' holds {}", state.name, mil::to_string(held)));
  }

  // The parsers bound how deep blocks nest.
  void lint(const mil::Block& block, Scope& scope) {
    Depths depths;
    for (std::size_t i = 0; i < block.operations.size(); ++i) {
      const mil::Operation& operation = block.operations[i];
      enter(operation, i);
      check_type(operation);
      check_literals(operation);
      check_depth(operation, depths);
      // Operations that do not fit their definition are the verifier's to explain.
      if (const auto arguments = ops::Arguments::bind(operation, scope)) check(*arguments);
      for (const mil::Block& nested : operation.blocks) {
        Scope inner(scope, nested);
        lint(nested, inner);
      }
      scope.declare(operation);
    }
    operation_ = nullptr;
  }

  void enter(const mil::Operation& operation, std::size_t index) {
    operation_ = &operation;
    op_index_ = index;
  }

  void check_type(const mil::Operation& operation) {
    if (operation.type == "concat") add(AneRule::concat, "a concat");
    if (operation.type == "gelu") add(AneRule::gelu, "a gelu");
    if (operation.type == "constexpr_blockwise_shift_scale") {
      add(AneRule::blockwise_weights, "weights with a scale a block");
    }
  }

  void check_literals(const mil::Operation& operation) {
    if (is_constant_operation(operation)) return;
    for (const mil::Argument& argument : operation.inputs) {
      if (std::none_of(argument.bindings.begin(), argument.bindings.end(), is_literal_bool)) {
        continue;
      }
      const bool is_flag =
          operation.type == "matmul" && argument.parameter.starts_with("transpose_");
      add(is_flag ? AneRule::matmul_flags : AneRule::literal_bool,
          fmt::format("{} is a literal", argument.parameter));
    }
  }

  void check_depth(const mil::Operation& operation, Depths& depths) {
    std::size_t depth = 0;
    for (const mil::Argument& argument : operation.inputs) {
      for (const mil::Binding& binding : argument.bindings) {
        const auto* name = std::get_if<std::string>(&binding);
        const auto found = name == nullptr ? depths.end() : depths.find(*name);
        if (found != depths.end()) depth = std::max(depth, found->second);
      }
    }
    if (operation.type == "conv") ++depth;
    if (depth == 0) return;
    for (const mil::NamedType& output : operation.outputs) depths[output.name] = depth;
    if (depth < kFatalConvDepth || depth_is_reported_) return;
    depth_is_reported_ = true;
    add(AneRule::conv_depth, fmt::format("this is convolution {} of a chain", depth));
  }

  void check(const ops::Arguments& arguments) {
    const std::string& type = arguments.operation().type;
    if (type == "conv") {
      if (arguments.has("bias")) add(AneRule::conv_bias, "it has a bias");
      if (!arguments.is_constant("weight")) {
        add(AneRule::conv_weight, "the weight is computed by the program");
      }
    } else if (type == "scaled_dot_product_attention") {
      if (arguments.has("attn_mask")) add(AneRule::attention_mask, "it has a mask");
    } else if (type == "quantize") {
      check_scale(arguments);
    }
  }

  void check_scale(const ops::Arguments& arguments) {
    // A scale that cannot be read here is the verifier's or the weight reader's to explain.
    const auto value = ops::constant_argument(arguments, "scale");
    const ops::Tensor* tensor = value ? value->tensor() : nullptr;
    if (tensor == nullptr) return;
    const std::vector<double> scales = tensor->to_doubles();
    const auto negative =
        std::find_if(scales.begin(), scales.end(), [](double s) { return s < 0; });
    if (negative == scales.end()) return;
    add(AneRule::negative_scale, fmt::format("a scale is {:g}", *negative));
  }

  void add(AneRule rule, std::string seen) {
    LintFinding finding;
    finding.rule = rule;
    finding.seen = std::move(seen);
    finding.function = function_->name;
    if (operation_ != nullptr) {
      finding.op_index = op_index_;
      finding.op_type = operation_->type;
      finding.op_label = operation_->label();
      finding.location = operation_->location;
    }
    findings_.push_back(std::move(finding));
  }

  const LintOptions& options_;
  mil::Opset newest_;
  std::vector<LintFinding> findings_;
  const mil::Function* function_ = nullptr;
  // The operation that the walk has reached; null at the function's edge.
  const mil::Operation* operation_ = nullptr;
  std::size_t op_index_ = 0;
  bool depth_is_reported_ = false;
};

}  // namespace

std::vector<LintFinding> lint_for_ane(const mil::Program& program, const LintOptions& options) {
  Linter linter(options, newest_opset(program));
  for (const mil::Function& function : program.functions()) {
    if (options.function.empty() || function.name == options.function) linter.lint(function);
  }
  return linter.take();
}

}  // namespace anebench::transform
