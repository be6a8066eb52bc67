// The commands that look at programs.
#include <CLI/App.hpp>
#include <memory>
#include <string>

#include "arguments.h"
#include "arguments_shared.h"
#include "commands.h"

namespace anebench::cli {
namespace {

constexpr std::string_view kInspectFooter =
    R"(MODEL is a MIL text (.mil), a folder with model.mil, a weight file (.bin), or a program by
name such as conv_chain:channels=512,depth=4,precision=w8a8.

Examples:
  anebench inspect model.mil
  anebench inspect conv_chain:channels=64,depth=2 --text > model.mil
  anebench inspect weights/weight.bin --strict)";

Command add_programs(CLI::App& app) {
  const auto arguments = std::make_shared<ProgramsArguments>();
  CLI::App* sub = app.add_subcommand("programs", "Benchmark programs with their parameters");
  add_console_options(*sub, arguments->console);
  sub->footer("Example:\n  anebench inspect conv_chain:channels=64,depth=2");
  return {sub, [arguments] { return run_programs(*arguments); }};
}

Command add_inspect(CLI::App& app) {
  const auto arguments = std::make_shared<InspectArguments>();
  CLI::App* sub = app.add_subcommand("inspect", "What is in a program or a weight file");
  sub->add_option("MODEL", arguments->model, "What to look at")->type_name("")->required();
  sub->add_flag("--text", arguments->text, "Print the program's text and nothing else");
  sub->add_flag("--strict", arguments->strict, "Oddities of weight files are errors");
  sub->add_flag("--lenient", arguments->lenient, "Rules broken with plain meaning are no errors");
  add_console_options(*sub, arguments->console);
  sub->footer(std::string(kInspectFooter));
  return {sub, [arguments] { return run_inspect(*arguments); }};
}

}  // namespace

void add_model_commands(CLI::App& app, Commands& commands) {
  commands.push_back(add_programs(app));
  commands.push_back(add_inspect(app));
}

}  // namespace anebench::cli
