#include "anebench/mil/text_parser.h"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "anebench/mil/lexer.h"
#include "anebench/mil/literal_parser.h"

namespace anebench::mil {
namespace {

// Recursive descent over the grammar; methods return false after a failure, which the lexer holds.
class TextParser {
 public:
  TextParser(std::string_view text, const ParseOptions& options)
      : lexer_(text), literals_(lexer_), options_(options) {}

  Result<Program> parse() {
    ProgramData data;
    if (!parse_program(data) || !expect_end()) return fail(lexer_.error());
    return Program(std::move(data));
  }

  Result<Value> parse_only_literal() {
    Value value;
    if (!literals_.parse_literal(value) || !expect_end()) return fail(lexer_.error());
    return value;
  }

  Result<Type> parse_only_type() {
    Type type;
    if (!literals_.parse_type(type) || !expect_end()) return fail(lexer_.error());
    return type;
  }

 private:
  bool expect_end() {
    if (!lexer_.at_end()) return lexer_.fail_expected("the end of the text");
    return !lexer_.has_failed();
  }

  bool parse_program(ProgramData& data);
  bool parse_version(std::string& version);
  bool parse_function(Function& function);
  bool parse_operation(Operation& operation, int depth);
  bool parse_argument(Argument& argument);
  bool parse_binding(Binding& binding);
  bool parse_value_list(std::vector<Binding>& bindings);
  bool parse_attributes(std::vector<Attribute>& attributes);
  // "block(…) {…} -> (…)", the nested blocks of an operation.
  bool parse_blocks(std::vector<Block>& blocks, int depth);
  bool parse_parameters(std::vector<NamedType>& parameters);
  // "{…} -> (…)".
  bool parse_body(Block& block, int depth);

  Lexer lexer_;
  LiteralParser literals_;
  ParseOptions options_;
};

bool TextParser::parse_program(ProgramData& data) {
  if (!lexer_.expect_word("program") || !lexer_.expect('(', "after 'program'") ||
      !parse_version(data.version) || !lexer_.expect(')', "after the version") ||
      !parse_attributes(data.attributes) || !lexer_.expect('{', "before the functions")) {
    return false;
  }
  while (!lexer_.accept('}')) {
    if (!parse_function(data.functions.emplace_back())) return false;
  }
  return true;
}

bool TextParser::parse_version(std::string& version) {
  const char* const start = lexer_.mark();
  version = lexer_.read_version();
  const bool is_known =
      version == "1" || (version.size() == 3 && version.starts_with("1.") && version[2] != '.');
  if (is_known) return true;
  lexer_.rewind(start);
  return lexer_.fail_expected("a format version from 1.0 to 1.9");
}

bool TextParser::parse_function(Function& function) {
  std::string_view name;
  std::string_view opset;
  if (!lexer_.expect_word("func") || !lexer_.expect_identifier(name, "the name of a function") ||
      !lexer_.expect('<', "after the function's name") ||
      !lexer_.expect_identifier(opset, "an opset such as ios18") ||
      !lexer_.expect('>', "after the opset")) {
    return false;
  }
  function.name = name;
  function.opset = opset;
  return parse_parameters(function.inputs) && parse_attributes(function.attributes) &&
         parse_body(function.body, 0) && lexer_.expect(';', "after the function's outputs");
}

bool TextParser::parse_parameters(std::vector<NamedType>& parameters) {
  if (!lexer_.expect('(', "before the parameters")) return false;
  if (lexer_.accept(')')) return true;
  do {
    NamedType& parameter = parameters.emplace_back();
    std::string_view name;
    if (!literals_.parse_type(parameter.type) ||
        !lexer_.expect_identifier(name, "the name of a parameter")) {
      return false;
    }
    parameter.name = name;
  } while (lexer_.accept(','));
  return lexer_.expect(')', "after the parameters");
}

bool TextParser::parse_body(Block& block, int depth) {
  if (!lexer_.expect('{', "before the operations")) return false;
  while (!lexer_.accept('}')) {
    if (!parse_operation(block.operations.emplace_back(), depth)) return false;
  }
  if (!lexer_.expect_arrow("and the outputs after the operations") ||
      !lexer_.expect('(', "before the outputs")) {
    return false;
  }
  if (lexer_.accept(')')) return true;
  do {
    std::string_view name;
    if (!lexer_.expect_identifier(name, "the name of an output")) return false;
    block.outputs.emplace_back(name);
  } while (lexer_.accept(','));
  return lexer_.expect(')', "after the outputs");
}

bool TextParser::parse_operation(Operation& operation, int depth) {
  const char* const start = lexer_.mark();
  operation.location = lexer_.location(start);
  // An operation without results begins with its type: a word and '('.
  std::string_view word = lexer_.read_identifier();
  if (word.empty() || lexer_.peek() != '(') {
    lexer_.rewind(start);
    operation.outputs.reserve(1);
    do {
      NamedType& output = operation.outputs.emplace_back();
      std::string_view name;
      if (!literals_.parse_type(output.type) ||
          !lexer_.expect_identifier(name, "the name of a result")) {
        return false;
      }
      output.name = name;
    } while (lexer_.accept(','));
    if (!lexer_.expect('=', "after the results") ||
        !lexer_.expect_identifier(word, "an operation's type")) {
      return false;
    }
  }
  operation.type = word;
  if (!lexer_.expect('(', "after the operation's type")) return false;
  if (!lexer_.accept(')')) {
    operation.inputs.reserve(4);
    do {
      if (!parse_argument(operation.inputs.emplace_back())) return false;
    } while (lexer_.accept(','));
    if (!lexer_.expect(')', "after the arguments")) return false;
  }
  if (!parse_attributes(operation.attributes)) return false;
  if (lexer_.accept(';')) return true;
  return parse_blocks(operation.blocks, depth) && lexer_.expect(';', "after the operation");
}

bool TextParser::parse_blocks(std::vector<Block>& blocks, int depth) {
  while (true) {
    const char* const start = lexer_.mark();
    if (lexer_.read_identifier() != "block") {
      lexer_.rewind(start);
      return true;
    }
    if (depth == options_.max_block_nesting) {
      return lexer_.fail_at(start,
                            fmt::format("expected blocks nested at most {} deep, found another "
                                        "level",
                                        options_.max_block_nesting));
    }
    Block& block = blocks.emplace_back();
    if (!parse_parameters(block.inputs) || !parse_attributes(block.attributes) ||
        !parse_body(block, depth + 1)) {
      return false;
    }
  }
}

bool TextParser::parse_argument(Argument& argument) {
  std::string_view name;
  if (!lexer_.expect_identifier(name, "the name of an argument") ||
      !lexer_.expect('=', "after the argument's name")) {
    return false;
  }
  argument.parameter = name;
  if (lexer_.accept('(')) {
    argument.is_variadic = true;
    return parse_value_list(argument.bindings);
  }
  return parse_binding(argument.bindings.emplace_back());
}

// An argument is a flat sequence of bindings, so parentheses within the list only group.
bool TextParser::parse_value_list(std::vector<Binding>& bindings) {
  if (lexer_.accept(')')) return true;
  std::size_t open = 1;
  while (true) {
    while (lexer_.accept('(')) ++open;
    if (!parse_binding(bindings.emplace_back())) return false;
    while (open != 0 && lexer_.accept(')')) --open;
    if (open == 0) return true;
    if (!lexer_.expect(',', "or ')' in a list of values")) return false;
  }
}

bool TextParser::parse_binding(Binding& binding) {
  const char* const start = lexer_.mark();
  const std::string_view name = lexer_.read_identifier();
  if (name.empty()) return lexer_.fail_expected("a name or a literal");
  const char next = lexer_.peek();
  if (next != '<' && next != '(') {
    std::get<std::string>(binding) = name;
    return true;
  }
  lexer_.rewind(start);
  return literals_.parse_literal(binding.emplace<Value>());
}

bool TextParser::parse_attributes(std::vector<Attribute>& attributes) {
  if (!lexer_.accept('[') || lexer_.accept(']')) return true;
  attributes.reserve(2);
  do {
    Attribute& attribute = attributes.emplace_back();
    std::string_view name;
    if (!lexer_.expect_identifier(name, "the name of an attribute") ||
        !lexer_.expect('=', "after the attribute's name")) {
      return false;
    }
    attribute.name = name;
    if (!literals_.parse_literal(attribute.value)) return false;
  } while (lexer_.accept(','));
  return lexer_.expect(']', "after the attributes");
}

}  // namespace

Result<Program> parse_text(std::string_view text, const ParseOptions& options) {
  return TextParser(text, options).parse();
}

Result<Value> parse_literal_text(std::string_view text) {
  return TextParser(text, {}).parse_only_literal();
}

Result<Type> parse_type_text(std::string_view text) {
  return TextParser(text, {}).parse_only_type();
}

}  // namespace anebench::mil
