// Which of an experiment's cases a filter lets through.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "anebench/base/result.h"
#include "anebench/experiments/filter.h"

namespace anebench::experiments {

// Asked about every case of an experiment in turn; remembers what it saw, so that a filter that
// nothing passes can be explained. Must not outlive the filter.
class CaseSelection {
 public:
  explicit CaseSelection(const CaseFilter& filter) : filter_(filter) {}

  bool accepts(const CaseParameters& parameters);
  // After all cases. Errors: invalid_argument where a key of the filter is no case's parameter, or
  // where no case passed.
  Result<void> check(std::string_view experiment) const;

 private:
  const CaseFilter& filter_;
  std::set<std::string> known_keys_;
  bool any_ = false;
};

}  // namespace anebench::experiments
