// Judges the judge: the verdict on simulated devices whose mechanism is known, under every kind of
// noise, through the very code that measures and judges real devices.
//
//   ConfusionOptions options{.runs = 1000, .seed = 1};
//   ANEBENCH_ASSIGN(cells, confusion_matrix(options, pool, {}));
//   if (!passes(cells)) …
//
// Deterministic: the same options give the same cells whatever the number of threads.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "anebench/base/thread_pool.h"
#include "anebench/device/simulated/simulated_device.h"
#include "anebench/experiments/ladder.h"
#include "anebench/experiments/verdict.h"
#include "anebench/measure/plan.h"
#include "anebench/stats/noise.h"

namespace anebench::experiments {

// At least this share of a cell's runs must get the expected label.
inline constexpr double kLeastRightShare = 0.99;

// The noises of the matrix.
inline constexpr stats::NoiseKind kConfusionNoises[] = {
    stats::NoiseKind::none,  stats::NoiseKind::lognormal, stats::NoiseKind::bimodal,
    stats::NoiseKind::drift, stats::NoiseKind::bursts,    stats::NoiseKind::ar80};

struct ConfusionOptions {
  std::size_t runs = 1000;  // a cell
  std::uint64_t seed = 1;
  LadderSize ladder = LadderSize::full;
  measure::Plan plan = measure::quick_plan();
  stats::VerdictRules rules = {};
  // False: fp16 times are single medians, as if the ladder had no anchor; to show why it has one.
  bool anchored = true;
};

struct ConfusionCell {
  device::Mechanism mechanism = device::Mechanism::none;
  stats::NoiseKind noise = stats::NoiseKind::none;
  std::size_t runs = 0;
  std::size_t right = 0;
  std::size_t inconclusive = 0;
  std::size_t false_native = 0;
  // describe() of every finding, and how often.
  std::map<std::string, std::size_t> labels = {};

  double right_share() const;
};

// The finding that a mechanism deserves, as describe() puts it.
std::string expected_label(device::Mechanism mechanism);

// Called on the calling thread before each cell.
using CellProgress = std::function<void(std::size_t index, std::size_t count, std::string what)>;

// Mechanisms × noises, mechanisms first. Errors: an invalid plan; timeout where `cancelled` was
// set.
Result<std::vector<ConfusionCell>> confusion_matrix(const ConfusionOptions& options,
                                                    ThreadPool& pool, const CellProgress& progress,
                                                    const std::atomic<bool>* cancelled = nullptr);

// Why a cell fails its bar: too few right, or any false "native compute". Empty where it passes.
std::string failure_of(const ConfusionCell& cell);
bool passes(const std::vector<ConfusionCell>& cells);

}  // namespace anebench::experiments
