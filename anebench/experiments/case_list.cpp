#include "anebench/experiments/case_list.h"

#include <fmt/ranges.h>

#include <vector>

namespace anebench::experiments {

bool CaseSelection::accepts(const CaseParameters& parameters) {
  for (const auto& [key, value] : parameters) known_keys_.insert(key);
  if (!filter_.matches(parameters)) return false;
  any_ = true;
  return true;
}

Result<void> CaseSelection::check(std::string_view experiment) const {
  const std::vector<std::string> unknown = filter_.unknown_keys(known_keys_);
  if (!unknown.empty()) {
    return fail(ErrorCode::invalid_argument,
                "the cases of {} have no parameter \"{}\"; they have {}", experiment,
                unknown.front(), fmt::join(known_keys_, ", "));
  }
  if (!any_) {
    return fail(ErrorCode::invalid_argument,
                "no case of {} passes the filter; --dry-run without --filter lists them",
                experiment);
  }
  return {};
}

}  // namespace anebench::experiments
