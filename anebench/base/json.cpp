#include "anebench/base/json.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace anebench {
namespace {

// Builds the value from the parser's events and stops at the first breach of a limit. Its member
// functions are the interface that nlohmann::json::sax_parse asks for.
class TreeBuilder {
 public:
  using number_integer_t = Json::number_integer_t;
  using number_unsigned_t = Json::number_unsigned_t;
  using number_float_t = Json::number_float_t;
  using string_t = Json::string_t;
  using binary_t = Json::binary_t;

  TreeBuilder(std::string_view text, const JsonLimits& limits) : text_(text), limits_(limits) {}

  bool null() { return add(nullptr) != nullptr; }
  bool boolean(bool value) { return add(value) != nullptr; }
  bool number_integer(number_integer_t value) { return add(value) != nullptr; }
  bool number_unsigned(number_unsigned_t value) { return add(value) != nullptr; }
  bool number_float(number_float_t value, const string_t&) { return add(value) != nullptr; }
  bool string(string_t& value) { return add(std::move(value)) != nullptr; }
  bool binary(binary_t&) { return false; }  // not in text

  bool start_object(std::size_t) { return open(Json::object()); }
  bool end_object() { return close(); }
  bool start_array(std::size_t) { return open(Json::array()); }
  bool end_array() { return close(); }

  bool key(string_t& key) {
    Json& object = *open_.back();
    if (object.size() >= limits_.max_keys_per_object) {
      error_ =
          Error(ErrorCode::resource_exhausted,
                fmt::format("a JSON object has more than {} keys", limits_.max_keys_per_object));
      return false;
    }
    if (object.contains(key)) {
      // At most the start: the key may be long.
      error_ = Error(
          ErrorCode::parse_error,
          fmt::format("the JSON key \"{}\" is given twice in one object", key.substr(0, 100)));
      return false;
    }
    next_ = &object[key];
    return true;
  }

  // `position` is one past the byte at fault.
  template <typename Exception>
  bool parse_error(std::size_t position, const std::string&, const Exception& exception) {
    const std::string_view before = text_.substr(0, position == 0 ? 0 : position - 1);
    const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
    // The library's text is "[json.exception…] parse error at line 1, column 2: what".
    std::string what = exception.what();
    if (const std::size_t colon = what.find(": "); colon != std::string::npos) {
      what.erase(0, colon + 2);
    }
    error_ = Error(
        ErrorCode::parse_error,
        fmt::format("line {}, column {}: {}", std::count(before.begin(), before.end(), '\n') + 1,
                    before.size() - line_start + 1, what));
    return false;
  }

  Json take_value() { return std::move(root_); }
  const std::optional<Error>& error() const { return error_; }

 private:
  // Puts the value where it belongs: the root, the current array's end, the current key's place.
  Json* add(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    if (open_.back()->is_array()) {
      open_.back()->push_back(std::move(value));
      return &open_.back()->back();
    }
    *next_ = std::move(value);
    return next_;
  }

  bool open(Json container) {
    if (open_.size() >= static_cast<std::size_t>(std::max(limits_.max_depth, 0))) {
      error_ = Error(ErrorCode::resource_exhausted,
                     fmt::format("JSON is nested more than {} levels deep", limits_.max_depth));
      return false;
    }
    // A container moves only when its parent grows, which it does not while the container is open.
    open_.push_back(add(std::move(container)));
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  std::string_view text_;
  const JsonLimits& limits_;
  Json root_;
  std::vector<Json*> open_;
  Json* next_ = nullptr;
  std::optional<Error> error_;
};

std::string dump(const Json& json, int indent) {
  return json.dump(indent, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

Result<const Json*> member(const Json& object, std::string_view key) {
  if (!object.is_object()) {
    return fail(ErrorCode::parse_error, "expected a JSON object with the key \"{}\", found {}", key,
                object.type_name());
  }
  const auto found = object.find(std::string(key));
  if (found == object.end()) {
    return fail(ErrorCode::parse_error, "the JSON key \"{}\" is missing", key);
  }
  return &*found;
}

tl::unexpected<Error> wrong_type(std::string_view key, std::string_view wanted, const Json& found) {
  return fail(ErrorCode::parse_error, "the JSON key \"{}\" holds {} where {} is expected", key,
              found.type_name(), wanted);
}

}  // namespace

Result<Json> parse_json(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.max_bytes) {
    return fail(ErrorCode::resource_exhausted, "JSON text of {} bytes is above the limit of {}",
                text.size(), limits.max_bytes);
  }
  TreeBuilder builder(text, limits);
  if (!Json::sax_parse(text.begin(), text.end(), &builder)) {
    if (builder.error()) return fail(*builder.error());
    return fail(ErrorCode::parse_error, "malformed JSON");
  }
  return builder.take_value();
}

std::string dump_json(const Json& json) { return dump(json, -1); }

std::string dump_json_pretty(const Json& json) { return dump(json, 2); }

std::string dump_json_canonical(const Json& json) {
  // nlohmann::json keeps its keys sorted.
  return nlohmann::json(json).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<std::string> json_string(const Json& object, std::string_view key) {
  ANEBENCH_ASSIGN(value, member(object, key));
  if (!value->is_string()) return wrong_type(key, "a string", *value);
  return value->get<std::string>();
}

Result<double> json_number(const Json& object, std::string_view key) {
  ANEBENCH_ASSIGN(value, member(object, key));
  if (!value->is_number()) return wrong_type(key, "a number", *value);
  return value->get<double>();
}

Result<std::int64_t> json_integer(const Json& object, std::string_view key) {
  ANEBENCH_ASSIGN(value, member(object, key));
  if (!value->is_number_integer()) return wrong_type(key, "an integer", *value);
  if (value->is_number_unsigned() && value->get<std::uint64_t>() > std::uint64_t{INT64_MAX}) {
    return fail(ErrorCode::parse_error, "the JSON key \"{}\" holds {}, which is above 2^63 - 1",
                key, value->get<std::uint64_t>());
  }
  return value->get<std::int64_t>();
}

Result<bool> json_bool(const Json& object, std::string_view key) {
  ANEBENCH_ASSIGN(value, member(object, key));
  if (!value->is_boolean()) return wrong_type(key, "true or false", *value);
  return value->get<bool>();
}

}  // namespace anebench
