// Runs a list of cases, in order.
//
//   ANEBENCH_TRY(run_cases(cases, {.shard = {1, 4}}, reporter));
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>

#include "anebench/base/result.h"
#include "anebench/runner/case.h"
#include "anebench/runner/isolated_case.h"
#include "anebench/runner/reporter.h"

namespace anebench::runner {

// Part `index` (from 1) of `count` equal parts of a list of cases.
struct Shard {
  std::size_t index = 1;
  std::size_t count = 1;

  // `position` is the case's in the whole list. Summaries need all cases.
  bool selects(const Case& one, std::size_t position) const {
    return one.is_summary ? count == 1 : position % count == index - 1;
  }
};

// For what a process may do only so often, compiling for the Neural Engine say: asked before each
// case, and where the answer is yes the case runs in a process of its own, as if it were isolated.
struct FreshProcess {
  std::function<bool()> is_needed;
  Isolation isolation;
};

struct RunOptions {
  Shard shard = {};
  // Where the list is one of several: the cases before it, and in all. 0 in all: this list only.
  std::size_t first = 0;
  std::size_t total = 0;
  // Each case but summaries in a process of its own.
  std::optional<Isolation> isolation = {};
  // Where cases are not isolated anyway.
  std::optional<FreshProcess> fresh_process = {};
};

// Runs the cases of the shard whose records are not there yet. A case of which some records are
// missing runs again as a whole, and only those are reported. Errors: the reporter's, a case's, or
// ErrorCode::timeout where the user stopped it.
Result<void> run_cases(std::span<const Case> cases, const RunOptions& options, Reporter& reporter);

}  // namespace anebench::runner
