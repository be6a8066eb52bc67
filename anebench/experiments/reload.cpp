#include "anebench/experiments/reload.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "anebench/base/units.h"
#include "anebench/experiments/case_list.h"
#include "anebench/experiments/case_record.h"
#include "anebench/experiments/context.h"
#include "anebench/experiments/identity_check.h"
#include "anebench/experiments/reload_steps.h"
#include "anebench/experiments/reload_times.h"
#include "anebench/experiments/subject.h"
#include "anebench/programs/catalogue.h"
#include "anebench/record/from_measure.h"

namespace anebench::experiments {
namespace {

constexpr std::size_t kShownValues = 4;
// With --quick, each of the two comparisons of a size: four sizes end in about ten seconds.
constexpr double kQuickComparisonSeconds = 0.9;

// From 8 KiB of weights (the specification's program) to 32 MiB.
const std::vector<std::int64_t> kLayers = {1, 4, 16, 64};
const std::vector<std::int64_t> kReloadChannels = {64, 512};
const std::vector<std::int64_t> kQuickLayers = {1, 16};

programs::ProgramSpec spec_of(std::int64_t channels, std::int64_t layers, std::int64_t gain) {
  programs::ProgramSpec spec("identity_conv", {});
  spec.set("channels", channels);
  spec.set("width", std::int64_t{32});
  spec.set("depth", layers);
  spec.set("gain", gain);
  spec.set("io", std::string("fp32"));
  spec.set("format", std::string("1.3"));
  return spec;
}

std::string shown(std::span<const double> values) {
  std::vector<std::string> texts;
  for (const double value : values) texts.push_back(format_significant(value, 5));
  return fmt::format("{}", fmt::join(texts, ", "));
}

std::string ends_of(const std::vector<double>& values) {
  const std::span<const double> all(values);
  const std::size_t count = std::min(kShownValues, all.size());
  return fmt::format("first {}, last {}", shown(all.first(count)), shown(all.last(count)));
}

std::string_view meaning_of(ReloadFinding finding) {
  switch (finding) {
    case ReloadFinding::success:
      return "the new weights took effect without compiling, and the outputs are right";
    case ReloadFinding::recompiled:
      return "the new weights took effect, but only after compiling again";
    case ReloadFinding::partial: return "the outputs changed, but not to what the new weights give";
    case ReloadFinding::fail: break;
  }
  return "the outputs did not change: the weights are baked in when the program is compiled";
}

record::Verdict verdict_of(const ReloadSteps& steps) {
  record::Verdict verdict;
  verdict.kind = "reload";
  for (const char c : to_string(steps.finding)) {
    verdict.reason += static_cast<char>(c - 'A' + 'a');
  }
  auto& evidence = verdict.evidence;
  evidence.push_back(fmt::format("{}: {}.", to_string(steps.finding), meaning_of(steps.finding)));
  evidence.push_back(fmt::format("Output before: {}.", ends_of(steps.before)));
  evidence.push_back(fmt::format("Output after: {}.", ends_of(steps.after)));
  evidence.push_back(
      fmt::format("Largest difference |after - before| {}; largest error |after - {} x before| {} "
                  "(at most {}).",
                  format_significant(steps.largest_difference), kReloadGain,
                  format_significant(steps.largest_error), format_significant(steps.tolerance)));
  const auto compile = static_cast<double>(steps.compile_load_ns);
  const auto reload = static_cast<double>(steps.unload_ns + steps.load_ns);
  if (steps.recompile_ns) {
    evidence.push_back(fmt::format(
        "The load without compiling failed ({}); compiling and loading again took {}.",
        steps.load_error, format_duration_ns(static_cast<double>(*steps.recompile_ns))));
  } else {
    evidence.push_back(fmt::format(
        "Once: compile + load {}, unload {}, load {}; compile + load / (unload + load) = {}.",
        format_duration_ns(compile), format_duration_ns(static_cast<double>(steps.unload_ns)),
        format_duration_ns(static_cast<double>(steps.load_ns)),
        format_significant(compile / reload)));
  }
  return verdict;
}

void add_single_readings(record::Record& record, const ReloadSteps& steps) {
  auto& metrics = record.metrics;
  metrics.push_back(single_time("time.compile_load.once", steps.compile_load_ns,
                                "time to compile and load, once"));
  metrics.push_back(single_time("time.unload.once", steps.unload_ns, "time to unload, once"));
  metrics.push_back(single_time("time.load.once", steps.load_ns,
                                steps.recompile_ns
                                    ? "time of the load without compiling, which failed"
                                    : "time to load the new weights without compiling, once"));
  if (steps.recompile_ns) {
    metrics.push_back(single_time("time.recompile.once", *steps.recompile_ns,
                                  "time to compile and load again, once"));
  } else {
    metrics.push_back({"ratio.compile.once",
                       static_cast<double>(steps.compile_load_ns) /
                           static_cast<double>(steps.unload_ns + steps.load_ns),
                       "1",
                       {},
                       {},
                       "compile + load / (unload + load), single readings"});
  }
  metrics.push_back({"difference.max",
                     steps.largest_difference,
                     "1",
                     {},
                     {},
                     "largest |after - before| of the outputs"});
  metrics.push_back({"error.max",
                     steps.largest_error,
                     "1",
                     {},
                     {},
                     fmt::format("largest |after - {} x before| of the outputs", kReloadGain)});
}

record::Metric rate_of(const record::Record& record, const stats::Estimate& reload_ns) {
  const double bytes = static_cast<double>(record.program.weight_bytes);
  const stats::Estimate rate = {.value = bytes / (reload_ns.value * 1e-9),
                                .low = bytes / (reload_ns.high * 1e-9),
                                .high = bytes / (reload_ns.low * 1e-9)};
  return record::metric_of("rate.reload", rate, 1.0, "bytes/s",
                           "bytes of weights a second of unload + load");
}

void add_repeated(record::Record& record, const ReloadTimes& times) {
  const measure::PairResult& compile = times.against_compile;
  const measure::PairResult& first = times.against_first_load;
  const auto add_time = [&](std::string tag, const stats::Estimate& estimate, std::string what) {
    record.metrics.push_back(
        record::metric_of(std::move(tag), estimate, record::kMsPerNs, "ms", "median time " + what));
  };
  add_time("time.compile", times.compile_ns, "to compile: what compiling costs beyond loading");
  add_time("time.load", first.b.time_ns, "of the first load: reads and packs the weights once");
  add_time("time.compile_load", compile.a.time_ns, "to compile and load");
  add_time("time.unload", times.unload_ns, "to unload");
  add_time("time.load_again", times.load_again_ns, "to load after the weight file was replaced");
  add_time("time.reload", compile.b.time_ns, "to unload and load after the file was replaced");
  add_time("time.replace", times.replace_ns, "to replace the weight file (not part of reloading)");
  record.metrics.push_back(
      record::metric_of("ratio.compile", compile.ratio, 1.0, "1",
                        "time to compile and load / time to unload and load, interleaved"));
  record.metrics.push_back(
      record::metric_of("ratio.reload.load", first.ratio, 1.0, "1",
                        "time to unload and load / time of the first load, interleaved"));
  record.metrics.push_back(rate_of(record, compile.b.time_ns));
  record.pair = record::pair_of(record.id, compile);
  record.samples = record::Samples{"ms",
                                   {record::samples_of("compile + load", compile.a),
                                    record::samples_of("unload + load", compile.b),
                                    record::samples_of("unload + load (2)", first.a),
                                    record::samples_of("first load", first.b)}};
  record.host = record::host_of(compile.conditions);
  for (const auto* validity :
       {&compile.validity, &compile.a.validity, &compile.b.validity, &first.validity}) {
    record::add_validity(record.outcome, *validity);
  }
}

// Both programs of a size.
struct Sizes {
  programs::BenchmarkProgram a;
  programs::BenchmarkProgram b;
};

Result<record::Check> check_outputs(device::Device& reference, const Sizes& programs,
                                    const ReloadSteps& steps) {
  const mil::Type type = programs.a.inputs[0].type();
  ANEBENCH_ASSIGN(expected_a, identity_output(reference, programs.a.spec));
  const record::Check before =
      judge_identity(type, expected_a, steps.before_bytes, steps.tolerance);
  // Outputs that did not change are a finding about the weights, not a wrong evaluation.
  if (steps.finding == ReloadFinding::fail) return before;
  ANEBENCH_ASSIGN(expected_b, identity_output(reference, programs.b.spec));
  return combine_checks(before,
                        judge_identity(type, expected_b, steps.after_bytes, steps.tolerance));
}

record::Outcome outcome_of_finding(const ReloadSteps& steps, const record::Check& check) {
  record::Outcome outcome;
  if (check.result == "failed" || steps.finding == ReloadFinding::partial) {
    outcome.state = record::State::wrong;
    outcome.stage = "check";
    outcome.message =
        check.result == "failed" ? check.reason : std::string(meaning_of(steps.finding));
  } else if (steps.finding == ReloadFinding::fail) {
    outcome.state = record::State::unsupported;
    outcome.stage = "load";
    outcome.message = std::string(meaning_of(steps.finding));
  }
  return outcome;
}

// Fills in the record; an error is one that ended the case, with its stage as first context.
Result<void> run_size(const Context& context, record::Record& record, const Sizes& programs,
                      runner::Reporter& reporter) {
  device::Device& device = *context.device;
  const device::CompileOptions options = context.compile_options();
  reporter.step("replacing the weights once");
  ANEBENCH_ASSIGN(steps, run_reload_steps(device, programs.a, programs.b, options));
  reporter.step("checking");
  ANEBENCH_ASSIGN(check, check_outputs(*context.reference, programs, steps), "check");
  record.outcome = outcome_of_finding(steps, check);
  record.check = std::move(check);
  record.verdict = verdict_of(steps);
  add_single_readings(record, steps);
  const bool is_classic = context.settings.plan.protocol == measure::Protocol::classic;
  if (steps.finding != ReloadFinding::success || is_classic ||
      record.outcome.state != record::State::ok) {
    return {};
  }
  reporter.step("measuring");
  ReloadBench bench(device, programs.a, programs.b, options);
  const ReloadTimes times =
      bench.measure(context.settings.plan, context.settings.seed, measure_hooks(context, reporter));
  for (const auto* pair : {&times.against_compile, &times.against_first_load}) {
    if (pair->error) return fail_with_context(*pair->error, "load");
  }
  add_repeated(record, times);
  return {};
}

Result<void> run_case(const ContextPointer& context, const record::Record& planned,
                      std::int64_t channels, std::int64_t layers, runner::Reporter& reporter) {
  record::Record record = planned;
  record.time = record::utc_now();
  ANEBENCH_ASSIGN(a, programs::build(spec_of(channels, layers, 1)));
  ANEBENCH_ASSIGN(b, programs::build(spec_of(channels, layers, kReloadGain)));
  record.metrics.push_back({"size.weights",
                            static_cast<double>(a.weight_bytes),
                            "bytes",
                            {},
                            {},
                            "bytes of the weights as stored"});
  const Sizes programs = {std::move(a), std::move(b)};
  if (const auto ran = run_size(*context, record, programs, reporter); !ran) {
    const auto& contexts = ran.error().contexts();
    record.outcome = outcome_of(ran.error(), contexts.empty() ? "load" : contexts.front());
  }
  if (reporter.is_cancelled()) return {};
  return reporter.record(record);
}

ExperimentIdentity identity_of(const ReloadOptions& options) {
  ExperimentIdentity identity = {
      .experiment = "reload", .arguments = {"reload"}, .qos = kDefaultQos};
  const auto add = [&](const char* name, const std::vector<std::int64_t>& values) {
    if (values.empty()) return;
    identity.arguments.emplace_back(name);
    identity.arguments.push_back(fmt::format("{}", fmt::join(values, ",")));
  };
  add("--layers", options.layers);
  add("--channels", options.channels);
  return identity;
}

}  // namespace

Result<std::vector<runner::Case>> reload_cases(const ReloadOptions& options,
                                               std::shared_ptr<device::Device> device,
                                               const Settings& settings) {
  Settings actual = settings;
  if (settings.quick && settings.plan.max_seconds == measure::quick_plan().max_seconds) {
    actual.plan.max_seconds = kQuickComparisonSeconds;
  }
  ANEBENCH_ASSIGN(context, make_context(identity_of(options), std::move(device), actual));
  const auto& default_layers = settings.quick ? kQuickLayers : kLayers;
  const auto& all_layers = options.layers.empty() ? default_layers : options.layers;
  const auto& all_channels = options.channels.empty() ? kReloadChannels : options.channels;
  CaseSelection selection(settings.filter);
  std::vector<runner::Case> cases;
  for (const std::int64_t channels : all_channels) {
    for (const std::int64_t layers : all_layers) {
      const programs::ProgramSpec spec = spec_of(channels, layers, 1);
      if (!selection.accepts(spec.parameters())) continue;
      const CaseParameters chosen = {{"channels", std::to_string(channels)},
                                     {"depth", std::to_string(layers)}};
      runner::Case one;
      one.name = fmt::format("reload on {}: {} channels, {} layer{}", context->device_record.name,
                             channels, layers, layers == 1 ? "" : "s");
      one.arguments = case_arguments(*context, chosen);
      ANEBENCH_ASSIGN(
          planned,
          plan_record(*context, spec, "fp16", chosen, {{"new_gain", std::to_string(kReloadGain)}}),
          one.name);
      one.planned.push_back(planned);
      one.run = [context, planned = std::move(planned), channels,
                 layers](runner::Reporter& reporter) {
        return run_case(context, planned, channels, layers, reporter);
      };
      cases.push_back(std::move(one));
    }
  }
  ANEBENCH_TRY(selection.check("reload"));
  return cases;
}

}  // namespace anebench::experiments
