#include "anebench/measure/measure.h"

#include <algorithm>
#include <array>

#include "anebench/measure/sampler.h"
#include "anebench/measure/session.h"
#include "anebench/measure/stop_rule.h"
#include "anebench/stats/looks.h"
#include "anebench/stats/quantile.h"
#include "anebench/stats/rank_interval.h"

namespace anebench::measure {
namespace {

void describe(Series& series, double level) {
  const std::span<const double> steady = series.steady();
  if (series.is_mean) {
    series.time_ns = {.value = stats::mean(steady)};
  } else {
    series.time_ns = stats::median_estimate(steady, level);
  }
  series.trend = stats::theil_sen(steady);
  series.autocorrelation = stats::lag1_autocorrelation(steady);
  series.outliers = stats::count_outliers(steady);
  series.p90_ns = stats::tail_quantile(steady, stats::Tail::p90);
  series.p99_ns = stats::tail_quantile(steady, stats::Tail::p99);
  if (series.autocorrelation > stats::kMaxAutocorrelation) {
    add(series.validity, Validity::autocorrelated);
  }
  if (series.trend.excludes_zero()) add(series.validity, Validity::drifting);
}

// Codes of a figure whose interval was to be narrow.
void note_width(const stats::Estimate& estimate, const Plan& plan, std::size_t samples,
                std::vector<Validity>& validity) {
  if (!estimate.is_bounded()) add(validity, Validity::too_few_samples);
  const bool as_many_as_asked = plan.samples && samples >= *plan.samples;
  if (!as_many_as_asked && !stats::is_narrow(estimate, plan.precision)) {
    add(validity, Validity::unconverged);
  }
}

// Exactly the classic counts, one evaluation a sample.
Result<void> run_classic(Sampler& sampler, const Plan& plan, Session& session) {
  Series& series = sampler.series();
  series.is_mean = true;
  const auto take = [&](std::size_t count, bool is_warmup) -> Result<void> {
    for (std::size_t i = 0; i < count && !session.cancelled(); ++i) {
      ANEBENCH_TRY(sampler.sample());
      session.report_sample(is_warmup);
    }
    return {};
  };
  Result<void> warmed_up = take(plan.classic_warmup, true);
  series.warmup_count = series.samples_ns.size();
  ANEBENCH_TRY(warmed_up);
  return take(plan.classic_iterations, false);
}

Result<void> run_series(Sampler& sampler, const Plan& plan, Session& session,
                        std::size_t& samples) {
  if (plan.protocol == Protocol::classic) return run_classic(sampler, plan, session);
  ANEBENCH_TRY(session.warm_up(std::span(&sampler, 1)));
  StopRule rule(plan, stats::kSeriesMinSamples, 1);
  const auto sample = [&]() -> Result<bool> {
    if (session.cancelled()) return false;
    ANEBENCH_TRY(sampler.sample());
    return true;
  };
  const auto estimate = [&] {
    return stats::median_estimate(sampler.series().steady(), plan.level);
  };
  return session.repeat(rule, samples, sample, estimate);
}

// Four samples in the drawn order; false where it was cancelled before the last.
Result<bool> run_block(std::array<Sampler, 2>& samplers, Session& session, Rng& rng,
                       PairResult& result) {
  const stats::BlockOrder order = stats::draw_block_order(rng);
  std::array<double, 4> times;
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (session.cancelled()) return false;
    Sampler& sampler = samplers[stats::is_a(order, i) ? 0 : 1];
    ANEBENCH_TRY(sampler.sample());
    times[i] = sampler.last_ns();
    if (i + 1 < times.size()) session.report_sample();
  }
  result.orders.push_back(order);
  result.log_ratios.push_back(stats::log_ratio(order, times));
  return true;
}

Result<void> run_pair(std::array<Sampler, 2>& samplers, const Plan& plan, Session& session,
                      PairResult& result) {
  if (plan.protocol == Protocol::classic) {
    ANEBENCH_TRY(run_classic(samplers[0], plan, session));
    return run_classic(samplers[1], plan, session);
  }
  ANEBENCH_TRY(session.warm_up(samplers));
  Rng rng(result.seed);
  StopRule rule(plan, stats::kFirstLookBlocks, 2);
  std::size_t blocks = 0;
  return session.repeat(
      rule, blocks, [&] { return run_block(samplers, session, rng, result); },
      [&] { return stats::ratio_estimate(result.log_ratios, plan.level); });
}

// The blocks that the ratio is of: all of them, or where too many were disturbed, the others. Which
// those are the canary alone has said, never the times compared, so leaving them out favours
// neither side. Too few others, and the pair stays mistrusted.
std::vector<double> judged_blocks(PairResult& result) {
  const std::vector<Validity>& codes = result.validity;
  if (std::find(codes.begin(), codes.end(), Validity::core_contended) == codes.end()) {
    return result.log_ratios;
  }
  const std::vector<std::size_t>& flagged = result.conditions.flagged_blocks;
  std::vector<double> undisturbed;
  for (std::size_t block = 0; block < result.log_ratios.size(); ++block) {
    if (!std::binary_search(flagged.begin(), flagged.end(), block)) {
      undisturbed.push_back(result.log_ratios[block]);
    }
  }
  if (undisturbed.size() < stats::kFirstLookBlocks) return result.log_ratios;
  remove(result.validity, Validity::core_contended);
  add(result.validity, Validity::disturbed_blocks_left_out);
  return undisturbed;
}

}  // namespace

SeriesResult measure_series(const Work& work, const Plan& plan, const Clock& clock,
                            const Hooks& hooks) {
  SeriesResult result;
  if (Result<void> valid = validate(plan); !valid) {
    result.error = valid.error();
    return result;
  }
  Session session(plan, clock, hooks, result.conditions);
  Sampler sampler(work, clock, result);
  std::size_t samples = 0;
  if (Result<void> ran = run_series(sampler, plan, session, samples); !ran) {
    result.error = ran.error();
  }
  result.seconds = session.seconds();
  describe(result, plan.level);
  if (!result.is_mean) note_width(result.time_ns, plan, samples, result.validity);
  session.finish(samples, result.validity);
  return result;
}

PairResult measure_pair(const Work& a, const Work& b, const Plan& plan, std::uint64_t seed,
                        const Clock& clock, const Hooks& hooks) {
  PairResult result;
  result.seed = seed;
  result.level = plan.level;
  if (Result<void> valid = validate(plan); !valid) {
    result.error = valid.error();
    return result;
  }
  Session session(plan, clock, hooks, result.conditions);
  std::array<Sampler, 2> samplers = {Sampler(a, clock, result.a), Sampler(b, clock, result.b)};
  if (Result<void> ran = run_pair(samplers, plan, session, result); !ran) {
    result.error = ran.error();
  }
  result.seconds = session.seconds();
  describe(result.a, stats::kConfidence);
  describe(result.b, stats::kConfidence);

  const bool is_classic = plan.protocol == Protocol::classic;
  session.finish(result.log_ratios.size(), result.validity);
  if (is_classic) {
    result.ratio = {.value = result.a.time_ns.value / result.b.time_ns.value};
  } else {
    const std::vector<double> log_ratios = judged_blocks(result);
    result.ratio = stats::ratio_estimate(log_ratios, plan.level);
    result.p_value = stats::sign_test(log_ratios);
    note_width(result.ratio, plan, 2 * log_ratios.size(), result.validity);
  }
  result.judgement = stats::judge(result.ratio, first_mistrust(result.validity), plan.margin);
  if (is_classic && result.judgement.outcome == stats::Outcome::inconclusive) {
    result.judgement.reason = kClassicProtocol;
  }
  return result;
}

}  // namespace anebench::measure
