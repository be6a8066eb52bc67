#include "anebench/experiments/selfcheck.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "anebench/base/rng.h"
#include "anebench/experiments/case_record.h"
#include "anebench/experiments/subject.h"
#include "anebench/record/from_measure.h"
#include "anebench/stats/proportion.h"

namespace anebench::experiments {
namespace {

using stats::NoiseKind;

// Comparisons of a program with itself, counted.
struct Tally {
  std::size_t counted = 0;
  std::size_t alarms = 0;
  std::size_t covered = 0;
  std::size_t mistrusted = 0;

  void add(const measure::PairResult& pair) {
    const stats::Outcome outcome = pair.judgement.outcome;
    if (outcome == stats::Outcome::mistrusted) {
      ++mistrusted;
      return;
    }
    ++counted;
    if (outcome == stats::Outcome::faster || outcome == stats::Outcome::slower) ++alarms;
    if (pair.ratio.contains(1)) ++covered;
  }
};

std::string share_text(std::string_view what, std::size_t count, std::size_t runs) {
  const stats::Estimate share = stats::proportion(count, runs);
  return fmt::format("{}: {} of {}, {:.1f} % [{:.1f}, {:.1f}]", what, count, runs,
                     100 * share.value, 100 * share.low, 100 * share.high);
}

void add_tally(const Tally& tally, record::Record& record) {
  const stats::Estimate alarms = stats::proportion(tally.alarms, tally.counted);
  const stats::Estimate coverage = stats::proportion(tally.covered, tally.counted);
  record.metrics.push_back({"selfcheck.comparisons",
                            static_cast<double>(tally.counted),
                            "1",
                            {},
                            {},
                            "comparisons of the program with itself that count"});
  record.metrics.push_back({"selfcheck.mistrusted",
                            static_cast<double>(tally.mistrusted),
                            "1",
                            {},
                            {},
                            "comparisons that were disturbed and do not count"});
  record.metrics.push_back(
      record::metric_of("selfcheck.false_alarms", alarms, 1, "1",
                        "share of comparisons that found a difference where there is none"));
  record.metrics.push_back(record::metric_of("selfcheck.coverage", coverage, 1, "1",
                                             "share of intervals that hold the true ratio, 1"));

  record::Verdict verdict{"passed", "within_bounds", {}};
  if (tally.counted == 0) {
    verdict = {"inconclusive", "nothing_counted", {}};
  } else if (alarms.low > measure::kMostFalseAlarms) {
    verdict = {"failed", "too_many_false_alarms", {}};
  } else if (coverage.high < measure::kLeastCoverage) {
    verdict = {"failed", "coverage_too_low", {}};
  }
  verdict.evidence = {
      share_text("False alarms", tally.alarms, tally.counted) +
          fmt::format(", at most {:.0f} % are allowed.", 100 * measure::kMostFalseAlarms),
      share_text("Intervals that hold the true ratio", tally.covered, tally.counted) +
          fmt::format(", at least {:.0f} % are demanded.", 100 * measure::kLeastCoverage)};
  if (verdict.kind == "failed") {
    record.outcome.state = record::State::wrong;
    record.outcome.stage = "check";
    record.outcome.message = fmt::format("{} {}", verdict.evidence[0], verdict.evidence[1]);
  }
  record.verdict = std::move(verdict);
}

Result<void> run_case(const Context& context, const SelfcheckOptions& options,
                      const programs::ProgramSpec& spec, const record::Record& planned,
                      runner::Reporter& reporter) {
  Subject subject(planned);
  build(context, subject, spec);
  load(context, subject);
  ChainChecker checker(*context.device, *context.reference, context.compile_options());
  check(context, checker, subject);
  if (!subject.is_ready()) return reporter.record(subject.record);
  const measure::Work work = [&] { return subject.loaded->evaluate(); };
  Tally tally;
  for (std::size_t i = 0; i < options.comparisons; ++i) {
    reporter.step(fmt::format("comparison {} of {}", i + 1, options.comparisons));
    const auto pair = measure::measure_pair(
        work, work, context.settings.plan, Rng(context.settings.seed).fork(i).next(),
        context.device->clock(), measure_hooks(context, reporter));
    if (reporter.is_cancelled()) return fail(ErrorCode::timeout, "stopped by the user");
    if (pair.error) {
      subject.record.outcome = outcome_of(*pair.error, "evaluate");
      return reporter.record(subject.record);
    }
    if (i == 0) {
      add_series(subject.record, pair.a);
      subject.record.host = record::host_of(pair.conditions);
    }
    tally.add(pair);
  }
  add_tally(tally, subject.record);
  return reporter.record(subject.record);
}

}  // namespace

programs::ProgramSpec selfcheck_program(const Settings& settings) {
  programs::ProgramSpec spec("conv_chain", {});
  spec.set("channels", std::int64_t{64});
  spec.set("height", std::int64_t{8});
  spec.set("width", std::int64_t{8});
  spec.set("depth", std::int64_t{4});
  spec.set("precision", std::string("fp16"));
  spec.set("init", settings.initialisation);
  spec.set("seed", static_cast<std::int64_t>(settings.seed));
  return spec;
}

Result<std::vector<runner::Case>> selfcheck_cases(const SelfcheckOptions& options,
                                                  std::shared_ptr<device::Device> device,
                                                  const Settings& settings) {
  if (settings.plan.protocol == measure::Protocol::classic) {
    return fail(ErrorCode::invalid_argument,
                "the classic protocol has no intervals, so there is nothing to check; leave "
                "--protocol classic out");
  }
  const std::string comparisons = std::to_string(options.comparisons);
  ANEBENCH_ASSIGN(context, make_context({.experiment = "selfcheck",
                                         .arguments = {"selfcheck", "--runs", comparisons}},
                                        std::move(device), settings));
  const programs::ProgramSpec spec = selfcheck_program(settings);
  ANEBENCH_ASSIGN(planned, plan_record(*context, spec, "fp16", {}, {{"comparisons", comparisons}}));
  runner::Case one;
  one.name = fmt::format("selfcheck on {}", context->device_record.name);
  one.arguments = case_arguments(*context, {});
  one.planned = {planned};
  one.run = [context, options, spec, planned](runner::Reporter& reporter) {
    return run_case(*context, options, spec, planned, reporter);
  };
  return std::vector<runner::Case>{std::move(one)};
}

bool is_independent(NoiseKind noise) {
  switch (noise) {
    case NoiseKind::none:
    case NoiseKind::normal:
    case NoiseKind::lognormal:
    case NoiseKind::bimodal: return true;
    case NoiseKind::drift:
    case NoiseKind::bursts:
    case NoiseKind::ar80:
    case NoiseKind::ar95: break;
  }
  return false;
}

Result<std::vector<StatisticsCell>> statistics_check(std::size_t runs, std::uint64_t seed,
                                                     ThreadPool& pool,
                                                     const std::atomic<bool>* cancelled) {
  // Enough samples to tell dependence from independence, and a trend from none.
  constexpr std::size_t kSeriesSamples = 200;
  constexpr std::size_t kParts = 3;
  const auto& noises = stats::kAllNoises;
  std::vector<StatisticsCell> cells(noises.size());
  const auto is_cancelled = [&] { return cancelled != nullptr && cancelled->load(); };
  pool.parallel_for(noises.size() * kParts, [&](std::size_t task, int) {
    if (is_cancelled()) return;
    StatisticsCell& cell = cells[task / kParts];
    const NoiseKind noise = noises[task / kParts];
    // The parts of a cell write different members.
    switch (task % kParts) {
      case 0:
        cell.noise = noise;
        cell.runs = runs;
        cell.equal = measure::pair_rates({.noise = noise, .runs = runs, .seed = seed});
        break;
      case 1:
        cell.effect = measure::pair_rates(
            {.noise = noise, .ratio = measure::kDemandedEffect, .runs = runs, .seed = seed});
        break;
      default:
        cell.series = measure::series_rates(
            {.noise = noise, .samples = kSeriesSamples, .runs = runs, .seed = seed});
        break;
    }
  });
  if (is_cancelled()) return fail(ErrorCode::timeout, "stopped by the user");
  return cells;
}

std::string failure_of(const StatisticsCell& cell) {
  std::string failures;
  const auto count = [&](double share) {
    return static_cast<std::size_t>(std::llround(share * static_cast<double>(cell.runs)));
  };
  const auto demand = [&](std::string_view what, double share, double least) {
    if (stats::proportion(count(share), cell.runs).high >= least) return;
    failures += fmt::format("{}{}, {} is {:.1f} %, below {:.0f} %", failures.empty() ? "" : "; ",
                            stats::to_string(cell.noise), what, 100 * share, 100 * least);
  };
  demand("the ratio's coverage", cell.equal.covered, measure::kLeastCoverage);
  demand("the share without a false alarm", 1 - cell.equal.different,
         1 - measure::kMostFalseAlarms);
  demand("the coverage of an effect", cell.effect.covered, measure::kLeastCoverage);
  demand("the power", cell.effect.different, measure::kLeastPower);
  if (is_independent(cell.noise)) {
    demand("a series' coverage", cell.series.covered, measure::kLeastCoverage);
  } else {
    demand("the share marked autocorrelated", cell.series.autocorrelated, kLeastRightShare);
  }
  return failures;
}

}  // namespace anebench::experiments
