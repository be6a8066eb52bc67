// Types and values as messages of a model file. Internal to the package layer; not thread-safe.
//
// Functions return a message's content. Fields are written in ascending order and as coremltools
// encodes them, so that its files come out byte for byte.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "anebench/mil/type.h"
#include "anebench/mil/value.h"
#include "anebench/package/unknown_fields.h"

namespace anebench::package {

// What is common to all messages of one file.
class WriteState {
 public:
  explicit WriteState(const UnknownFields& unknown) : unknown_(unknown) {}
  FieldPath& path() { return path_; }
  // Those of the message that the path leads to; the first of several under one path gets them all.
  std::string_view unknown() {
    if (unknown_.empty()) return {};
    const std::string_view raw = unknown_.find(path_.text());
    return !raw.empty() && written_.insert(path_.text()).second ? raw : std::string_view();
  }

 private:
  const UnknownFields& unknown_;
  std::set<std::string> written_;
  FieldPath path_;
};

std::string write_type(const mil::Type& type, WriteState& state);
std::string write_value(const mil::Value& value, WriteState& state);

}  // namespace anebench::package
