// Rewrites a function so that the Neural Engine's compiler takes it, meaning kept, where a known
// limit (ane_limits.h) stands in the way:
//
//   * a bool parameter given as a literal becomes a const of its own (matmul-flags, literal-bool);
//   * a convolution's constant bias becomes an add after it (conv-bias). The sum is then rounded
//     before the bias is added, one rounding more.
//
//   ANEBENCH_ASSIGN(rewritten, rewrite_for_ane(program, "main"));
//   for (const std::string& remark : rewritten.remarks) …
//
// What it does not know how to rewrite stays as it is, for ane_lint.h to find. Weight files stay
// valid. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/mil/program.h"

namespace anebench::transform {

struct AneRewrite {
  // The function alone, as `main`.
  mil::Program program;
  // What was changed, as sentences, each kind of change once.
  std::vector<std::string> remarks;
};

// Errors: no such function.
Result<AneRewrite> rewrite_for_ane(const mil::Program& program, std::string_view function);

}  // namespace anebench::transform
