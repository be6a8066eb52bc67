#include "anebench/measure/monte_carlo.h"

#include <algorithm>
#include <cmath>

#include "anebench/base/clock.h"
#include "anebench/base/rng.h"
#include "anebench/measure/measure.h"

namespace anebench::measure {
namespace {

constexpr double kEvaluationNs = 1e6;

Plan plan_at(double precision) {
  Plan plan;
  plan.precision = precision;
  plan.min_seconds = 0;
  return plan;
}

// A machine that does nothing but wait, with noise.
class Machine {
 public:
  Machine(stats::NoiseKind noise, std::uint64_t seed) : noise_(noise, Rng(seed).fork(1)) {}

  Work work(double cost_ns) {
    return [this, cost_ns]() -> Result<void> {
      clock_.advance(std::llround(cost_ns * noise_.next()));
      return {};
    };
  }
  const Clock& clock() const { return clock_; }

 private:
  VirtualClock clock_;
  stats::NoiseSource noise_;
};

bool has(const std::vector<Validity>& codes, Validity code) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

// Sums to means.
template <typename... Sums>
void divide(std::size_t runs, Sums&... sums) {
  const auto count = static_cast<double>(std::max<std::size_t>(runs, 1));
  ((sums /= count), ...);
}

}  // namespace

PairRates pair_rates(const PairTrial& trial) {
  const Plan plan = plan_at(trial.precision);
  PairRates rates;
  for (std::size_t run = 0; run < trial.runs; ++run) {
    const std::uint64_t seed = trial.seed + run;
    Machine machine(trial.noise, seed);
    const PairResult result =
        measure_pair(machine.work(trial.ratio * kEvaluationNs), machine.work(kEvaluationNs), plan,
                     seed, machine.clock());
    const stats::Outcome outcome = result.judgement.outcome;
    const bool differs = outcome == stats::Outcome::faster || outcome == stats::Outcome::slower;
    rates.covered += result.ratio.contains(trial.ratio) ? 1 : 0;
    rates.same += outcome == stats::Outcome::same ? 1 : 0;
    rates.different += differs ? 1 : 0;
    rates.converged += result.validity.empty() ? 1 : 0;
    rates.mean_blocks += static_cast<double>(result.orders.size());
  }
  divide(trial.runs, rates.covered, rates.same, rates.different, rates.converged,
         rates.mean_blocks);
  return rates;
}

SeriesRates series_rates(const SeriesTrial& trial) {
  Plan plan = plan_at(stats::kDefaultPrecision);
  plan.samples = trial.samples;
  const double truth = kEvaluationNs * stats::NoiseSource::median(trial.noise);
  SeriesRates rates;
  for (std::size_t run = 0; run < trial.runs; ++run) {
    Machine machine(trial.noise, trial.seed + run);
    const SeriesResult result = measure_series(machine.work(kEvaluationNs), plan, machine.clock());
    rates.covered += result.time_ns.contains(truth) ? 1 : 0;
    rates.autocorrelated += has(result.validity, Validity::autocorrelated) ? 1 : 0;
    rates.drifting += has(result.validity, Validity::drifting) ? 1 : 0;
  }
  divide(trial.runs, rates.covered, rates.autocorrelated, rates.drifting);
  return rates;
}

}  // namespace anebench::measure
