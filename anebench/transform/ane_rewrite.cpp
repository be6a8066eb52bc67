#include "anebench/transform/ane_rewrite.h"

#include <fmt/format.h>

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "anebench/transform/walk.h"

namespace anebench::transform {
namespace {

bool is_bool_literal(const mil::Binding& binding) {
  const auto* value = std::get_if<mil::Value>(&binding);
  return value != nullptr && value->type().is_tensor() &&
         value->type().data_type() == mil::DataType::boolean;
}

mil::Operation constant_operation(const std::string& name, mil::Value value) {
  mil::Operation operation;
  operation.type = "const";
  operation.outputs.push_back({name, value.type()});
  operation.attributes.push_back({"name", mil::Value::string(name)});
  operation.attributes.push_back({"val", std::move(value)});
  return operation;
}

class AneRewriter {
 public:
  explicit AneRewriter(const mil::Function& function) {
    for (const mil::NamedType& input : function.inputs) names_.insert(input.name);
    collect_names(function.body);
  }

  // The parsers bound how deep blocks nest.
  void rewrite(mil::Block& block) {
    std::vector<mil::Operation> operations;
    operations.reserve(block.operations.size());
    for (mil::Operation& operation : block.operations) {
      for (mil::Block& inner : operation.blocks) rewrite(inner);
      if (operation.type == "const") {
        if (const mil::Value* value = operation.find_attribute("val");
            value != nullptr && !operation.outputs.empty()) {
          constants_.insert_or_assign(operation.outputs.front().name, *value);
        }
      } else {
        name_literals(operation, operations);
      }
      if (!split_bias(operation, operations)) operations.push_back(std::move(operation));
    }
    block.operations = std::move(operations);
  }

  std::vector<std::string> remarks() const {
    std::vector<std::string> remarks;
    if (named_literals_ > 0) {
      remarks.push_back(fmt::format("{} bool literal{} became a const of {} own", named_literals_,
                                    named_literals_ == 1 ? "" : "s",
                                    named_literals_ == 1 ? "its" : "their"));
    }
    if (split_biases_ > 0) {
      remarks.push_back(fmt::format(
          "the bias of {} convolution{} is added by an operation of its own (one rounding more)",
          split_biases_, split_biases_ == 1 ? "" : "s"));
    }
    return remarks;
  }

 private:
  void collect_names(const mil::Block& block) {
    for (const mil::NamedType& input : block.inputs) names_.insert(input.name);
    visit_operations(block, [&](const mil::Operation& operation) {
      for (const mil::NamedType& output : operation.outputs) names_.insert(output.name);
      for (const mil::Block& inner : operation.blocks) {
        for (const mil::NamedType& input : inner.inputs) names_.insert(input.name);
      }
    });
  }

  std::string fresh_name(const std::string& wish) {
    std::string name = wish;
    for (int i = 2; !names_.insert(name).second; ++i) name = fmt::format("{}_{}", wish, i);
    return name;
  }

  void name_literals(mil::Operation& operation, std::vector<mil::Operation>& before) {
    for (mil::Argument& argument : operation.inputs) {
      for (mil::Binding& binding : argument.bindings) {
        if (!is_bool_literal(binding)) continue;
        const std::string owner =
            operation.outputs.empty() ? operation.type : operation.outputs.front().name;
        const std::string name = fresh_name(fmt::format("{}_{}", owner, argument.parameter));
        before.push_back(constant_operation(name, std::get<mil::Value>(binding)));
        binding = name;
        ++named_literals_;
      }
    }
  }

  // The value that is bound to a parameter, where it is a const or a literal.
  const mil::Value* constant_of(const mil::Argument& argument) const {
    if (argument.bindings.size() != 1) return nullptr;
    if (const auto* value = std::get_if<mil::Value>(&argument.bindings.front())) return value;
    const auto& name = std::get<std::string>(argument.bindings.front());
    const auto found = constants_.find(name);
    return found == constants_.end() ? nullptr : &found->second;
  }

  // The bias as it broadcasts against [batch, channels, …]; nothing where it cannot be.
  static std::optional<mil::Value> reshaped(const mil::Value& bias, const mil::Type& output) {
    if (!output.is_tensor() || output.rank() < 2 || !bias.type().is_tensor() ||
        bias.type().rank() != 1 || bias.type().data_type() != output.data_type()) {
      return std::nullopt;
    }
    mil::Shape shape(output.rank(), mil::Dim(1));
    shape[1] = bias.type().shape().front();
    mil::Type type = mil::Type::tensor(output.data_type(), std::move(shape));
    if (bias.is_blob()) return mil::Value::blob(std::move(type), bias.blob_reference());
    if (!bias.is_packed()) return std::nullopt;
    return mil::Value::packed(std::move(type), {bias.bytes().begin(), bias.bytes().end()});
  }

  // Appends the convolution and its add; false where the operation is none with such a bias.
  bool split_bias(mil::Operation& operation, std::vector<mil::Operation>& operations) {
    if (operation.type != "conv" || operation.outputs.size() != 1) return false;
    const mil::Argument* bias = operation.find_input("bias");
    const mil::Value* value = bias == nullptr ? nullptr : constant_of(*bias);
    if (value == nullptr) return false;
    const mil::NamedType output = operation.outputs.front();
    auto reshaped_bias = reshaped(*value, output.type);
    if (!reshaped_bias) return false;

    std::erase_if(operation.inputs,
                  [](const mil::Argument& argument) { return argument.parameter == "bias"; });
    const std::string sum = fresh_name(output.name + "_without_bias");
    const std::string name = fresh_name(output.name + "_bias");
    operation.outputs.front().name = sum;
    mil::Operation add;
    add.type = "add";
    add.inputs = {{"x", {sum}, false}, {"y", {name}, false}};
    add.outputs = {output};
    add.attributes = {{"name", mil::Value::string(output.name)}};
    operations.push_back(std::move(operation));
    operations.push_back(constant_operation(name, std::move(*reshaped_bias)));
    operations.push_back(std::move(add));
    ++split_biases_;
    return true;
  }

  std::set<std::string, std::less<>> names_;
  // In scope or in a block that has ended, whose names no valid program uses again.
  std::map<std::string, mil::Value, std::less<>> constants_;
  std::size_t named_literals_ = 0;
  std::size_t split_biases_ = 0;
};

}  // namespace

Result<AneRewrite> rewrite_for_ane(const mil::Program& program, std::string_view function) {
  const mil::Function* found = program.find_function(function);
  if (found == nullptr) {
    return fail(ErrorCode::not_found, "the program has no function '{}'", function);
  }
  AneRewriter rewriter(*found);
  mil::Function rewritten = *found;
  rewritten.name = "main";
  rewriter.rewrite(rewritten.body);
  return AneRewrite{with_function(program, std::move(rewritten)), rewriter.remarks()};
}

}  // namespace anebench::transform
