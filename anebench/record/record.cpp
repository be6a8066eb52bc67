#include "anebench/record/record.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <random>

#include "anebench/base/sha256.h"

namespace anebench::record {
namespace {

constexpr std::array<State, 5> kStates = {State::ok, State::unsupported, State::wrong,
                                          State::failed, State::timeout};
constexpr std::array<Origin, 5> kOrigins = {Origin::measured, Origin::predicted, Origin::published,
                                            Origin::stand_in, Origin::simulated};

}  // namespace

std::string_view to_string(State state) {
  switch (state) {
    case State::ok: return "ok";
    case State::unsupported: return "unsupported";
    case State::wrong: return "wrong";
    case State::failed: return "failed";
    case State::timeout: break;
  }
  return "timeout";
}

Result<State> parse_state(std::string_view text) {
  for (const State state : kStates) {
    if (to_string(state) == text) return state;
  }
  return fail(ErrorCode::parse_error, "one of ok, unsupported, wrong, failed, timeout, not \"{}\"",
              text);
}

Result<Origin> parse_origin(std::string_view text) {
  for (const Origin origin : kOrigins) {
    if (to_string(origin) == text) return origin;
  }
  return fail(ErrorCode::parse_error,
              "one of measured, predicted, published, stand-in, simulated, not \"{}\"", text);
}

const Metric* Record::find_metric(std::string_view tag) const {
  const auto found = std::find_if(metrics.begin(), metrics.end(),
                                  [&](const Metric& metric) { return metric.tag == tag; });
  return found == metrics.end() ? nullptr : &*found;
}

std::string make_id(const Json& parameters) {
  return sha256_hex(std::string_view(dump_json_canonical(parameters)));
}

std::string make_run_id() {
  // Not for reproducing anything: two runs must not share an id.
  std::random_device device;
  std::string id;
  for (int i = 0; i < 4; ++i) id += fmt::format("{:08x}", device());
  return id;
}

std::string utc_now() {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(now)));
}

}  // namespace anebench::record
