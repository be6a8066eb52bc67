// What `quantize` says of what it did: which weights and activations changed, which did not and
// why.
//
//   console.print(quantize_report(quantized, {.lists_all = true}));
//
// Pure; thread-safe.
#pragma once

#include <string>

#include "anebench/base/json.h"
#include "anebench/report/document.h"
#include "anebench/transform/requantize.h"

namespace anebench::report {

struct QuantizedModel {
  std::string model;  // as given
  std::string output;
  const transform::QuantizationScheme* scheme = nullptr;
  transform::RequantizeReport report;
  // Where activations were observed: "random, seed 1, on cpu". Empty where none were.
  std::string calibration;
};

struct QuantizeReportOptions {
  // Everything that stayed as it was, one by one, and every row.
  bool lists_all = false;
};

Document quantize_report(const QuantizedModel& quantized,
                         const QuantizeReportOptions& options = {});

// {"schema": "anebench-quantize/1", "model", "output", "scheme", "calibration", "opsets",
// "weights", "activations"}. A ratio in dB that is not finite is null.
Json quantize_json(const QuantizedModel& quantized);

}  // namespace anebench::report
