#include "anebench/experiments/subject.h"

#include <fmt/format.h>

#include <cmath>

#include "anebench/experiments/case_record.h"
#include "anebench/programs/catalogue.h"
#include "anebench/record/from_measure.h"

namespace anebench::experiments {

using device::LoadedProgram;

void build(const Context& context, Subject& subject, const programs::ProgramSpec& spec) {
  auto built = programs::build(spec, context.content());
  if (!built) {
    subject.record.outcome = outcome_of(built.error(), "write");
    return;
  }
  subject.record.program = describe_program(*built);
  subject.record.metrics.push_back({"size.weights",
                                    static_cast<double>(built->weight_bytes),
                                    "bytes",
                                    {},
                                    {},
                                    "bytes of the weights as stored"});
  subject.benchmark = std::move(*built);
}

void load(const Context& context, Subject& subject) {
  load(context, subject, context.compile_options());
}

void load(const Context& context, Subject& subject, const device::CompileOptions& options) {
  if (!subject.benchmark) return;
  const programs::BenchmarkProgram& benchmark = *subject.benchmark;
  auto loaded = LoadedProgram::open(*context.device, benchmark.program, benchmark.weights, options);
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

void record_check(Subject& subject, Result<record::Check> checked) {
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

record::Check check_without_outputs() {
  record::Check check;
  check.reference = "reference device (double arithmetic)";
  check.result = "skipped";
  check.reason = "the device predicts times and computes nothing";
  return check;
}

void check(const Context& context, ChainChecker& checker, Subject& subject) {
  if (!subject.is_ready()) return;
  if (!context.device->info().has_outputs) {
    record_check(subject, check_without_outputs());
    return;
  }
  record_check(subject, checker.check(*subject.benchmark, *subject.loaded));
}

measure::Hooks measure_hooks(const Context& context, runner::Reporter& reporter) {
  measure::Hooks hooks;
  device::Device* device = context.device.get();
  hooks.canary = [device] { return device->run_canary(); };
  hooks.progress = [&reporter](const measure::Progress& progress) { reporter.progress(progress); };
  hooks.cancelled = reporter.cancelled();
  // The conditions of this machine are nothing to a prediction.
  if (!device->info().has_outputs) return hooks;
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

void record_pair(const Context& context, const record::Record& baseline,
                 const std::string& baseline_name, const measure::PairResult& result,
                 Subject& subject) {
  record::Record& record = subject.record;
  if (result.error) {
    record.outcome = outcome_of(*result.error, "evaluate");
    return;
  }
  const bool is_classic = context.settings.plan.protocol == measure::Protocol::classic;
  const std::string tag = "ratio." + baseline_name;
  const std::string what = fmt::format("time of {} / time of this", baseline_name);
  add_series(record, result.b);
  const bool is_joint = !is_classic && result.level != stats::kConfidence;
  record.metrics.push_back(record::metric_of(
      tag, is_joint ? stats::ratio_estimate(result.log_ratios) : result.ratio, 1.0, "1",
      what + (is_classic ? ": ratio of means, not interleaved, no interval"
                         : ", interleaved in blocks")));
  if (is_joint) {
    record.metrics.push_back(record::metric_of(
        tag + ".joint", result.ratio, 1.0, "1",
        fmt::format("{}; an interval of {:.5g} %, so that those of all shapes hold together", what,
                    result.level * 100)));
  }
  record.pair = record::pair_of(baseline.id, result);
  record.samples = record::Samples{
      "ms",
      {record::samples_of(baseline_name, result.a), record::samples_of(record.variant, result.b)}};
  record.host = record::host_of(result.conditions);
  record::add_validity(record.outcome, result.validity);
}

measure::PairResult measure_against(const Context& context, Subject& baseline,
                                    const std::string& baseline_name, Subject& subject,
                                    runner::Reporter& reporter) {
  auto result = measure::measure_pair([&] { return baseline.loaded->evaluate(); },
                                      [&] { return subject.loaded->evaluate(); },
                                      context.settings.plan, context.settings.seed,
                                      context.device->clock(), measure_hooks(context, reporter));
  record_pair(context, baseline.record, baseline_name, result, subject);
  return result;
}

void measure_beside(const Context& context, Subject& baseline, Subject& subject,
                    const std::string& baseline_name, runner::Reporter& reporter) {
  if (!subject.is_ready()) return;
  if (baseline.is_ready()) {
    measure_against(context, baseline, baseline_name, subject, reporter);
    return;
  }
  measure_alone(context, subject, reporter);
  subject.record.outcome.message = fmt::format("not compared, since {} was not measured: {}",
                                               baseline_name, baseline.record.outcome.message);
}

}  // namespace anebench::experiments
