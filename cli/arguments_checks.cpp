// The commands that judge programs without measuring them.
#include <CLI/App.hpp>
#include <memory>
#include <string>

#include "arguments.h"
#include "arguments_shared.h"
#include "commands.h"

namespace anebench::cli {
namespace {

constexpr std::string_view kCheckFooter =
    R"(MODEL is a package (.mlpackage), a compiled model (.mlmodelc) or another folder with
model.mil, a MIL text (.mil), or a program by name. Checked are the rules of the language, the
weight files, and the known limits of the Neural Engine's in-memory compiler, each with its source.
Exit status 1: there is an error of any kind. Warnings and notes do not count.

Examples:
  anebench check model.mlpackage
  anebench check model.mil --no-engine --json -
  anebench check conv_chain:channels=64,depth=2,precision=w8a8)";

constexpr std::string_view kDiffFooter =
    R"(BEFORE and AFTER are models as 'check' takes them. Operations are matched by the name of their
output, then in order. With --random or --input both are run on the same values, layer by layer: the
signal-to-noise ratio (SNR, in dB) of each output and of each layer that changed says what
quantization cost. Inputs are named as BEFORE names them.

Examples:
  anebench diff model.mlpackage model_int8.mlpackage
  anebench diff model.mlpackage model_int8.mlpackage --random 1 --threshold-db 30
  anebench diff model.mlpackage model_int4.mlpackage --input audio=audio.npy --json diff.json)";

Command add_check(CLI::App& app) {
  const auto arguments = std::make_shared<CheckArguments>();
  CLI::App* sub = app.add_subcommand("check", "Is a program valid, and will the engine take it?");
  sub->add_option("MODEL", arguments->model, "What to check")->type_name("")->required();
  sub->add_option("--function", arguments->function, "Only this function (default: all)")
      ->type_name("NAME");
  sub->add_flag("--no-engine", arguments->skips_engine, "Leave the Neural Engine's limits out");
  sub->add_flag("--strict", arguments->strict, "Oddities of weight files are errors");
  sub->add_flag("--lenient", arguments->lenient, "Rules broken with plain meaning are warnings");
  sub->add_option("--json", arguments->json, "Write the findings as JSON (- for stdout)")
      ->type_name("FILE");
  add_console_options(*sub, arguments->console);
  sub->footer(std::string(kCheckFooter));
  return {sub, [arguments] { return run_check(*arguments); }};
}

Command add_diff(CLI::App& app) {
  const auto arguments = std::make_shared<DiffArguments>();
  CLI::App* sub = app.add_subcommand("diff", "What differs between two models, and what it costs");
  sub->add_option("BEFORE", arguments->before, "The model to compare with")
      ->type_name("")
      ->required();
  sub->add_option("AFTER", arguments->after, "The model that was made of it")
      ->type_name("")
      ->required();
  sub->add_option("--function", arguments->function, "Which function to run (default main)")
      ->type_name("NAME");
  sub->add_option("--random", arguments->inputs.random_seed,
                  "Random values for inputs without a file")
      ->type_name("SEED");
  sub->add_option("--input", arguments->inputs.files, "An input's values; once for each")
      ->type_name("NAME=FILE")
      ->allow_extra_args(false);
  sub->add_flag("--cast", arguments->inputs.cast, "Convert inputs of any kind of number");
  sub->add_option("--threshold-db", arguments->threshold,
                  "Exit with 1 where an output's SNR is lower")
      ->type_name("DB");
  sub->add_option("--device", arguments->device, "Where to run both (default reference)")
      ->type_name("NAME");
  add_parsed(*sub, "--threads", "N", parse_threads, arguments->threads, "Default: all");
  sub->add_flag("--strict", arguments->strict, "Oddities of weight files are errors");
  sub->add_flag("--lenient", arguments->lenient, "Run what breaks rules with plain meaning");
  sub->add_option("--json", arguments->json, "Write the differences as JSON (- for stdout)")
      ->type_name("FILE");
  add_console_options(*sub, arguments->console);
  sub->footer(std::string(kDiffFooter));
  return {sub, [arguments] { return run_diff(*arguments); }};
}

}  // namespace

void add_check_commands(CLI::App& app, Commands& commands) {
  commands.push_back(add_check(app));
  commands.push_back(add_diff(app));
}

}  // namespace anebench::cli
