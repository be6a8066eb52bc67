// What `check` says of a model: the language's rules, the weight files, the Neural Engine's known
// limits. Pure; thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "anebench/base/json.h"
#include "anebench/base/result.h"
#include "anebench/ops/verifier.h"
#include "anebench/report/document.h"
#include "anebench/transform/ane_lint.h"
#include "anebench/weights/weight_warning.h"

namespace anebench::report {

struct ModelCheck {
  ops::Report verification;
  // Constants that cannot be read, and what was odd about the weight files.
  std::vector<Error> weight_errors;
  std::vector<weights::WeightWarning> weight_warnings;
  // Nothing where the engine's limits were left out.
  std::optional<std::vector<transform::LintFinding>> engine;

  std::size_t count(transform::LintLevel level) const;
  // No error of any kind.
  bool passed() const { return count(transform::LintLevel::error) == 0; }
};

// The engine's findings by rule: what it means, what to do, the source, and the places.
Document check_report(const ModelCheck& check);

// {"schema": "anebench-check/1", "model": …, "passed": …, "errors": …, "findings": [{"level",
// "about"
// ("language", "weights" or "engine"), "rule", "seen", "reason", "advice", "source", "function",
// "operation": {"index", "type", "name"}, "line"}]}. A finding has the keys that apply.
Json check_json(std::string_view model, const ModelCheck& check);

}  // namespace anebench::report
