// For tests: a program given as text, verified and evaluated.
//
//   const auto outputs = run_text(R"(program(1.3){func main<ios18>(…){…} -> (y);})", {x});
#pragma once

#include <string_view>
#include <vector>

#include "anebench/mil/text_parser.h"
#include "anebench/ops/evaluation.h"
#include "anebench/ops/verifier.h"

namespace anebench::ops {

inline Result<std::vector<RuntimeValue>> run_text(std::string_view text,
                                                  const std::vector<RuntimeValue>& inputs,
                                                  const EvaluationOptions& options = {}) {
  ANEBENCH_ASSIGN(program, mil::parse_text(text));
  ANEBENCH_TRY(require_valid(program));
  const mil::NoBlobs no_blobs;
  ANEBENCH_ASSIGN(plan, FunctionPlan::create(*program.main()));
  ANEBENCH_TRY(plan.load(no_blobs, kDefaultTensorLimit));
  return evaluate(plan, no_blobs, inputs, options);
}

}  // namespace anebench::ops
