// The commands that run experiments.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <memory>
#include <string>
#include <vector>

#include "anebench/experiments/filter.h"
#include "arguments.h"
#include "arguments_shared.h"
#include "commands.h"

namespace anebench::cli {
namespace {

constexpr std::string_view kSuiteFooter =
    R"(Devices: with --quick this machine's own (the engine where there is one, and the CPU), without it
all that `anebench devices` lists but the reference, which every output is checked against anyway.
Controls are judged beside them: a CPU device that is known not to be native, and the CPU's integer
dot products where it has them.

Examples:
  anebench suite --quick                     about two minutes
  anebench suite --json results.jsonl        hours; stop it at any time
  anebench suite --json results.jsonl --resume
  anebench suite --device cpu --dry-run)";

constexpr std::string_view kProbeFooter = R"(Examples:
  anebench probe --device cpu --quick
  anebench probe --variants w8a8 --ladder-only --json probe.jsonl
  anebench probe --channels 512,1024 --positions 64:1024:*4
  anebench probe --filter part=classic       the published probe alone)";

constexpr std::string_view kInt8Footer = R"(Examples:
  anebench int8 --device cpu --quick
  anebench int8 --json results.jsonl         keeps every record with its raw samples
  anebench int8 --json results.jsonl --resume
  anebench int8 --filter channels=512,depth=128 --precision 0.5%
  anebench int8 --protocol classic --init classic --csv table.csv)";

constexpr std::string_view kPeakFooter = R"(Examples:
  anebench peak --device cpu --precision both
  anebench peak 4 32 --relu --precision w8a8
  anebench peak --layout flat                as in older published tables
  anebench peak --precision both --precision 0.5%)";

constexpr std::string_view kReloadFooter = R"(Examples:
  anebench reload --quick
  anebench reload --layers 1:64:*2 --channels 64,512
  anebench reload --protocol classic --layers 1 --channels 64   the published experiment)";

constexpr std::string_view kCeilingFooter = R"(Examples:
  anebench ceiling --quick
  anebench ceiling --filter part=passes,channels=256
  anebench ceiling --filter part=in-flight
  anebench ceiling --protocol classic        the published counts: 5 passes, 50, copies 500)";

Result<bool> parse_layout(std::string_view text) {
  if (text == "square" || text == "flat") return text == "flat";
  return fail(ErrorCode::invalid_argument, "\"{}\" is neither square nor flat", text);
}

Command add_int8(CLI::App& app) {
  const auto options = std::make_shared<SharedOptions>();
  CLI::App* sub = app.add_subcommand("int8", "W8A8 against fp16 on chains of 1x1 convolutions");
  add_shared_options(*sub, *options);
  add_precision_option(*sub, *options);
  sub->footer(std::string(kInt8Footer));
  return {sub, [options] { return run_int8(*options); }};
}

// On `peak`, --precision takes the arithmetic and, as everywhere, a percentage.
void read_peak_precision(PeakArguments& arguments, const std::string& text) {
  using experiments::Precisions;
  if (text == "fp16") {
    arguments.peak.precisions = Precisions::fp16;
  } else if (text == "w8a8") {
    arguments.peak.precisions = Precisions::w8a8;
  } else if (text == "both") {
    arguments.peak.precisions = Precisions::both;
  } else if (const auto percentage = parse_percentage(text)) {
    arguments.shared.precision = *percentage;
  } else {
    throw CLI::ValidationError("--precision",
                               fmt::format("\"{}\" is neither fp16, w8a8, both nor a percentage "
                                           "such as 2%",
                                           text));
  }
}

Command add_peak(CLI::App& app) {
  const auto arguments = std::make_shared<PeakArguments>();
  CLI::App* sub = app.add_subcommand("peak", "How close to the device's peak chains come");
  add_parsed(*sub, "BATCH", "", parse_size, arguments->peak.batch, "Batch size (default 1)");
  add_parsed(*sub, "SPATIAL", "", parse_size, arguments->peak.spatial,
             "Height and width (default 64)");
  sub->add_flag("--relu", arguments->peak.relu, "A relu after each convolution")->group("Cases");
  add_parsed(*sub, "--layout", "L", parse_layout, arguments->peak.flat,
             "square [B, C, S, S], or flat [1, C, 1, S] with fp32 I/O")
      ->group("Cases");
  add_shared_options(*sub, arguments->shared);
  sub->add_option_function<std::vector<std::string>>(
         "--precision",
         [arguments](const std::vector<std::string>& texts) {
           for (const std::string& text : texts) read_peak_precision(*arguments, text);
         },
         "fp16, w8a8 or both (default fp16); or as P% when to stop")
      ->type_name("X")
      ->allow_extra_args(false)
      ->group("Measuring");
  sub->footer(std::string(kPeakFooter));
  return {sub, [arguments] { return run_peak(*arguments); }};
}

// "1,2,8" or "1:64:*2".
Result<std::vector<std::int64_t>> parse_sizes(std::string_view text) {
  ANEBENCH_ASSIGN(texts, experiments::parse_values(text));
  std::vector<std::int64_t> sizes;
  for (const std::string& item : texts) {
    ANEBENCH_ASSIGN(size, parse_size(item));
    sizes.push_back(size);
  }
  return sizes;
}

Command add_probe(CLI::App& app) {
  const auto arguments = std::make_shared<ProbeArguments>();
  CLI::App* sub = app.add_subcommand("probe", "Is it native? A verdict on each way to quantize");
  add_parsed(*sub, "--channels", "LIST", parse_sizes, arguments->probe.channels,
             "Of the ladder (default 256:2048:*2, quick 256:1024:*2)")
      ->group("Cases");
  add_parsed(*sub, "--positions", "LIST", parse_sizes, arguments->probe.positions,
             "Of the ladder (default 1,16:4096:*4, quick 16:1024:*4)")
      ->group("Cases");
  add_parsed(*sub, "--variants", "LIST", experiments::parse_values, arguments->probe.variants,
             "Beside fp16 (default all; quick w8,u4b32,lut4,w8a8)")
      ->group("Cases");
  sub->add_flag("--ladder-only", arguments->probe.ladder_only,
                "Leave out the published shapes, which are not judged")
      ->group("Cases");
  add_shared_options(*sub, arguments->shared);
  add_precision_option(*sub, arguments->shared);
  sub->footer(std::string(kProbeFooter));
  return {sub, [arguments] { return run_probe(*arguments); }};
}

Command add_suite(CLI::App& app) {
  const auto options = std::make_shared<SharedOptions>();
  options->devices.clear();
  CLI::App* sub = app.add_subcommand("suite", "Every experiment on every available device");
  add_shared_options(*sub, *options);
  add_precision_option(*sub, *options);
  sub->footer(std::string(kSuiteFooter));
  return {sub, [options] { return run_suite(*options); }};
}

Command add_reload(CLI::App& app) {
  const auto arguments = std::make_shared<ReloadArguments>();
  CLI::App* sub = app.add_subcommand("reload", "Can weights change without compiling again?");
  add_parsed(*sub, "--layers", "LIST", parse_sizes, arguments->reload.layers,
             "Numbers of layers, e.g. 1,8 or 1:64:*2 (default 1,4,16,64)")
      ->group("Cases");
  add_parsed(*sub, "--channels", "LIST", parse_sizes, arguments->reload.channels,
             "Numbers of channels (default 64,512)")
      ->group("Cases");
  add_shared_options(*sub, arguments->shared);
  add_precision_option(*sub, arguments->shared);
  sub->footer(std::string(kReloadFooter));
  return {sub, [arguments] { return run_reload(*arguments); }};
}

Command add_ceiling(CLI::App& app) {
  const auto arguments = std::make_shared<CeilingArguments>();
  CLI::App* sub = app.add_subcommand("ceiling", "What each call costs, and what chaining saves");
  add_parsed(*sub, "--kernels", "N", parse_size, arguments->ceiling.kernels,
             "Kernels in a pass, each compiled on its own (default 12)")
      ->group("Cases");
  add_shared_options(*sub, arguments->shared);
  add_precision_option(*sub, arguments->shared);
  sub->footer(std::string(kCeilingFooter));
  return {sub, [arguments] { return run_ceiling(*arguments); }};
}

}  // namespace

void add_experiment_commands(CLI::App& app, Commands& commands) {
  commands.push_back(add_suite(app));
  commands.push_back(add_probe(app));
  commands.push_back(add_int8(app));
  commands.push_back(add_peak(app));
  commands.push_back(add_reload(app));
  commands.push_back(add_ceiling(app));
}

}  // namespace anebench::cli
