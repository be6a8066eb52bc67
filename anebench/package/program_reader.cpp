#include "anebench/package/program_reader.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "anebench/ops/registry.h"
#include "anebench/package/fields.h"
#include "anebench/package/opset_name.h"
#include "anebench/package/value_reader.h"

namespace anebench::package {
namespace {

Result<mil::NamedType> read_named_type(Message input, ReadState& state) {
  mil::NamedType named;
  bool has_type = false;
  auto named_type_fields =
      read_fields<NamedTypeField>(input, state, [&](auto& message) -> Result<bool> {
        switch (message.tag_and_type()) {
          case bytes_field(NamedTypeField::name): named.name = message.get_string(); return true;
          case bytes_field(NamedTypeField::type): {
            const FieldPath::Step step(state.path(), "type");
            ANEBENCH_ASSIGN(type, read_type(message.get_view(), state));
            named.type = std::move(type);
            has_type = true;
            return true;
          }
          default: return false;
        }
      });
  ANEBENCH_TRY(named_type_fields);
  if (!has_type) return fail(ErrorCode::parse_error, "\"{}\" has no type", named.name);
  return named;
}

Result<void> append_named_type(std::string_view kind, Message input, ReadState& state,
                               std::vector<mil::NamedType>& into) {
  const FieldPath::Step step(state.path(), kind, into.size());
  ANEBENCH_ASSIGN(named, read_named_type(input, state));
  into.push_back(std::move(named));
  return {};
}

Result<void> append_attribute(Message input, ReadState& state, std::vector<mil::Attribute>& into) {
  return read_entry(input, state, [&](std::string_view name, Message value_input) -> Result<void> {
    const FieldPath::Step step(state.path(), "attribute", name);
    ANEBENCH_ASSIGN(value, read_value(value_input, state), fmt::format("attribute '{}'", name));
    into.push_back({.name = std::string(name), .value = std::move(value)});
    return {};
  });
}

Result<mil::Binding> read_binding(Message input, ReadState& state) {
  std::optional<mil::Binding> binding;
  auto binding_fields = read_fields<BindingField>(input, state, [&](auto& message) -> Result<bool> {
    switch (message.tag_and_type()) {
      case bytes_field(BindingField::name): binding = message.get_string(); return true;
      case bytes_field(BindingField::value): {
        const FieldPath::Step step(state.path(), "value");
        ANEBENCH_ASSIGN(value, read_value(message.get_view(), state));
        binding = std::move(value);
        return true;
      }
      default: return false;
    }
  });
  ANEBENCH_TRY(binding_fields);
  if (!binding) return fail(ErrorCode::parse_error, "an argument is neither a name nor a value");
  return std::move(*binding);
}

// An argument of one binding looks the same whether the parameter takes several or not.
bool takes_several(std::string_view op_type, std::string_view parameter) {
  const ops::Definition* definition = ops::find(op_type);
  // Of ops that are not defined here: the names that the language's parameters of this kind have.
  if (definition == nullptr) return parameter == "loop_vars" || parameter == "values";
  const ops::Parameter* found = definition->versions.back().find(parameter);
  return found != nullptr && found->kind == ops::ParameterKind::variadic;
}

Result<void> append_argument(const std::string& op_type, Message input, ReadState& state,
                             std::vector<mil::Argument>& into) {
  return read_entry(input, state, [&](std::string_view name, Message value) -> Result<void> {
    mil::Argument argument;
    argument.parameter = name;
    const FieldPath::Step step(state.path(), "argument", name);
    const auto read = read_fields<ArgumentField>(value, state, [&](auto& message) -> Result<bool> {
      if (message.tag_and_type() != bytes_field(ArgumentField::arguments)) return false;
      const FieldPath::Step binding_step(state.path(), "binding", argument.bindings.size());
      ANEBENCH_ASSIGN(binding, read_binding(message.get_view(), state));
      argument.bindings.push_back(std::move(binding));
      return true;
    });
    ANEBENCH_TRY(read, fmt::format("argument '{}'", name));
    argument.is_variadic = argument.bindings.size() != 1 || takes_several(op_type, name);
    into.push_back(std::move(argument));
    return {};
  });
}

// What the paths of an operation's fields are named by: its first result, else its place.
std::string label_of(Message input, std::size_t index) {
  protozero::pbf_message<OperationField> operation(input);
  while (operation.next(OperationField::outputs, protozero::pbf_wire_type::length_delimited)) {
    protozero::pbf_message<NamedTypeField> output(operation.get_view());
    if (output.next(NamedTypeField::name, protozero::pbf_wire_type::length_delimited)) {
      return output.get_string();
    }
  }
  return fmt::format("#{}", index);
}

Result<mil::Block> read_block(Message input, ReadState& state);

Result<mil::Operation> read_operation(Message input, ReadState& state) {
  mil::Operation operation;
  // The type decides how arguments are read, and may come after them.
  std::vector<Message> inputs;
  auto operation_fields =
      read_fields<OperationField>(input, state, [&](auto& message) -> Result<bool> {
        switch (message.tag_and_type()) {
          case bytes_field(OperationField::type):
            operation.type = message.get_string();
            return true;
          case bytes_field(OperationField::inputs):
            inputs.push_back(message.get_view());
            return true;
          case bytes_field(OperationField::outputs):
            ANEBENCH_TRY(append_named_type("output", message.get_view(), state, operation.outputs));
            return true;
          case bytes_field(OperationField::blocks): {
            const FieldPath::Step step(state.path(), "block", operation.blocks.size());
            ANEBENCH_ASSIGN(block, read_block(message.get_view(), state));
            operation.blocks.push_back(std::move(block));
            return true;
          }
          case bytes_field(OperationField::attributes):
            ANEBENCH_TRY(append_attribute(message.get_view(), state, operation.attributes));
            return true;
          default: return false;
        }
      });
  ANEBENCH_TRY(operation_fields);
  operation.inputs.reserve(inputs.size());
  for (const Message argument : inputs) {
    ANEBENCH_TRY(append_argument(operation.type, argument, state, operation.inputs));
  }
  return operation;
}

Result<mil::Block> read_block(Message input, ReadState& state) {
  mil::Block block;
  auto block_fields = read_fields<BlockField>(input, state, [&](auto& message) -> Result<bool> {
    switch (message.tag_and_type()) {
      case bytes_field(BlockField::inputs):
        ANEBENCH_TRY(append_named_type("input", message.get_view(), state, block.inputs));
        return true;
      case bytes_field(BlockField::outputs):
        ANEBENCH_TRY(state.count());
        block.outputs.push_back(message.get_string());
        return true;
      case bytes_field(BlockField::operations): {
        const Message operation_input = message.get_view();
        const std::string label = label_of(operation_input, block.operations.size());
        const FieldPath::Step step(state.path(), "op", label);
        ANEBENCH_ASSIGN(operation, read_operation(operation_input, state),
                        fmt::format("operation '{}'", label));
        block.operations.push_back(std::move(operation));
        return true;
      }
      case bytes_field(BlockField::attributes):
        ANEBENCH_TRY(append_attribute(message.get_view(), state, block.attributes));
        return true;
      default: return false;
    }
  });
  ANEBENCH_TRY(block_fields);
  return block;
}

Result<mil::Function> read_function(std::string_view name, Message input, ReadState& state) {
  mil::Function function;
  function.name = name;
  std::string opset;
  // Entries of the map from opset to block.
  std::vector<Message> blocks;
  auto function_fields =
      read_fields<FunctionField>(input, state, [&](auto& message) -> Result<bool> {
        switch (message.tag_and_type()) {
          case bytes_field(FunctionField::inputs):
            ANEBENCH_TRY(append_named_type("input", message.get_view(), state, function.inputs));
            return true;
          case bytes_field(FunctionField::opset): opset = message.get_string(); return true;
          case bytes_field(FunctionField::block_specializations):
            blocks.push_back(message.get_view());
            return true;
          case bytes_field(FunctionField::attributes):
            ANEBENCH_TRY(append_attribute(message.get_view(), state, function.attributes));
            return true;
          default: return false;
        }
      });
  ANEBENCH_TRY(function_fields);
  function.opset = opset_in_text(opset);

  bool has_body = false;
  for (const Message entry : blocks) {
    auto entry_read =
        read_entry(entry, state, [&](std::string_view key, Message value) -> Result<void> {
          if (key != opset || has_body) {
            state.keep_unknown_message(FunctionField::block_specializations, entry);
            return {};
          }
          const FieldPath::Step step(state.path(), "body");
          ANEBENCH_ASSIGN(block, read_block(value, state));
          function.body = std::move(block);
          has_body = true;
          return {};
        });
    ANEBENCH_TRY(entry_read);
  }
  if (!has_body) {
    return fail(ErrorCode::parse_error, "there is no block for its opset \"{}\"", opset);
  }
  return function;
}

Result<void> append_function(Message input, ReadState& state, std::vector<mil::Function>& into) {
  return read_entry(input, state, [&](std::string_view name, Message value) -> Result<void> {
    const FieldPath::Step step(state.path(), "function", name);
    ANEBENCH_ASSIGN(function, read_function(name, value, state),
                    fmt::format("function '{}'", name));
    into.push_back(std::move(function));
    return {};
  });
}

}  // namespace

Result<mil::ProgramData> read_program(Message input, ReadState& state) {
  mil::ProgramData program;
  std::int64_t version = 0;
  auto program_fields = read_fields<ProgramField>(input, state, [&](auto& message) -> Result<bool> {
    switch (message.tag_and_type()) {
      case varint_field(ProgramField::version): version = message.get_int64(); return true;
      case bytes_field(ProgramField::functions):
        ANEBENCH_TRY(append_function(message.get_view(), state, program.functions));
        return true;
      case bytes_field(ProgramField::doc_string):
        program.doc_string = message.get_string();
        return true;
      case bytes_field(ProgramField::attributes):
        ANEBENCH_TRY(append_attribute(message.get_view(), state, program.attributes));
        return true;
      default: return false;
    }
  });
  ANEBENCH_TRY(program_fields);
  if (version != kProgramVersion) {
    return fail(ErrorCode::unsupported, "the program is of version {}, where {} is read", version,
                kProgramVersion);
  }
  return program;
}

}  // namespace anebench::package
