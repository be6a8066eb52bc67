#include "anebench/package/program_writer.h"

#include <fmt/format.h>

#include <cstdint>
#include <protozero/pbf_builder.hpp>
#include <string_view>
#include <vector>

#include "anebench/package/description.h"
#include "anebench/package/fields.h"
#include "anebench/package/opset_name.h"
#include "anebench/package/program_reader.h"

namespace anebench::package {
namespace {

using protozero::pbf_builder;

std::string write_entry(std::string_view key, const std::string& value) {
  std::string content;
  pbf_builder<EntryField> builder(content);
  builder.add_string(EntryField::key, key.data(), key.size());
  builder.add_message(EntryField::value, value);
  return content;
}

// Appends the types as fields `field` of a message.
template <typename Field>
void add_named_types(pbf_builder<Field>& builder, Field field, std::string_view kind,
                     const std::vector<mil::NamedType>& types, WriteState& state) {
  for (std::size_t i = 0; i < types.size(); ++i) {
    const FieldPath::Step step(state.path(), kind, i);
    std::string content;
    pbf_builder<NamedTypeField> named(content);
    named.add_string(NamedTypeField::name, types[i].name);
    {
      const FieldPath::Step type_step(state.path(), "type");
      named.add_message(NamedTypeField::type, write_type(types[i].type, state));
    }
    content += state.unknown();
    builder.add_message(field, content);
  }
}

template <typename Field>
void add_attributes(pbf_builder<Field>& builder, Field field,
                    const std::vector<mil::Attribute>& attributes, WriteState& state) {
  for (const mil::Attribute& attribute : attributes) {
    const FieldPath::Step step(state.path(), "attribute", attribute.name);
    builder.add_message(field, write_entry(attribute.name, write_value(attribute.value, state)));
  }
}

std::string write_binding(const mil::Binding& binding, WriteState& state) {
  std::string content;
  pbf_builder<BindingField> builder(content);
  if (const auto* name = std::get_if<std::string>(&binding)) {
    builder.add_string(BindingField::name, *name);
  } else {
    const FieldPath::Step step(state.path(), "value");
    builder.add_message(BindingField::value, write_value(std::get<mil::Value>(binding), state));
  }
  content += state.unknown();
  return content;
}

std::string write_argument(const mil::Argument& argument, WriteState& state) {
  std::string content;
  for (std::size_t i = 0; i < argument.bindings.size(); ++i) {
    const FieldPath::Step step(state.path(), "binding", i);
    pbf_builder<ArgumentField>(content).add_message(ArgumentField::arguments,
                                                    write_binding(argument.bindings[i], state));
  }
  content += state.unknown();
  return content;
}

std::string write_block(const mil::Block& block, WriteState& state);

std::string write_operation(const mil::Operation& operation, WriteState& state) {
  std::string content;
  pbf_builder<OperationField> builder(content);
  builder.add_string(OperationField::type, operation.type);
  for (const mil::Argument& argument : operation.inputs) {
    const FieldPath::Step step(state.path(), "argument", argument.parameter);
    builder.add_message(OperationField::inputs,
                        write_entry(argument.parameter, write_argument(argument, state)));
  }
  add_named_types(builder, OperationField::outputs, "output", operation.outputs, state);
  for (std::size_t i = 0; i < operation.blocks.size(); ++i) {
    const FieldPath::Step step(state.path(), "block", i);
    builder.add_message(OperationField::blocks, write_block(operation.blocks[i], state));
  }
  add_attributes(builder, OperationField::attributes, operation.attributes, state);
  content += state.unknown();
  return content;
}

std::string write_block(const mil::Block& block, WriteState& state) {
  std::string content;
  pbf_builder<BlockField> builder(content);
  add_named_types(builder, BlockField::inputs, "input", block.inputs, state);
  for (const std::string& output : block.outputs) builder.add_string(BlockField::outputs, output);
  for (std::size_t i = 0; i < block.operations.size(); ++i) {
    const mil::Operation& operation = block.operations[i];
    const std::string label =
        operation.outputs.empty() ? fmt::format("#{}", i) : operation.outputs.front().name;
    const FieldPath::Step step(state.path(), "op", label);
    builder.add_message(BlockField::operations, write_operation(operation, state));
  }
  add_attributes(builder, BlockField::attributes, block.attributes, state);
  content += state.unknown();
  return content;
}

std::string write_function(const mil::Function& function, WriteState& state) {
  std::string content;
  pbf_builder<FunctionField> builder(content);
  const std::string opset = opset_in_model(function.opset);
  add_named_types(builder, FunctionField::inputs, "input", function.inputs, state);
  builder.add_string(FunctionField::opset, opset);
  {
    const FieldPath::Step step(state.path(), "body");
    builder.add_message(FunctionField::block_specializations,
                        write_entry(opset, write_block(function.body, state)));
  }
  std::vector<mil::Attribute> attributes;
  for (const mil::Attribute& attribute : function.attributes) {
    if (attribute.name != kFlexibleShapes) attributes.push_back(attribute);
  }
  add_attributes(builder, FunctionField::attributes, attributes, state);
  content += state.unknown();
  return content;
}

}  // namespace

std::string write_program(const mil::Program& program, WriteState& state) {
  std::string content;
  pbf_builder<ProgramField> builder(content);
  builder.add_int64(ProgramField::version, kProgramVersion);
  for (const mil::Function& function : program.functions()) {
    const FieldPath::Step step(state.path(), "function", function.name);
    builder.add_message(ProgramField::functions,
                        write_entry(function.name, write_function(function, state)));
  }
  if (!program.doc_string().empty()) {
    builder.add_string(ProgramField::doc_string, program.doc_string());
  }
  add_attributes(builder, ProgramField::attributes, program.attributes(), state);
  content += state.unknown();
  return content;
}

}  // namespace anebench::package
