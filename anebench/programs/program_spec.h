// A benchmark program by name: "conv_chain:channels=512,depth=128,precision=w8a8".
//
// The name and its parameters identify the program completely (with the seed, every byte of its
// weights), on the command line and in records.
//
//   ANEBENCH_ASSIGN(spec, ProgramSpec::parse("conv_chain:channels=512,depth=16"));
//   spec.get("channels");  // "512"
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "anebench/base/result.h"

namespace anebench::programs {

// A parameter that a program accepts.
struct Key {
  std::string_view name;
  std::string_view default_value;
  // Empty: a positive integer up to `maximum`. Otherwise one of these words.
  std::vector<std::string_view> choices;
  std::int64_t maximum = 0;
  std::string_view description;
};

class ProgramSpec {
 public:
  // Reads the form above; keys may be left out, order is free. Errors: empty name, a key without a
  // value, a key given twice. Whether name and keys exist is known to the catalogue.
  static Result<ProgramSpec> parse(std::string_view text);

  ProgramSpec() = default;
  ProgramSpec(std::string name, std::vector<std::pair<std::string, std::string>> parameters)
      : name_(std::move(name)), parameters_(std::move(parameters)) {}

  const std::string& name() const { return name_; }
  const std::vector<std::pair<std::string, std::string>>& parameters() const { return parameters_; }
  std::optional<std::string_view> get(std::string_view key) const;
  // Adds or replaces.
  void set(std::string_view key, std::string value);
  void set(std::string_view key, std::int64_t value) { set(key, std::to_string(value)); }

  // Checks every parameter against `keys`, fills in defaults, and puts them into the keys' order.
  // Errors name the key, the value seen and what is accepted.
  Result<ProgramSpec> completed(const std::vector<Key>& keys) const;

  // Of a completed spec. Preconditions: the key exists; for integers it is one.
  std::int64_t integer(std::string_view key) const;
  std::string_view word(std::string_view key) const;

  // "name:key=value,…".
  std::string to_string() const;
  friend bool operator==(const ProgramSpec&, const ProgramSpec&) = default;

 private:
  std::string name_;
  std::vector<std::pair<std::string, std::string>> parameters_;
};

}  // namespace anebench::programs
