#include "anebench/programs/program_spec.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "anebench/base/number.h"

namespace anebench::programs {
namespace {

Result<void> check(const std::string& program, const Key& key, std::string_view value) {
  if (!key.choices.empty()) {
    if (std::find(key.choices.begin(), key.choices.end(), value) != key.choices.end()) return {};
    return fail(ErrorCode::invalid_argument, "{}: {} is \"{}\", but must be one of {}", program,
                key.name, value, fmt::join(key.choices, ", "));
  }
  const auto number = parse_int64(value);
  if (number && *number >= 1 && *number <= key.maximum) return {};
  return fail(ErrorCode::invalid_argument, "{}: {} is \"{}\", but must be an integer from 1 to {}",
              program, key.name, value, key.maximum);
}

}  // namespace

Result<ProgramSpec> ProgramSpec::parse(std::string_view text) {
  ProgramSpec spec;
  const std::size_t colon = text.find(':');
  spec.name_ = std::string(text.substr(0, colon));
  if (spec.name_.empty()) {
    return fail(ErrorCode::invalid_argument, "\"{}\" does not begin with a program's name", text);
  }
  if (colon == std::string_view::npos) return spec;
  std::string_view rest = text.substr(colon + 1);
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    const std::string_view item = rest.substr(0, comma);
    const std::size_t equals = item.find('=');
    if (equals == std::string_view::npos || equals == 0 || equals + 1 == item.size()) {
      return fail(ErrorCode::invalid_argument, "\"{}\" in \"{}\" is not of the form key=value",
                  item, text);
    }
    const std::string_view key = item.substr(0, equals);
    if (spec.get(key)) {
      return fail(ErrorCode::invalid_argument, "{} is given twice in \"{}\"", key, text);
    }
    spec.parameters_.emplace_back(key, item.substr(equals + 1));
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  return spec;
}

std::optional<std::string_view> ProgramSpec::get(std::string_view key) const {
  for (const auto& [name, value] : parameters_) {
    if (name == key) return value;
  }
  return std::nullopt;
}

void ProgramSpec::set(std::string_view key, std::string value) {
  for (auto& [name, old] : parameters_) {
    if (name == key) {
      old = std::move(value);
      return;
    }
  }
  parameters_.emplace_back(key, std::move(value));
}

Result<ProgramSpec> ProgramSpec::completed(const std::vector<Key>& keys) const {
  for (const auto& [name, value] : parameters_) {
    const auto known = [&](const Key& key) { return key.name == name; };
    if (std::none_of(keys.begin(), keys.end(), known)) {
      std::vector<std::string_view> names;
      for (const Key& key : keys) names.push_back(key.name);
      return fail(ErrorCode::invalid_argument, "{} has no key \"{}\"; it has {}", name_, name,
                  fmt::join(names, ", "));
    }
  }
  ProgramSpec result;
  result.name_ = name_;
  for (const Key& key : keys) {
    const std::string_view value = get(key.name).value_or(key.default_value);
    ANEBENCH_TRY(check(name_, key, value));
    result.parameters_.emplace_back(key.name, value);
  }
  return result;
}

std::int64_t ProgramSpec::integer(std::string_view key) const {
  return parse_int64(word(key)).value_or(0);
}

std::string_view ProgramSpec::word(std::string_view key) const {
  return get(key).value_or(std::string_view());
}

std::string ProgramSpec::to_string() const {
  std::string text = name_;
  char separator = ':';
  for (const auto& [key, value] : parameters_) {
    text += fmt::format("{}{}={}", separator, key, value);
    separator = ',';
  }
  return text;
}

}  // namespace anebench::programs
