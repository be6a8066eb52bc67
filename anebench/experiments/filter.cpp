#include "anebench/experiments/filter.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "anebench/base/number.h"

namespace anebench::experiments {
namespace {

constexpr std::size_t kMaxRangeValues = 10000;

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> items;
  for (;;) {
    const std::size_t end = text.find(separator);
    items.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return items;
    text.remove_prefix(end + 1);
  }
}

tl::unexpected<Error> bad_range(std::string_view text) {
  return fail(ErrorCode::invalid_argument,
              "\"{}\" is no range; one is lo:hi:step or lo:hi:*factor, such as 256:1024:*2", text);
}

// Nothing beyond the largest integer, which is beyond any end of a range as well.
std::optional<std::int64_t> next_value(std::int64_t value, std::int64_t step, bool is_factor) {
  std::int64_t next = 0;
  const bool overflows = is_factor ? __builtin_mul_overflow(value, step, &next)
                                   : __builtin_add_overflow(value, step, &next);
  if (overflows) return std::nullopt;
  return next;
}

Result<void> append_item(std::string_view text, std::vector<std::string>& values) {
  if (text.empty()) return fail(ErrorCode::invalid_argument, "a value of the list is empty");
  const auto parts = split(text, ':');
  if (parts.size() == 1) {
    values.emplace_back(text);
    return {};
  }
  if (parts.size() != 3) return bad_range(text);
  std::string_view step_text = parts[2];
  const bool is_factor = step_text.starts_with('*');
  if (is_factor) step_text.remove_prefix(1);
  const auto low = parse_int64(parts[0]);
  const auto high = parse_int64(parts[1]);
  const auto step = parse_int64(step_text);
  const std::int64_t least_step = is_factor ? 2 : 1;
  if (!low || !high || !step || *low > *high || *step < least_step || (is_factor && *low < 1)) {
    return bad_range(text);
  }
  std::size_t count = 0;
  for (std::optional<std::int64_t> value = low; value && *value <= *high;
       value = next_value(*value, *step, is_factor)) {
    if (++count > kMaxRangeValues) {
      return fail(ErrorCode::invalid_argument, "the range \"{}\" has more than {} values", text,
                  kMaxRangeValues);
    }
    values.push_back(std::to_string(*value));
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> parse_values(std::string_view text) {
  std::vector<std::string> values;
  for (const std::string_view item : split(text, ',')) ANEBENCH_TRY(append_item(item, values));
  return values;
}

Result<CaseFilter> CaseFilter::parse(std::string_view text) {
  CaseFilter filter;
  std::set<std::string>* current = nullptr;
  for (const std::string_view item : split(text, ',')) {
    const std::size_t equals = item.find('=');
    std::string_view value = item;
    if (equals != std::string_view::npos && equals > 0) {
      const auto [place, is_new] =
          filter.values_.emplace(item.substr(0, equals), std::set<std::string>());
      if (!is_new) {
        return fail(ErrorCode::invalid_argument, "\"{}\" is given twice", place->first);
      }
      current = &place->second;
      value = item.substr(equals + 1);
    }
    if (current == nullptr || equals == 0 || value.empty()) {
      return fail(ErrorCode::invalid_argument,
                  "\"{}\" is no KEY=VALUE; an example is channels=256,512,depth=128", item);
    }
    std::vector<std::string> values;
    ANEBENCH_TRY(append_item(value, values));
    current->insert(values.begin(), values.end());
  }
  return filter;
}

bool CaseFilter::matches(const CaseParameters& parameters) const {
  return std::all_of(values_.begin(), values_.end(), [&](const auto& wanted) {
    return std::any_of(parameters.begin(), parameters.end(), [&](const auto& parameter) {
      return parameter.first == wanted.first && wanted.second.contains(parameter.second);
    });
  });
}

std::vector<std::string> CaseFilter::unknown_keys(const std::set<std::string>& known) const {
  std::vector<std::string> unknown;
  for (const auto& [key, values] : values_) {
    if (!known.contains(key)) unknown.push_back(key);
  }
  return unknown;
}

}  // namespace anebench::experiments
