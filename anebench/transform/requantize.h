// Stores a program's weights in another form, and makes its activations int8 where the rules for
// integer arithmetic are met: the program that quantizing the model would give.
//
//   ANEBENCH_ASSIGN(scheme, find_scheme("w8"));
//   ANEBENCH_ASSIGN(result, requantize(model.program, model.weights, {.scheme = *scheme}));
//   for (const WeightResult& weight : result.report.weights) …
//   run(result.program, result.weights);
//
// A weight is an fp16 or fp32 constant of at least two dimensions and `min_elements` elements that
// operations take. It keeps its name; a constexpr operation takes the place of its `const`. All
// names of values, inputs and outputs stay what they were. The new weight file holds what the new
// program refers to and nothing else.
//
// For activations (scheme w8a8) the ranges must be given: needed_activations() says of which
// values, experiments/calibration.h finds them by running the program.
//
// Pure and deterministic; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/mil/program.h"
#include "anebench/transform/activation_pairs.h"
#include "anebench/transform/quantization_scheme.h"
#include "anebench/weights/weight_files.h"

namespace anebench::transform {

// As in coremltools' optimization of weights: below it hardly any space is won.
inline constexpr std::int64_t kSmallestWeight = 2048;

struct RequantizeOptions {
  // Of quantization_schemes(). Precondition: not null.
  const QuantizationScheme* scheme = nullptr;
  // Only this function; empty for all.
  std::string function = {};
  std::int64_t min_elements = kSmallestWeight;
  // Raises a function's opset where the scheme needs a newer one; otherwise that is an error.
  bool raises_opset = true;
  // Of activations, by function.
  std::map<std::string, ActivationRanges, std::less<>> ranges = {};
  // Of the activations' scales. Powers of two keep dequantization exact and make integers cheap.
  weights::ScaleForm activation_scales = weights::ScaleForm::power_of_two;
};

enum class WeightOutcome : std::uint8_t {
  quantized,
  already_quantized,  // a constexpr operation, or a parameter of one
  too_small,          // fewer elements than asked for
  vector,             // less than two dimensions: a bias, a scale
  no_weight,          // nothing takes it, or something that wants the number itself
  unsupported_type,   // neither fp16 nor fp32
  no_blocks,          // its channels do not divide into the scheme's blocks
  not_smaller,        // the new form would take as many bytes
  not_representable,  // infinite, NaN, or too large for the scheme's scales
};
// A sentence without a full stop: "it is quantized already".
std::string_view to_string(WeightOutcome outcome);

struct WeightResult {
  std::string function;
  std::string name;
  mil::Type type;
  // "conv 'y'": the operation that decided about axes; empty where there is none.
  std::string used_by;
  WeightOutcome outcome = WeightOutcome::quantized;
  // More about it, e.g. the operation that expands it; empty for nothing more.
  std::string detail;
  std::int64_t bytes_before = 0;
  std::int64_t bytes_after = 0;
  // Of the restored weight against what it was; infinite where nothing was lost.
  double snr_db = 0;
};

struct OpsetChange {
  std::string function;
  std::string before;
  std::string after;
};

struct RequantizeReport {
  // Every constant of floating point that is no scalar, and every compressed weight, in program
  // order. One that several functions share is listed for each.
  std::vector<WeightResult> weights;
  // Every operation that could compute in integers; empty for schemes of weights only.
  std::vector<ActivationResult> activations;
  std::vector<OpsetChange> opsets;

  std::size_t quantized_weights() const;
  std::size_t quantized_activations() const;
  bool is_unchanged() const { return quantized_weights() == 0 && quantized_activations() == 0; }
};

struct Requantized {
  // Those given where nothing changed.
  mil::Program program;
  std::shared_ptr<weights::WeightFiles> weights;
  RequantizeReport report;
};

// `files` may be null for a program without weight files. Errors: not_found for a function that is
// not there; unsupported where an opset would have to be raised and may not; verification_error
// where the program is not valid under the raised opset; those of reading weights.
Result<Requantized> requantize(const mil::Program& program,
                               std::shared_ptr<weights::WeightFiles> files,
                               const RequantizeOptions& options);

// The values of a function whose ranges a scheme with activations asks for: names, each once, in
// program order. Errors: as requantize().
Result<std::vector<std::string>> needed_activations(const mil::Program& program,
                                                    const weights::WeightFiles* files,
                                                    const RequantizeOptions& options,
                                                    std::string_view function);

}  // namespace anebench::transform
