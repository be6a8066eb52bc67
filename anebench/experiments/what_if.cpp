#include "anebench/experiments/what_if.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "anebench/device/compare.h"
#include "anebench/experiments/calibration.h"
#include "anebench/experiments/named_values.h"
#include "anebench/transform/requantize.h"

namespace anebench::experiments {
namespace {

// The outputs of main, in its order.
Result<std::vector<mil::Value>> outputs_on(device::Device& device, const ModelVersion& model,
                                           const NamedValues& inputs) {
  ANEBENCH_ASSIGN(loaded, run_on(device, model.program, model.weights, inputs, {}));
  std::vector<mil::Value> outputs;
  for (std::size_t i = 0; i < loaded.executable().outputs().size(); ++i) {
    ANEBENCH_ASSIGN(value, loaded.output_value(i));
    outputs.push_back(std::move(value));
  }
  return outputs;
}

// Of the output that suffered most; nothing where no output is a tensor of numbers.
std::optional<double> lowest_snr(const std::vector<mil::Value>& before,
                                 const std::vector<mil::Value>& after) {
  std::optional<double> lowest;
  for (std::size_t i = 0; i < std::min(before.size(), after.size()); ++i) {
    if (!before[i].is_packed() || !after[i].is_packed() ||
        before[i].type().shape() != after[i].type().shape()) {
      continue;
    }
    const auto comparison = device::compare(before[i].type(), before[i].bytes(),
                                            after[i].type().data_type(), after[i].bytes());
    const double snr = comparison.special_mismatches > 0 ? -std::numeric_limits<double>::infinity()
                                                         : comparison.snr_db;
    lowest = std::min(lowest.value_or(snr), snr);
  }
  return lowest;
}

Result<void> require_change(const transform::QuantizationScheme& scheme,
                            const transform::RequantizeReport& report) {
  if (!report.is_unchanged()) return {};
  const std::string why = report.weights.empty()
                              ? "it has no weights"
                              : fmt::format("of weight '{}', {}", report.weights.front().name,
                                            transform::to_string(report.weights.front().outcome));
  return fail(ErrorCode::unsupported,
              "{} changes nothing in this program ({}); 'anebench quantize' lists the reasons",
              scheme.name, why);
}

}  // namespace

Result<std::vector<PredictVariant>> quantized_variants(device::Device& device,
                                                       const ModelVersion& model,
                                                       const WhatIf& what_if) {
  const mil::Function* function = model.program.main();
  if (function == nullptr) {
    return fail(ErrorCode::invalid_argument, "the program has no function to quantize");
  }
  const std::vector<mil::NamedType> types = inputs_of(*function);
  if (types.size() != what_if.inputs.size()) {
    return fail(ErrorCode::invalid_argument, "{} values for {} inputs", what_if.inputs.size(),
                types.size());
  }
  NamedValues inputs;
  for (std::size_t i = 0; i < types.size(); ++i) inputs.emplace(types[i].name, what_if.inputs[i]);
  ANEBENCH_ASSIGN(before, outputs_on(device, model, inputs), "the program as it is");

  std::vector<PredictVariant> variants;
  for (const transform::QuantizationScheme* scheme : what_if.schemes) {
    transform::RequantizeOptions options;
    options.scheme = scheme;
    ANEBENCH_ASSIGN(quantized,
                    requantize_calibrated(device, model, options, {what_if.inputs},
                                          {.function = function->name}),
                    std::string(scheme->name));
    ANEBENCH_TRY(require_change(*scheme, quantized.report));
    ANEBENCH_ASSIGN(after, outputs_on(device, {quantized.program, quantized.weights}, inputs),
                    std::string(scheme->name));
    PredictVariant variant;
    variant.name = std::string(scheme->name);
    variant.quantization = Quantization{
        .weights = quantized.report.quantized_weights(),
        .activations = quantized.report.quantized_activations(),
        .output_snr_db = lowest_snr(before, after),
        .computed_by = fmt::format("{}, inputs {}", device.info().name, what_if.inputs_text)};
    variant.program = std::move(quantized.program);
    variants.push_back(std::move(variant));
  }
  return variants;
}

}  // namespace anebench::experiments
