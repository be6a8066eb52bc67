// How large a program's values become: runs it on given inputs and observes them. The scales of
// quantized activations come from there.
//
//   ANEBENCH_ASSIGN(result, requantize_calibrated(*device, {model.program, model.weights},
//                                                 {.scheme = *find_scheme("w8a8")}, {inputs}));
//
// Ranges are those of the inputs seen: representative ones make good scales, random ones plausible
// ones. Runs once for each sample; states begin with zeros each time.
#pragma once

#include <string>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/device/device.h"
#include "anebench/experiments/value_diff.h"
#include "anebench/mil/value.h"
#include "anebench/transform/requantize.h"

namespace anebench::experiments {

// The values of a function's inputs_of(function), in that order.
using Sample = std::vector<mil::Value>;

// The largest magnitude of each of `names` (values at the top level of options.function, inputs
// included) over all samples; infinite where a NaN or an infinity occurred. Errors: no such
// function or value; no sample; the device's own.
Result<transform::ActivationRanges> observe_ranges(device::Device& device,
                                                   const ModelVersion& model,
                                                   const std::vector<std::string>& names,
                                                   const std::vector<Sample>& samples,
                                                   const device::CompileOptions& options = {});

// requantize() with the ranges that it needs of the function compile.function. Runs nothing where
// the scheme has no activations. Errors: as both.
Result<transform::Requantized> requantize_calibrated(device::Device& device,
                                                     const ModelVersion& model,
                                                     transform::RequantizeOptions options,
                                                     const std::vector<Sample>& samples,
                                                     const device::CompileOptions& compile = {});

}  // namespace anebench::experiments
