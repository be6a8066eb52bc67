// The commands that run experiments.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <memory>
#include <string>
#include <vector>

#include "arguments.h"
#include "arguments_shared.h"
#include "commands.h"

namespace anebench::cli {
namespace {

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

}  // namespace

void add_experiment_commands(CLI::App& app, Commands& commands) {
  commands.push_back(add_int8(app));
  commands.push_back(add_peak(app));
}

}  // namespace anebench::cli
