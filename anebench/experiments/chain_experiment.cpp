#include "anebench/experiments/chain_experiment.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "anebench/experiments/case_list.h"
#include "anebench/experiments/case_record.h"
#include "anebench/experiments/chain_check.h"
#include "anebench/experiments/subject.h"
#include "anebench/programs/catalogue.h"
#include "anebench/record/from_measure.h"

namespace anebench::experiments {
namespace {

// A depth-shortened configuration has at least this many layers.
constexpr std::int64_t kLeastDepth = 4;
// Of the plan's longest time, what the evaluations that a pair needs at the least may take: the
// rest is for reaching the precision.
constexpr double kLeastShare = 0.6;

std::vector<std::string> variants_of(Precisions precisions) {
  switch (precisions) {
    case Precisions::fp16: return {"fp16"};
    case Precisions::w8a8: return {"w8a8"};
    case Precisions::both: break;
  }
  return {"fp16", "w8a8"};
}

// What all cases of the experiment share while they run.
class ChainRunner {
 public:
  ChainRunner(ChainExperiment experiment, ContextPointer context)
      : experiment_(std::move(experiment)),
        context_(std::move(context)),
        checker_(*context_->device, *context_->reference, context_->compile_options()) {}

  Result<runner::Case> plan(const std::shared_ptr<ChainRunner>& self,
                            const ChainConfiguration& configuration) const;

 private:
  Result<void> run(const ChainConfiguration& requested, const std::vector<record::Record>& planned,
                   runner::Reporter& reporter);
  Result<std::int64_t> affordable_depth(const ChainConfiguration& configuration);
  Result<double> seconds_per_layer(const ChainConfiguration& configuration,
                                   const std::string& variant);
  void measure(std::vector<Subject>& subjects, runner::Reporter& reporter);

  ChainExperiment experiment_;
  ContextPointer context_;
  ChainChecker checker_;
  std::map<std::string, double> layer_seconds_;
};

Result<runner::Case> ChainRunner::plan(const std::shared_ptr<ChainRunner>& self,
                                       const ChainConfiguration& configuration) const {
  const CaseParameters selection = {{"channels", std::to_string(configuration.channels)},
                                    {"depth", std::to_string(configuration.depth)}};
  runner::Case one;
  one.name = fmt::format("{} on {}: {}", context_->identity.experiment,
                         context_->device_record.name, configuration.describe());
  one.arguments = case_arguments(*context_, selection);
  for (const std::string& variant : variants_of(experiment_.precisions)) {
    ANEBENCH_ASSIGN(planned, plan_record(*context_, configuration.spec(variant, context_->settings),
                                         variant, selection));
    one.planned.push_back(std::move(planned));
  }
  one.run = [self, configuration, planned = one.planned](runner::Reporter& reporter) {
    return self->run(configuration, planned, reporter);
  };
  return one;
}

// A short chain tells what a layer costs; two evaluations, the second counts.
Result<double> ChainRunner::seconds_per_layer(const ChainConfiguration& configuration,
                                              const std::string& variant) {
  ChainConfiguration shortened = configuration;
  shortened.depth = std::min(configuration.depth, kLeastDepth);
  const programs::ProgramSpec spec = shortened.spec(variant, context_->settings);
  const std::string key = spec.to_string();
  if (const auto known = layer_seconds_.find(key); known != layer_seconds_.end()) {
    return known->second;
  }
  device::Device& device = *context_->device;
  ANEBENCH_ASSIGN(benchmark, programs::build(spec, context_->content()));
  ANEBENCH_ASSIGN(loaded, device::LoadedProgram::open(device, benchmark.program, benchmark.weights,
                                                      context_->compile_options()));
  ANEBENCH_TRY(loaded.set_inputs(benchmark.inputs));
  ANEBENCH_TRY(loaded.evaluate());
  const std::int64_t start = device.clock().now_ns();
  ANEBENCH_TRY(loaded.evaluate());
  const auto ns = static_cast<double>(device.clock().now_ns() - start);
  return layer_seconds_[key] = ns * 1e-9 / static_cast<double>(shortened.depth);
}

// Halves the deepest chain of these channels until the least number of evaluations fits, and
// shortens the others by the same factor, so that chains that differ in depth still do.
Result<std::int64_t> ChainRunner::affordable_depth(const ChainConfiguration& configuration) {
  const Settings& settings = context_->settings;
  if (!settings.quick || settings.plan.protocol == measure::Protocol::classic) {
    return configuration.depth;
  }
  double per_layer = 0;
  for (const std::string& variant : variants_of(experiment_.precisions)) {
    ANEBENCH_ASSIGN(seconds, seconds_per_layer(configuration, variant));
    per_layer += seconds;
  }
  std::int64_t deepest = configuration.depth;
  for (const ChainConfiguration& other : experiment_.configurations) {
    if (other.channels == configuration.channels) deepest = std::max(deepest, other.depth);
  }
  const double least = static_cast<double>(measure::least_evaluations(settings.plan));
  const double budget = settings.plan.max_seconds * kLeastShare;
  std::int64_t factor = 1;
  while (deepest / factor > kLeastDepth &&
         least * per_layer * static_cast<double>(deepest / factor) > budget) {
    factor *= 2;
  }
  return std::max(configuration.depth / factor, std::min(configuration.depth, kLeastDepth));
}

void ChainRunner::measure(std::vector<Subject>& subjects, runner::Reporter& reporter) {
  const bool all_ready = std::all_of(subjects.begin(), subjects.end(),
                                     [](const Subject& subject) { return subject.is_ready(); });
  if (subjects.size() != 2 || !all_ready) {
    // A comparison needs both; what is left is measured alone.
    for (Subject& subject : subjects) measure_alone(*context_, subject, reporter);
    return;
  }
  Subject& fp16 = subjects[0];
  const auto result = measure_against(*context_, fp16, "fp16", subjects[1], reporter);
  if (result.error) {
    fp16.record.outcome = outcome_of(*result.error, "evaluate");
    return;
  }
  add_series(fp16.record, result.a);
  fp16.record.samples = record::Samples{"ms", {record::samples_of("fp16", result.a)}};
  fp16.record.host = record::host_of(result.conditions);
  record::add_validity(fp16.record.outcome, result.validity);
}

Result<void> ChainRunner::run(const ChainConfiguration& requested,
                              const std::vector<record::Record>& planned,
                              runner::Reporter& reporter) {
  ChainConfiguration configuration = requested;
  reporter.step("estimating");
  const auto depth = affordable_depth(configuration);
  if (depth && *depth < configuration.depth) {
    reporter.note(fmt::format(
        "{}: shortened to depth {} so that --quick ends in time; the full depth runs without it",
        configuration.describe(), *depth));
    configuration.depth = *depth;
  }
  std::vector<Subject> subjects;
  for (const record::Record& record : planned) {
    Subject& subject = subjects.emplace_back(record);
    subject.record.time = record::utc_now();
    reporter.step(record.variant + ": compiling");
    build(*context_, subject, configuration.spec(record.variant, context_->settings));
    load(*context_, subject);
    reporter.step(record.variant + ": checking");
    check(*context_, checker_, subject);
  }
  reporter.step("measuring");
  measure(subjects, reporter);
  if (reporter.is_cancelled()) return {};
  for (const Subject& subject : subjects) ANEBENCH_TRY(reporter.record(subject.record));
  return {};
}

}  // namespace

std::string ChainConfiguration::describe() const {
  return fmt::format("{}x{}x{} depth {}", channels, flat ? 1 : spatial, spatial, depth);
}

programs::ProgramSpec ChainConfiguration::spec(std::string_view precision,
                                               const Settings& settings) const {
  programs::ProgramSpec spec("conv_chain", {});
  spec.set("channels", channels);
  spec.set("height", flat ? 1 : spatial);
  spec.set("width", spatial);
  spec.set("depth", depth);
  spec.set("batch", batch);
  spec.set("precision", std::string(precision));
  spec.set("relu", relu ? "on" : "off");
  spec.set("layout", flat ? "flat" : "square");
  spec.set("init", settings.initialisation);
  spec.set("seed", static_cast<std::int64_t>(settings.seed));
  return spec;
}

Result<std::vector<runner::Case>> chain_cases(const ChainExperiment& experiment,
                                              std::shared_ptr<device::Device> device,
                                              const Settings& settings) {
  Settings actual = settings;
  actual.plan.classic_warmup = experiment.classic_warmup;
  actual.plan.classic_iterations = experiment.classic_iterations;
  ANEBENCH_ASSIGN(context, make_context(experiment.identity, std::move(device), actual));
  const auto shared = std::make_shared<ChainRunner>(experiment, context);
  CaseSelection selection(settings.filter);
  std::vector<runner::Case> cases;
  for (const ChainConfiguration& configuration : experiment.configurations) {
    const programs::ProgramSpec spec = configuration.spec("fp16", settings);
    if (!selection.accepts(spec.parameters())) continue;
    ANEBENCH_ASSIGN(one, shared->plan(shared, configuration), configuration.describe());
    cases.push_back(std::move(one));
  }
  ANEBENCH_TRY(selection.check(experiment.identity.experiment));
  return cases;
}

}  // namespace anebench::experiments
