// The commands about this machine and this program.
#include <CLI/App.hpp>
#include <memory>
#include <string>

#include "arguments.h"
#include "arguments_shared.h"
#include "commands.h"

namespace anebench::cli {
namespace {

constexpr std::string_view kDevicesFooter = R"(Examples:
  anebench devices
  anebench devices --peaks --threads 1)";

Command add_devices(CLI::App& app) {
  const auto arguments = std::make_shared<DevicesArguments>();
  CLI::App* sub = app.add_subcommand("devices", "What programs can run on here, and why not");
  sub->add_flag("--peaks", arguments->peaks, "Measure and show their peaks (about a second each)");
  add_parsed(*sub, "--threads", "N", parse_threads, arguments->threads, "Threads (default: all)");
  add_console_options(*sub, arguments->console);
  sub->footer(std::string(kDevicesFooter));
  return {sub, [arguments] { return run_devices(*arguments); }};
}

constexpr std::string_view kDoctorFooter = R"(Examples:
  anebench doctor
docs/ane.md says what is looked for, and how the Neural Engine fails.)";

Command add_doctor(CLI::App& app) {
  const auto arguments = std::make_shared<DoctorArguments>();
  CLI::App* sub = app.add_subcommand("doctor", "What this machine has, lacks, and what to do");
  add_console_options(*sub, arguments->console);
  sub->footer(std::string(kDoctorFooter));
  return {sub, [arguments] { return run_doctor(*arguments); }};
}

constexpr std::string_view kSelfcheckFooter = R"(Examples:
  anebench selfcheck                         false alarms and coverage on this CPU
  anebench selfcheck --verdict --quick       the verdict on simulated devices, short ladder
  anebench selfcheck --statistics            the statistics under made-up noise
docs/verdict.md and docs/measuring.md say what is demanded.)";

Command add_selfcheck(CLI::App& app) {
  const auto arguments = std::make_shared<SelfcheckArguments>();
  CLI::App* sub =
      app.add_subcommand("selfcheck", "Whether this program's own judgements can be trusted here");
  CLI::Option* verdict =
      sub->add_flag("--verdict", arguments->verdict,
                    "Judge simulated devices: mechanisms × noises, and how often it is right")
          ->group("Cases");
  sub->add_flag("--statistics", arguments->statistics,
                "Coverage, false alarms and power under made-up noise")
      ->group("Cases")
      ->excludes(verdict);
  add_parsed(*sub, "--runs", "N", parse_count, arguments->runs,
             "Comparisons (default 100), or runs a cell (1000; statistics 2000)")
      ->group("Cases");
  add_shared_options(*sub, arguments->shared);
  add_precision_option(*sub, arguments->shared);
  sub->footer(std::string(kSelfcheckFooter));
  return {sub, [arguments] { return run_selfcheck(*arguments); }};
}

Command add_schema(CLI::App& app) {
  return {app.add_subcommand("schema", "The JSON Schema of a record"), run_schema};
}

}  // namespace

void add_machine_commands(CLI::App& app, Commands& commands) {
  commands.push_back(add_devices(app));
  commands.push_back(add_doctor(app));
  commands.push_back(add_selfcheck(app));
  commands.push_back(add_schema(app));
}

}  // namespace anebench::cli
