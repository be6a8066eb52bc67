// What a run leaves: one record a case, as plain data. Tables, CSV and Markdown are projections of
// records; nothing that is printed is not in one.
//
//   Record record = …;
//   journal.append(record);                  // one JSON object a line
//   ANEBENCH_ASSIGN(back, from_json(json));  // any tool can read it without a device
//
// Units are named in every metric; times are wall time of the device's clock. A value that is not
// finite is written as null. The schema's name changes when a field changes its meaning.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "anebench/base/json.h"
#include "anebench/base/origin.h"
#include "anebench/base/result.h"
#include "anebench/measure/environment.h"
#include "anebench/record/profile.h"

namespace anebench::record {

inline constexpr std::string_view kSchemaName = "anebench/1";

struct Peak {
  std::string precision;  // "fp16", "int8", "fp32"
  double value = 0;
  std::string unit;  // "ops/s"
  Origin origin = Origin::measured;
  std::string source;
};

struct Device {
  std::string name;
  std::string description;
  std::string subtype;  // ISA of a CPU, subtype of an engine; may be empty
  int threads = 0;
  std::vector<Peak> peaks;
  std::vector<std::pair<std::string, std::string>> versions;
  std::vector<std::string> remarks;
};

// The machine and its conditions; no user or host names.
struct Host {
  std::optional<measure::Environment> before;
  std::optional<measure::Environment> after;
};

struct Program {
  std::string name;
  // In the program's own order; values as written on the command line.
  std::vector<std::pair<std::string, std::string>> parameters;
  double operations = 0;  // a multiply and an add count as two
  std::int64_t weight_bytes = 0;
  std::int64_t io_bytes = 0;
  std::string text_hash;  // SHA-256 of the MIL text; empty where the record is of several programs
};

enum class State : std::uint8_t { ok, unsupported, wrong, failed, timeout };
std::string_view to_string(State state);
Result<State> parse_state(std::string_view text);

struct Outcome {
  State state = State::ok;
  // Where it ended, for states other than ok: verify, descriptor, write, compile, load, evaluate,
  // check; process, where that of an isolated case ended or was ended; plan, where it was left out.
  std::string stage;
  std::string message;
  // Reason codes that make a number mistrusted, unconverged or approximate.
  std::vector<std::string> validity;
};

// How the outputs were judged before any time counted.
struct Check {
  std::string reference;  // what they were compared with and what was compared
  // "passed", "failed", "vacuous" (nothing to compare: classic values), "skipped".
  std::string result;
  std::string reason;  // for results other than passed
  double max_absolute_error = 0;
  double max_relative_error = 0;
  std::optional<double> snr_db;  // absent where there is no error
  std::string tolerance;
  bool bit_identical = false;
  std::int64_t distinct_values = 0;
  std::int64_t compared_values = 0;
};

struct Metric {
  std::string tag;  // "time.eval"
  double value = 0;
  std::string unit;
  // The 95 % interval, where there is one.
  std::optional<double> low;
  std::optional<double> high;
  std::string description;
};

// Where a figure is a comparison.
struct Pair {
  std::string baseline;             // id of the baseline's record
  std::vector<std::string> orders;  // "ABBA" or "BAAB", block by block
  std::uint64_t seed = 0;
  std::string outcome;  // same, faster, slower, inconclusive, mistrusted
  std::string reason;
};

struct Series {
  std::string name;  // the variant measured
  std::size_t warmup_count = 0;
  std::size_t batch = 1;  // evaluations a sample
  // In time order, warm-up first, per evaluation.
  std::vector<double> values;
};

struct Samples {
  std::string unit;  // "ms"
  std::vector<Series> series;
};

struct Verdict {
  std::string kind;
  std::string reason;
  std::vector<std::string> evidence;
};

struct Record {
  std::string schema = std::string(kSchemaName);
  std::string id;
  std::string run;   // random, the same for all records of one run
  std::string time;  // UTC, ISO 8601
  std::string version;
  std::string experiment;
  Origin origin = Origin::measured;
  Device device;
  Host host;
  Program program;
  std::string variant;
  // Everything that changes the work or its conditions, as hashed into the id.
  Json parameters = Json::object();
  Outcome outcome;
  std::optional<Check> check;
  std::vector<Metric> metrics;
  std::optional<Pair> pair;
  std::optional<Samples> samples;
  std::optional<Profile> profile;
  std::optional<Verdict> verdict;
  std::string repro;

  // Null where absent.
  const Metric* find_metric(std::string_view tag) const;
};

// SHA-256 of the canonical JSON of `parameters`, hexadecimal: equal exactly where nothing that
// matters differs.
std::string make_id(const Json& parameters);
// A fresh random id of a run.
std::string make_run_id();
// Now, "2026-11-21T08:15:30Z".
std::string utc_now();

// Keys in the order of the specification.
Json to_json(const Record& record);
// Unknown fields are ignored. Errors name the field; another major schema is refused.
Result<Record> from_json(const Json& json);

Result<Origin> parse_origin(std::string_view text);

}  // namespace anebench::record
