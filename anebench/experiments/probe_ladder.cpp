#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "anebench/experiments/case_record.h"
#include "anebench/experiments/ladder_measure.h"
#include "anebench/experiments/probe_parts.h"
#include "anebench/experiments/subject.h"
#include "anebench/experiments/verdict_records.h"
#include "anebench/programs/catalogue.h"
#include "anebench/record/from_measure.h"

namespace anebench::experiments {
namespace {

// Long enough to be timed, small enough to be there always: compared with every fp16 chain.
constexpr LadderRung kAnchor = {256, 64};
// The smallest program: what it takes is the call.
constexpr std::string_view kSmallest = "identity_conv:channels=16,width=1,io=fp16";
// Of the plan's longest time, what the evaluations that a pair needs at the least may take; shapes
// that need more are left out.
constexpr double kLeastPairShare = 0.6;
// What the reference may be asked for to check the whole output of a chain's first layers. Each
// shape's borders are checked at 64 positions in any case.
constexpr double kWholeOperations = 0x1p29;
constexpr double kQuickWholeOperations = 0x1p26;

constexpr std::string_view kW8 = "w8";
constexpr std::string_view kW8A8 = "w8a8";

device::CompileOptions lenient(device::CompileOptions options) {
  options.lenient = true;
  return options;
}

class LadderProbe {
 public:
  LadderProbe(ContextPointer context, LadderOptions options)
      : context_(std::move(context)),
        options_(std::move(options)),
        checker_(*context_->device, *context_->reference, lenient(context_->compile_options()),
                 context_->settings.quick ? kQuickWholeOperations : kWholeOperations) {}

  programs::ProgramSpec spec(const LadderRung& rung, std::int64_t depth,
                             const std::string& variant) const {
    programs::ProgramSpec spec = ladder_spec(rung, depth, variant);
    spec.set("seed", static_cast<std::int64_t>(context_->settings.seed));
    return spec;
  }

  // A case: `planned` against `baseline`, or, where that is empty, fp16 against the anchor.
  Result<void> run(const LadderRung& rung, const record::Record& planned,
                   const std::string& baseline, runner::Reporter& reporter);

 private:
  Result<void> start();
  Result<double> seconds_per_evaluation(const LadderRung& rung);
  Subject prepare(const LadderRung& rung, record::Record planned);
  Subject& baseline(const LadderRung& rung, const std::string& variant);
  void measure_fp16(Subject& fp16, std::uint64_t stream);
  void measure(const LadderRung& rung, Subject& subject, const std::string& baseline_variant);

  ContextPointer context_;
  LadderOptions options_;
  ChainChecker checker_;
  runner::Reporter* reporter_ = nullptr;  // of the case now running
  std::optional<device::LoadedProgram> smallest_;
  std::optional<device::LoadedProgram> anchor_;
  std::optional<LadderMeter> meter_;
  std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t> depths_;
  std::map<std::pair<std::int64_t, std::int64_t>, double> layer_seconds_;
  // Programs that others are compared with, of one shape.
  LadderRung baseline_rung_;
  std::map<std::string, Subject> baselines_;
};

std::uint64_t stream_of(const LadderRung& rung, std::string_view variant) {
  std::uint64_t hash = static_cast<std::uint64_t>(rung.channels) * 0x10001 +
                       static_cast<std::uint64_t>(rung.positions);
  for (const char c : variant) hash = hash * 131 + static_cast<unsigned char>(c);
  return hash;
}

// Loads the smallest program and the anchor and times both, once.
Result<void> LadderProbe::start() {
  if (meter_) return {};
  device::Device& device = *context_->device;
  const auto open = [&](const programs::ProgramSpec& wanted) -> Result<device::LoadedProgram> {
    ANEBENCH_ASSIGN(benchmark, programs::build(wanted, context_->content()));
    ANEBENCH_ASSIGN(loaded,
                    device::LoadedProgram::open(device, benchmark.program, benchmark.weights,
                                                context_->compile_options()));
    ANEBENCH_TRY(loaded.set_inputs(benchmark.inputs));
    return loaded;
  };
  ANEBENCH_ASSIGN(smallest_spec, programs::ProgramSpec::parse(kSmallest));
  ANEBENCH_ASSIGN(smallest, open(smallest_spec), "the smallest program");
  ANEBENCH_ASSIGN(anchor, open(spec(kAnchor, 1, "fp16")), "the anchor");
  smallest_ = std::move(smallest);
  anchor_ = std::move(anchor);
  measure::Hooks hooks;
  hooks.canary = [this] { return context_->device->run_canary(); };
  hooks.progress = [this](const measure::Progress& progress) { reporter_->progress(progress); };
  hooks.cancelled = reporter_->cancelled();
  hooks.environment = measure_hooks(*context_, *reporter_).environment;
  LadderMeter meter(device.clock(), {.plan = context_->settings.plan,
                                     .shapes = options_.rungs.size(),
                                     .seed = context_->settings.seed,
                                     .hooks = std::move(hooks)});
  ANEBENCH_TRY(meter.start([this] { return smallest_->evaluate(); },
                           [this] { return anchor_->evaluate(); }));
  meter_.emplace(std::move(meter));
  return {};
}

// Chooses the shape's depth. Gives what an fp16 evaluation at that depth takes.
Result<double> LadderProbe::seconds_per_evaluation(const LadderRung& rung) {
  const std::pair key(rung.channels, rung.positions);
  if (!depths_.contains(key)) {
    device::Device& device = *context_->device;
    ANEBENCH_ASSIGN(benchmark, programs::build(spec(rung, 1, "fp16"), context_->content()));
    ANEBENCH_ASSIGN(loaded,
                    device::LoadedProgram::open(device, benchmark.program, benchmark.weights,
                                                context_->compile_options()));
    ANEBENCH_TRY(loaded.set_inputs(benchmark.inputs));
    ANEBENCH_TRY(loaded.evaluate());
    const std::int64_t start = device.clock().now_ns();
    ANEBENCH_TRY(loaded.evaluate());
    const auto ns = static_cast<double>(device.clock().now_ns() - start);
    const double layer_ns = std::max(ns - meter_->floor_ns(), 1.0);
    layer_seconds_[key] = layer_ns * 1e-9;
    depths_[key] = ladder_depth(rung, layer_ns, meter_->floor_ns());
  }
  return layer_seconds_[key] * static_cast<double>(depths_[key]);
}

Subject LadderProbe::prepare(const LadderRung& rung, record::Record planned) {
  Subject subject(std::move(planned));
  subject.record.time = record::utc_now();
  reporter_->step("compiling");
  build(*context_, subject,
        spec(rung, depths_.at({rung.channels, rung.positions}), subject.record.variant));
  load(*context_, subject);
  reporter_->step("checking");
  check(*context_, checker_, subject);
  return subject;
}

Subject& LadderProbe::baseline(const LadderRung& rung, const std::string& variant) {
  if (!(baseline_rung_ == rung)) {
    baselines_.clear();
    baseline_rung_ = rung;
  }
  const auto found = baselines_.find(variant);
  if (found != baselines_.end()) return found->second;
  record::Record unnamed;
  unnamed.variant = variant;
  return baselines_.emplace(variant, prepare(rung, std::move(unnamed))).first->second;
}

void LadderProbe::measure_fp16(Subject& fp16, std::uint64_t stream) {
  if (!fp16.is_ready()) return;
  const auto timed = meter_->anchored_time([&] { return fp16.loaded->evaluate(); }, stream);
  if (!timed) {
    fp16.record.outcome = outcome_of(timed.error(), "evaluate");
    return;
  }
  add_series(fp16.record, timed->pair.b);
  std::vector<record::Metric>& metrics = fp16.record.metrics;
  metrics.push_back({std::string(kAnchoredTime),
                     timed->time_ns * record::kMsPerNs,
                     "ms",
                     {},
                     {},
                     "time of one evaluation by interleaved comparison with a chain that all "
                     "shapes are compared with"});
  fp16.record.samples = record::Samples{
      "ms",
      {record::samples_of("anchor", timed->pair.a), record::samples_of("fp16", timed->pair.b)}};
  fp16.record.host = record::host_of(timed->pair.conditions);
  record::add_validity(fp16.record.outcome, timed->pair.validity);
}

void LadderProbe::measure(const LadderRung& rung, Subject& subject,
                          const std::string& baseline_variant) {
  Subject& other = baseline(rung, baseline_variant);
  if (!subject.is_ready() || !other.is_ready()) {
    measure_beside(*context_, other, subject, baseline_variant, *reporter_);
    return;
  }
  const auto result = meter_->compare(
      [&] { return other.loaded->evaluate(); }, [&] { return subject.loaded->evaluate(); },
      stream_of(rung, subject.record.variant + "/" + baseline_variant));
  // The baseline's record is another case's; its id is known from the plan.
  record::Record named;
  named.id = json_string(subject.record.parameters, "baseline_id").value_or("");
  record_pair(*context_, named, baseline_variant, result, subject);
}

Result<void> LadderProbe::run(const LadderRung& rung, const record::Record& planned,
                              const std::string& baseline_variant, runner::Reporter& reporter) {
  reporter_ = &reporter;
  record::Record record = planned;
  record.time = record::utc_now();
  const auto report = [&](record::Record finished) -> Result<void> {
    if (reporter.is_cancelled()) return {};
    if (meter_) {
      finished.metrics.push_back(single_time(std::string(kFloorTime),
                                             static_cast<std::int64_t>(meter_->floor_ns()),
                                             "time of a call: of the smallest program"));
    }
    return reporter.record(finished);
  };
  reporter.step("estimating");
  auto started = start();
  const auto seconds = started ? seconds_per_evaluation(rung)
                               : Result<double>(tl::unexpected<Error>(started.error()));
  if (!seconds) {
    record.outcome = outcome_of(seconds.error(), "evaluate");
    return report(std::move(record));
  }
  const measure::Plan& plan = context_->settings.plan;
  const double least = 2 * *seconds * static_cast<double>(measure::least_evaluations(plan));
  if (plan.protocol != measure::Protocol::classic && least > kLeastPairShare * plan.max_seconds) {
    record.outcome.state = record::State::timeout;
    record.outcome.stage = std::string(kLeftOutStage);
    record.outcome.message = fmt::format(
        "left out: the fewest evaluations of a comparison take about {:.0f} s, and --max-time "
        "allows {:.0f} s",
        least, plan.max_seconds);
    return report(std::move(record));
  }
  Subject subject = prepare(rung, std::move(record));
  reporter.step("measuring");
  if (baseline_variant.empty()) {
    measure_fp16(subject, stream_of(rung, "fp16"));
  } else {
    measure(rung, subject, baseline_variant);
  }
  return report(std::move(subject.record));
}

CaseParameters ladder_parameters(const LadderRung& rung, const std::string& variant,
                                 const std::string& baseline) {
  CaseParameters parameters = {{"part", std::string(kLadderPart)},
                               {"channels", std::to_string(rung.channels)},
                               {"positions", std::to_string(rung.positions)},
                               {"variant", variant}};
  if (!baseline.empty()) parameters.emplace_back("baseline", baseline);
  return parameters;
}

CaseParameters verdict_parameters(const std::string& variant) {
  return {{"part", "verdict"}, {"variant", variant}};
}

template <typename Member>
std::string values_of(const std::vector<LadderRung>& rungs, Member member) {
  std::set<std::int64_t> values;
  for (const LadderRung& rung : rungs) values.insert(rung.*member);
  return fmt::format("{}", fmt::join(values, ","));
}

// The whole ladder decides the level of the intervals, so it is part of a case's identity.
std::pair<std::string, std::string> ladder_name(const LadderOptions& options) {
  return {"ladder", fmt::format("{} x {}", values_of(options.rungs, &LadderRung::channels),
                                values_of(options.rungs, &LadderRung::positions))};
}

// Makes the cases of the ladder and remembers what a plan needs.
class LadderPlanner {
 public:
  LadderPlanner(ContextPointer context, LadderOptions options)
      : context_(context),
        options_(options),
        probe_(std::make_shared<LadderProbe>(std::move(context), std::move(options))) {}

  Result<record::Record> plan(const LadderRung& rung, const std::string& variant,
                              const std::string& baseline) const {
    CaseParameters extra = {{"part", std::string(kLadderPart)}, ladder_name(options_)};
    if (!baseline.empty()) {
      ANEBENCH_ASSIGN(other, plan(rung, baseline, baseline == "fp16" ? "" : "fp16"));
      extra.emplace_back("baseline", baseline);
      extra.emplace_back("baseline_id", other.id);
    }
    // The depth is chosen when the case runs; the id is that of the shape.
    return plan_record(*context_, probe_->spec(rung, 1, variant), variant,
                       ladder_parameters(rung, variant, baseline), extra);
  }

  Result<runner::Case> make(const LadderRung& rung, const std::string& variant,
                            const std::string& baseline) const {
    runner::Case one;
    one.name = fmt::format("probe on {}: {}, {}{}", context_->device_record.name, to_string(rung),
                           variant, baseline.empty() ? "" : " against " + baseline);
    one.arguments = case_arguments(*context_, ladder_parameters(rung, variant, baseline));
    ANEBENCH_ASSIGN(planned, plan(rung, variant, baseline), one.name);
    one.planned.push_back(planned);
    one.run = [probe = probe_, rung, planned, baseline](runner::Reporter& reporter) {
      return probe->run(rung, planned, baseline, reporter);
    };
    return one;
  }

 private:
  ContextPointer context_;
  LadderOptions options_;
  std::shared_ptr<LadderProbe> probe_;
};

runner::Case verdict_case(const ContextPointer& context, const LadderOptions& options,
                          const std::string& variant) {
  runner::Case one;
  one.name = fmt::format("verdict on {} of {}", variant, context->device_record.name);
  one.arguments = case_arguments(*context, verdict_parameters(variant));
  one.planned.push_back(plan_verdict(*context, options, variant));
  one.is_summary = true;
  one.run = [context, variant, planned = one.planned.front()](runner::Reporter& reporter) {
    record::Record record = planned;
    record.time = record::utc_now();
    if (const auto finding =
            verdict_from_records(reporter.records(), context->device_record.name, variant)) {
      record.verdict = to_record(*finding);
    } else {
      record.outcome.state = record::State::failed;
      record.outcome.stage = "check";
      record.outcome.message = "the ladder left no record of this variant";
    }
    return reporter.record(record);
  };
  return one;
}

}  // namespace

record::Record plan_verdict(const Context& context, const LadderOptions& options,
                            const std::string& variant) {
  record::Program ladder;
  ladder.name = "ladder";
  ladder.parameters = {{"channels", values_of(options.rungs, &LadderRung::channels)},
                       {"positions", values_of(options.rungs, &LadderRung::positions)}};
  return plan_record(context, std::move(ladder), variant, verdict_parameters(variant),
                     {{"part", "verdict"}});
}

Result<std::vector<runner::Case>> ladder_probe_cases(const ContextPointer& context,
                                                     const LadderOptions& options,
                                                     CaseSelection& selection) {
  const bool is_judged = context->settings.plan.protocol != measure::Protocol::classic;
  std::vector<std::string> judged;
  for (const std::string& variant : options.variants) {
    if (is_judged && selection.accepts(verdict_parameters(variant))) judged.push_back(variant);
  }
  const auto wants = [&](const LadderRung& rung, const std::string& variant,
                         const std::string& baseline) {
    return selection.accepts(ladder_parameters(rung, variant, baseline));
  };
  const bool has_w8 =
      std::find(options.variants.begin(), options.variants.end(), kW8) != options.variants.end();
  const LadderPlanner planner(context, options);
  std::vector<runner::Case> cases;
  const auto add = [&](const LadderRung& rung, const std::string& variant,
                       const std::string& baseline) -> Result<void> {
    ANEBENCH_ASSIGN(one, planner.make(rung, variant, baseline));
    cases.push_back(std::move(one));
    return {};
  };
  for (const LadderRung& rung : options.rungs) {
    // A verdict needs the shape's fp16 time, whatever the filter says of fp16.
    bool any = wants(rung, "fp16", "");
    const std::size_t place = cases.size();
    for (const std::string& variant : options.variants) {
      const bool needed = std::find(judged.begin(), judged.end(), variant) != judged.end() &&
                          wants(rung, variant, "fp16");
      if (needed || wants(rung, variant, "fp16")) {
        ANEBENCH_TRY(add(rung, variant, "fp16"));
        any = any || needed;
      }
      if (variant == kW8A8 && has_w8 && wants(rung, variant, std::string(kW8))) {
        ANEBENCH_TRY(add(rung, variant, std::string(kW8)));
      }
    }
    if (!any) continue;
    ANEBENCH_ASSIGN(fp16, planner.make(rung, "fp16", ""));
    cases.insert(cases.begin() + static_cast<std::ptrdiff_t>(place), std::move(fp16));
  }
  for (const std::string& variant : judged)
    cases.push_back(verdict_case(context, options, variant));
  return cases;
}

}  // namespace anebench::experiments
