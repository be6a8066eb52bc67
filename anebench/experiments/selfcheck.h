// `selfcheck`: can this program's own judgements be trusted? Three questions:
//   * here: a program compared with itself, many times. How often is a difference found that is
//     not there, and how often does the interval hold the true ratio, 1, on this very machine?
//   * the statistics: the same and more under made-up noise (measure/monte_carlo.h);
//   * the verdict: the confusion matrix on simulated devices (confusion.h).
//
//   ANEBENCH_ASSIGN(cases, selfcheck_cases({.comparisons = 100}, device, settings));
//
// The last two are deterministic: same seed, same answer, whatever the number of threads.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "anebench/base/thread_pool.h"
#include "anebench/experiments/confusion.h"
#include "anebench/experiments/settings.h"
#include "anebench/measure/monte_carlo.h"
#include "anebench/programs/program_spec.h"
#include "anebench/runner/case.h"

namespace anebench::experiments {

// Comparisons by default: enough to see a false-alarm rate of 15 % where 5 % are allowed.
inline constexpr std::size_t kSelfComparisons = 100;

struct SelfcheckOptions {
  std::size_t comparisons = kSelfComparisons;
};

// A small chain in fp16: evaluations so short that a whole check takes half a minute.
programs::ProgramSpec selfcheck_program(const Settings& settings);

// One case, one record: selfcheck.comparisons, selfcheck.false_alarms and selfcheck.coverage
// (shares with 95 % intervals), selfcheck.mistrusted (comparisons that were disturbed and do not
// count). It fails where the rates provably miss measure/monte_carlo.h's bars.
Result<std::vector<runner::Case>> selfcheck_cases(const SelfcheckOptions& options,
                                                  std::shared_ptr<device::Device> device,
                                                  const Settings& settings);

struct StatisticsCell {
  stats::NoiseKind noise = stats::NoiseKind::none;
  std::size_t runs = 0;
  measure::PairRates equal = {};
  measure::PairRates effect = {};  // of kDemandedEffect
  measure::SeriesRates series = {};
};

// Every kind of noise. Errors: timeout where `cancelled` was set.
Result<std::vector<StatisticsCell>> statistics_check(std::size_t runs, std::uint64_t seed,
                                                     ThreadPool& pool,
                                                     const std::atomic<bool>* cancelled = nullptr);

// True where a single series has the interval's level: the others must carry validity codes.
bool is_independent(stats::NoiseKind noise);
// Why a cell misses its bars, allowing for the runs' number; empty where it does not.
std::string failure_of(const StatisticsCell& cell);

}  // namespace anebench::experiments
