#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "anebench/device/chip/chip_device.h"
#include "anebench/experiments/predict.h"
#include "anebench/package/default_shapes.h"
#include "anebench/programs/catalogue.h"
#include "anebench/report/predict_report.h"
#include "commands.h"
#include "console.h"
#include "experiment_command.h"
#include "model.h"

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

Result<experiments::PredictSubject> subject_of(const PredictArguments& arguments) {
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
