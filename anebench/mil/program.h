// A MIL program: functions, each a list of operations in SSA order with typed values.
//
// The structs are plain data; `Program` wraps them as an immutable value whose copies share the
// data, so it can be passed around and read from several threads freely. Building goes through
// ProgramData (by hand, by Builder, by the text parser or the package reader) and ends in
// Program(data). Nothing here needs op definitions: an unknown op type is carried like any other.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "anebench/mil/value.h"

namespace anebench::mil {

// Opsets in the order of their release; the text spells them "ios15" … "ios18", "ios26".
enum class Opset : std::uint8_t { ios13, ios14, ios15, ios16, ios17, ios18, ios26 };
std::string_view to_string(Opset opset);
std::optional<Opset> parse_opset(std::string_view name);

struct NamedType {
  std::string name;
  Type type;
  friend bool operator==(const NamedType&, const NamedType&) = default;
};

// What is bound to one position of a parameter: a value's name, or an inline literal.
using Binding = std::variant<std::string, Value>;

// A parameter's argument: one binding, or (variadic parameters, "values = (a, b)") several.
struct Argument {
  std::string parameter;
  std::vector<Binding> bindings;
  // Written in parentheses; true for variadic parameters even with one binding.
  bool is_variadic = false;

  friend bool operator==(const Argument&, const Argument&) = default;
};

struct Attribute {
  std::string name;
  Value value;
  friend bool operator==(const Attribute&, const Attribute&) = default;
};

struct Block;

// Where an operation stood in the text it was parsed from; 0 where it did not come from text.
struct SourceLocation {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  // Locations never make operations different.
  friend bool operator==(const SourceLocation&, const SourceLocation&) { return true; }
};

struct Operation {
  std::string type;
  std::vector<Argument> inputs;
  std::vector<NamedType> outputs;
  std::vector<Attribute> attributes;
  std::vector<Block> blocks;
  SourceLocation location;

  // Null where absent.
  const Argument* find_input(std::string_view parameter) const;
  const Value* find_attribute(std::string_view name) const;
  // The `name` attribute, else the first output's name, else the type.
  std::string_view label() const;

  friend bool operator==(const Operation&, const Operation&);
};

struct Block {
  std::vector<NamedType> inputs;
  std::vector<Operation> operations;
  std::vector<std::string> outputs;
  std::vector<Attribute> attributes;
  friend bool operator==(const Block&, const Block&) = default;
};

struct Function {
  std::string name;
  // As spelled, e.g. "ios18"; spellings unknown to parse_opset are kept.
  std::string opset;
  std::vector<NamedType> inputs;
  Block body;
  std::vector<Attribute> attributes;
  friend bool operator==(const Function&, const Function&) = default;
};

struct ProgramData {
  // As spelled: "1.0" or "1.3". Decides how scalars print.
  std::string version = "1.3";
  std::vector<Attribute> attributes;
  std::vector<Function> functions;
  std::string doc_string;
  friend bool operator==(const ProgramData&, const ProgramData&) = default;
};

class Program {
 public:
  // An empty program.
  Program();
  explicit Program(ProgramData data);

  const std::string& version() const { return data_->version; }
  const std::vector<Attribute>& attributes() const { return data_->attributes; }
  const std::vector<Function>& functions() const { return data_->functions; }
  const std::string& doc_string() const { return data_->doc_string; }
  const ProgramData& data() const { return *data_; }

  const Function* find_function(std::string_view name) const;
  // The function `main`, else the first; null in an empty program.
  const Function* main() const;

  friend bool operator==(const Program& a, const Program& b) { return *a.data_ == *b.data_; }

 private:
  std::shared_ptr<const ProgramData> data_;
};

// The types of all names visible at the top level of a function: inputs and operation outputs.
using TypeEnvironment = std::map<std::string, Type, std::less<>>;

}  // namespace anebench::mil
