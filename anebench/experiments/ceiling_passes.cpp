#include "anebench/experiments/ceiling_passes.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "anebench/experiments/case_record.h"
#include "anebench/experiments/ceiling_kernels.h"
#include "anebench/experiments/identity_check.h"
#include "anebench/experiments/subject.h"
#include "anebench/programs/catalogue.h"
#include "anebench/record/from_measure.h"
#include "anebench/stats/rank_interval.h"

namespace anebench::experiments {
namespace {

constexpr std::size_t kClassicCopies = 500;

// A pass on its way to a record.
struct TimedPass {
  record::Record record;
  std::optional<Pass> pass;

  bool is_ready() const { return pass && record.outcome.state == record::State::ok; }
};

stats::Estimate scaled(const stats::Estimate& estimate, double factor) {
  return {.value = estimate.value * factor,
          .low = estimate.low * factor,
          .high = estimate.high * factor};
}

class PassRunner {
 public:
  PassRunner(const Context& context, const std::vector<record::Record>& planned,
             runner::Reporter& reporter)
      : context_(context), reporter_(reporter) {
    for (const record::Record& record : planned) {
      passes_.push_back({record, std::nullopt});
      passes_.back().record.time = record::utc_now();
    }
  }

  void run(const programs::ProgramSpec& kernel, const programs::ProgramSpec& whole);
  Result<void> report() {
    for (const TimedPass& subject : passes_) ANEBENCH_TRY(reporter_.record(subject.record));
    return {};
  }

 private:
  enum Index : std::size_t {
    sequential,
    run_only,
    copies_only,
    queue,
    shared_surfaces,
    one_program
  };

  Result<void> open(const programs::ProgramSpec& kernel, const programs::ProgramSpec& whole);
  void leave_out_host_work();
  Result<void> check_all(const programs::ProgramSpec& kernel);
  void compare(Index baseline, Index subject);
  void measure_alone(Index index);
  void add_series(TimedPass& subject, const measure::Series& series);
  void add_overhead(TimedPass& subject, const measure::PairResult& result);
  void add_call_errors(TimedPass& subject);
  void fail_all(const Error& error);

  const Context& context_;
  runner::Reporter& reporter_;
  std::unique_ptr<Kernels> kernels_;
  std::vector<TimedPass> passes_;
};

void PassRunner::fail_all(const Error& error) {
  const std::string stage = error.contexts().empty() ? "load" : error.contexts().front();
  for (TimedPass& subject : passes_) subject.record.outcome = outcome_of(error, stage);
}

Result<void> PassRunner::open(const programs::ProgramSpec& kernel,
                              const programs::ProgramSpec& whole) {
  device::Device& device = *context_.device;
  const device::CompileOptions options = context_.compile_options();
  ANEBENCH_ASSIGN(benchmark, programs::build(kernel), "write");
  const auto count = static_cast<std::size_t>(whole.integer("depth"));
  ANEBENCH_ASSIGN(kernels, Kernels::open(device, benchmark, count, options));
  kernels_ = std::move(kernels);
  for (const std::string& refusal : kernels_->refusals()) reporter_.note(refusal);

  passes_[sequential].pass = kernels_->sequential();
  passes_[run_only].pass = kernels_->run_only();
  passes_[copies_only].pass = kernels_->copies_only();
  passes_[queue].pass = kernels_->queued();
  passes_[shared_surfaces].pass = kernels_->shared_surfaces();

  // As many layers as there are kernels, so that both do the same work.
  programs::ProgramSpec layers = whole;
  layers.set("depth", static_cast<std::int64_t>(kernels_->size()));
  ANEBENCH_ASSIGN(whole_benchmark, programs::build(layers), "write");
  record::Record& record = passes_[one_program].record;
  record.program = describe_program(whole_benchmark);
  if (const auto added = kernels_->add_whole(device, whole_benchmark, options); !added) {
    const auto& contexts = added.error().contexts();
    record.outcome = outcome_of(added.error(), contexts.empty() ? "load" : contexts.front());
    return {};
  }
  passes_[one_program].pass = kernels_->one_program();
  return {};
}

// Copies and queues are the host's work, of which a predicting device knows nothing.
void PassRunner::leave_out_host_work() {
  if (context_.device->info().has_outputs) return;
  for (const Index index : {sequential, copies_only, queue}) {
    passes_[index].record.outcome =
        outcome_of(Error(ErrorCode::unsupported,
                         "the device predicts evaluations; copies and queues are the host's work"),
                   "evaluate");
  }
}

// After a pass of identities, the input must have come out.
Result<void> PassRunner::check_all(const programs::ProgramSpec& kernel) {
  if (!context_.device->info().has_outputs) {
    for (TimedPass& subject : passes_) {
      if (subject.is_ready()) subject.record.check = check_without_outputs();
    }
    return {};
  }
  ANEBENCH_ASSIGN(expected, identity_output(*context_.reference, kernel), "check");
  for (TimedPass& subject : passes_) {
    if (!subject.is_ready()) continue;
    subject.pass->prepare();
    ANEBENCH_TRY(subject.pass->run(), "evaluate");
    std::optional<record::Check> all;
    for (const device::SurfacePointer& output : subject.pass->outputs) {
      const record::Check one = judge_identity(kernels_->type(), expected, output->bytes(), 0.0);
      all = all ? combine_checks(*all, one) : one;
    }
    subject.record.check = all;
    if (all && all->result == "failed" && subject.pass->errors->failed == 0) {
      subject.record.outcome.state = record::State::wrong;
      subject.record.outcome.stage = "check";
      subject.record.outcome.message = all->reason;
    }
  }
  return {};
}

void PassRunner::add_series(TimedPass& subject, const measure::Series& series) {
  record::Record& record = subject.record;
  const bool is_copies = subject.pass->variant == "copies_only";
  for (record::Metric& metric : record::time_metrics(series)) {
    metric.description +=
        is_copies ? "; here a pass of all copies" : "; here a pass of all kernels";
    record.metrics.push_back(std::move(metric));
  }
  record::add_validity(record.outcome, series.validity);
  const double count = static_cast<double>(is_copies ? subject.pass->calls : kernels_->size());
  const stats::Estimate each = scaled(series.time_ns, 1 / count);
  if (is_copies) {
    record.metrics.push_back(
        record::metric_of("time.copy", each, record::kMsPerNs, "ms", "time of one copy"));
    record.metrics.push_back({"size.copy",
                              static_cast<double>(kernels_->copy_bytes()),
                              "bytes",
                              {},
                              {},
                              "bytes of one copy"});
    return;
  }
  record.metrics.push_back(record::metric_of("time.kernel", each, record::kMsPerNs, "ms",
                                             "time of a pass / number of kernels"));
  const stats::Estimate rate = {
      .value = 1e9 / each.value, .low = 1e9 / each.high, .high = 1e9 / each.low};
  record.metrics.push_back(record::metric_of("rate.kernels", rate, 1.0, "1/s", "kernels a second"));
  record.metrics.push_back({"count.kernels", count, "1", {}, {}, "kernels in a pass"});
}

// (sequential − run only) / (kernels − 1), from the blocks.
void PassRunner::add_overhead(TimedPass& subject, const measure::PairResult& result) {
  const double copies = static_cast<double>(kernels_->size() - 1);
  const auto base = result.a.steady();
  const auto with = result.b.steady();
  stats::Estimate overhead = {.value = (result.b.time_ns.value - result.a.time_ns.value) / copies};
  if (!result.log_ratios.empty()) {
    std::vector<double> differences;
    for (std::size_t i = 0; i < result.log_ratios.size(); ++i) {
      differences.push_back((with[2 * i] + with[2 * i + 1] - base[2 * i] - base[2 * i + 1]) / 2 /
                            copies);
    }
    overhead = stats::median_estimate(differences);
  }
  subject.record.metrics.push_back(record::metric_of(
      "time.overhead", overhead, record::kMsPerNs, "ms",
      "(time of this - time of run_only) / (kernels - 1): what a hand-over costs"));
}

void PassRunner::add_call_errors(TimedPass& subject) {
  if (!subject.pass) return;
  const CallErrors& errors = *subject.pass->errors;
  record::Record& record = subject.record;
  record.metrics.push_back({"count.errors",
                            static_cast<double>(errors.failed),
                            "1",
                            {},
                            {},
                            fmt::format("failed calls of {}", errors.calls)});
  if (errors.failed == 0 || record.outcome.state != record::State::ok) return;
  record.outcome.state = record::State::failed;
  record.outcome.stage = "evaluate";
  record.outcome.message =
      fmt::format("{} of {} calls failed: {}", errors.failed, errors.calls, errors.first);
}

void PassRunner::compare(Index baseline, Index index) {
  TimedPass& a = passes_[baseline];
  TimedPass& b = passes_[index];
  if (!a.is_ready() || !b.is_ready() || reporter_.is_cancelled()) return;
  a.pass->prepare();
  b.pass->prepare();
  const Settings& settings = context_.settings;
  const measure::PairResult result =
      measure::measure_pair(a.pass->run, b.pass->run, settings.plan, settings.seed,
                            context_.device->clock(), measure_hooks(context_, reporter_));
  if (result.error) {
    b.record.outcome = outcome_of(*result.error, "evaluate");
    return;
  }
  record::Record& record = b.record;
  add_series(b, result.b);
  const bool is_classic = settings.plan.protocol == measure::Protocol::classic;
  record.metrics.push_back(record::metric_of(
      "ratio." + a.pass->variant, result.ratio, 1.0, "1",
      fmt::format("time of {} / time of this{}", a.pass->variant,
                  is_classic ? ": ratio of means, not interleaved" : ", interleaved in blocks")));
  if (index == sequential) add_overhead(b, result);
  record.pair = record::pair_of(a.record.id, result);
  record.samples = record::Samples{"ms",
                                   {record::samples_of(a.pass->variant, result.a),
                                    record::samples_of(b.pass->variant, result.b)}};
  record.host = record::host_of(result.conditions);
  record::add_validity(record.outcome, result.validity);
}

void PassRunner::measure_alone(Index index) {
  TimedPass& subject = passes_[index];
  if (!subject.is_ready() || reporter_.is_cancelled()) return;
  subject.pass->prepare();
  measure::Plan plan = context_.settings.plan;
  if (index == copies_only) plan.classic_iterations = kClassicCopies;
  const measure::SeriesResult result = measure::measure_series(
      subject.pass->run, plan, context_.device->clock(), measure_hooks(context_, reporter_));
  if (result.error) {
    subject.record.outcome = outcome_of(*result.error, "evaluate");
    return;
  }
  add_series(subject, result);
  subject.record.samples =
      record::Samples{"ms", {record::samples_of(subject.pass->variant, result)}};
  subject.record.host = record::host_of(result.conditions);
}

void PassRunner::run(const programs::ProgramSpec& kernel, const programs::ProgramSpec& whole) {
  reporter_.step("compiling");
  if (const auto opened = open(kernel, whole); !opened) return fail_all(opened.error());
  leave_out_host_work();
  reporter_.step("checking");
  if (const auto checked = check_all(kernel); !checked) return fail_all(checked.error());
  if (context_.settings.initialisation == "classic") kernels_->use_zero_input();
  reporter_.step("measuring");
  measure_alone(run_only);
  compare(run_only, sequential);
  measure_alone(copies_only);
  compare(run_only, queue);
  compare(run_only, shared_surfaces);
  compare(shared_surfaces, one_program);
  for (TimedPass& subject : passes_) add_call_errors(subject);
}

}  // namespace

programs::ProgramSpec ceiling_spec(std::int64_t channels, std::int64_t width, std::int64_t depth) {
  programs::ProgramSpec spec("identity_conv", {});
  spec.set("channels", channels);
  spec.set("width", width);
  spec.set("depth", depth);
  spec.set("gain", std::int64_t{1});
  spec.set("io", std::string("fp16"));
  spec.set("format", std::string("1.0"));
  return spec;
}

Result<void> run_passes(const Context& context, const programs::ProgramSpec& kernel,
                        const programs::ProgramSpec& whole,
                        const std::vector<record::Record>& planned, runner::Reporter& reporter) {
  PassRunner passes(context, planned, reporter);
  passes.run(kernel, whole);
  if (reporter.is_cancelled()) return {};
  return passes.report();
}

}  // namespace anebench::experiments
