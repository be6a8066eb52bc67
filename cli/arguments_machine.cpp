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

Command add_schema(CLI::App& app) {
  return {app.add_subcommand("schema", "The JSON Schema of a record"), run_schema};
}

}  // namespace

void add_machine_commands(CLI::App& app, Commands& commands) {
  commands.push_back(add_devices(app));
  commands.push_back(add_schema(app));
}

}  // namespace anebench::cli
