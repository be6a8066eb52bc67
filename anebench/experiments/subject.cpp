#include "anebench/experiments/subject.h"

#include <fmt/format.h>

#include <cmath>

#include "anebench/experiments/case_record.h"
#include "anebench/programs/catalogue.h"
#include "anebench/record/from_measure.h"

namespace anebench::experiments {

using device::LoadedProgram;

void build(Subject& subject, const programs::ProgramSpec& spec) {
  auto built = programs::build(spec);
  if (!built) {
    subject.record.outcome = outcome_of(built.error(), "write");
    return;
  }
  describe_program(subject.record, *built);
  subject.record.metrics.push_back({"size.weights",
                                    static_cast<double>(built->weight_bytes),
                                    "bytes",
                                    {},
                                    {},
                                    "bytes of the weights as stored"});
  subject.benchmark = std::move(*built);
}

void load(const Context& context, Subject& subject) {
  if (!subject.benchmark) return;
  const programs::BenchmarkProgram& benchmark = *subject.benchmark;
  auto loaded = LoadedProgram::open(*context.device, benchmark.program, benchmark.weights,
                                    context.compile_options());
  if (!loaded) {
    const auto& contexts = loaded.error().contexts();
    // Surfaces and requests belong to loading.
    const bool is_compiled = !contexts.empty() && contexts.front() != "compile";
    subject.record.outcome = outcome_of(loaded.error(), is_compiled ? "load" : "compile");
    return;
  }
  if (const auto set = loaded->set_inputs(benchmark.inputs); !set) {
    subject.record.outcome = outcome_of(set.error(), "evaluate");
    return;
  }
  std::vector<record::Metric>& metrics = subject.record.metrics;
  metrics.push_back(
      single_time("time.compile", loaded->times().compile_ns, "time to compile, once"));
  metrics.push_back(
      single_time("time.load", loaded->times().load_ns, "time to load and pack the weights, once"));
  metrics.push_back({"memory.resident",
                     static_cast<double>(loaded->executable().resident_bytes()),
                     "bytes",
                     {},
                     {},
                     "packed weights and constants"});
  subject.loaded = std::move(*loaded);
}

void check(ChainChecker& checker, Subject& subject) {
  if (!subject.is_ready()) return;
  auto checked = checker.check(*subject.benchmark, *subject.loaded);
  if (!checked) {
    subject.record.outcome = outcome_of(checked.error(), "check");
    return;
  }
  subject.record.check = std::move(*checked);
  if (subject.record.check->result == "failed") {
    subject.record.outcome.state = record::State::wrong;
    subject.record.outcome.stage = "check";
    subject.record.outcome.message = subject.record.check->reason;
  }
}

measure::Hooks measure_hooks(const Context& context, runner::Reporter& reporter) {
  measure::Hooks hooks;
  device::Device* device = context.device.get();
  hooks.canary = [device] { return device->run_canary(); };
  hooks.progress = [&reporter](const measure::Progress& progress) { reporter.progress(progress); };
  hooks.cancelled = reporter.cancelled();
  hooks.environment = [device] {
    measure::EnvironmentOptions options;
    options.threads = static_cast<std::size_t>(device->info().threads);
    options.isa = device->info().isa;
    return measure::read_environment(options);
  };
  return hooks;
}

void measure_alone(const Context& context, Subject& subject, runner::Reporter& reporter) {
  if (!subject.is_ready()) return;
  const auto result =
      measure::measure_series([&] { return subject.loaded->evaluate(); }, context.settings.plan,
                              context.device->clock(), measure_hooks(context, reporter));
  if (result.error) {
    subject.record.outcome = outcome_of(*result.error, "evaluate");
    return;
  }
  add_series(subject.record, result);
  subject.record.samples =
      record::Samples{"ms", {record::samples_of(subject.record.variant, result)}};
  subject.record.host = record::host_of(result.conditions);
}

measure::PairResult measure_against(const Context& context, Subject& baseline, Subject& subject,
                                    const RatioNames& names, runner::Reporter& reporter) {
  const Settings& settings = context.settings;
  auto result = measure::measure_pair(
      [&] { return baseline.loaded->evaluate(); }, [&] { return subject.loaded->evaluate(); },
      settings.plan, settings.seed, context.device->clock(), measure_hooks(context, reporter));
  record::Record& record = subject.record;
  if (result.error) {
    record.outcome = outcome_of(*result.error, "evaluate");
    return result;
  }
  const bool is_classic = settings.plan.protocol == measure::Protocol::classic;
  const std::string tag = "ratio." + names.baseline;
  const std::string what = fmt::format("time of {} / time of this", names.baseline);
  add_series(record, result.b);
  record.metrics.push_back(
      record::metric_of(tag, result.ratio, 1.0, "1",
                        what + (is_classic ? ": ratio of means, not interleaved, no interval"
                                           : ", interleaved in blocks")));
  if (names.joint_level && !is_classic) {
    record.metrics.push_back(record::metric_of(
        tag + ".joint", stats::ratio_estimate(result.log_ratios, *names.joint_level), 1.0, "1",
        fmt::format("{}; the interval holds with {:.4g} % so that all shapes' hold together", what,
                    *names.joint_level * 100)));
  }
  record.pair = record::pair_of(baseline.record.id, result);
  record.samples = record::Samples{
      "ms",
      {record::samples_of(names.baseline, result.a), record::samples_of(record.variant, result.b)}};
  record.host = record::host_of(result.conditions);
  record::add_validity(record.outcome, result.validity);
  return result;
}

}  // namespace anebench::experiments
