#include "anebench/experiments/ceiling_calls.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <thread>
#include <utility>

#include "anebench/base/barrier.h"
#include "anebench/base/rng.h"
#include "anebench/experiments/case_record.h"
#include "anebench/experiments/identity_check.h"
#include "anebench/experiments/subject.h"
#include "anebench/programs/catalogue.h"
#include "anebench/record/from_measure.h"
#include "anebench/stats/paired.h"
#include "anebench/stats/quantile.h"
#include "anebench/stats/rank_interval.h"

namespace anebench::experiments {
namespace {

using std::chrono::microseconds;

// Just above what a 99th (90th) percentile needs, in bursts of eight.
constexpr std::size_t kBurst = 8;
constexpr std::size_t kRounds = stats::kP99MinSamples / kBurst + 1;
constexpr std::size_t kFewRounds = stats::kP90MinSamples / kBurst;
// Calls in flight overlap only where a burst is much longer than it takes threads to be scheduled:
// each thread's part lasts about this long by itself, and there are fewer of them.
constexpr double kConcurrentBurstNs = 2e6;
constexpr std::size_t kConcurrentRounds = 24;
constexpr std::size_t kMostCalls = 1 << 16;
// Of each thread's part, about so many latencies are kept, evenly spread.
constexpr std::size_t kKeptLatencies = stats::kP99MinSamples / kConcurrentRounds + 1;
// The burst's first calls come after another condition's: they are made, but do not count.
constexpr std::size_t kUncounted = 1;
// Below this a sleep is far longer than asked for (50 us of timer slack on Linux).
constexpr microseconds kShortestSleep{1000};

// Host time, whatever the device's clock: it is the host that idles.
void idle_for(microseconds duration) {
  if (duration >= kShortestSleep) {
    std::this_thread::sleep_for(duration);
    return;
  }
  const auto end = std::chrono::steady_clock::now() + duration;
  while (std::chrono::steady_clock::now() < end) cpu_relax();
}

// What one condition gathered.
struct Gathered {
  std::vector<double> latency_ns;  // of every call that counts
  // Of each burst: nanoseconds a call, by the time from the first call's start to the last one's
  // end. Idle time is left out.
  std::vector<double> burst_ns;
  std::vector<std::size_t> round_of_burst;
};

// A request with surfaces of its own.
struct Caller {
  std::unique_ptr<device::Request> request;
  device::SurfacePointer input;
  device::SurfacePointer output;
  std::vector<double> latency_ns;
  std::int64_t start_ns = 0;  // of its part of a burst
  std::int64_t end_ns = 0;
  std::optional<Error> error;
};

class CallRunner {
 public:
  CallRunner(const Context& context, const CallExperiment& experiment)
      : context_(context), experiment_(experiment), gathered_(experiment.conditions.size()) {}

  Result<void> open(const programs::ProgramSpec& spec);
  Result<record::Check> check(const programs::ProgramSpec& spec);
  Result<void> run(runner::Reporter& reporter);
  void fill_in(std::size_t condition, record::Record& record, const record::Record& baseline) const;

 private:
  Result<void> burst(std::size_t condition, std::size_t round);
  // `caller`'s part of a burst; ends at an error, which it keeps.
  void call(Caller& caller, const CallCondition& condition, std::size_t count);
  Result<void> choose_concurrent_calls();
  void concurrent_burst(const CallCondition& condition, Gathered& gathered);

  const Context& context_;
  const CallExperiment& experiment_;
  std::unique_ptr<device::Executable> executable_;
  std::vector<Caller> callers_;
  std::vector<Gathered> gathered_;
  // In a burst of calls in flight, of each thread; every `stride_`th latency is kept.
  std::size_t concurrent_calls_ = 0;
  std::size_t stride_ = 1;
};

Result<void> CallRunner::open(const programs::ProgramSpec& spec) {
  device::Device& device = *context_.device;
  ANEBENCH_ASSIGN(benchmark, programs::build(spec), "write");
  ANEBENCH_ASSIGN(executable,
                  device.compile(benchmark.program, benchmark.weights, context_.compile_options()),
                  "compile");
  ANEBENCH_TRY(executable->load(), "load");
  executable_ = std::move(executable);
  std::size_t most = 1;
  for (const CallCondition& condition : experiment_.conditions) {
    most = std::max(most, condition.in_flight);
  }
  for (std::size_t i = 0; i < most; ++i) {
    Caller& caller = callers_.emplace_back();
    ANEBENCH_ASSIGN(request, executable_->create_request(), "load");
    ANEBENCH_ASSIGN(input, device.create_surface(executable_->inputs()[0].type), "load");
    ANEBENCH_ASSIGN(output, device.create_surface(executable_->outputs()[0].type), "load");
    const auto bytes = benchmark.inputs[0].bytes();
    std::memcpy(input->bytes().data(), bytes.data(), bytes.size());
    std::ranges::fill(output->bytes(), std::byte{0xff});
    ANEBENCH_TRY(request->bind_input(0, input), "load");
    ANEBENCH_TRY(request->bind_output(0, output), "load");
    caller.request = std::move(request);
    caller.input = std::move(input);
    caller.output = std::move(output);
  }
  return {};
}

Result<record::Check> CallRunner::check(const programs::ProgramSpec& spec) {
  ANEBENCH_ASSIGN(expected, identity_output(*context_.reference, spec), "check");
  std::optional<record::Check> all;
  for (Caller& caller : callers_) {
    ANEBENCH_TRY(executable_->evaluate(*caller.request), "evaluate");
    const record::Check one =
        judge_identity(caller.output->type(), expected, caller.output->bytes(), 0.0);
    all = all ? combine_checks(*all, one) : one;
  }
  return *all;
}

void CallRunner::call(Caller& caller, const CallCondition& condition, std::size_t count) {
  const Clock& clock = context_.device->clock();
  for (std::size_t i = 0; i < count && !caller.error; ++i) {
    if (condition.idle.count() > 0) idle_for(condition.idle);
    const std::int64_t start = clock.now_ns();
    if (const auto evaluated = executable_->evaluate(*caller.request); !evaluated) {
      caller.error = evaluated.error();
    }
    caller.latency_ns.push_back(static_cast<double>(clock.now_ns() - start));
  }
}

// By the time that the calls of one thread alone take.
Result<void> CallRunner::choose_concurrent_calls() {
  constexpr std::size_t kTried = 64;
  Caller& caller = callers_.front();
  call(caller, {}, kTried);
  if (caller.error) return fail_with_context(*caller.error, "evaluate");
  const double each = std::max(stats::median(caller.latency_ns), 1.0);
  const double calls = std::min(kConcurrentBurstNs / each, static_cast<double>(kMostCalls));
  concurrent_calls_ = std::max(static_cast<std::size_t>(calls), kKeptLatencies);
  stride_ = concurrent_calls_ / kKeptLatencies;
  return {};
}

// Every thread is up and has made its first call before any begins; the burst lasts from the first
// start to the last end. The thread that started them sleeps meanwhile.
void CallRunner::concurrent_burst(const CallCondition& condition, Gathered& gathered) {
  const Clock& clock = context_.device->clock();
  Barrier barrier(static_cast<int>(condition.in_flight), 0);
  std::vector<std::thread> threads;
  const std::span<Caller> callers(callers_.data(), condition.in_flight);
  for (Caller& caller : callers) {
    threads.emplace_back([&] {
      call(caller, condition, kUncounted);
      caller.latency_ns.clear();
      barrier.wait();
      caller.start_ns = clock.now_ns();
      call(caller, condition, concurrent_calls_);
      caller.end_ns = clock.now_ns();
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::int64_t start = callers.front().start_ns;
  std::int64_t end = callers.front().end_ns;
  for (const Caller& caller : callers) {
    start = std::min(start, caller.start_ns);
    end = std::max(end, caller.end_ns);
  }
  gathered.burst_ns.push_back(static_cast<double>(end - start) /
                              static_cast<double>(concurrent_calls_ * callers.size()));
}

Result<void> CallRunner::burst(std::size_t index, std::size_t round) {
  const CallCondition& condition = experiment_.conditions[index];
  Gathered& gathered = gathered_[index];
  for (Caller& caller : callers_) caller.latency_ns.clear();
  if (experiment_.part == "in-flight") {
    concurrent_burst(condition, gathered);
  } else {
    Caller& caller = callers_.front();
    call(caller, condition, kUncounted + condition.burst);
    caller.latency_ns.erase(caller.latency_ns.begin(),
                            caller.latency_ns.begin() + static_cast<std::ptrdiff_t>(kUncounted));
    gathered.burst_ns.push_back(stats::mean(caller.latency_ns));
  }
  gathered.round_of_burst.push_back(round);
  for (const Caller& caller : callers_) {
    if (caller.error) return fail_with_context(*caller.error, "evaluate");
    for (std::size_t i = 0; i < caller.latency_ns.size(); i += stride_) {
      gathered.latency_ns.push_back(caller.latency_ns[i]);
    }
  }
  return {};
}

Result<void> CallRunner::run(runner::Reporter& reporter) {
  std::size_t rounds = 0;
  for (const CallCondition& condition : experiment_.conditions) {
    rounds = std::max(rounds, condition.rounds);
  }
  if (experiment_.part == "in-flight") ANEBENCH_TRY(choose_concurrent_calls());
  Rng rng(context_.settings.seed);
  std::vector<std::size_t> order(experiment_.conditions.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  for (std::size_t round = 0; round < rounds && !reporter.is_cancelled(); ++round) {
    for (std::size_t i = order.size(); i > 1; --i) {
      std::swap(
          order[i - 1],
          order[static_cast<std::size_t>(rng.uniform_int(0, static_cast<std::int64_t>(i) - 1))]);
    }
    for (const std::size_t index : order) {
      // Conditions with fewer bursts have them spread over all rounds.
      const std::size_t wanted = experiment_.conditions[index].rounds;
      if ((round + 1) * wanted / rounds == round * wanted / rounds) continue;
      ANEBENCH_TRY(burst(index, round));
    }
    reporter.progress({.fraction = static_cast<double>(round + 1) / static_cast<double>(rounds)});
  }
  return {};
}

// Time of the first condition / time of this one, a pair for each round that ran both.
stats::Estimate ratio_to(const Gathered& baseline, const Gathered& gathered) {
  std::vector<double> log_ratios;
  for (std::size_t i = 0; i < gathered.burst_ns.size(); ++i) {
    const std::size_t round = gathered.round_of_burst[i];
    const auto found =
        std::lower_bound(baseline.round_of_burst.begin(), baseline.round_of_burst.end(), round);
    if (found == baseline.round_of_burst.end() || *found != round) continue;
    const auto other =
        baseline.burst_ns[static_cast<std::size_t>(found - baseline.round_of_burst.begin())];
    if (other > 0 && gathered.burst_ns[i] > 0) {
      log_ratios.push_back(std::log(other) - std::log(gathered.burst_ns[i]));
    }
  }
  return stats::ratio_estimate(log_ratios);
}

void CallRunner::fill_in(std::size_t index, record::Record& record,
                         const record::Record& baseline) const {
  const Gathered& gathered = gathered_[index];
  const CallCondition& condition = experiment_.conditions[index];
  const bool in_flight = experiment_.part == "in-flight";
  auto& metrics = record.metrics;
  const stats::Estimate latency = stats::median_estimate(gathered.latency_ns);
  if (in_flight) {
    const stats::Estimate each = stats::median_estimate(gathered.burst_ns);
    metrics.push_back(record::metric_of("time.eval", each, record::kMsPerNs, "ms",
                                        "time of a burst / number of calls in it, median"));
    const stats::Estimate rate = {
        .value = 1e9 / each.value, .low = 1e9 / each.high, .high = 1e9 / each.low};
    metrics.push_back(record::metric_of("rate.calls", rate, 1.0, "1/s", "calls a second"));
    metrics.push_back(record::metric_of("time.latency", latency, record::kMsPerNs, "ms",
                                        "median time that a caller waits for its call"));
  } else {
    metrics.push_back(
        record::metric_of("time.eval", latency, record::kMsPerNs, "ms", "median time of one call"));
  }
  const auto add_tail = [&](const char* tag, stats::Tail tail, const char* what) {
    if (const auto value = stats::tail_quantile(gathered.latency_ns, tail)) {
      metrics.push_back({tag, *value * record::kMsPerNs, "ms", {}, {}, what});
    }
  };
  add_tail("time.p90", stats::Tail::p90, "90th percentile of the time of one call");
  add_tail("time.p99", stats::Tail::p99, "99th percentile of the time of one call");
  metrics.push_back({"time.idle",
                     static_cast<double>(condition.idle.count()) * 1e-3,
                     "ms",
                     {},
                     {},
                     "idle time before each call, as asked for"});
  metrics.push_back({"count.in_flight",
                     static_cast<double>(condition.in_flight),
                     "1",
                     {},
                     {},
                     "calls in flight at a time, each on a thread of its own"});
  if (index > 0) {
    metrics.push_back(record::metric_of(
        "ratio." + baseline.variant, ratio_to(gathered_.front(), gathered), 1.0, "1",
        fmt::format("time of {} / time of this, burst by burst in interleaved rounds",
                    baseline.variant)));
  }
  record::Series series{record.variant, 0, 1, {}};
  for (const double ns : gathered.latency_ns) series.values.push_back(ns * record::kMsPerNs);
  record.samples = record::Samples{"ms", {std::move(series)}};
}

CallCondition idle_condition(const char* name, microseconds idle, std::size_t rounds) {
  return {.variant = fmt::format("idle_{}", name), .idle = idle, .burst = kBurst, .rounds = rounds};
}

}  // namespace

std::vector<CallExperiment> call_experiments(bool quick) {
  CallExperiment idle = {"idle", "calls after idle time", {}};
  idle.conditions = {
      idle_condition("0", microseconds(0), kRounds),
      idle_condition("10us", microseconds(10), kRounds),
      idle_condition("100us", microseconds(100), kRounds),
      idle_condition("1ms", microseconds(1000), kRounds),
      idle_condition("10ms", microseconds(10000), quick ? kFewRounds : kRounds),
  };
  CallExperiment in_flight = {"in-flight", "calls in flight", {}};
  for (const std::size_t count : std::initializer_list<std::size_t>{1, 2, 4, 8}) {
    in_flight.conditions.push_back({.variant = fmt::format("in_flight_{}", count),
                                    .in_flight = count,
                                    .burst = kKeptLatencies,
                                    .rounds = kConcurrentRounds});
  }
  return {std::move(idle), std::move(in_flight)};
}

Result<void> run_calls(const Context& context, const CallExperiment& experiment,
                       const std::vector<record::Record>& planned, runner::Reporter& reporter) {
  std::vector<record::Record> records = planned;
  const programs::ProgramSpec spec(planned.front().program.name,
                                   planned.front().program.parameters);
  const measure::Hooks hooks = measure_hooks(context, reporter);
  record::Host host;
  host.before = hooks.environment();
  CallRunner calls(context, experiment);
  const auto run = [&]() -> Result<record::Check> {
    reporter.step("compiling");
    ANEBENCH_TRY(calls.open(spec));
    ANEBENCH_ASSIGN(check, calls.check(spec));
    reporter.step("measuring");
    if (check.result == "passed") ANEBENCH_TRY(calls.run(reporter));
    return check;
  };
  const auto ran = run();
  host.after = hooks.environment();
  if (reporter.is_cancelled()) return {};
  for (std::size_t i = 0; i < records.size(); ++i) {
    record::Record& record = records[i];
    record.time = record::utc_now();
    record.host = host;
    if (!ran) {
      const auto& contexts = ran.error().contexts();
      record.outcome = outcome_of(ran.error(), contexts.empty() ? "evaluate" : contexts.front());
    } else if (ran->result != "passed") {
      record.check = *ran;
      record.outcome = {record::State::wrong, "check", ran->reason, {}};
    } else {
      record.check = *ran;
      calls.fill_in(i, record, records.front());
    }
    ANEBENCH_TRY(reporter.record(record));
  }
  return {};
}

}  // namespace anebench::experiments
