// The options that the experiments share, as plain data, and what they mean.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/experiments/settings.h"
#include "anebench/measure/plan.h"
#include "anebench/runner/run.h"

namespace anebench::cli {

// What programs run on unless somebody asks for another.
#ifdef __APPLE__
inline constexpr std::string_view kDefaultDevice = "ane";
#else
inline constexpr std::string_view kDefaultDevice = "cpu";
#endif

enum class Color : std::uint8_t { automatic, always, never };

// What --fail-on asks for.
struct FailOn {
  bool mistrusted = false;
  bool inconclusive = false;
};

struct ConsoleOptions {
  bool quiet = false;
  bool verbose = false;
  Color color = Color::automatic;
};

struct OutputOptions {
  // Paths; "-" is standard output; empty for none.
  std::string json;
  std::string csv;
  std::string markdown;
  bool keep_samples = true;
  bool resume = false;
  // This process runs one case for another process of this program: steps and notes go to standard
  // output, too (runner/messages.h), and no report is printed.
  bool is_isolated_child = false;
};

struct SharedOptions {
  std::vector<std::string> devices = {std::string(kDefaultDevice)};
  int threads = 0;  // 0: all
  std::string affinity;

  bool quick = false;
  measure::Protocol protocol = measure::Protocol::standard;
  std::optional<double> precision;  // relative
  std::optional<std::size_t> samples;
  std::optional<std::size_t> min_samples;
  std::optional<double> min_seconds;
  std::optional<double> max_seconds;
  std::optional<measure::Warmup> warmup;
  std::uint64_t seed = 1;
  std::string initialisation = "scaled";
  std::optional<int> qos;

  experiments::CaseFilter filter;
  bool dry_run = false;
  bool strict = false;
  bool lenient = false;
  FailOn fail_on;

  bool isolate = false;
  std::optional<double> timeout_seconds;    // a case
  std::optional<std::uint64_t> max_memory;  // bytes, a case
  runner::Shard shard;

  OutputOptions output;
  ConsoleOptions console;
};

// Errors (invalid_argument) name what is wrong with a value and what it should be.
Result<double> parse_percentage(std::string_view text);  // "2%" or "2" is 0.02
Result<double> parse_seconds(std::string_view text);     // "500ms", "12 s", "2 min", "12"
Result<int> parse_qos(std::string_view text);            // "RealTime" or "0"
Result<experiments::CaseFilter> parse_filter(std::string_view text);  // "k=v,k=v"
Result<FailOn> parse_fail_on(std::string_view text);
Result<runner::Shard> parse_shard(std::string_view text);  // "2/4"

// The settings of an experiment. Errors: options that contradict one another; a plan that cannot
// be.
Result<experiments::Settings> settings_of(const SharedOptions& options);
// Shard and isolation. Errors: limits of a case's process where it has none.
Result<runner::RunOptions> run_options_of(const SharedOptions& options);

}  // namespace anebench::cli
