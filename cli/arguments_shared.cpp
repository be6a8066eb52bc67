#include "arguments_shared.h"

#include "anebench/base/number.h"
#include "anebench/base/units.h"

namespace anebench::cli {
namespace {

Result<std::uint64_t> parse_seed(std::string_view text) {
  const auto value = parse_int64(text);
  if (value && *value >= 1) return static_cast<std::uint64_t>(*value);
  return fail(ErrorCode::invalid_argument, "\"{}\" is no whole number from 1 to 2^63-1", text);
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

void add_running_options(CLI::App& app, SharedOptions& options) {
  const std::string group = "Running";
  app.add_flag("--isolate", options.isolate,
               "Each case in a process of its own: a crash ends that case only")
      ->group(group);
  add_parsed(app, "--timeout", "T", parse_seconds, options.timeout_seconds,
             "With --isolate: end a case that takes longer, e.g. 5min")
      ->group(group);
  add_parsed(app, "--max-memory", "SIZE", parse_bytes, options.max_memory,
             "With --isolate: end a case that takes more, e.g. 8GiB")
      ->group(group);
  add_parsed(app, "--shard", "I/N", parse_shard, options.shard,
             "Only part I of N equal parts of the cases; then merge")
      ->group(group);
  // For processes of isolated cases; the empty group hides it.
  app.add_flag("--isolated-child", options.output.is_isolated_child)->group("");
}

}  // namespace

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

Result<int> parse_threads(std::string_view text) {
  const auto value = parse_int64(text);
  if (value && *value >= 1 && *value <= 1024) return static_cast<int>(*value);
  return fail(ErrorCode::invalid_argument, "\"{}\" is no number of threads from 1 to 1024", text);
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

void add_console_options(CLI::App& app, ConsoleOptions& options) {
  app.add_flag("--quiet", options.quiet, "No progress and no messages but errors")->group("Output");
  app.add_flag("--verbose", options.verbose, "Say each step")->group("Output");
  add_parsed(app, "--color", "WHEN", parse_color, options.color, "auto, always or never")
      ->group("Output");
}

void add_shared_options(CLI::App& app, SharedOptions& options) {
  add_device_options(app, options);
  add_measuring_options(app, options);
  add_case_options(app, options);
  add_running_options(app, options);
  add_output_options(app, options.output);
  add_console_options(app, options.console);
}

void add_precision_option(CLI::App& app, SharedOptions& options) {
  add_parsed(app, "--precision", "P%", parse_percentage, options.precision,
             "Stop when the interval is ± this (default 1%, quick 3%)")
      ->group("Measuring");
}

}  // namespace anebench::cli
