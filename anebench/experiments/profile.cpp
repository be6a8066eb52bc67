#include "anebench/experiments/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "anebench/experiments/case_list.h"
#include "anebench/experiments/case_record.h"
#include "anebench/experiments/chain_check.h"
#include "anebench/experiments/context.h"
#include "anebench/experiments/model_program.h"
#include "anebench/experiments/output_check.h"
#include "anebench/experiments/step_costs.h"
#include "anebench/experiments/step_times.h"
#include "anebench/experiments/subject.h"
#include "anebench/ops/specialize.h"
#include "anebench/record/from_measure.h"

namespace anebench::experiments {
namespace {

// What the reference evaluates in seconds.
constexpr double kMostCheckedArithmetic = 2e9;
// Of a device that promises nothing: the measurement specification's bound for single layers.
constexpr double kModelSnrDb = 45;

record::Check skipped_check(std::string reason) {
  record::Check check;
  check.reference = "reference device (double arithmetic)";
  check.result = "skipped";
  check.reason = std::move(reason);
  return check;
}

// Against the reference where that ends in time.
Result<record::Check> check_model(const Context& context, const Subject& subject) {
  const programs::BenchmarkProgram& program = *subject.benchmark;
  const device::Executable& executable = subject.loaded->executable();
  if (!context.device->info().has_outputs) return check_without_outputs();
  if (context.device->info().name == context.reference->info().name) {
    return skipped_check("the device is the reference itself");
  }
  if (!executable.states().empty()) {
    return skipped_check("the program has states: its outputs depend on what ran before");
  }
  if (!std::ranges::all_of(executable.outputs(), [](const mil::NamedType& output) {
        return device::fits_surface(output.type);
      })) {
    return skipped_check("not all outputs are tensors of known dimensions");
  }
  if (program.operations > kMostCheckedArithmetic) {
    return skipped_check(fmt::format(
        "{:.3g} operations take the reference long; 'run' on both devices gives outputs "
        "to compare",
        program.operations));
  }
  ANEBENCH_ASSIGN(
      checked,
      check_outputs(*context.device, *context.reference, program, context.compile_options(),
                    {.needs_bits = executable.is_bit_exact(), .snr_db = kModelSnrDb}));
  return to_record(checked);
}

void check_profiled(const Context& context, Subject& subject) {
  if (!subject.is_ready()) return;
  if (subject.benchmark->spec.name() == "conv_chain" && subject.benchmark->spec.get("depth")) {
    ChainChecker checker(*context.device, *context.reference, context.compile_options());
    check(context, checker, subject);
    return;
  }
  record_check(subject, check_model(context, subject));
}

record::Profile profile_of(const Subject& subject, const FunctionCosts& costs,
                           const StepSummary& summary) {
  record::Profile profile;
  profile.operation_count = costs.operation_count() - costs.constant_count();
  profile.constant_count = costs.constant_count();
  profile.shown_ms = static_cast<double>(summary.shown_ns) * record::kMsPerNs;
  const auto& steps = subject.loaded->executable().steps();
  for (std::size_t i = 0; i < summary.steps.size(); ++i) {
    record::ProfileStep step = costs.describe(steps[i]);
    const stats::Estimate& time = summary.steps[i];
    step.time_ms = time.value * record::kMsPerNs;
    if (time.is_bounded()) {
      step.low_ms = time.low * record::kMsPerNs;
      step.high_ms = time.high * record::kMsPerNs;
    }
    const StepSpan& span = summary.shown_steps[i];
    step.start_ms = static_cast<double>(span.start_ns) * record::kMsPerNs;
    step.end_ms = static_cast<double>(span.start_ns + span.duration_ns) * record::kMsPerNs;
    profile.steps.push_back(std::move(step));
  }
  return profile;
}

void add_sums(record::Record& record, std::size_t observed) {
  const record::Metric* time = record.find_metric("time.eval");
  const double whole = time == nullptr ? std::nan("") : time->value;
  double sum = 0;
  double bytes = 0;
  for (const record::ProfileStep& step : record.profile->steps) {
    sum += step.time_ms;
    bytes += step.bytes_read.value_or(0) + step.bytes_written.value_or(0);
  }
  record.metrics.push_back(
      plain_metric("time.steps", sum, "ms", "sum of the steps' median times, observed"));
  record.metrics.push_back(plain_metric("time.residual", whole - sum, "ms",
                                        "time.eval - time.steps: between the steps; below zero "
                                        "where observing makes them slower"));
  record.metrics.push_back(plain_metric("share.residual", (whole - sum) / whole, "1",
                                        "time.residual as a share of time.eval"));
  record.metrics.push_back(plain_metric("count.observed", static_cast<double>(observed), "1",
                                        "evaluations that the steps' medians are of"));
  record.metrics.push_back(
      plain_metric("traffic.bytes", bytes, "bytes", "what the steps move at the least"));
}

// How much longer an observed evaluation takes.
record::Metric observer_cost(const stats::Estimate& plain_to_observed) {
  const auto cost = [](double ratio) { return 1 / ratio - 1; };
  stats::Estimate estimate = {.value = cost(plain_to_observed.value)};
  if (plain_to_observed.is_bounded()) {
    estimate.low = cost(plain_to_observed.high);
    estimate.high = cost(plain_to_observed.low);
  }
  return record::metric_of("share.observer", estimate, 1.0, "1",
                           "time of an observed evaluation / time of a plain one - 1, interleaved "
                           "in blocks");
}

Result<void> add_memory_peak(device::Device& device, record::Record& record) {
  ANEBENCH_ASSIGN(bandwidth, device.bandwidth());
  if (!bandwidth) return {};
  record.metrics.push_back(
      plain_metric("peak.memory", bandwidth->bytes_per_second, "bytes/s",
                   fmt::format("{}: {}", to_string(bandwidth->origin), bandwidth->source)));
  return {};
}

void measure_profile(const Context& context, const std::string& model, Subject& subject,
                     runner::Reporter& reporter) {
  if (!subject.is_ready()) return;
  record::Record& record = subject.record;
  device::LoadedProgram& loaded = *subject.loaded;
  const auto function = function_with_inputs(*subject.benchmark);
  const auto costs = function.and_then(FunctionCosts::create);
  if (!costs) {
    record.outcome = outcome_of(costs.error(), "verify");
    return;
  }
  // With open dimensions it is an evaluation that tells the steps.
  if (ops::find_open(*subject.benchmark->program.main()) != nullptr) {
    if (const auto first = loaded.evaluate(); !first) {
      record.outcome = outcome_of(first.error(), "evaluate");
      return;
    }
  }
  StepTimes times(loaded.executable().steps().size(), context.device->clock());
  const auto observed = [&]() -> Result<void> {
    times.begin();
    ANEBENCH_TRY(loaded.evaluate(&times));
    times.end();
    return {};
  };
  const auto result = measure::measure_pair(
      [&] { return loaded.evaluate(); }, observed, context.settings.plan, context.settings.seed,
      context.device->clock(), measure_hooks(context, reporter));
  if (result.error) {
    record.outcome = outcome_of(*result.error, "evaluate");
    return;
  }
  add_series(record, result.a);
  record.metrics.push_back(observer_cost(result.ratio));
  const StepSummary summary = times.summary(result.b.steady().size() * result.b.batch);
  record.profile = profile_of(subject, *costs, summary);
  record.profile->model = model;
  add_sums(record, summary.evaluations);
  record.samples = record::Samples{
      "ms",
      {record::samples_of(record.variant, result.a), record::samples_of("observed", result.b)}};
  record.host = record::host_of(result.conditions);
  record::add_validity(record.outcome, result.validity);
  if (const auto added = add_memory_peak(*context.device, record); !added) {
    record.outcome = outcome_of(added.error(), "evaluate");
  }
}

Result<void> run_profile(const Context& context, const ProfileSubject& profiled,
                         const record::Record& planned, runner::Reporter& reporter) {
  Subject subject(planned);
  subject.record.time = record::utc_now();
  subject.benchmark = *profiled.program;
  reporter.step("compiling");
  load(context, subject);
  reporter.step("checking");
  check_profiled(context, subject);
  reporter.step("measuring");
  measure_profile(context, profiled.model, subject, reporter);
  if (reporter.is_cancelled()) return {};
  return reporter.record(subject.record);
}

}  // namespace

Result<std::vector<runner::Case>> profile_cases(const ProfileSubject& subject,
                                                std::shared_ptr<device::Device> device,
                                                const Settings& settings) {
  ExperimentIdentity identity = {
      .experiment = "profile", .arguments = {"profile", subject.argument}, .qos = kDefaultQos};
  ANEBENCH_ASSIGN(context, make_context(std::move(identity), std::move(device), settings));
  const programs::ProgramSpec& spec = subject.program->spec;
  CaseSelection selection(settings.filter);
  if (!selection.accepts(spec.parameters())) {
    ANEBENCH_TRY(selection.check("profile"));
    return std::vector<runner::Case>();
  }
  runner::Case one;
  one.name = fmt::format("profile on {}: {}", context->device_record.name, spec.to_string());
  one.arguments = case_arguments(*context, {});
  one.planned.push_back(plan_record(*context, describe_program(*subject.program),
                                    std::string(spec.get("precision").value_or("model")), {}, {}));
  one.run = [context, subject, planned = one.planned.front()](runner::Reporter& reporter) {
    return run_profile(*context, subject, planned, reporter);
  };
  return std::vector<runner::Case>{std::move(one)};
}

}  // namespace anebench::experiments
