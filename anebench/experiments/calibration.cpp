#include "anebench/experiments/calibration.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>

#include "anebench/device/loaded_program.h"
#include "anebench/ops/tensor.h"
#include "anebench/transform/extract.h"

namespace anebench::experiments {
namespace {

using device::LoadedProgram;
using transform::ActivationRanges;

// The largest magnitude; infinite where an element is infinite or NaN.
Result<double> largest_magnitude(const mil::Value& value) {
  if (!value.is_packed() || value.type().data_type() == mil::DataType::string) {
    return fail(ErrorCode::unsupported, "a {} has no range", mil::to_string(value.type()));
  }
  // Converted in pieces, since a tensor may be large.
  std::array<double, 4096> piece;
  double largest = 0;
  const auto count = static_cast<std::size_t>(value.type().element_count().value_or(0));
  for (std::size_t begin = 0; begin < count; begin += piece.size()) {
    const auto elements = std::span(piece).first(std::min(piece.size(), count - begin));
    ops::load_doubles(value.type().data_type(), value.bytes(), begin, elements);
    for (const double element : elements) {
      if (!std::isfinite(element)) return std::numeric_limits<double>::infinity();
      largest = std::max(largest, std::abs(element));
    }
  }
  return largest;
}

Result<void> widen(const std::string& name, const mil::Value& value, ActivationRanges& ranges) {
  ANEBENCH_ASSIGN(largest, largest_magnitude(value), fmt::format("value '{}'", name));
  double& range = ranges[name];
  range = std::max(range, largest);
  return {};
}

// The ranges of `computed`, which are the outputs of a program that computes nothing else.
Result<void> observe_computed(device::Device& device, const ModelVersion& model,
                              const std::vector<std::string>& computed,
                              const std::vector<Sample>& samples,
                              const device::CompileOptions& options, ActivationRanges& ranges) {
  if (computed.empty()) return {};
  ANEBENCH_ASSIGN(exposed, transform::with_outputs(model.program, options.function, computed));
  ANEBENCH_ASSIGN(loaded, LoadedProgram::open(device, exposed, model.weights, options));
  for (const Sample& sample : samples) {
    if (loaded.state() != nullptr) ANEBENCH_TRY(loaded.state()->reset());
    ANEBENCH_TRY(loaded.set_inputs(sample));
    loaded.poison_outputs();
    ANEBENCH_TRY(loaded.evaluate());
    for (std::size_t i = 0; i < computed.size(); ++i) {
      ANEBENCH_ASSIGN(value, loaded.output_value(i), computed[i]);
      ANEBENCH_TRY(widen(computed[i], value, ranges));
    }
  }
  return {};
}

}  // namespace

Result<ActivationRanges> observe_ranges(device::Device& device, const ModelVersion& model,
                                        const std::vector<std::string>& names,
                                        const std::vector<Sample>& samples,
                                        const device::CompileOptions& options) {
  const mil::Function* function = model.program.find_function(options.function);
  if (function == nullptr) {
    return fail(ErrorCode::not_found, "the program has no function '{}'", options.function);
  }
  if (samples.empty()) {
    return fail(ErrorCode::invalid_argument, "no inputs to observe the program on");
  }
  const std::vector<mil::NamedType> inputs = inputs_of(*function);
  for (const Sample& sample : samples) {
    if (sample.size() == inputs.size()) continue;
    return fail(ErrorCode::invalid_argument, "{} values for {} inputs", sample.size(),
                inputs.size());
  }
  ActivationRanges ranges;
  std::vector<std::string> computed;
  for (const std::string& name : names) {
    const auto input = std::ranges::find(inputs, name, &mil::NamedType::name);
    if (input == inputs.end()) {
      computed.push_back(name);
      continue;
    }
    const auto index = static_cast<std::size_t>(input - inputs.begin());
    for (const Sample& sample : samples) ANEBENCH_TRY(widen(name, sample[index], ranges));
  }
  ANEBENCH_TRY(observe_computed(device, model, computed, samples, options, ranges));
  return ranges;
}

Result<transform::Requantized> requantize_calibrated(device::Device& device,
                                                     const ModelVersion& model,
                                                     transform::RequantizeOptions options,
                                                     const std::vector<Sample>& samples,
                                                     const device::CompileOptions& compile) {
  if (options.scheme->has_activations) {
    ANEBENCH_ASSIGN(names, transform::needed_activations(model.program, model.weights.get(),
                                                         options, compile.function));
    if (!names.empty()) {
      ANEBENCH_ASSIGN(ranges, observe_ranges(device, model, names, samples, compile),
                      "observing the activations");
      options.ranges.insert_or_assign(compile.function, std::move(ranges));
    }
  }
  return transform::requantize(model.program, model.weights, options);
}

}  // namespace anebench::experiments
