// What if a program were quantized? Its forms under several schemes, for `predict` to put a time
// to, with what each costs in accuracy: computed by running both forms on the same inputs.
//
//   ANEBENCH_ASSIGN(variants, quantized_variants(*cpu, {program, weights},
//                                                {.schemes = {w8, w8a8}, .inputs = inputs}));
//
// Nothing here is measured or predicted; a variant's times are predict.h's.
#pragma once

#include <string>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/device/device.h"
#include "anebench/experiments/predict.h"
#include "anebench/experiments/value_diff.h"
#include "anebench/mil/value.h"
#include "anebench/transform/quantization_scheme.h"

namespace anebench::experiments {

struct WhatIf {
  std::vector<const transform::QuantizationScheme*> schemes;
  // The values of inputs_of(main), in that order: the ranges of activations are those on them, and
  // so is the accuracy.
  std::vector<mil::Value> inputs;
  // What they are, for reports: "random, seed 1".
  std::string inputs_text;
};

// One variant a scheme, in the order given, named as the scheme. Errors: no function; a scheme that
// changes nothing in the program, with the first reason why; requantize_calibrated()'s; the
// device's.
Result<std::vector<PredictVariant>> quantized_variants(device::Device& device,
                                                       const ModelVersion& model,
                                                       const WhatIf& what_if);

}  // namespace anebench::experiments
