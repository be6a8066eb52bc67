// The sentences of a verdict: what was seen, with figures, and what is missing. Internal to the
// layer. Pure.
#pragma once

#include "anebench/experiments/verdict.h"

namespace anebench::experiments {

// Fills finding.evidence; kind, reason, sub-kinds and shapes are set.
void add_evidence(Finding& finding, const VerdictInput& input, const stats::VerdictRules& rules);

}  // namespace anebench::experiments
