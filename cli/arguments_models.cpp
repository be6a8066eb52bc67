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
    R"(MODEL is a package (.mlpackage), a compiled model (.mlmodelc) or another folder with
model.mil, a MIL text (.mil), a weight file (.bin), or a program by name such as
conv_chain:channels=512,depth=4,precision=w8a8.

Examples:
  anebench inspect model.mlpackage
  anebench inspect conv_chain:channels=64,depth=2 --text > model.mil
  anebench inspect weights/weight.bin --strict)";

constexpr std::string_view kRunFooter =
    R"(MODEL is what inspect takes, but for weight files. Files are NumPy's (.npy). Inputs are
converted to the model's types where the kind of number stays (--cast: always); outputs are
written in the model's types.

Examples:
  anebench run model.mlpackage --input x=x.npy --output y=y.npy
  anebench run conv_chain:channels=64,depth=2 --device reference --random 1)";

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

Command add_run(CLI::App& app) {
  const auto arguments = std::make_shared<RunArguments>();
  CLI::App* sub = app.add_subcommand("run", "Run a program on inputs from files");
  sub->add_option("MODEL", arguments->model, "What to run")->type_name("")->required();
  sub->add_option("--device", arguments->device, "Where: see 'anebench devices'")
      ->type_name("NAME");
  sub->add_option("--function", arguments->function, "Which function of the program")
      ->type_name("NAME");
  sub->add_option("--input", arguments->inputs, "An input's values; once for each")
      ->type_name("NAME=FILE");
  sub->add_option("--output", arguments->outputs, "Where an output goes; once for each")
      ->type_name("NAME=FILE");
  sub->add_option("--random", arguments->random, "Random values for inputs without a file")
      ->type_name("SEED");
  add_parsed(*sub, "--repeat", "N", parse_count, arguments->repeat, "How often to run it");
  sub->add_flag("--cast", arguments->cast, "Convert inputs of any kind of number");
  add_parsed(*sub, "--threads", "N", parse_threads, arguments->threads, "Default: all");
  sub->add_flag("--strict", arguments->strict, "Oddities of weight files are errors");
  sub->add_flag("--lenient", arguments->lenient, "Run what breaks rules with plain meaning");
  add_console_options(*sub, arguments->console);
  sub->footer(std::string(kRunFooter));
  return {sub, [arguments] { return run_run(*arguments); }};
}

}  // namespace

void add_model_commands(CLI::App& app, Commands& commands) {
  commands.push_back(add_programs(app));
  commands.push_back(add_inspect(app));
  commands.push_back(add_run(app));
}

}  // namespace anebench::cli
