// Fields of records' JSON objects: writing and reading. Internal to the layer.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "anebench/base/json.h"
#include "anebench/base/result.h"
#include "anebench/record/profile.h"

namespace anebench::record {

// A number that JSON can hold, or null.
inline Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

template <typename T>
void put_optional(Json& json, const char* key, const std::optional<T>& value) {
  if (value) json[key] = *value;
}

inline void put_text(Json& json, const char* key, const std::string& value) {
  if (!value.empty()) json[key] = value;
}

// Reads fields of one JSON object. Absent fields keep their defaults; a field of the wrong type is
// an error that names it.
class Reader {
 public:
  Reader(const Json& json, std::string path) : json_(json), path_(std::move(path)) {
    if (!json.is_object()) complain("", "an object");
  }

  void text(const char* key, std::string& out) {
    if (const Json* value = find(key)) {
      if (!value->is_string()) return complain(key, "a string");
      out = value->get<std::string>();
    }
  }
  void number(const char* key, double& out) {
    if (const Json* value = find(key)) {
      if (value->is_null()) {
        out = std::nan("");
      } else if (value->is_number()) {
        out = value->get<double>();
      } else {
        complain(key, "a number");
      }
    }
  }
  void number(const char* key, std::optional<double>& out) {
    if (find(key) != nullptr) number(key, out.emplace());
  }
  template <typename Integer>
  void integer(const char* key, Integer& out) {
    if (const Json* value = find(key)) {
      if (!value->is_number_integer()) return complain(key, "an integer");
      out = value->get<Integer>();
    }
  }
  template <typename Integer>
  void integer(const char* key, std::optional<Integer>& out) {
    if (find(key) != nullptr) integer(key, out.emplace());
  }
  void boolean(const char* key, bool& out) {
    if (const Json* value = find(key)) {
      if (!value->is_boolean()) return complain(key, "true or false");
      out = value->get<bool>();
    }
  }
  void texts(const char* key, std::vector<std::string>& out) {
    each(key, [&](const Json& item) {
      if (!item.is_string()) return complain(key, "an array of strings");
      out.push_back(item.get<std::string>());
    });
  }
  void numbers(const char* key, std::vector<double>& out) {
    each(key, [&](const Json& item) {
      if (!item.is_number() && !item.is_null()) return complain(key, "an array of numbers");
      out.push_back(item.is_null() ? std::nan("") : item.get<double>());
    });
  }
  void pairs(const char* key, std::vector<std::pair<std::string, std::string>>& out) {
    const Json* value = find(key);
    if (value == nullptr) return;
    if (!value->is_object()) return complain(key, "an object");
    for (const auto& [name, item] : value->items()) {
      if (!item.is_string()) return complain(key, "an object of strings");
      out.emplace_back(name, item.get<std::string>());
    }
  }
  template <typename Function>
  void each(const char* key, Function&& function) {
    const Json* value = find(key);
    if (value == nullptr) return;
    if (!value->is_array()) return complain(key, "an array");
    for (const Json& item : *value) function(item);
  }
  // Calls function(reader) for a nested object, and takes over its error.
  template <typename Function>
  void object(const char* key, Function&& function) {
    const Json* value = find(key);
    if (value == nullptr) return;
    nested(*value, key, std::forward<Function>(function));
  }
  template <typename Function>
  void nested(const Json& value, const char* key, Function&& function) {
    Reader reader(value, path_ + key + ".");
    if (reader.error_.empty()) function(reader);
    if (error_.empty()) error_ = reader.error_;
  }
  template <typename Parsed>
  void parsed(const char* key, Result<Parsed> (*parse)(std::string_view), Parsed& out) {
    std::string spelled;
    text(key, spelled);
    if (spelled.empty()) return;
    if (const auto value = parse(spelled)) {
      out = *value;
    } else {
      complain(key, value.error().message());
    }
  }
  const Json* find(const char* key) const {
    if (!json_.is_object()) return nullptr;
    const auto found = json_.find(key);
    return found == json_.end() ? nullptr : &*found;
  }
  void complain(const std::string& key, std::string_view wanted) {
    if (error_.empty()) error_ = fmt::format("field \"{}{}\" must be {}", path_, key, wanted);
  }
  const std::string& error() const { return error_; }

 private:
  const Json& json_;
  std::string path_;
  std::string error_;
};

Json to_json(const Profile& profile);
void read(Reader& in, Profile& profile);

}  // namespace anebench::record
