// What `diff` says of two versions of a model: what is different in them, and in what they compute.
//
//   console.print(diff_report(diff, {.all_layers = true}));
//
// Pure; thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "anebench/base/json.h"
#include "anebench/experiments/value_diff.h"
#include "anebench/report/document.h"
#include "anebench/transform/program_diff.h"

namespace anebench::report {

struct ModelDiff {
  std::string before;  // as given
  std::string after;
  transform::ProgramDiff structure;
  // Where both were run: what they computed, of which function, on which device and inputs.
  std::optional<experiments::ValueDiff> values;
  std::string function;
  std::string device;
  std::string inputs;
};

struct DiffReportOptions {
  // Every layer, not only those whose operation changed, and every change.
  bool all_layers = false;
};

Document diff_report(const ModelDiff& diff, const DiffReportOptions& options = {});

// {"schema": "anebench-diff/1", "before", "after", "equal", "functions", "weights", "values":
// {"function", "device", "inputs", "outputs", "layers"}}. Ratios are in dB; null stands for a ratio
// that is not finite, and "bit_identical" then says why.
Json diff_json(const ModelDiff& diff);

// "61.2", "equal", "3 not finite": a signal-to-noise ratio in dB.
Cell snr_cell(const device::Comparison& comparison);

}  // namespace anebench::report
