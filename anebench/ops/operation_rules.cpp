#include "anebench/ops/operation_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <variant>
#include <vector>

#include "anebench/ops/arguments.h"
#include "anebench/ops/registry.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using mil::Type;

// What a weight file can hold: every type but bool, strings and the 64-bit ones.
constexpr TypeSet kNotInWeightFiles{DataType::boolean, DataType::string, DataType::fp64,
                                    DataType::int64, DataType::uint64};

bool attributes_are_parameters(const Definition& definition) {
  return definition.is_constexpr || definition.name == "const";
}

class OperationRules {
 public:
  OperationRules(const Arguments& arguments, DiagnosticSink& sink)
      : arguments_(arguments),
        operation_(arguments.operation()),
        version_(arguments.version()),
        sink_(sink) {}

  void check_arguments() {
    std::set<std::string_view> seen;
    for (const mil::Argument& argument : operation_.inputs) {
      if (!seen.insert(argument.parameter).second) {
        sink_.error("duplicate-argument",
                    fmt::format("parameter '{}' is given twice", argument.parameter));
        continue;
      }
      check_argument(argument);
    }
    const bool as_parameters = attributes_are_parameters(arguments_.definition());
    for (const mil::Attribute& attribute : operation_.attributes) {
      const Parameter* parameter = version_.find(attribute.name);
      if (!as_parameters) {
        if (parameter != nullptr) {
          sink_.error("parameter-place", fmt::format("parameter '{}' stands in the attributes; it "
                                                     "belongs to the inputs",
                                                     attribute.name));
        }
        continue;
      }
      if (attribute.name == "name") continue;
      if (parameter == nullptr) {
        unknown_parameter(attribute.name);
      } else if (!seen.insert(attribute.name).second) {
        sink_.error("duplicate-argument",
                    fmt::format("parameter '{}' is given twice", attribute.name));
      } else {
        check_binding(*parameter, attribute.value.type(), true);
      }
    }
    for (const Parameter& parameter : version_.parameters) {
      if (!parameter.optional && !seen.contains(parameter.name)) {
        sink_.error("missing-parameter", fmt::format("parameter '{}' is missing", parameter.name));
      }
    }
  }

  void check_outputs(const std::vector<Type>& inferred) {
    if (inferred.size() != operation_.outputs.size()) {
      sink_.error("output-count", fmt::format("{} outputs are declared, the op has {}",
                                              operation_.outputs.size(), inferred.size()));
      return;
    }
    for (std::size_t i = 0; i < inferred.size(); ++i) {
      const mil::NamedType& declared = operation_.outputs[i];
      if (mil::compatible(declared.type, inferred[i])) continue;
      sink_.error("output-type",
                  fmt::format("'{}' is declared {}, but the op gives {}", declared.name,
                              to_string(declared.type), to_string(inferred[i])));
    }
  }

 private:
  void unknown_parameter(std::string_view name) {
    sink_.error("unknown-parameter",
                fmt::format("there is no parameter '{}' in {}", name, to_string(version_.since)));
  }

  void check_argument(const mil::Argument& argument) {
    const Parameter* parameter = version_.find(argument.parameter);
    if (parameter == nullptr) return unknown_parameter(argument.parameter);
    const bool variadic = parameter->kind == ParameterKind::variadic;
    if (argument.bindings.empty() || (!variadic && argument.bindings.size() != 1)) {
      sink_.error("binding-count", fmt::format("parameter '{}' has {} values", parameter->name,
                                               argument.bindings.size()));
      return;
    }
    for (const mil::Binding& binding : argument.bindings) {
      if (const auto* literal = std::get_if<mil::Value>(&binding)) {
        check_binding(*parameter, literal->type(), true);
      } else if (const Name* name = arguments_.scope().find(std::get<std::string>(binding))) {
        check_binding(*parameter, name->type, name->is_constant);
      }
    }
  }

  void check_binding(const Parameter& parameter, const Type& type, bool is_constant) {
    if (parameter.constant && !is_constant) {
      sink_.error("not-constant",
                  fmt::format("parameter '{}' must be known at compile time", parameter.name));
    }
    if (!has_kind(parameter.kind, type)) {
      sink_.error("parameter-kind",
                  fmt::format("parameter '{}' cannot be {}", parameter.name, to_string(type)));
      return;
    }
    if (!type.is_tensor() || parameter.kind == ParameterKind::variadic) return;
    if (!parameter.types.empty() && !parameter.types.contains(type.data_type())) {
      auto message = fmt::format("parameter '{}' is {}; {} has {}", parameter.name, to_string(type),
                                 to_string(version_.since), to_string(parameter.types));
      if (parameter.lenient_types.contains(type.data_type())) {
        sink_.bend("type-domain", std::move(message));
      } else {
        sink_.error("type-domain", std::move(message));
      }
    }
    if (!parameter.type_variable.empty()) check_variable(parameter, type);
  }

  void check_variable(const Parameter& parameter, const Type& type) {
    // Since iOS 17, where types may be mixed, coremltools writes a default out as a scalar fp32
    // whatever its variable stands for: batch_norm's epsilon beside fp16 statistics, say.
    const bool may_be_default = version_.since >= mil::Opset::ios17 && parameter.optional &&
                                parameter.constant && type.rank() == 0 &&
                                type.data_type() == DataType::fp32;
    const Variable here{parameter.name, type.data_type(), may_be_default};
    const auto [it, is_first] = variables_.try_emplace(parameter.type_variable, here);
    Variable& before = it->second;
    if (is_first || before.type == here.type) {
      before.may_be_default = before.may_be_default && may_be_default;
      return;
    }
    if (may_be_default && mil::is_floating_point(before.type)) return;
    if (before.may_be_default && mil::is_floating_point(here.type)) {
      before = here;
      return;
    }
    sink_.error("type-variable",
                fmt::format("parameter '{}' is {}, but '{}' is {}; they must agree", parameter.name,
                            to_string(here.type), before.parameter, to_string(before.type)));
  }

  static bool has_kind(ParameterKind kind, const Type& type) {
    switch (kind) {
      case ParameterKind::tensor: return type.is_tensor();
      case ParameterKind::list: return type.kind() == Type::Kind::list;
      case ParameterKind::state: return type.kind() == Type::Kind::state;
      case ParameterKind::variadic:
      case ParameterKind::any:
      case ParameterKind::value: return true;
    }
    return true;
  }

  struct Variable {
    std::string_view parameter;
    DataType type;
    bool may_be_default;
  };

  const Arguments& arguments_;
  const mil::Operation& operation_;
  const Version& version_;
  DiagnosticSink& sink_;
  std::map<std::string_view, Variable> variables_;
};

// References into weight files, down to the elements of tuples and lists.
void check_blobs(const mil::Value& value, std::string_view where, DiagnosticSink& sink) {
  if (value.is_blob()) {
    const Type& type = value.type();
    if (!type.byte_size() || kNotInWeightFiles.contains(type.data_type())) {
      sink.error("blob-type", fmt::format("'{}' is {} in a weight file, which cannot hold that",
                                          where, to_string(type)));
    }
    return;
  }
  for (const mil::Value& item : value.item_elements()) check_blobs(item, where, sink);
  for (const auto& [key, entry] : value.dictionary_entries()) check_blobs(entry, where, sink);
}

void check_literals(const mil::Operation& operation, DiagnosticSink& sink) {
  for (const mil::Argument& argument : operation.inputs) {
    for (const mil::Binding& binding : argument.bindings) {
      if (const auto* literal = std::get_if<mil::Value>(&binding)) {
        check_blobs(*literal, argument.parameter, sink);
      }
    }
  }
  for (const mil::Attribute& attribute : operation.attributes) {
    check_blobs(attribute.value, attribute.name, sink);
  }
}

// Nothing, with a diagnostic, where the op is unknown or newer than the function.
std::optional<Arguments> find_definition(const mil::Operation& operation, const Scope& scope,
                                         DiagnosticSink& sink) {
  const Definition* definition = find(operation.type);
  if (definition == nullptr) {
    sink.error("unknown-op", fmt::format("unknown op type '{}'", operation.type));
    return std::nullopt;
  }
  if (version_for(*definition, scope.opset()) == nullptr) {
    sink.error("op-too-new", fmt::format("the op exists since {}, the function is {}",
                                         to_string(definition->versions.front().since),
                                         to_string(scope.opset())));
    return std::nullopt;
  }
  auto arguments = Arguments::bind(operation, scope);
  if (!arguments) return std::nullopt;
  return *std::move(arguments);
}

// Diagnostics name the operation themselves.
std::string without_prefix(std::string message, const Arguments& arguments) {
  const std::string prefix = arguments.describe() + ": ";
  return message.starts_with(prefix) ? message.substr(prefix.size()) : message;
}

}  // namespace

void check_operation(const mil::Operation& operation, const Scope& scope, bool names_are_known,
                     DiagnosticSink& sink) {
  std::optional<Arguments> arguments = find_definition(operation, scope, sink);
  if (arguments && arguments->older_form()) {
    sink.bend("older-form",
              fmt::format("the arguments are those of {}, the function is {}",
                          to_string(arguments->version().since), to_string(scope.opset())));
  }
  const std::size_t errors_before = sink.error_count();
  check_literals(operation, sink);
  for (const mil::NamedType& output : operation.outputs) {
    check_size(output.type, output.name, sink);
  }
  if (!arguments) return;
  const auto blocks = static_cast<std::size_t>(arguments->definition().block_count);
  if (blocks != operation.blocks.size()) {
    sink.error("blocks",
               fmt::format("the op has {} nested blocks, not {}", blocks, operation.blocks.size()));
  }
  OperationRules rules(*arguments, sink);
  rules.check_arguments();
  // Inference relies on what has been checked so far; a second message would only repeat the first.
  if (!names_are_known || sink.error_count() != errors_before) return;

  std::vector<BentRule> bent;
  arguments->watch_rules(sink.is_strict(), &bent);
  const auto inferred = arguments->definition().infer(*arguments);
  for (BentRule& rule : bent) sink.bend(rule.rule, std::move(rule.message));
  if (inferred) {
    rules.check_outputs(*inferred);
  } else if (inferred.error().code() != ErrorCode::unavailable &&
             sink.error_count() == errors_before) {
    sink.error("op-rule", without_prefix(inferred.error().to_string(), *arguments));
  }
}

void check_size(const Type& type, std::string_view name, DiagnosticSink& sink) {
  if (!type.is_tensor() || type.data_type() == DataType::string || type.byte_size()) return;
  if (std::ranges::all_of(type.shape(), &mil::Dim::is_known)) {
    sink.error("size", fmt::format("'{}' is too large: {}", name, to_string(type)));
  }
}

}  // namespace anebench::ops
