#include "anebench/experiments/chain_experiment.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "anebench/device/loaded_program.h"
#include "anebench/device/reference/reference_device.h"
#include "anebench/experiments/case_record.h"
#include "anebench/experiments/chain_check.h"
#include "anebench/programs/catalogue.h"
#include "anebench/record/from_measure.h"

namespace anebench::experiments {
namespace {

using device::LoadedProgram;
using programs::BenchmarkProgram;

// A depth-shortened configuration has at least this many layers.
constexpr std::int64_t kLeastDepth = 4;
// Of the plan's longest time, what the evaluations that a pair needs at the least may take: the
// rest is for reaching the precision.
constexpr double kLeastShare = 0.6;

// One precision of a configuration on its way from program to record.
struct Case {
  std::string variant;
  BenchmarkProgram benchmark;
  record::Record record;
  std::optional<LoadedProgram> loaded;

  bool is_ready() const { return loaded.has_value() && record.outcome.state == record::State::ok; }
};

class Runner {
 public:
  Runner(const ChainExperiment& experiment, device::Device& device, device::Device& reference,
         const Settings& settings, RunIdentity identity, Reporter& reporter)
      : experiment_(experiment),
        device_(device),
        settings_(settings),
        identity_(std::move(identity)),
        reporter_(reporter),
        checker_(device, reference, options()) {}

  Result<void> run(ChainConfiguration configuration, std::size_t index, std::size_t count);

 private:
  device::CompileOptions options() const {
    device::CompileOptions options;
    options.strict_weights = settings_.strict_weights;
    options.lenient = settings_.lenient;
    return options;
  }
  void phase(const ChainConfiguration& configuration, std::string_view what) {
    reporter_.phase(index_, count_, fmt::format("{}: {}", configuration.describe(), what));
  }
  std::vector<std::string> variants() const {
    switch (experiment_.precisions) {
      case Precisions::fp16: return {"fp16"};
      case Precisions::w8a8: return {"w8a8"};
      case Precisions::both: break;
    }
    return {"fp16", "w8a8"};
  }

  Result<std::int64_t> affordable_depth(const ChainConfiguration& configuration);
  Result<double> seconds_per_layer(const ChainConfiguration& configuration,
                                   const std::string& variant);
  Result<Case> prepare(const ChainConfiguration& configuration, const ChainConfiguration& requested,
                       const std::string& variant);
  void load(Case& one);
  void check(Case& one);
  Result<void> measure(std::vector<Case>& cases);
  void measure_single(Case& one);
  void measure_both(Case& fp16, Case& w8a8);
  measure::Hooks hooks();

  const ChainExperiment& experiment_;
  device::Device& device_;
  const Settings& settings_;
  RunIdentity identity_;
  Reporter& reporter_;
  ChainChecker checker_;
  std::map<std::string, double> layer_seconds_;
  // Configurations so far: shortened, two of them may have become one.
  std::set<std::string> measured_;
  std::size_t index_ = 0;
  std::size_t count_ = 0;
};

// A short chain tells what a layer costs; two evaluations, the second counts.
Result<double> Runner::seconds_per_layer(const ChainConfiguration& configuration,
                                         const std::string& variant) {
  ChainConfiguration shortened = configuration;
  shortened.depth = std::min(configuration.depth, kLeastDepth);
  const programs::ProgramSpec spec = shortened.spec(variant, settings_);
  const std::string key = spec.to_string();
  if (const auto known = layer_seconds_.find(key); known != layer_seconds_.end()) {
    return known->second;
  }
  ANEBENCH_ASSIGN(benchmark, programs::build(spec));
  ANEBENCH_ASSIGN(loaded,
                  LoadedProgram::open(device_, benchmark.program, benchmark.weights, options()));
  ANEBENCH_TRY(loaded.set_inputs(benchmark.inputs));
  ANEBENCH_TRY(loaded.evaluate());
  const std::int64_t start = device_.clock().now_ns();
  ANEBENCH_TRY(loaded.evaluate());
  const auto ns = static_cast<double>(device_.clock().now_ns() - start);
  return layer_seconds_[key] = ns * 1e-9 / static_cast<double>(shortened.depth);
}

// Halves the deepest chain of these channels until the least number of evaluations fits, and
// shortens the others by the same factor, so that chains that differ in depth still do.
Result<std::int64_t> Runner::affordable_depth(const ChainConfiguration& configuration) {
  if (!settings_.quick || settings_.plan.protocol == measure::Protocol::classic) {
    return configuration.depth;
  }
  double per_layer = 0;
  for (const std::string& variant : variants()) {
    ANEBENCH_ASSIGN(seconds, seconds_per_layer(configuration, variant));
    per_layer += seconds;
  }
  std::int64_t deepest = configuration.depth;
  for (const ChainConfiguration& other : experiment_.configurations) {
    if (other.channels == configuration.channels) deepest = std::max(deepest, other.depth);
  }
  const double least = static_cast<double>(measure::least_evaluations(settings_.plan));
  const double budget = settings_.plan.max_seconds * kLeastShare;
  std::int64_t factor = 1;
  while (deepest / factor > kLeastDepth &&
         least * per_layer * static_cast<double>(deepest / factor) > budget) {
    factor *= 2;
  }
  return std::max(configuration.depth / factor, std::min(configuration.depth, kLeastDepth));
}

Result<Case> Runner::prepare(const ChainConfiguration& configuration,
                             const ChainConfiguration& requested, const std::string& variant) {
  ANEBENCH_ASSIGN(benchmark, programs::build(configuration.spec(variant, settings_)));
  record::Record record =
      start_record(identity_, settings_, benchmark, variant, requested.spec(variant, settings_));
  record.origin = device_.info().origin;
  record.metrics.push_back({"size.weights",
                            static_cast<double>(benchmark.weight_bytes),
                            "bytes",
                            {},
                            {},
                            "bytes of the weights as stored"});
  return Case{variant, std::move(benchmark), std::move(record), std::nullopt};
}

void Runner::load(Case& one) {
  auto loaded =
      LoadedProgram::open(device_, one.benchmark.program, one.benchmark.weights, options());
  if (!loaded) {
    const auto& contexts = loaded.error().contexts();
    // Surfaces and requests belong to loading.
    const bool is_compiled = !contexts.empty() && contexts.front() != "compile";
    one.record.outcome = outcome_of(loaded.error(), is_compiled ? "load" : "compile");
    return;
  }
  if (const auto set = loaded->set_inputs(one.benchmark.inputs); !set) {
    one.record.outcome = outcome_of(set.error(), "evaluate");
    return;
  }
  const auto ms = [](std::int64_t ns) { return static_cast<double>(ns) * 1e-6; };
  one.record.metrics.push_back(
      {"time.compile", ms(loaded->times().compile_ns), "ms", {}, {}, "time to compile, once"});
  one.record.metrics.push_back({"time.load",
                                ms(loaded->times().load_ns),
                                "ms",
                                {},
                                {},
                                "time to load and pack the weights, once"});
  one.record.metrics.push_back({"memory.resident",
                                static_cast<double>(loaded->executable().resident_bytes()),
                                "bytes",
                                {},
                                {},
                                "packed weights and constants"});
  one.loaded = std::move(*loaded);
}

void Runner::check(Case& one) {
  if (!one.is_ready()) return;
  auto checked = checker_.check(one.benchmark, *one.loaded);
  if (!checked) {
    one.record.outcome = outcome_of(checked.error(), "check");
    return;
  }
  one.record.check = std::move(*checked);
  if (one.record.check->result == "failed") {
    one.record.outcome.state = record::State::wrong;
    one.record.outcome.stage = "check";
    one.record.outcome.message = one.record.check->reason;
  }
}

measure::Hooks Runner::hooks() {
  measure::Hooks hooks;
  hooks.canary = [this] { return device_.run_canary(); };
  hooks.progress = [this](const measure::Progress& progress) { reporter_.progress(progress); };
  hooks.cancelled = reporter_.cancelled();
  hooks.environment = [this] {
    measure::EnvironmentOptions options;
    options.threads = static_cast<std::size_t>(device_.info().threads);
    options.isa = device_.info().isa;
    return measure::read_environment(options);
  };
  return hooks;
}

void Runner::measure_single(Case& one) {
  const auto result = measure::measure_series([&] { return one.loaded->evaluate(); },
                                              settings_.plan, device_.clock(), hooks());
  if (result.error) {
    one.record.outcome = outcome_of(*result.error, "evaluate");
    return;
  }
  add_series(one.record, result);
  one.record.samples = record::Samples{"ms", {record::samples_of(one.variant, result)}};
  one.record.host = record::host_of(result.conditions);
}

void Runner::measure_both(Case& fp16, Case& w8a8) {
  const auto result = measure::measure_pair([&] { return fp16.loaded->evaluate(); },
                                            [&] { return w8a8.loaded->evaluate(); }, settings_.plan,
                                            settings_.seed, device_.clock(), hooks());
  if (result.error) {
    fp16.record.outcome = outcome_of(*result.error, "evaluate");
    w8a8.record.outcome = outcome_of(*result.error, "evaluate");
    return;
  }
  add_series(fp16.record, result.a);
  add_series(w8a8.record, result.b);
  w8a8.record.metrics.push_back(record::metric_of(
      "ratio.fp16", result.ratio, 1.0, "1",
      settings_.plan.protocol == measure::Protocol::classic
          ? "time of fp16 / time of this: ratio of means, not interleaved, no interval"
          : "time of fp16 / time of this, interleaved in blocks"));
  w8a8.record.pair = record::pair_of(fp16.record.id, result);
  fp16.record.samples = record::Samples{"ms", {record::samples_of("fp16", result.a)}};
  w8a8.record.samples = record::Samples{
      "ms", {record::samples_of("fp16", result.a), record::samples_of("w8a8", result.b)}};
  for (Case* one : {&fp16, &w8a8}) {
    one->record.host = record::host_of(result.conditions);
    record::add_validity(one->record.outcome, result.validity);
  }
}

Result<void> Runner::measure(std::vector<Case>& cases) {
  const bool all_ready =
      std::all_of(cases.begin(), cases.end(), [](const Case& one) { return one.is_ready(); });
  if (cases.size() == 2 && all_ready) {
    measure_both(cases[0], cases[1]);
    return {};
  }
  // A comparison needs both; what is left is measured alone.
  for (Case& one : cases) {
    if (one.is_ready()) measure_single(one);
  }
  return {};
}

Result<void> Runner::run(ChainConfiguration configuration, std::size_t index, std::size_t count) {
  index_ = index;
  count_ = count;
  const ChainConfiguration requested = configuration;
  phase(configuration, "estimating");
  const auto depth = affordable_depth(configuration);
  if (depth && *depth < configuration.depth) {
    reporter_.note(fmt::format(
        "{}: shortened to depth {} so that --quick ends in time; the full depth runs without it",
        configuration.describe(), *depth));
    configuration.depth = *depth;
  }
  if (!measured_.insert(configuration.describe()).second) {
    reporter_.note(fmt::format("{}: measured above, so not again", configuration.describe()));
    return {};
  }
  phase(configuration, "building");
  std::vector<Case> cases;
  for (const std::string& variant : variants()) {
    ANEBENCH_ASSIGN(one, prepare(configuration, requested, variant), configuration.describe());
    cases.push_back(std::move(one));
  }
  if (std::all_of(cases.begin(), cases.end(),
                  [&](const Case& one) { return reporter_.is_done(one.record.id); })) {
    return {};
  }
  for (Case& one : cases) {
    phase(configuration, one.variant + " compiling");
    load(one);
    phase(configuration, one.variant + " checking");
    check(one);
  }
  phase(configuration, "measuring");
  ANEBENCH_TRY(measure(cases));
  const std::atomic<bool>* cancelled = reporter_.cancelled();
  if (cancelled != nullptr && cancelled->load()) {
    return fail(ErrorCode::timeout, "stopped by the user; the cases that ended are kept");
  }
  for (const Case& one : cases) {
    if (!reporter_.is_done(one.record.id)) ANEBENCH_TRY(reporter_.record(one.record));
  }
  return {};
}

bool is_selected(const programs::ProgramSpec& spec, const Settings& settings) {
  return std::all_of(settings.filter.begin(), settings.filter.end(),
                     [&](const auto& item) { return spec.get(item.first) == item.second; });
}

std::vector<ChainConfiguration> selected(const ChainExperiment& experiment,
                                         const Settings& settings) {
  std::vector<ChainConfiguration> chosen;
  for (const ChainConfiguration& configuration : experiment.configurations) {
    if (is_selected(configuration.spec("fp16", settings), settings)) {
      chosen.push_back(configuration);
    }
  }
  return chosen;
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

std::vector<programs::ProgramSpec> chain_specs(const ChainExperiment& experiment,
                                               const Settings& settings) {
  std::vector<programs::ProgramSpec> specs;
  for (const ChainConfiguration& configuration : selected(experiment, settings)) {
    if (experiment.precisions != Precisions::w8a8) {
      specs.push_back(configuration.spec("fp16", settings));
    }
    if (experiment.precisions != Precisions::fp16) {
      specs.push_back(configuration.spec("w8a8", settings));
    }
  }
  return specs;
}

Result<void> run_chain_experiment(const ChainExperiment& experiment, device::Device& device,
                                  const Settings& settings, Reporter& reporter) {
  const auto configurations = selected(experiment, settings);
  if (configurations.empty()) {
    return fail(ErrorCode::invalid_argument,
                "no configuration of {} passes the filter; --dry-run lists them", experiment.name);
  }
  ANEBENCH_ASSIGN(reference, device::open_reference({.threads = device.info().threads}));
  ANEBENCH_ASSIGN(identity, identify(device, experiment.name, experiment.command,
                                     settings.qos.value_or(experiment.qos)));
  Settings actual = settings;
  actual.plan.classic_warmup = experiment.classic_warmup;
  actual.plan.classic_iterations = experiment.classic_iterations;
  Runner runner(experiment, device, *reference, actual, std::move(identity), reporter);
  for (std::size_t i = 0; i < configurations.size(); ++i) {
    ANEBENCH_TRY(runner.run(configurations[i], i, configurations.size()));
  }
  return {};
}

}  // namespace anebench::experiments
