// How a measurement is to be done: what the command line's --quick, --protocol, --precision,
// --samples, --min-samples, --min-time, --max-time and --warmup choose.
//
//   Plan plan = quick_plan();
//   plan.precision = 0.02;
//   ANEBENCH_TRY(validate(plan));
//
// Times are in seconds of the measured device's clock; precision and margin are relative (0.01 is
// ±1 %). Plans are plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "anebench/base/result.h"
#include "anebench/stats/thresholds.h"

namespace anebench::measure {

enum class Protocol : std::uint8_t {
  // Warm-up, batching, interleaved blocks, a stop rule; medians with rank intervals.
  standard,
  // Exactly the counts of the published tables, one after the other, and the mean; no interval.
  classic,
};
// "default", "classic".
std::string_view to_string(Protocol protocol);
Result<Protocol> parse_protocol(std::string_view text);

struct Warmup {
  enum class Kind : std::uint8_t {
    automatic,  // until a window shows no trend, with a cap (thresholds.h)
    count,      // so many samples of each callable
    duration,   // so many seconds, at least one sample of each
    off,        // none beyond the calls that choose the batch size
  };
  Kind kind = Kind::automatic;
  std::size_t count = 0;
  double seconds = 0;
};
// "auto", "off", "20" or a duration with its unit ("500ms"); as parse_warmup takes it.
std::string to_string(const Warmup& warmup);
Result<Warmup> parse_warmup(std::string_view text);

struct Plan {
  Protocol protocol = Protocol::standard;
  Warmup warmup;
  // Stop when both ends of the reported figure's interval are this near to it.
  double precision = stats::kDefaultPrecision;
  // Take exactly so many samples (of each, where two are compared: rounded up to whole blocks),
  // whatever the interval; max_seconds still holds.
  std::optional<std::size_t> samples;
  // Not before so many samples; where not set, 30 of a single series and 12 blocks of a pair.
  std::optional<std::size_t> min_samples;
  double min_seconds = stats::kDefaultMinSeconds;
  // For the whole measurement, warm-up included. A sample (or block) that is not expected to end
  // in time is not begun, but the first always is.
  double max_seconds = stats::kDefaultMaxSeconds;
  // Level of the interval, e.g. stats::simultaneous_level(shapes).
  double level = stats::kConfidence;
  // Within ±margin two times are the same.
  double margin = stats::kDefaultMargin;
  // The classic protocol's counts; experiments set their own. Evaluations, not batches.
  std::size_t classic_warmup = 10;
  std::size_t classic_iterations = 50;
};

Plan default_plan();
Plan quick_plan();
Plan classic_plan(std::size_t warmup, std::size_t iterations);

// invalid_argument naming the option and what it takes.
Result<void> validate(const Plan& plan);

// The least evaluations of each callable that a pair under this plan needs before the first look,
// warm-up included: what an experiment multiplies by a known time to see whether a configuration
// fits into max_seconds.
std::size_t least_evaluations(const Plan& plan);

}  // namespace anebench::measure
