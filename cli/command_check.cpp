#include <fmt/format.h>

#include "anebench/report/check_report.h"
#include "anebench/report/program_report.h"
#include "commands.h"
#include "console.h"
#include "model.h"

namespace anebench::cli {
namespace {

report::ModelCheck check_model(const Model& model, const CheckArguments& arguments) {
  report::ModelCheck check;
  ops::VerifyOptions options;
  options.strictness = arguments.lenient ? ops::Strictness::lenient : ops::Strictness::strict;
  options.function = arguments.function;
  options.resolver = model.weights.get();
  check.verification = ops::verify(model.program, options);
  check.weight_errors = report::resolve_constants(model.program, *model.weights);
  check.weight_warnings = model.weights->warnings();
  if (!arguments.skips_engine) {
    check.engine = transform::lint_for_ane(
        model.program, {.function = arguments.function, .resolver = model.weights.get()});
  }
  return check;
}

}  // namespace

int run_check(const CheckArguments& arguments) {
  Console console(arguments.console, arguments.json == "-");
  const auto mode = arguments.strict ? weights::ReadMode::strict : weights::ReadMode::tolerant;
  const std::string what = "check " + arguments.model;
  if (is_weight_file(arguments.model)) {
    return console.error(what, "it is a weight file; 'anebench inspect' reads those", kUsage);
  }
  const auto model = open_model(arguments.model, mode);
  if (!model) return console.error(what, model.error());
  const report::ModelCheck check = check_model(*model, arguments);
  console.print(report::check_report(check));
  if (!arguments.json.empty()) {
    const auto written = write_json(arguments.json, report::check_json(arguments.model, check));
    if (!written) return console.error("write the result", written.error());
  }
  return check.passed() ? kOk : kCheckFailed;
}

}  // namespace anebench::cli
