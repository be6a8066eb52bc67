#include "command_line.h"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>
#include <string>
#include <vector>

#include "anebench/base/number.h"
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

Exit status: 0 ok, 1 a check failed, 2 usage or unreadable input, 3 device unavailable,
4 inconclusive or mistrusted (with --fail-on), 130 interrupted.
'anebench COMMAND --help' explains a command.)";

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

constexpr std::string_view kInspectFooter =
    R"(MODEL is a MIL text (.mil), a folder with model.mil, a weight file (.bin), or a program by
name such as conv_chain:channels=512,depth=4,precision=w8a8.

Examples:
  anebench inspect model.mil
  anebench inspect conv_chain:channels=64,depth=2 --text > model.mil
  anebench inspect weights/weight.bin --strict)";

constexpr std::string_view kDevicesFooter = R"(Examples:
  anebench devices
  anebench devices --peaks --threads 1)";

// --- Values --------------------------------------------------------------------------------------

Result<std::size_t> parse_count(std::string_view text) {
  const auto value = parse_uint64(text);
  if (value && *value >= 1 && *value <= 1000000000) return static_cast<std::size_t>(*value);
  return fail(ErrorCode::invalid_argument, "\"{}\" is no whole number from 1 on", text);
}

Result<std::int64_t> parse_size(std::string_view text) {
  constexpr std::int64_t kLargest = 65536;
  const auto value = parse_int64(text);
  if (value && *value >= 1 && *value <= kLargest) return *value;
  return fail(ErrorCode::invalid_argument, "\"{}\" is no whole number from 1 to {}", text,
              kLargest);
}

Result<std::uint64_t> parse_seed(std::string_view text) {
  const auto value = parse_int64(text);
  if (value && *value >= 1) return static_cast<std::uint64_t>(*value);
  return fail(ErrorCode::invalid_argument, "\"{}\" is no whole number from 1 to 2^63-1", text);
}

Result<int> parse_threads(std::string_view text) {
  const auto value = parse_int64(text);
  if (value && *value >= 1 && *value <= 1024) return static_cast<int>(*value);
  return fail(ErrorCode::invalid_argument, "\"{}\" is no number of threads from 1 to 1024", text);
}

Result<std::string> parse_initialisation(std::string_view text) {
  if (text == "scaled" || text == "classic") return std::string(text);
  return fail(ErrorCode::invalid_argument, "\"{}\" is neither scaled nor classic", text);
}

Result<Color> parse_color(std::string_view text) {
  if (text == "auto") return Color::automatic;
  if (text == "always") return Color::always;
  if (text == "never") return Color::never;
  return fail(ErrorCode::invalid_argument, "\"{}\" is none of auto, always, never", text);
}

Result<bool> parse_layout(std::string_view text) {
  if (text == "square" || text == "flat") return text == "flat";
  return fail(ErrorCode::invalid_argument, "\"{}\" is neither square nor flat", text);
}

// An option whose text a function reads.
template <typename T, typename Target>
CLI::Option* add_parsed(CLI::App& app, const std::string& name, const std::string& type,
                        Result<T> (*parse)(std::string_view), Target& target,
                        const std::string& description) {
  const auto read = [&target, parse, name](const std::string& text) {
    auto value = parse(text);
    if (!value) throw CLI::ValidationError(name, value.error().message());
    target = std::move(*value);
  };
  return app.add_option_function<std::string>(name, read, description)->type_name(type);
}

// --- Options -------------------------------------------------------------------------------------

void add_console_options(CLI::App& app, ConsoleOptions& options) {
  app.add_flag("--quiet", options.quiet, "No progress and no messages but errors")->group("Output");
  app.add_flag("--verbose", options.verbose, "Say each step")->group("Output");
  add_parsed(app, "--color", "WHEN", parse_color, options.color, "auto, always or never")
      ->group("Output");
}

void add_device_options(CLI::App& app, SharedOptions& options) {
  app.add_option("--device", options.devices, "cpu, cpu:ISA or reference; repeatable (default cpu)")
      ->type_name("D")
      ->allow_extra_args(false)
      ->group("Device");
  add_parsed(app, "--threads", "N", parse_threads, options.threads, "Threads (default: all)")
      ->group("Device");
  app.add_option("--affinity", options.affinity, "Use only these processors, e.g. 0-3,8 (Linux)")
      ->type_name("CPUS")
      ->group("Device");
  add_parsed(app, "--qos", "Q", parse_qos, options.qos,
             "Quality of service, a number or name (RealTime, …); for engines")
      ->group("Device");
}

void add_measuring_options(CLI::App& app, SharedOptions& options) {
  const std::string group = "Measuring";
  app.add_flag("--quick", options.quick,
               "To ±3 %, 12 s a configuration; shortens slow ones and says so")
      ->group(group);
  add_parsed(app, "--protocol", "P", measure::parse_protocol, options.protocol,
             "default, or classic: counts and mean of published tables")
      ->group(group);
  add_parsed(app, "--samples", "N", parse_count, options.samples, "Take exactly so many samples")
      ->group(group);
  add_parsed(app, "--min-samples", "N", parse_count, options.min_samples,
             "Not fewer samples than this")
      ->group(group);
  add_parsed(app, "--min-time", "T", parse_seconds, options.min_seconds,
             "Measure at least so long, e.g. 500ms")
      ->group(group);
  add_parsed(app, "--max-time", "T", parse_seconds, options.max_seconds,
             "At most so long a configuration, e.g. 2min")
      ->group(group);
  add_parsed(app, "--warmup", "W", measure::parse_warmup, options.warmup,
             "auto (until no trend is left), samples, a duration, or off")
      ->group(group);
}

void add_case_options(CLI::App& app, SharedOptions& options) {
  const std::string group = "Cases";
  add_parsed(app, "--seed", "N", parse_seed, options.seed,
             "Of weights, inputs and the order of blocks (default 1)")
      ->group(group);
  add_parsed(app, "--init", "I", parse_initialisation, options.initialisation,
             "scaled, or classic: the published values (no check)")
      ->group(group);
  add_parsed(app, "--filter", "K=V,..", parse_filter, options.filter,
             "Only these configurations, e.g. channels=512,depth=128")
      ->group(group);
  app.add_flag("--dry-run", options.dry_run, "List the cases and stop")->group(group);
  app.add_flag("--strict", options.strict, "Oddities of weight files are errors")->group(group);
  app.add_flag("--lenient", options.lenient, "Run programs that bend rules of the language")
      ->group(group);
  add_parsed(app, "--fail-on", "WHAT", parse_fail_on, options.fail_on,
             "Exit with 4 for these: mistrusted,inconclusive")
      ->group(group);
}

void add_output_options(CLI::App& app, OutputOptions& options) {
  const std::string group = "Output";
  app.add_option("--json", options.json, "Append records, one JSON object a line (- for stdout)")
      ->type_name("FILE")
      ->group(group);
  app.add_option("--csv", options.csv, "Write all records as a table (- for stdout)")
      ->type_name("FILE")
      ->group(group);
  app.add_option("--markdown", options.markdown, "Write the report as Markdown (- for stdout)")
      ->type_name("FILE")
      ->group(group);
  app.add_flag_callback(
         "--no-samples", [&options] { options.keep_samples = false; },
         "Leave raw samples out of the records")
      ->group(group);
  app.add_flag("--resume", options.resume, "Do not run cases again that are in the --json file")
      ->group(group);
}

void add_shared_options(CLI::App& app, SharedOptions& options) {
  add_device_options(app, options);
  add_measuring_options(app, options);
  add_case_options(app, options);
  add_output_options(app, options.output);
  add_console_options(app, options.console);
}

// --- Commands ------------------------------------------------------------------------------------

struct Arguments {
  SharedOptions int8;
  PeakArguments peak;
  DevicesArguments devices;
  ProgramsArguments programs;
  InspectArguments inspect;
};

CLI::App* add_int8(CLI::App& app, SharedOptions& options) {
  CLI::App* sub = app.add_subcommand("int8", "W8A8 against fp16 on chains of 1x1 convolutions");
  add_shared_options(*sub, options);
  add_parsed(*sub, "--precision", "P%", parse_percentage, options.precision,
             "Stop when the interval is ± this (default 1%, quick 3%)")
      ->group("Measuring");
  sub->footer(std::string(kInt8Footer));
  return sub;
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

CLI::App* add_peak(CLI::App& app, PeakArguments& arguments) {
  CLI::App* sub = app.add_subcommand("peak", "How close to the device's peak chains come");
  add_parsed(*sub, "BATCH", "", parse_size, arguments.peak.batch, "Batch size (default 1)");
  add_parsed(*sub, "SPATIAL", "", parse_size, arguments.peak.spatial,
             "Height and width (default 64)");
  sub->add_flag("--relu", arguments.peak.relu, "A relu after each convolution")->group("Cases");
  add_parsed(*sub, "--layout", "L", parse_layout, arguments.peak.flat,
             "square [B, C, S, S], or flat [1, C, 1, S] with fp32 I/O")
      ->group("Cases");
  add_shared_options(*sub, arguments.shared);
  sub->add_option_function<std::vector<std::string>>(
         "--precision",
         [&arguments](const std::vector<std::string>& texts) {
           for (const std::string& text : texts) read_peak_precision(arguments, text);
         },
         "fp16, w8a8 or both (default fp16); or as P% when to stop")
      ->type_name("X")
      ->allow_extra_args(false)
      ->group("Measuring");
  sub->footer(std::string(kPeakFooter));
  return sub;
}

CLI::App* add_devices(CLI::App& app, DevicesArguments& arguments) {
  CLI::App* sub = app.add_subcommand("devices", "What programs can run on here, and why not");
  sub->add_flag("--peaks", arguments.peaks, "Measure and show their peaks (about a second each)");
  add_parsed(*sub, "--threads", "N", parse_threads, arguments.threads, "Threads (default: all)");
  add_console_options(*sub, arguments.console);
  sub->footer(std::string(kDevicesFooter));
  return sub;
}

CLI::App* add_programs(CLI::App& app, ProgramsArguments& arguments) {
  CLI::App* sub = app.add_subcommand("programs", "Benchmark programs with their parameters");
  add_console_options(*sub, arguments.console);
  sub->footer("Example:\n  anebench inspect conv_chain:channels=64,depth=2");
  return sub;
}

CLI::App* add_inspect(CLI::App& app, InspectArguments& arguments) {
  CLI::App* sub = app.add_subcommand("inspect", "What is in a program or a weight file");
  sub->add_option("MODEL", arguments.model, "What to look at")->type_name("")->required();
  sub->add_flag("--text", arguments.text, "Print the program's text and nothing else");
  sub->add_flag("--strict", arguments.strict, "Oddities of weight files are errors");
  sub->add_flag("--lenient", arguments.lenient, "Rules broken with plain meaning are no errors");
  add_console_options(*sub, arguments.console);
  sub->footer(std::string(kInspectFooter));
  return sub;
}

// --- Errors --------------------------------------------------------------------------------------

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

  auto arguments = std::make_shared<Arguments>();
  const CLI::App* int8 = add_int8(app, arguments->int8);
  const CLI::App* peak = add_peak(app, arguments->peak);
  const CLI::App* devices = add_devices(app, arguments->devices);
  const CLI::App* programs = add_programs(app, arguments->programs);
  const CLI::App* inspect = add_inspect(app, arguments->inspect);
  const CLI::App* schema = app.add_subcommand("schema", "The JSON Schema of a record");

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
  const CLI::App* chosen = command();
  if (chosen == int8) return [arguments] { return run_int8(arguments->int8); };
  if (chosen == peak) return [arguments] { return run_peak(arguments->peak); };
  if (chosen == devices) return [arguments] { return run_devices(arguments->devices); };
  if (chosen == programs) return [arguments] { return run_programs(arguments->programs); };
  if (chosen == inspect) return [arguments] { return run_inspect(arguments->inspect); };
  if (chosen == schema) return std::function<int()>(run_schema);
  return usage_error(app, nullptr,
                     "no command was given; the commands are " + joined(command_names(app)));
}

}  // namespace anebench::cli
