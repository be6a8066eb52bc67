// Finds what the Neural Engine is known to refuse, or to do otherwise, in a program (ane_limits.h),
// before anything is compiled.
//
//   for (const LintFinding& finding : lint_for_ane(program, {.resolver = weights.get()}))
//     fmt::print("{}: {}\n", ane_limit(finding.rule).name, finding.seen);
//
// The program need not be valid: operations that break the language's own rules are left to the
// verifier. Costs no more than a walk over the program. Pure; thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "anebench/mil/program.h"
#include "anebench/mil/resolver.h"
#include "anebench/transform/ane_limits.h"

namespace anebench::transform {

struct LintOptions {
  // Only this function; empty for all.
  std::string function = {};
  // Reads constants from weight files; without it their values are not looked at.
  const mil::BlobResolver* resolver = nullptr;
};

struct LintFinding {
  AneRule rule = AneRule::conv_bias;
  // What was found, without the place: "the input 'x' has 8,192 bytes".
  std::string seen;
  std::string function;
  // The operation's position in its block, type and label; of none where the type is empty (then
  // the finding is the function's).
  std::size_t op_index = 0;
  std::string op_type;
  std::string op_label;
  mil::SourceLocation location;
};

// In program order, those of a function's inputs and outputs first.
std::vector<LintFinding> lint_for_ane(const mil::Program& program, const LintOptions& options = {});

}  // namespace anebench::transform
