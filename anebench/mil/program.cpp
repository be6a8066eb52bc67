#include "anebench/mil/program.h"

#include <algorithm>
#include <array>

namespace anebench::mil {
namespace {

constexpr std::array<std::pair<Opset, std::string_view>, 7> kOpsets = {{
    {Opset::ios13, "ios13"},
    {Opset::ios14, "ios14"},
    {Opset::ios15, "ios15"},
    {Opset::ios16, "ios16"},
    {Opset::ios17, "ios17"},
    {Opset::ios18, "ios18"},
    {Opset::ios26, "ios26"},
}};

}  // namespace

std::string_view to_string(Opset opset) { return kOpsets[static_cast<std::size_t>(opset)].second; }

std::optional<Opset> parse_opset(std::string_view name) {
  for (const auto& [opset, spelling] : kOpsets) {
    if (spelling == name) return opset;
  }
  // Public hand-written texts use both spellings for the opset after ios18.
  if (name == "ios19") return Opset::ios26;
  return std::nullopt;
}

const Argument* Operation::find_input(std::string_view parameter) const {
  const auto found = std::find_if(inputs.begin(), inputs.end(), [&](const Argument& argument) {
    return argument.parameter == parameter;
  });
  return found == inputs.end() ? nullptr : &*found;
}

const Value* Operation::find_attribute(std::string_view name) const {
  const auto found =
      std::find_if(attributes.begin(), attributes.end(),
                   [&](const Attribute& attribute) { return attribute.name == name; });
  return found == attributes.end() ? nullptr : &found->value;
}

std::string_view Operation::label() const {
  if (const Value* name = find_attribute("name")) {
    if (const auto text = name->as_string()) return *text;
  }
  return outputs.empty() ? std::string_view(type) : std::string_view(outputs.front().name);
}

bool operator==(const Operation& a, const Operation& b) {
  return a.type == b.type && a.inputs == b.inputs && a.outputs == b.outputs &&
         a.attributes == b.attributes && a.blocks == b.blocks;
}

Program::Program() : Program(ProgramData{}) {}

Program::Program(ProgramData data) : data_(std::make_shared<const ProgramData>(std::move(data))) {}

const Function* Program::find_function(std::string_view name) const {
  const auto found = std::find_if(data_->functions.begin(), data_->functions.end(),
                                  [&](const Function& function) { return function.name == name; });
  return found == data_->functions.end() ? nullptr : &*found;
}

const Function* Program::main() const {
  if (const Function* function = find_function("main")) return function;
  return data_->functions.empty() ? nullptr : &data_->functions.front();
}

}  // namespace anebench::mil
