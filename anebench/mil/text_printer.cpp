#include "anebench/mil/text_printer.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "anebench/mil/value_writer.h"

namespace anebench::mil {
namespace {

constexpr std::size_t kIndent = 4;
// Apple indents a function by one step, its operations by three, its closing brace by two.
constexpr std::size_t kFunctionDepth = 1;
constexpr std::size_t kOperationDepth = 3;

// A sink receives pieces of about this many bytes.
constexpr std::size_t kPieceSize = std::size_t{1} << 16;

class TextPrinter {
 public:
  using Sink = std::function<void(std::string_view)>;

  TextPrinter(std::string_view version, PrintOrder order, const Sink* sink)
      : order_(order), sink_(sink), values_(out_, has_bare_scalars(version), order) {}

  void write_program(const Program& program);
  void write_operation(const Operation& operation, std::size_t depth);
  std::string take() { return std::move(out_); }

 private:
  void write_function(const Function& function);
  void write_block(const Block& block, std::size_t depth);
  // "{…} -> (…)", the operations `depth` steps in, the closing brace one less.
  void write_body(const Block& block, std::size_t depth);
  void write_parameters(const std::vector<NamedType>& parameters);
  void write_argument(const Argument& argument);
  void write_attributes(const std::vector<Attribute>& attributes);
  void write_binding(const Binding& binding);
  void indent(std::size_t depth) { out_.append(depth * kIndent, ' '); }
  void flush_if_full() {
    if (sink_ != nullptr && out_.size() >= kPieceSize) flush();
  }
  void flush() {
    (*sink_)(out_);
    out_.clear();
  }

  // Calls `write` for each of `things`, ordered by `name`, with ", " between.
  template <typename T, typename Write>
  void write_ordered(const std::vector<T>& things, std::string T::* name, Write write) {
    const auto is_before = [name](const T* a, const T* b) { return a->*name < b->*name; };
    const auto is_sorted = std::is_sorted(
        things.begin(), things.end(), [&](const T& a, const T& b) { return is_before(&a, &b); });
    bool is_first = true;
    const auto write_next = [&](const T& thing) {
      if (!is_first) out_.append(", ", 2);
      is_first = false;
      write(thing);
    };
    if (order_ == PrintOrder::as_given || is_sorted) {
      for (const T& thing : things) write_next(thing);
      return;
    }
    std::vector<const T*> ordered(things.size());
    std::transform(things.begin(), things.end(), ordered.begin(),
                   [](const T& thing) { return &thing; });
    // Those of equal name keep their order: they are compared by where they stand.
    std::sort(ordered.begin(), ordered.end(), [&](const T* a, const T* b) {
      return is_before(a, b) || (!is_before(b, a) && a < b);
    });
    for (const T* thing : ordered) write_next(*thing);
  }

  std::string out_;
  PrintOrder order_;
  const Sink* sink_;
  ValueWriter values_;
};

void TextPrinter::write_program(const Program& program) {
  out_.append("program(").append(program.version()).append(")\n");
  if (!program.attributes().empty()) {
    write_attributes(program.attributes());
    out_ += '\n';
  }
  out_ += "{\n";
  for (const Function& function : program.functions()) write_function(function);
  out_ += '}';
  if (sink_ != nullptr) flush();
}

void TextPrinter::write_function(const Function& function) {
  indent(kFunctionDepth);
  out_.append("func ").append(function.name).append("<").append(function.opset).append(">");
  write_parameters(function.inputs);
  out_ += ' ';
  if (!function.attributes.empty()) {
    write_attributes(function.attributes);
    out_ += ' ';
  }
  write_body(function.body, kOperationDepth);
  out_ += ";\n";
}

void TextPrinter::write_parameters(const std::vector<NamedType>& parameters) {
  out_ += '(';
  write_ordered(parameters, &NamedType::name, [this](const NamedType& parameter) {
    values_.write_type(parameter.type);
    out_.append(" ", 1).append(parameter.name);
  });
  out_ += ')';
}

void TextPrinter::write_body(const Block& block, std::size_t depth) {
  out_.append("{\n", 2);
  for (const Operation& operation : block.operations) {
    indent(depth);
    write_operation(operation, depth);
    out_.append(";\n", 2);
    flush_if_full();
  }
  indent(depth - 1);
  out_ += "} -> (";
  for (std::size_t i = 0; i < block.outputs.size(); ++i) {
    if (i != 0) out_ += ", ";
    out_ += block.outputs[i];
  }
  out_ += ')';
}

void TextPrinter::write_operation(const Operation& operation, std::size_t depth) {
  for (std::size_t i = 0; i < operation.outputs.size(); ++i) {
    if (i != 0) out_.append(", ", 2);
    values_.write_type(operation.outputs[i].type);
    out_.append(" ", 1).append(operation.outputs[i].name);
  }
  if (!operation.outputs.empty()) out_.append(" = ", 3);
  out_.append(operation.type);
  out_ += '(';
  write_ordered(operation.inputs, &Argument::parameter,
                [this](const Argument& argument) { write_argument(argument); });
  out_ += ')';
  if (!operation.attributes.empty()) write_attributes(operation.attributes);
  for (const Block& block : operation.blocks) write_block(block, depth + 1);
}

void TextPrinter::write_block(const Block& block, std::size_t depth) {
  out_ += '\n';
  indent(depth);
  out_ += "block";
  // The inputs of a block correspond to the operation's arguments by position.
  out_ += '(';
  for (std::size_t i = 0; i < block.inputs.size(); ++i) {
    if (i != 0) out_ += ", ";
    values_.write_type(block.inputs[i].type);
    out_.append(" ", 1).append(block.inputs[i].name);
  }
  out_ += ')';
  if (!block.attributes.empty()) write_attributes(block.attributes);
  out_ += ' ';
  write_body(block, depth + 1);
}

void TextPrinter::write_argument(const Argument& argument) {
  out_.append(argument.parameter).append(" = ", 3);
  const bool has_parentheses = argument.is_variadic || argument.bindings.size() != 1;
  if (has_parentheses) out_ += '(';
  for (std::size_t i = 0; i < argument.bindings.size(); ++i) {
    if (i != 0) out_.append(", ", 2);
    write_binding(argument.bindings[i]);
  }
  if (has_parentheses) out_ += ')';
}

void TextPrinter::write_binding(const Binding& binding) {
  if (const auto* name = std::get_if<std::string>(&binding)) {
    out_ += *name;
  } else {
    values_.write_literal(std::get<Value>(binding));
  }
}

void TextPrinter::write_attributes(const std::vector<Attribute>& attributes) {
  out_ += '[';
  write_ordered(attributes, &Attribute::name, [this](const Attribute& attribute) {
    out_.append(attribute.name).append(" = ", 3);
    values_.write_literal(attribute.value);
  });
  out_ += ']';
}

}  // namespace

std::string print_text(const Program& program, const PrintOptions& options) {
  TextPrinter printer(program.version(), options.order, nullptr);
  printer.write_program(program);
  return printer.take();
}

void print_text(const Program& program, const std::function<void(std::string_view)>& sink,
                const PrintOptions& options) {
  TextPrinter(program.version(), options.order, &sink).write_program(program);
}

std::string print_literal_text(const Value& value, std::string_view version) {
  std::string text;
  ValueWriter(text, has_bare_scalars(version), PrintOrder::alphabetical).write_literal(value);
  return text;
}

std::string print_operation_text(const Operation& operation, std::string_view version) {
  TextPrinter printer(version, PrintOrder::alphabetical, nullptr);
  printer.write_operation(operation, 0);
  return printer.take();
}

}  // namespace anebench::mil
