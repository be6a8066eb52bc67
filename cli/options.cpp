#include "options.h"

#include "anebench/base/number.h"
#include "anebench/base/units.h"
#include "nearest.h"

namespace anebench::cli {
namespace {

// Items of a list separated by commas; an empty item stays.
std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> items;
  for (;;) {
    const std::size_t comma = text.find(',');
    items.push_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return items;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

Result<double> parse_percentage(std::string_view text) {
  std::string_view digits = text;
  if (digits.ends_with('%')) digits.remove_suffix(1);
  while (digits.ends_with(' ')) digits.remove_suffix(1);
  const auto value = parse_double(digits);
  if (!value || !(*value > 0 && *value <= 100)) {
    return fail(ErrorCode::invalid_argument,
                "\"{}\" is no percentage between 0 and 100, such as 2%", text);
  }
  return *value / 100;
}

Result<double> parse_seconds(std::string_view text) {
  ANEBENCH_ASSIGN(ns, parse_duration_ns(text));
  return static_cast<double>(ns) * 1e-9;
}

Result<int> parse_qos(std::string_view text) {
  std::vector<std::string> names;
  for (const int qos : {0, 33, 25, 21, 17, 9}) {
    names.emplace_back(experiments::qos_name(qos));
    if (names.back() == text) return qos;
  }
  const auto number = parse_int64(text);
  if (number && *number >= 0 && *number <= 255) return static_cast<int>(*number);
  return fail(ErrorCode::invalid_argument, "\"{}\" is neither a number from 0 to 255 nor one of {}",
              text, joined(names));
}

Result<experiments::CaseFilter> parse_filter(std::string_view text) {
  return experiments::CaseFilter::parse(text);
}

Result<FailOn> parse_fail_on(std::string_view text) {
  FailOn result;
  for (const std::string_view item : split(text)) {
    if (item == "mistrusted") {
      result.mistrusted = true;
    } else if (item == "inconclusive") {
      result.inconclusive = true;
    } else {
      return fail(ErrorCode::invalid_argument, "\"{}\" is neither mistrusted nor inconclusive",
                  item);
    }
  }
  return result;
}

Result<runner::Shard> parse_shard(std::string_view text) {
  constexpr std::uint64_t kMostShards = 100000;
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos) {
    const auto index = parse_uint64(text.substr(0, slash));
    const auto count = parse_uint64(text.substr(slash + 1));
    if (index && count && *index >= 1 && *index <= *count && *count <= kMostShards) {
      return runner::Shard{static_cast<std::size_t>(*index), static_cast<std::size_t>(*count)};
    }
  }
  return fail(ErrorCode::invalid_argument,
              "\"{}\" is no part of equal parts, such as 2/4 for the second of four", text);
}

Result<experiments::Settings> settings_of(const SharedOptions& options) {
  experiments::Settings settings;
  const bool is_classic = options.protocol == measure::Protocol::classic;
  settings.plan = options.quick ? measure::quick_plan() : measure::default_plan();
  settings.plan.protocol = options.protocol;
  if (is_classic && (options.precision || options.samples || options.min_samples ||
                     options.min_seconds || options.warmup)) {
    return fail(ErrorCode::invalid_argument,
                "--protocol classic has fixed counts: it goes with neither --precision, --samples, "
                "--min-samples, --min-time nor --warmup");
  }
  if (options.precision) settings.plan.precision = *options.precision;
  if (options.samples) settings.plan.samples = options.samples;
  if (options.min_samples) settings.plan.min_samples = options.min_samples;
  if (options.min_seconds) settings.plan.min_seconds = *options.min_seconds;
  if (options.max_seconds) settings.plan.max_seconds = *options.max_seconds;
  if (options.warmup) settings.plan.warmup = *options.warmup;
  // A short limit means that the least time is not insisted on, unless asked for.
  if (!options.min_seconds) {
    settings.plan.min_seconds = std::min(settings.plan.min_seconds, settings.plan.max_seconds / 2);
  }
  ANEBENCH_TRY(measure::validate(settings.plan));
  settings.quick = options.quick;
  settings.initialisation = options.initialisation;
  settings.seed = options.seed;
  settings.qos = options.qos;
  settings.filter = options.filter;
  settings.strict_weights = options.strict;
  settings.lenient = options.lenient;
  return settings;
}

Result<runner::RunOptions> run_options_of(const SharedOptions& options) {
  runner::RunOptions result;
  result.shard = options.shard;
  if (!options.isolate) {
    const auto needs_isolation = [](std::string_view name, std::string_view instead) {
      return fail(ErrorCode::invalid_argument,
                  "{} ends the process of a case, and only with --isolate does a case have one of "
                  "its own; {}",
                  name, instead);
    };
    if (options.timeout_seconds) {
      return needs_isolation("--timeout", "--max-time limits the measuring in this process");
    }
    if (options.max_memory) return needs_isolation("--max-memory", "give --isolate, too");
    return result;
  }
  ANEBENCH_ASSIGN(program, runner::this_program());
  runner::Isolation& isolation = result.isolation.emplace();
  isolation.program = std::move(program);
  isolation.limits.seconds = options.timeout_seconds;
  isolation.limits.memory_bytes = options.max_memory;
  return result;
}

}  // namespace anebench::cli
