#include <fmt/format.h>

#include <utility>

#include "anebench/experiments/value_diff.h"
#include "anebench/report/diff_report.h"
#include "commands.h"
#include "console.h"
#include "model.h"

namespace anebench::cli {
namespace {

const transform::FunctionDiff* find_structure(const transform::ProgramDiff& diff,
                                              const std::string& function) {
  for (const transform::FunctionDiff& one : diff.functions) {
    if (one.name == function) return &one;
  }
  return nullptr;
}

Result<void> compare_values(const DiffArguments& arguments, const Model& before, const Model& after,
                            report::ModelDiff& diff) {
  const transform::FunctionDiff* structure = find_structure(diff.structure, arguments.function);
  if (structure == nullptr) {
    return fail(ErrorCode::not_found, "the two models do not both have a function \"{}\"",
                arguments.function);
  }
  const mil::Function& function = *before.program.find_function(arguments.function);
  ANEBENCH_ASSIGN(images, ModelImages::of(before, function.name));
  ANEBENCH_ASSIGN(
      inputs, read_inputs(arguments.inputs, function, experiments::inputs_of(function), images));
  ANEBENCH_ASSIGN(opened, device::open(arguments.device, {.threads = arguments.threads}));
  ANEBENCH_ASSIGN(values, experiments::diff_values(
                              *opened, {before.program, before.weights},
                              {after.program, after.weights}, *structure, inputs.values,
                              {.lenient = arguments.lenient, .strict_weights = arguments.strict}));
  diff.values = std::move(values);
  diff.function = arguments.function;
  diff.device = opened->info().description;
  diff.inputs = inputs_text(arguments.inputs);
  return {};
}

Result<report::ModelDiff> diff_models(const DiffArguments& arguments) {
  const auto mode = arguments.strict ? weights::ReadMode::strict : weights::ReadMode::tolerant;
  ANEBENCH_ASSIGN(before, open_model(arguments.before, mode));
  ANEBENCH_ASSIGN(after, open_model(arguments.after, mode));
  report::ModelDiff diff;
  diff.before = arguments.before;
  diff.after = arguments.after;
  diff.structure = transform::diff_programs(before.program, after.program,
                                            {before.weights.get(), after.weights.get()});
  if (has_inputs(arguments.inputs)) {
    ANEBENCH_TRY(compare_values(arguments, before, after, diff));
  }
  return diff;
}

// Whether the threshold was kept; says so where it was not.
Status judge(const DiffArguments& arguments, const report::ModelDiff& diff, Console& console) {
  if (!arguments.threshold) return kOk;
  const auto lowest = experiments::lowest_output_snr(*diff.values);
  if (lowest && *lowest >= *arguments.threshold) return kOk;
  console.message(lowest ? fmt::format("an output has {:.1f} dB, below the threshold of {:g} dB",
                                       *lowest, *arguments.threshold)
                         : std::string("no output could be compared with the threshold"));
  return kCheckFailed;
}

}  // namespace

int run_diff(const DiffArguments& arguments) {
  Console console(arguments.console, arguments.json == "-");
  const std::string what = fmt::format("compare {} with {}", arguments.before, arguments.after);
  if (arguments.threshold && !has_inputs(arguments.inputs)) {
    return console.error(what, "--threshold-db needs inputs: --random SEED or --input NAME=FILE",
                         kUsage);
  }
  const auto diff = diff_models(arguments);
  if (!diff) return console.error(what, diff.error());
  console.print(report::diff_report(*diff, {.all_layers = arguments.console.verbose}));
  if (!diff->values) {
    console.message(
        "The models were not run; --random SEED or --input NAME=FILE compares what they compute.");
  }
  if (!arguments.json.empty()) {
    const auto written = write_json(arguments.json, report::diff_json(*diff));
    if (!written) return console.error("write the result", written.error());
  }
  return judge(arguments, *diff, console);
}

}  // namespace anebench::cli
