#include "command_line.h"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <string>
#include <vector>

#include "arguments.h"
#include "commands.h"
#include "console.h"
#include "nearest.h"

namespace anebench::cli {
namespace {

constexpr std::string_view kDescription =
    "What quantization really does: builds programs that show it, runs them on this machine, "
    "checks\n"
    "their numbers against an exact reference, times them soundly.";

constexpr std::string_view kFooter = R"(Examples:
  anebench int8 --quick                      int8 against fp16 on this CPU, in two minutes
  anebench peak --precision both             how close to the CPU's peak
  anebench devices --peaks                   what there is, and its measured peaks
  anebench inspect model.mil                 what is in a program, and whether it is valid
  anebench run model.mlpackage --random 1    a Core ML model's outputs, and what executed it
  anebench predict model.mlpackage           what it would take on Apple's chips
  anebench compare old.jsonl new.jsonl       what became slower

Exit status: 0 ok, 1 a check failed, 2 usage or unreadable input, 3 device unavailable,
4 inconclusive or mistrusted (with --fail-on), 130 interrupted.
'anebench COMMAND --help' explains a command.)";

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back(fmt::format("--{}", name));
  }
  return names;
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommands({})) names.push_back(sub->get_name());
  return names;
}

// What was not understood, with the nearest that would have been.
std::string explain_extra(const CLI::App& app, const CLI::App* command, const std::string& extra) {
  const CLI::App& context = command == nullptr ? app : *command;
  const std::string where = command == nullptr ? "anebench" : command->get_name();
  if (extra.starts_with('-')) {
    const std::string name = extra.substr(0, extra.find('='));
    return fmt::format("{} has no option \"{}\"{}", where, name,
                       suggestion(name, option_names(context)));
  }
  if (command == nullptr) {
    const auto names = command_names(app);
    return fmt::format("there is no command \"{}\"{}; the commands are {}", extra,
                       suggestion(extra, names), joined(names));
  }
  return fmt::format("{} takes no argument \"{}\"", where, extra);
}

int usage_error(const CLI::App& app, const CLI::App* command, std::string_view reason) {
  const std::string help = command == nullptr ? "" : command->get_name() + " ";
  Console({}).error("understand the command line", reason, kUsage);
  fmt::print(stderr, "'{} {}--help' lists what there is.\n", app.get_name(), help);
  return kUsage;
}

}  // namespace

std::variant<std::function<int()>, int> parse_command_line(int argc, const char* const* argv) {
  CLI::App app{std::string(kDescription), "anebench"};
  app.footer(std::string(kFooter));
  app.get_formatter()->column_width(26);
  bool version = false;
  app.add_flag("--version", version, "Version, commit and libraries");

  Commands commands;
  add_experiment_commands(app, commands);
  add_model_commands(app, commands);
  add_check_commands(app, commands);
  add_chip_commands(app, commands);
  add_result_commands(app, commands);
  add_machine_commands(app, commands);

  const auto command = [&]() -> const CLI::App* {
    const auto parsed = app.get_subcommands();
    return parsed.empty() ? nullptr : parsed.front();
  };
  try {
    app.parse(argc, argv);
  } catch (const CLI::ExtrasError&) {
    const auto extras = app.remaining(true);
    return usage_error(app, command(), explain_extra(app, command(), extras.front()));
  } catch (const CLI::ParseError& error) {
    // Help counts as an error there, too.
    if (error.get_exit_code() == 0) return app.exit(error);
    return usage_error(app, command(), error.what());
  }
  if (version) return std::function<int()>(run_version);
  for (const Command& known : commands) {
    if (known.app == command()) return known.run;
  }
  return usage_error(app, nullptr,
                     "no command was given; the commands are " + joined(command_names(app)));
}

}  // namespace anebench::cli
