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
    R"(MODEL is what inspect takes, but for weight files. Files are NumPy's: .npy for one value, .npz
for any number by name; or images, for what the model takes or gives as images: .png and .jpg are
read, .png is written, nothing is resized. NAME= may be left out before an .npz file and where the
program has only one input (output). Inputs are converted to the model's types where the kind of
number stays (--cast: always); outputs are written in the model's types. Dimensions that the model
leaves open are those of the files, or with --random the model's default. Random numbers are uniform
from -1 to 1, integers 0 or 1.

Examples:
  anebench run model.mlpackage --input x=x.npy --output y=y.npy
  anebench run model.mlpackage --input photo.jpg --output y=mask.png
  anebench run model.mlpackage --input in.npz --output out.npz --device reference
  anebench run conv_chain:channels=64,depth=2 --random 1 --repeat 10)";

constexpr std::string_view kGenerateFooter =
    R"(NAME is one of the public int8 benchmark's models (int8_compute_fp16, int8_compute_fp16_512,
int8_compute_w8a8, int8_compute_w8a8_512), "all" for these four, or a program such as
conv_chain:channels=64,depth=2 ('anebench programs' lists them). Nothing that is there is replaced
without --force.

Examples:
  anebench generate all -o models
  anebench generate int8_compute_w8a8_512 conv_chain:depth=4,precision=lut4 -o models
  anebench generate identity_conv:channels=64 -o models --text)";

constexpr std::string_view kQuantizeFooter =
    R"(MODEL is what inspect takes, but for weight files. Weights keep their names; inputs, outputs and
metadata stay what they are. Schemes:
  w8, w8_per_tensor       int8, with a scale for each output channel, or one
  w4                      int4, with a scale for each block of 32 input channels (iOS 18)
  lut8 lut6 lut4 lut3 lut2 lut1
                          a lookup table, fitted to each weight (lut3: iOS 18)
  sparse50, sparse75      the smallest 50 or 75 % of a weight's values are 0 and not stored
  w8a8                    int8 weights, and activations where the rules for integer arithmetic are
                          met (iOS 17); their ranges are those on the given or random inputs
A function's opset is raised where the scheme needs it. Exit status 1: nothing was quantized.

Examples:
  anebench quantize model.mlpackage --scheme w8 -o model_w8.mlpackage
  anebench quantize model.mlpackage --scheme w8a8 --input x=x.npy -o model_w8a8.mlpackage
  anebench quantize conv_chain:channels=64,depth=4 --scheme w8a8 --random 1 -o chain.mlpackage)";

constexpr std::string_view kProfileFooter =
    R"(MODEL is what inspect takes, but for weight files. Inputs are random (--seed). Each evaluation
with its steps observed is interleaved with one that is not: the steps' times and the residual
add up to the latter.

Examples:
  anebench profile model.mlpackage --quick
  anebench profile conv_chain:channels=512,depth=16,precision=w8a8 --trace trace.json
  anebench profile model.mlpackage --device cpu --svg roofline.svg --json profile.jsonl)";

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
  sub->add_option("--device", arguments->device, "Where (default cpu): see 'anebench devices'")
      ->type_name("NAME");
  sub->add_option("--function", arguments->function, "Which function of the program (default main)")
      ->type_name("NAME");
  sub->add_option("--input", arguments->inputs.files, "An input's values; once for each")
      ->type_name("NAME=FILE")
      ->allow_extra_args(false);
  sub->add_option("--output", arguments->outputs, "Where an output goes; once for each")
      ->type_name("NAME=FILE")
      ->allow_extra_args(false);
  sub->add_option("--random", arguments->inputs.random_seed,
                  "Random values for inputs without a file")
      ->type_name("SEED");
  add_parsed(*sub, "--repeat", "N", parse_count, arguments->repeat,
             "How often to run it; states are kept (default 1)");
  add_parsed(*sub, "--max-iterations", "N", parse_count, arguments->max_iterations,
             "Where loops of one evaluation end (default 1000000)");
  sub->add_flag("--cast", arguments->inputs.cast, "Convert inputs of any kind of number");
  add_parsed(*sub, "--threads", "N", parse_threads, arguments->threads, "Default: all");
  sub->add_flag("--strict", arguments->strict, "Oddities of weight files are errors");
  sub->add_flag("--lenient", arguments->lenient, "Run what breaks rules with plain meaning");
  add_console_options(*sub, arguments->console);
  sub->footer(std::string(kRunFooter));
  return {sub, [arguments] { return run_run(*arguments); }};
}

Command add_generate(CLI::App& app) {
  const auto arguments = std::make_shared<GenerateArguments>();
  CLI::App* sub = app.add_subcommand("generate", "Write benchmark models as packages");
  sub->add_option("NAMES", arguments->names, "What to write")->type_name("")->required();
  sub->add_option("-o,--output", arguments->folder, "The folder to write to; made if need be")
      ->type_name("DIR")
      ->required();
  sub->add_flag("--text", arguments->text, "Folders with model.mil and weights, not packages");
  sub->add_flag("--force", arguments->force, "Replace what is there");
  add_console_options(*sub, arguments->console);
  sub->footer(std::string(kGenerateFooter));
  return {sub, [arguments] { return run_generate(*arguments); }};
}

Command add_quantize(CLI::App& app) {
  const auto arguments = std::make_shared<QuantizeArguments>();
  CLI::App* sub = app.add_subcommand("quantize", "Write a model with weights in another form");
  sub->add_option("MODEL", arguments->model, "What to quantize")->type_name("")->required();
  sub->add_option("--scheme", arguments->scheme, "How: see below")->type_name("NAME")->required();
  sub->add_option("-o,--output", arguments->output,
                  "What to write: a .mlpackage, or a .mlmodelc folder with text")
      ->type_name("PATH")
      ->required();
  sub->add_option("--function", arguments->function, "Only this function (default: all)")
      ->type_name("NAME");
  add_parsed(*sub, "--min-elements", "N", parse_count, arguments->min_elements,
             "Leave smaller weights as they are (default 2048)");
  sub->add_flag("--keep-opset", arguments->keeps_opset,
                "Fail rather than ask for a newer system than the model does");
  sub->add_option("--input", arguments->inputs.files, "w8a8: an input's values; once for each")
      ->type_name("NAME=FILE")
      ->allow_extra_args(false);
  sub->add_option("--random", arguments->inputs.random_seed,
                  "w8a8: random values for inputs without a file")
      ->type_name("SEED");
  sub->add_flag("--cast", arguments->inputs.cast, "Convert inputs of any kind of number");
  sub->add_option("--device", arguments->device, "w8a8: where to run it (default cpu)")
      ->type_name("NAME");
  add_parsed(*sub, "--threads", "N", parse_threads, arguments->threads, "Default: all");
  sub->add_flag("--strict", arguments->strict, "Oddities of weight files are errors");
  sub->add_flag("--force", arguments->force, "Replace what is there");
  sub->add_option("--json", arguments->json, "Write what was done as JSON (- for stdout)")
      ->type_name("FILE");
  add_console_options(*sub, arguments->console);
  sub->footer(std::string(kQuantizeFooter));
  return {sub, [arguments] { return run_quantize(*arguments); }};
}

Command add_profile(CLI::App& app) {
  const auto arguments = std::make_shared<ProfileArguments>();
  CLI::App* sub = app.add_subcommand("profile", "Where a program's time goes, step by step");
  sub->add_option("MODEL", arguments->model, "What to run")->type_name("")->required();
  sub->add_option("--trace", arguments->trace, "Write one evaluation as a trace for Perfetto")
      ->type_name("FILE");
  sub->add_option("--svg", arguments->svg, "Write a roofline plot; for one device")
      ->type_name("FILE");
  add_shared_options(*sub, arguments->shared);
  add_precision_option(*sub, arguments->shared);
  sub->footer(std::string(kProfileFooter));
  return {sub, [arguments] { return run_profile(*arguments); }};
}

}  // namespace

void add_model_commands(CLI::App& app, Commands& commands) {
  commands.push_back(add_programs(app));
  commands.push_back(add_inspect(app));
  commands.push_back(add_run(app));
  commands.push_back(add_generate(app));
  commands.push_back(add_quantize(app));
  commands.push_back(add_profile(app));
}

}  // namespace anebench::cli
