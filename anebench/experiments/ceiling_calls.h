// The cost of a call of the smallest program (one channel, one position): its distribution, how it
// depends on the idle time before it, and on the number of calls in flight.
//
// Conditions are interleaved: each round runs a burst of calls under every condition, in an order
// drawn anew. Calls are timed one by one, since a tail of averages is no tail; the clock's
// resolution (tens of nanoseconds) therefore shows in calls of less than some microseconds. Ratios
// come from the rounds, each of which is one pair.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/experiments/context.h"
#include "anebench/record/record.h"
#include "anebench/runner/reporter.h"

namespace anebench::experiments {

struct CallCondition {
  std::string variant;  // "idle_10us", "in_flight_4"
  std::chrono::microseconds idle{0};
  std::size_t in_flight = 1;
  // Bursts of this many calls that count; of calls in flight, latencies kept of each thread's
  // (more) calls.
  std::size_t burst = 8;
  std::size_t rounds = 0;
};

struct CallExperiment {
  std::string part;   // "idle" or "in-flight"
  std::string title;  // for people
  // The first is what the others are compared with.
  std::vector<CallCondition> conditions;
};

// Both experiments. Enough calls for a 99th percentile (662), but after 10 ms of idle time with
// `quick`, where there are enough for a 90th (64).
std::vector<CallExperiment> call_experiments(bool quick);

// Reports `planned`, a record for each condition, filled in. An error means that the run cannot go
// on.
Result<void> run_calls(const Context& context, const CallExperiment& experiment,
                       const std::vector<record::Record>& planned, runner::Reporter& reporter);

}  // namespace anebench::experiments
