// A validator of the part of JSON Schema (draft 2020-12) that record.schema.json uses: type, const,
// enum, pattern, minLength, minimum, required, properties, additionalProperties, items and $ref to
// "#/$defs/…". An unknown keyword is a problem, so that nothing is silently not checked. For tests.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include "anebench/base/json.h"

namespace anebench::record {

class SchemaValidator {
 public:
  explicit SchemaValidator(Json schema) : schema_(std::move(schema)) {}

  // What is wrong, each with the path of the value; empty where the value is valid.
  std::vector<std::string> problems(const Json& value) {
    problems_.clear();
    check(schema_, value, "record");
    return problems_;
  }

 private:
  void complain(const std::string& path, std::string_view what) {
    problems_.push_back(fmt::format("{}: {}", path, what));
  }

  static bool has_type(const Json& value, const std::string& type) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_boolean();
    if (type == "null") return value.is_null();
    if (type == "integer") return value.is_number_integer();
    return type == "number" && value.is_number();
  }

  void check(const Json& schema, const Json& value, const std::string& path) {
    for (const auto& [keyword, rule] : schema.items()) {
      check_keyword(schema, keyword, rule, value, path);
    }
  }

  void check_keyword(const Json& schema, const std::string& keyword, const Json& rule,
                     const Json& value, const std::string& path) {
    static const std::vector<std::string> kAnnotations = {"$schema", "$id", "$defs", "title",
                                                          "description"};
    if (std::find(kAnnotations.begin(), kAnnotations.end(), keyword) != kAnnotations.end()) return;
    if (keyword == "$ref") return check(resolved(rule), value, path);
    if (keyword == "type") return check_type(rule, value, path);
    if (keyword == "const") {
      if (value != rule) complain(path, fmt::format("must be {}", rule.dump()));
    } else if (keyword == "enum") {
      if (std::find(rule.begin(), rule.end(), value) == rule.end()) {
        complain(path, fmt::format("{} is none of {}", value.dump(), rule.dump()));
      }
    } else if (keyword == "pattern") {
      if (value.is_string() &&
          !std::regex_search(value.get<std::string>(), std::regex(rule.get<std::string>()))) {
        complain(path, fmt::format("{} does not match {}", value.dump(), rule.dump()));
      }
    } else if (keyword == "minLength") {
      if (value.is_string() && value.get<std::string>().size() < rule.get<std::size_t>()) {
        complain(path, "is too short");
      }
    } else if (keyword == "minimum") {
      if (value.is_number() && value.get<double>() < rule.get<double>()) {
        complain(path, fmt::format("{} is below {}", value.dump(), rule.dump()));
      }
    } else if (keyword == "required") {
      for (const Json& name : rule) {
        if (value.is_object() && !value.contains(name.get<std::string>())) {
          complain(path, fmt::format("lacks {}", name.dump()));
        }
      }
    } else if (keyword == "properties" || keyword == "additionalProperties") {
      check_properties(schema, value, path, keyword);
    } else if (keyword == "items") {
      for (std::size_t i = 0; value.is_array() && i < value.size(); ++i) {
        check(rule, value[i], fmt::format("{}[{}]", path, i));
      }
    } else {
      complain(path, fmt::format("the validator does not know \"{}\"", keyword));
    }
  }

  void check_type(const Json& rule, const Json& value, const std::string& path) {
    bool fits = false;
    if (rule.is_string()) fits = has_type(value, rule.get<std::string>());
    for (std::size_t i = 0; rule.is_array() && i < rule.size(); ++i) {
      fits = fits || has_type(value, rule[i].get<std::string>());
    }
    if (!fits) complain(path, fmt::format("{} is not of type {}", value.dump(), rule.dump()));
  }

  // Each member is checked by its own rule, or by the one for additional ones.
  void check_properties(const Json& schema, const Json& value, const std::string& path,
                        const std::string& keyword) {
    if (!value.is_object()) return;
    const Json known = schema.contains("properties") ? schema["properties"] : Json::object();
    for (const auto& [name, member] : value.items()) {
      const bool is_known = known.contains(name);
      if (keyword == "properties" && is_known) check(known[name], member, path + "." + name);
      if (keyword == "additionalProperties" && !is_known) {
        check(schema[keyword], member, path + "." + name);
      }
    }
  }

  const Json& resolved(const Json& reference) const {
    const std::string prefix = "#/$defs/";
    return schema_["$defs"][reference.get<std::string>().substr(prefix.size())];
  }

  Json schema_;
  std::vector<std::string> problems_;
};

}  // namespace anebench::record
