// The commands about the chip model.
#include <CLI/App.hpp>
#include <memory>
#include <string>

#include "anebench/experiments/filter.h"
#include "arguments.h"
#include "arguments_shared.h"
#include "commands.h"

namespace anebench::cli {
namespace {

constexpr std::string_view kPredictFooter =
    R"(MODEL is what inspect takes, but for weight files. Times are predicted by the model of Apple's
chips, not measured; the known error of such predictions stands beside them. A program whose
precision is a parameter is predicted in others, too; dimensions that a model leaves open are its
default ones. With --lenient, what the chip's engine would refuse is predicted all the same, and
said. With --quantize the program is quantized in memory: the predicted gain of each scheme, what
part of it comes from arithmetic and from bytes, and, computed on this CPU with the inputs given,
what it costs in accuracy.

Examples:
  anebench predict model.mlpackage
  anebench predict conv_chain:channels=512,depth=128 --chip m2max,m5
  anebench predict model.mlpackage --quantize w8,w8a8,lut4 --chip m2,m5
  anebench predict model.mlmodelc --chip all --json -)";

constexpr std::string_view kChipsFooter = R"(Examples:
  anebench chips                             constants, errors and sources
  anebench chips validate --rows             every published row beside its prediction
  anebench chips validate --svg plot.svg
  anebench chips fit                         derives the constants anew, with intervals
Exit status of validate: 1 where an error is above what docs/chip-model.md allows.)";

Command add_predict(CLI::App& app) {
  const auto arguments = std::make_shared<PredictArguments>();
  CLI::App* sub = app.add_subcommand("predict", "What a program takes on Apple's chips");
  sub->add_option("MODEL", arguments->model, "What to predict")->type_name("")->required();
  add_parsed(*sub, "--chip", "LIST", experiments::parse_values, arguments->chips,
             "all (default), or names, e.g. m2max,m5 ('anebench chips')");
  add_parsed(*sub, "--quantize", "LIST", experiments::parse_values, arguments->quantize,
             "What if: schemes of 'anebench quantize', e.g. w8,w8a8,lut4");
  sub->add_option("--input", arguments->inputs.files,
                  "With --quantize: an input's values; once for each")
      ->type_name("NAME=FILE")
      ->allow_extra_args(false);
  sub->add_option("--random", arguments->inputs.random_seed,
                  "With --quantize: random values for inputs without a file (default 1)")
      ->type_name("SEED");
  sub->add_flag("--cast", arguments->inputs.cast, "Convert inputs of any kind of number");
  sub->add_flag("--lenient", arguments->shared.lenient, "Predict what an engine would refuse");
  sub->add_flag("--strict", arguments->shared.strict, "Oddities of weight files are errors");
  add_output_options(*sub, arguments->shared.output);
  add_console_options(*sub, arguments->shared.console);
  sub->footer(std::string(kPredictFooter));
  return {sub, [arguments] { return run_predict(*arguments); }};
}

Command add_chips(CLI::App& app) {
  const auto arguments = std::make_shared<ChipsArguments>();
  const auto action = std::make_shared<std::string>();
  CLI::App* sub = app.add_subcommand("chips", "What the model knows of Apple's chips, how well");
  sub->add_option("ACTION", *action, "list (default), validate or fit")
      ->type_name("")
      ->check(CLI::IsMember({"list", "validate", "fit"}));
  sub->add_flag("--rows", arguments->all_rows, "With validate: print every published row");
  sub->add_option("--svg", arguments->svg, "With validate: plot predicted against published")
      ->type_name("FILE");
  add_console_options(*sub, arguments->console);
  sub->footer(std::string(kChipsFooter));
  return {sub, [arguments, action] {
            if (*action == "validate") return run_chips_validate(*arguments);
            if (*action == "fit") return run_chips_fit(*arguments);
            return run_chips_list(*arguments);
          }};
}

}  // namespace

void add_chip_commands(CLI::App& app, Commands& commands) {
  commands.push_back(add_predict(app));
  commands.push_back(add_chips(app));
}

}  // namespace anebench::cli
