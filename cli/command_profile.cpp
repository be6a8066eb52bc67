#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "anebench/base/file.h"
#include "anebench/experiments/model_program.h"
#include "anebench/experiments/profile.h"
#include "anebench/programs/catalogue.h"
#include "anebench/report/profile_report.h"
#include "anebench/report/roofline_svg.h"
#include "anebench/report/trace_writer.h"
#include "commands.h"
#include "console.h"
#include "experiment_command.h"
#include "model.h"

namespace anebench::cli {
namespace {

experiments::ProfileSubject subject_of(programs::BenchmarkProgram program,
                                       const ProfileArguments& arguments, package::ModelForm form) {
  return {std::make_shared<const programs::BenchmarkProgram>(std::move(program)), arguments.model,
          std::string(package::to_string(form))};
}

Result<experiments::ProfileSubject> open_subject(const ProfileArguments& arguments) {
  const std::string& model = arguments.model;
  if (names_program(model)) {
    ANEBENCH_ASSIGN(program, programs::build(model));
    return subject_of(std::move(program), arguments, package::ModelForm::built);
  }
  const auto mode =
      arguments.shared.strict ? weights::ReadMode::strict : weights::ReadMode::tolerant;
  ANEBENCH_ASSIGN(opened, open_model(model, mode));
  ANEBENCH_ASSIGN(program,
                  experiments::model_program(model_name(model), opened.program,
                                             std::move(opened.weights), arguments.shared.seed));
  return subject_of(std::move(program), arguments, opened.form);
}

Result<void> write_plots(const ProfileArguments& arguments,
                         const std::vector<record::Record>& records) {
  if (!arguments.trace.empty()) {
    ANEBENCH_TRY(write_file_atomically(arguments.trace,
                                       dump_json_pretty(report::trace_json(records)) + "\n"),
                 "--trace");
  }
  if (!arguments.svg.empty()) {
    ANEBENCH_TRY(write_file_atomically(arguments.svg, report::roofline_svg(records.front())),
                 "--svg");
  }
  return {};
}

}  // namespace

int run_profile(const ProfileArguments& arguments) {
  Console console(arguments.shared.console);
  const std::string what = "profile " + arguments.model;
  if (!arguments.svg.empty() && arguments.shared.devices.size() > 1) {
    return console.error(what, "--svg draws the roofline of one device; give one --device", kUsage);
  }
  const auto subject = open_subject(arguments);
  if (!subject) return console.error(what, subject.error());
  std::vector<record::Record> profiled;
  const Experiment experiment = {
      "profile",
      [&](const std::shared_ptr<device::Device>& device, const experiments::Settings& settings) {
        return experiments::profile_cases(*subject, device, settings);
      },
      [&](std::span<const record::Record> records, std::span<const std::string> notes) {
        profiled.insert(profiled.end(), records.begin(), records.end());
        return report::profile_report(records, notes);
      }};
  const int status = run_experiments(what, {&experiment, 1}, arguments.shared);
  if (profiled.empty()) return status;
  if (const auto written = write_plots(arguments, profiled); !written) {
    return console.error(what, written.error());
  }
  return status;
}

}  // namespace anebench::cli
