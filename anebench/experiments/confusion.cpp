#include "anebench/experiments/confusion.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "anebench/base/rng.h"
#include "anebench/experiments/simulated_ladder.h"

namespace anebench::experiments {
namespace {

// Runs that a worker takes at a time.
constexpr std::size_t kChunk = 20;

void count(const Finding& finding, ConfusionCell& cell) {
  const std::string label = describe(finding);
  ++cell.runs;
  ++cell.labels[label];
  if (label == expected_label(cell.mechanism)) ++cell.right;
  if (finding.kind == VerdictKind::inconclusive) ++cell.inconclusive;
  if (finding.kind == VerdictKind::native_compute && cell.mechanism != device::Mechanism::native) {
    ++cell.false_native;
  }
}

void merge(const ConfusionCell& part, ConfusionCell& cell) {
  cell.runs += part.runs;
  cell.right += part.right;
  cell.inconclusive += part.inconclusive;
  cell.false_native += part.false_native;
  for (const auto& [label, times] : part.labels) cell.labels[label] += times;
}

// The ladders of one mechanism, one a worker, compiled when it first has work.
class Bench {
 public:
  Bench(const ConfusionOptions& options, ThreadPool& pool, device::Mechanism mechanism,
        const std::atomic<bool>* cancelled)
      : options_(options),
        pool_(pool),
        mechanism_(mechanism),
        cancelled_(cancelled),
        ladders_(static_cast<std::size_t>(pool.size())) {}

  Result<ConfusionCell> run_cell(stats::NoiseKind noise) {
    const std::size_t chunks = (options_.runs + kChunk - 1) / kChunk;
    std::vector<ConfusionCell> parts(chunks);
    std::vector<std::optional<Error>> errors(chunks);
    pool_.parallel_for(chunks, [&](std::size_t chunk, int worker) {
      parts[chunk].mechanism = mechanism_;
      const auto ran = run_chunk(noise, chunk, static_cast<std::size_t>(worker), parts[chunk]);
      if (!ran) errors[chunk] = ran.error();
    });
    ConfusionCell cell{.mechanism = mechanism_, .noise = noise};
    for (std::size_t i = 0; i < chunks; ++i) {
      if (errors[i]) return fail(*errors[i]);
      merge(parts[i], cell);
    }
    return cell;
  }

 private:
  Result<void> run_chunk(stats::NoiseKind noise, std::size_t chunk, std::size_t worker,
                         ConfusionCell& part) {
    std::unique_ptr<SimulatedLadder>& ladder = ladders_[worker];
    if (ladder == nullptr) {
      ANEBENCH_ASSIGN(opened, SimulatedLadder::open(mechanism_, options_.ladder));
      ladder = std::move(opened);
    }
    const std::size_t last = std::min(options_.runs, (chunk + 1) * kChunk);
    for (std::size_t run = chunk * kChunk; run < last; ++run) {
      if (cancelled_ != nullptr && cancelled_->load(std::memory_order_relaxed)) {
        return fail(ErrorCode::timeout, "stopped by the user");
      }
      ANEBENCH_ASSIGN(finding, ladder->run(options_, noise, Rng(options_.seed).fork(run).next()));
      count(finding, part);
    }
    return {};
  }

  const ConfusionOptions& options_;
  ThreadPool& pool_;
  device::Mechanism mechanism_;
  const std::atomic<bool>* cancelled_;
  std::vector<std::unique_ptr<SimulatedLadder>> ladders_;
};

}  // namespace

double ConfusionCell::right_share() const {
  return runs == 0 ? 0 : static_cast<double>(right) / static_cast<double>(runs);
}

std::string expected_label(device::Mechanism mechanism) {
  switch (mechanism) {
    case device::Mechanism::none: return "not native: dequantized";
    case device::Mechanism::storage: return "not native: compressed weights";
    case device::Mechanism::activations: return "not native: compressed activations";
    case device::Mechanism::native: break;
  }
  return "native compute";
}

Result<std::vector<ConfusionCell>> confusion_matrix(const ConfusionOptions& options,
                                                    ThreadPool& pool, const CellProgress& progress,
                                                    const std::atomic<bool>* cancelled) {
  ANEBENCH_TRY(measure::validate(options.plan));
  const std::size_t total = std::size(device::kAllMechanisms) * std::size(kConfusionNoises);
  std::vector<ConfusionCell> cells;
  for (const device::Mechanism mechanism : device::kAllMechanisms) {
    Bench bench(options, pool, mechanism, cancelled);
    for (const stats::NoiseKind noise : kConfusionNoises) {
      if (progress) {
        progress(cells.size(), total,
                 fmt::format("{}, noise {}", to_string(mechanism), stats::to_string(noise)));
      }
      ANEBENCH_ASSIGN(cell, bench.run_cell(noise));
      cells.push_back(std::move(cell));
    }
  }
  return cells;
}

std::string failure_of(const ConfusionCell& cell) {
  const std::string name =
      fmt::format("{}, noise {}", to_string(cell.mechanism), stats::to_string(cell.noise));
  if (cell.false_native > 0) {
    return fmt::format("{}: {} of {} runs were called native compute", name, cell.false_native,
                       cell.runs);
  }
  if (cell.right_share() >= kLeastRightShare) return "";
  return fmt::format("{}: {} of {} runs got \"{}\", {:.1f} %, below the {:.0f} % demanded", name,
                     cell.right, cell.runs, expected_label(cell.mechanism),
                     100 * cell.right_share(), 100 * kLeastRightShare);
}

bool passes(const std::vector<ConfusionCell>& cells) {
  return !cells.empty() && std::all_of(cells.begin(), cells.end(), [](const ConfusionCell& cell) {
    return failure_of(cell).empty();
  });
}

}  // namespace anebench::experiments
