// The parts of `probe`, as lists of cases. Internal to the layer.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/experiments/case_list.h"
#include "anebench/experiments/context.h"
#include "anebench/experiments/ladder.h"
#include "anebench/runner/case.h"

namespace anebench::experiments {

struct LadderOptions {
  std::vector<LadderRung> rungs;
  std::vector<std::string> variants;  // beside fp16
};

// The published probe's convolutions.
Result<std::vector<runner::Case>> classic_probe_cases(const ContextPointer& context,
                                                      const std::vector<std::string>& variants,
                                                      CaseSelection& selection);

// The ladder's, and the verdicts from them.
Result<std::vector<runner::Case>> ladder_probe_cases(const ContextPointer& context,
                                                     const LadderOptions& options,
                                                     CaseSelection& selection);

// The record that holds a verdict on `variant`.
record::Record plan_verdict(const Context& context, const LadderOptions& options,
                            const std::string& variant);

}  // namespace anebench::experiments
