#include "anebench/measure/plan.h"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <cmath>

#include "anebench/base/units.h"

namespace anebench::measure {
namespace {

// Bounds on what the command line may ask for, so that no count overflows or exhausts memory.
constexpr std::size_t kMaxCount = 10'000'000;
constexpr double kMaxSeconds = 7 * 24 * 3600.0;

bool is_number(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Result<void> check_count(std::string_view option, std::optional<std::size_t> count,
                         std::size_t least) {
  if (!count || (*count >= least && *count <= kMaxCount)) return {};
  return fail(ErrorCode::invalid_argument, "{} takes {} to {} samples, not {}", option, least,
              kMaxCount, *count);
}

Result<void> check_seconds(std::string_view option, double seconds) {
  if (seconds >= 0 && seconds <= kMaxSeconds) return {};
  return fail(ErrorCode::invalid_argument, "{} takes 0 to {} seconds, not {}", option, kMaxSeconds,
              seconds);
}

}  // namespace

std::string_view to_string(Protocol protocol) {
  return protocol == Protocol::classic ? "classic" : "default";
}

Result<Protocol> parse_protocol(std::string_view text) {
  if (text == "default") return Protocol::standard;
  if (text == "classic") return Protocol::classic;
  return fail(ErrorCode::invalid_argument, "--protocol takes default or classic, not \"{}\"", text);
}

std::string to_string(const Warmup& warmup) {
  switch (warmup.kind) {
    case Warmup::Kind::automatic: return "auto";
    case Warmup::Kind::count: return std::to_string(warmup.count);
    case Warmup::Kind::duration: return fmt::format("{}s", warmup.seconds);
    case Warmup::Kind::off: break;
  }
  return "off";
}

Result<Warmup> parse_warmup(std::string_view text) {
  Warmup warmup;
  if (text == "auto") return warmup;
  if (text == "off") {
    warmup.kind = Warmup::Kind::off;
    return warmup;
  }
  if (is_number(text)) {
    warmup.kind = Warmup::Kind::count;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), warmup.count);
    if (error != std::errc() || warmup.count > kMaxCount) {
      return fail(ErrorCode::invalid_argument, "--warmup takes at most {} samples, not {}",
                  kMaxCount, text);
    }
    return warmup;
  }
  const Result<std::int64_t> nanoseconds = parse_duration_ns(text);
  if (!nanoseconds) {
    return fail(ErrorCode::invalid_argument,
                "--warmup takes auto, off, a number of samples or a duration with its unit such "
                "as 500ms, not \"{}\"",
                text);
  }
  warmup.kind = Warmup::Kind::duration;
  warmup.seconds = static_cast<double>(*nanoseconds) * 1e-9;
  return warmup;
}

Plan default_plan() { return {}; }

Plan quick_plan() {
  Plan plan;
  plan.precision = stats::kQuickPrecision;
  plan.min_seconds = stats::kQuickMinSeconds;
  plan.max_seconds = stats::kQuickMaxSeconds;
  return plan;
}

Plan classic_plan(std::size_t warmup, std::size_t iterations) {
  Plan plan;
  plan.protocol = Protocol::classic;
  plan.classic_warmup = warmup;
  plan.classic_iterations = iterations;
  return plan;
}

Result<void> validate(const Plan& plan) {
  if (!(plan.precision > 0 && plan.precision < 1)) {
    return fail(ErrorCode::invalid_argument,
                "--precision takes more than 0 % and less than 100 %, not {} %",
                100 * plan.precision);
  }
  if (!(plan.margin > 0 && plan.margin < 1)) {
    return fail(ErrorCode::invalid_argument, "the margin lies between 0 and 1, not {}",
                plan.margin);
  }
  if (!(plan.level > 0 && plan.level < 1)) {
    return fail(ErrorCode::invalid_argument, "a level lies between 0 and 1, not {}", plan.level);
  }
  ANEBENCH_TRY(check_count("--samples", plan.samples, 1));
  ANEBENCH_TRY(check_count("--min-samples", plan.min_samples, 0));
  ANEBENCH_TRY(check_count("the classic protocol", plan.classic_iterations, 1));
  ANEBENCH_TRY(check_count("the classic warm-up", plan.classic_warmup, 0));
  ANEBENCH_TRY(check_count("--warmup", plan.warmup.count, 0));
  ANEBENCH_TRY(check_seconds("--warmup", plan.warmup.seconds));
  ANEBENCH_TRY(check_seconds("--min-time", plan.min_seconds));
  ANEBENCH_TRY(check_seconds("--max-time", plan.max_seconds));
  if (plan.min_seconds > plan.max_seconds) {
    return fail(ErrorCode::invalid_argument, "--min-time {} s is longer than --max-time {} s",
                plan.min_seconds, plan.max_seconds);
  }
  return {};
}

std::size_t least_evaluations(const Plan& plan) {
  if (plan.protocol == Protocol::classic) return plan.classic_warmup + plan.classic_iterations;
  // The call that chooses the batch is the first warm-up sample.
  const std::size_t warmup =
      plan.warmup.kind == Warmup::Kind::count ? std::max<std::size_t>(plan.warmup.count, 1) : 1;
  const std::size_t samples =
      plan.samples.value_or(std::max(plan.min_samples.value_or(0), 2 * stats::kFirstLookBlocks));
  return warmup + samples + samples % 2;
}

}  // namespace anebench::measure
