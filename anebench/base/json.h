// JSON: a thin layer over nlohmann-json that never throws, bounds what input can cost, and writes
// text that is always valid.
//
// Objects keep the order in which their keys were added. Functions are thread-safe.
//
//   ANEBENCH_ASSIGN(json, parse_json(text), "reading the journal");
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "anebench/base/result.h"

namespace anebench {

using Json = nlohmann::ordered_json;

struct JsonLimits {
  std::size_t max_bytes = std::size_t{256} << 20;
  int max_depth = 256;
  // Adding a key compares it with those present, so this bounds the time.
  std::size_t max_keys_per_object = 4096;
};

// One JSON value and nothing after it but white space. parse_error with line and column (also for a
// key given twice), resource_exhausted above a limit.
Result<Json> parse_json(std::string_view text, const JsonLimits& limits = {});

// On one line. Invalid UTF-8 becomes U+FFFD, a number that is not finite null.
std::string dump_json(const Json& json);
// The same over several lines, indented by two.
std::string dump_json_pretty(const Json& json);
// On one line with every object's keys sorted: equal content gives equal text, e.g. to be hashed.
std::string dump_json_canonical(const Json& json);

// Typed member access: parse_error naming the key if it is absent or of another type. Integers are
// accepted where a double is asked for, and a double never where an integer is.
Result<std::string> json_string(const Json& object, std::string_view key);
Result<double> json_number(const Json& object, std::string_view key);
Result<std::int64_t> json_integer(const Json& object, std::string_view key);
Result<bool> json_bool(const Json& object, std::string_view key);

}  // namespace anebench
