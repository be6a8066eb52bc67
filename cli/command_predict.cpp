#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "anebench/device/chip/chip_device.h"
#include "anebench/device/device.h"
#include "anebench/experiments/predict.h"
#include "anebench/experiments/what_if.h"
#include "anebench/package/default_shapes.h"
#include "anebench/programs/catalogue.h"
#include "anebench/report/predict_report.h"
#include "anebench/transform/quantization_scheme.h"
#include "commands.h"
#include "console.h"
#include "experiment_command.h"
#include "model.h"
#include "model_images.h"
#include "program_inputs.h"

namespace anebench::cli {
namespace {

// What a chain is compared in where its precision is a parameter of the program.
constexpr std::string_view kComparedPrecisions[] = {"fp16", "w8", "w8a8", "lut4"};

// The program as it was asked for, and, where its precision is a parameter, the same in others: in
// fp16 first, since gains are told against that.
Result<experiments::PredictSubject> named_subject(const std::string& text) {
  ANEBENCH_ASSIGN(asked, programs::build(text, programs::Content::structure));
  experiments::PredictSubject subject;
  subject.spec = asked.spec;
  subject.argument = text;
  const auto precision = asked.spec.get("precision");
  if (!precision) {
    const std::string variant(asked.spec.get("variant").value_or("fp16"));
    subject.variants.push_back({variant, asked.program});
    return subject;
  }
  std::vector<std::string> precisions(std::begin(kComparedPrecisions),
                                      std::end(kComparedPrecisions));
  if (std::ranges::find(precisions, *precision) == precisions.end()) {
    precisions.emplace_back(*precision);
  }
  for (const std::string& name : precisions) {
    programs::ProgramSpec spec = asked.spec;
    spec.set("precision", name);
    // Not every layout has every precision.
    auto built = programs::build(spec, programs::Content::structure);
    if (built) subject.variants.push_back({name, std::move(built->program)});
  }
  return subject;
}

// The options that the quantized forms depend on, for the command that repeats a case.
std::vector<std::string> quantize_options(const PredictArguments& arguments,
                                          const InputOptions& inputs) {
  std::vector<std::string> options = {"--quantize",
                                      fmt::format("{}", fmt::join(arguments.quantize, ","))};
  for (const std::string& file : inputs.files) options.insert(options.end(), {"--input", file});
  if (inputs.random_seed) {
    options.insert(options.end(), {"--random", std::to_string(*inputs.random_seed)});
  }
  if (inputs.cast) options.emplace_back("--cast");
  return options;
}

// What records call the model: a program by name with all its parameters.
Result<programs::ProgramSpec> spec_of(const std::string& model) {
  if (!names_program(model)) return programs::ProgramSpec(model_name(model), {});
  ANEBENCH_ASSIGN(built, programs::build(model, programs::Content::structure));
  return std::move(built.spec);
}

// The program as it is, and as each scheme makes it.
Result<experiments::PredictSubject> what_if_subject(const PredictArguments& arguments) {
  experiments::WhatIf what_if;
  for (const std::string& name : arguments.quantize) {
    ANEBENCH_ASSIGN(scheme, transform::find_scheme(name), "--quantize");
    what_if.schemes.push_back(scheme);
  }
  const auto mode =
      arguments.shared.strict ? weights::ReadMode::strict : weights::ReadMode::tolerant;
  ANEBENCH_ASSIGN(model, open_model(arguments.model, mode));
  const mil::Function* function = model.program.main();
  if (function == nullptr) {
    return fail(ErrorCode::invalid_argument, "the model has no function to predict");
  }
  InputOptions inputs = arguments.inputs;
  if (!has_inputs(inputs)) inputs.random_seed = 1;
  ANEBENCH_ASSIGN(program,
                  package::with_default_shapes(model.program, function->name, model.weights.get()));
  ANEBENCH_ASSIGN(images, ModelImages::of(model, function->name));
  ANEBENCH_ASSIGN(
      read, read_inputs(inputs, *program.main(), experiments::inputs_of(*program.main()), images));
  what_if.inputs = std::move(read.values);
  what_if.inputs_text = inputs_text(inputs);

  experiments::PredictSubject subject;
  ANEBENCH_ASSIGN(spec, spec_of(arguments.model));
  subject.spec = std::move(spec);
  subject.argument = arguments.model;
  subject.options = quantize_options(arguments, inputs);
  ANEBENCH_ASSIGN(cpu, device::open("cpu", {}));
  ANEBENCH_ASSIGN(quantized,
                  experiments::quantized_variants(*cpu, {program, model.weights}, what_if));
  subject.variants.push_back({"model", std::move(program)});
  for (experiments::PredictVariant& variant : quantized) {
    subject.variants.push_back(std::move(variant));
  }
  return subject;
}

Result<experiments::PredictSubject> subject_of(const PredictArguments& arguments) {
  if (!arguments.quantize.empty()) return what_if_subject(arguments);
  if (names_program(arguments.model)) return named_subject(arguments.model);
  const auto mode =
      arguments.shared.strict ? weights::ReadMode::strict : weights::ReadMode::tolerant;
  ANEBENCH_ASSIGN(model, open_model(arguments.model, mode));
  experiments::PredictSubject subject;
  subject.spec = programs::ProgramSpec(model_name(arguments.model), {});
  subject.argument = arguments.model;
  const mil::Function* function = model.program.main();
  if (function == nullptr) {
    return fail(ErrorCode::invalid_argument, "the model has no function to predict");
  }
  // Of the shapes that an application may choose among, the default ones.
  ANEBENCH_ASSIGN(program,
                  package::with_default_shapes(model.program, function->name, model.weights.get()));
  subject.variants.push_back({"model", std::move(program)});
  return subject;
}

// "all", or names.
std::vector<std::string> chips_of(const PredictArguments& arguments) {
  if (arguments.chips != std::vector<std::string>{"all"}) return arguments.chips;
  std::vector<std::string> names;
  for (const device::Chip& chip : device::chip_table().chips) names.push_back(chip.name);
  return names;
}

}  // namespace

int run_predict(const PredictArguments& arguments) {
  Console console(arguments.shared.console);
  const std::string what = "predict " + arguments.model;
  if (arguments.quantize.empty() && has_inputs(arguments.inputs)) {
    return console.error(what, "inputs are for --quantize only: a prediction computes nothing",
                         kUsage);
  }
  auto subject = subject_of(arguments);
  if (!subject) return console.error(what, subject.error());
  const std::vector<std::string> chips = chips_of(arguments);
  // One list of cases over all chips, so that they stand in one table.
  Experiment experiment = {
      "predict",
      [&](const std::shared_ptr<device::Device>&, const experiments::Settings& settings) {
        return experiments::predict_cases(std::move(*subject), chips, settings);
      },
      report::predict_report};
  SharedOptions options = arguments.shared;
  options.devices = {std::string(device::kChipPrefix) + chips.front()};
  return run_experiments(what, {&experiment, 1}, options);
}

}  // namespace anebench::cli
