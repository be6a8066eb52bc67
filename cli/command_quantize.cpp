#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "anebench/device/device.h"
#include "anebench/experiments/calibration.h"
#include "anebench/report/quantize_report.h"
#include "commands.h"
#include "console.h"
#include "model.h"

namespace anebench::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPackageSuffix = ".mlpackage";
constexpr std::string_view kFolderSuffix = ".mlmodelc";

Result<void> check_output(const QuantizeArguments& arguments) {
  const fs::path path(arguments.output);
  if (path.extension() != kPackageSuffix && path.extension() != kFolderSuffix) {
    return fail(ErrorCode::invalid_argument,
                "\"{}\" ends neither in {} (a package) nor in {} (a folder with model.mil)",
                arguments.output, kPackageSuffix, kFolderSuffix);
  }
  std::error_code ignored;
  if (!arguments.force && fs::exists(path, ignored)) {
    return fail(ErrorCode::invalid_argument, "{} is there already; --force replaces it",
                arguments.output);
  }
  return {};
}

Result<void> write(const QuantizeArguments& arguments, const Model& model,
                   const transform::Requantized& quantized) {
  const fs::path path(arguments.output);
  if (path.extension() == kFolderSuffix) {
    return package::write_text_folder(quantized.program, quantized.weights.get(), path);
  }
  ANEBENCH_ASSIGN(package, package::package_like(model, quantized.program, quantized.weights));
  return package::write_package(package, path);
}

// The function whose activations are observed.
const mil::Function* observed_function(const QuantizeArguments& arguments, const Model& model) {
  return arguments.function.empty() ? model.program.main()
                                    : model.program.find_function(arguments.function);
}

Result<transform::Requantized> quantize(const QuantizeArguments& arguments, const Model& model,
                                        const transform::RequantizeOptions& options) {
  if (!options.scheme->has_activations) {
    return transform::requantize(model.program, model.weights, options);
  }
  const mil::Function* function = observed_function(arguments, model);
  if (function == nullptr) {
    return fail(ErrorCode::not_found, "the program has no function \"{}\"", arguments.function);
  }
  ANEBENCH_ASSIGN(images, ModelImages::of(model, function->name));
  ANEBENCH_ASSIGN(
      inputs, read_inputs(arguments.inputs, *function, experiments::inputs_of(*function), images));
  ANEBENCH_ASSIGN(device, device::open(arguments.device, {.threads = arguments.threads}));
  return experiments::requantize_calibrated(
      *device, {model.program, model.weights}, options, {inputs.values},
      {.strict_weights = arguments.strict, .function = function->name});
}

Result<report::QuantizedModel> quantize_model(const QuantizeArguments& arguments,
                                              const transform::QuantizationScheme& scheme) {
  ANEBENCH_TRY(check_output(arguments));
  const auto mode = arguments.strict ? weights::ReadMode::strict : weights::ReadMode::tolerant;
  ANEBENCH_ASSIGN(model, open_model(arguments.model, mode));
  transform::RequantizeOptions options;
  options.scheme = &scheme;
  options.function = arguments.function;
  options.raises_opset = !arguments.keeps_opset;
  if (arguments.min_elements) {
    options.min_elements = static_cast<std::int64_t>(*arguments.min_elements);
  }
  ANEBENCH_ASSIGN(quantized, quantize(arguments, model, options));

  report::QuantizedModel result;
  result.model = arguments.model;
  result.scheme = &scheme;
  if (scheme.has_activations) {
    result.calibration = fmt::format("{}, on {}", inputs_text(arguments.inputs), arguments.device);
  }
  if (!quantized.report.is_unchanged()) {
    ANEBENCH_TRY(write(arguments, model, quantized), "writing " + arguments.output);
    result.output = arguments.output;
  }
  result.report = std::move(quantized.report);
  return result;
}

}  // namespace

int run_quantize(const QuantizeArguments& arguments) {
  Console console(arguments.console, arguments.json == "-");
  const std::string what = "quantize " + arguments.model;
  const auto scheme = transform::find_scheme(arguments.scheme);
  if (!scheme) return console.error(what, scheme.error().message(), kUsage);
  if ((*scheme)->has_activations != has_inputs(arguments.inputs)) {
    return console.error(
        what,
        (*scheme)->has_activations
            ? fmt::format("{} needs inputs to find the range of activations on: "
                          "--input NAME=FILE or --random SEED",
                          arguments.scheme)
            : fmt::format("{} changes no activations, so it takes no inputs", arguments.scheme),
        kUsage);
  }
  const auto quantized = quantize_model(arguments, **scheme);
  if (!quantized) return console.error(what, quantized.error());
  console.print(report::quantize_report(*quantized, {.lists_all = arguments.console.verbose}));
  if (!arguments.json.empty()) {
    const auto written = write_json(arguments.json, report::quantize_json(*quantized));
    if (!written) return console.error("write the result", written.error());
  }
  if (quantized->output.empty()) return kCheckFailed;
  console.message(fmt::format("'anebench diff {} {} --random 1' says what it cost.",
                              arguments.model, arguments.output));
  return kOk;
}

}  // namespace anebench::cli
