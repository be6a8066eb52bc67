#include "anebench/experiments/chain_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "anebench/base/rng.h"
#include "anebench/device/compare.h"
#include "anebench/programs/catalogue.h"
#include "anebench/transform/positions.h"

namespace anebench::experiments {
namespace {

using device::Comparison;
using device::LoadedProgram;
using programs::BenchmarkProgram;

constexpr std::size_t kCheckedPositions = 64;
// The whole output is compared up to this depth.
constexpr std::int64_t kFirstLayers = 4;
// Kernels work on tiles of these many positions (any of the usual vector lengths and their
// multiples), so errors at their borders show here.
constexpr std::size_t kTileSizes[] = {6, 8, 12, 14, 16, 24, 32, 48, 64};

// dB, from the measurement specification.
constexpr double kFullChainRounding = 40;
constexpr double kFullChainFp16 = 30;
constexpr double kFullChainW8A8 = 13;
constexpr double kFirstLayersFp16 = 45;
constexpr double kFirstLayersW8A8 = 30;

bool is_w8a8(const programs::ProgramSpec& spec) { return spec.word("precision") == "w8a8"; }

// Fewer positions, so that the first layers cost no more than `limit` operations; at least one.
void limit_positions(programs::ProgramSpec& spec, double limit) {
  const auto integer = [&](const char* key) { return static_cast<double>(spec.integer(key)); };
  const double channels = integer("channels");
  const double a_position = 2 * channels * channels * integer("depth");
  const double positions = integer("batch") * integer("height") * integer("width");
  if (!(positions * a_position > limit)) return;
  spec.set("batch", std::int64_t{1});
  spec.set("height", std::int64_t{1});
  spec.set("width", std::max<std::int64_t>(1, static_cast<std::int64_t>(limit / a_position)));
}

}  // namespace

ChainChecker::ChainChecker(device::Device& device, device::Device& reference,
                           device::CompileOptions options, double whole_operations)
    : device_(device),
      reference_(reference),
      options_(std::move(options)),
      whole_operations_(whole_operations) {}

std::vector<std::size_t> checked_positions(std::size_t positions, std::size_t count,
                                           std::uint64_t seed) {
  std::set<std::size_t> chosen;
  if (positions <= count) {
    for (std::size_t p = 0; p < positions; ++p) chosen.insert(p);
    return {chosen.begin(), chosen.end()};
  }
  chosen.insert(0);
  chosen.insert(positions - 1);
  for (const std::size_t tile : kTileSizes) {
    // The first border, and the start of the last tile.
    for (const std::size_t p : {tile - 1, tile, (positions - 1) / tile * tile}) {
      if (p < positions) chosen.insert(p);
    }
  }
  Rng rng(seed);
  while (chosen.size() < count) {
    chosen.insert(
        static_cast<std::size_t>(rng.uniform_int(0, static_cast<std::int64_t>(positions) - 1)));
  }
  return {chosen.begin(), chosen.end()};
}

Result<OutputCheck> ChainChecker::check_positions(const BenchmarkProgram& benchmark,
                                                  LoadedProgram& loaded) {
  loaded.poison_outputs();
  ANEBENCH_TRY(loaded.evaluate(), "evaluate");
  const mil::Shape shape = loaded.input(0).type().shape();
  const auto total = static_cast<std::size_t>(shape[0].size() * shape[2].size() * shape[3].size());
  const auto seed = static_cast<std::uint64_t>(benchmark.spec.integer("seed"));
  const auto positions = checked_positions(total, kCheckedPositions, seed);
  const mil::Shape narrow = {1, shape[1], 1, static_cast<std::int64_t>(positions.size())};
  ANEBENCH_ASSIGN(program,
                  transform::with_activation_shape(benchmark.program, "main", shape, narrow));

  const auto gather = [&](const mil::Type& type, std::span<const std::byte> elements) {
    const auto bytes = static_cast<std::size_t>(mil::bit_width(type.data_type())) / 8;
    return transform::gather_positions(elements, bytes, shape, positions);
  };
  const mil::Value& input = benchmark.inputs[0];
  const mil::Type input_type = mil::Type::tensor(input.type().data_type(), narrow);
  const mil::Value few = mil::Value::packed(input_type, gather(input.type(), input.bytes()));
  ANEBENCH_ASSIGN(reference, run_poisoned(reference_, program, benchmark.weights, {few}, options_),
                  "reference");

  const device::Surface& output = loaded.output(0);
  const auto actual = gather(output.type(), output.bytes());
  OutputCheck part;
  part.comparison =
      device::compare(reference.output(0).type(), reference.output(0).bytes(), actual);
  part.what = fmt::format("{} of {} positions through {} layers", positions.size(), total,
                          benchmark.spec.integer("depth"));
  const Comparison& c = part.comparison;
  if (loaded.executable().is_bit_exact()) {
    part.tolerance = "every value equal";
    part.passed = c.bit_identical;
    if (!part.passed) {
      part.reason =
          fmt::format("{} of {} values differ from the reference", c.mismatches, c.compared_values);
    }
    return part;
  }
  double wanted = is_w8a8(benchmark.spec) ? kFullChainW8A8 : kFullChainFp16;
  if (device_.info().rounds_every_op) wanted = kFullChainRounding;
  part.tolerance = fmt::format("at least {} dB", wanted);
  part.passed = c.snr_db >= wanted && c.special_mismatches == 0;
  if (!part.passed) {
    part.reason = fmt::format("{:.1f} dB, and {} infinities or NaNs where the reference has none",
                              c.snr_db, c.special_mismatches);
  }
  return part;
}

Result<OutputCheck> ChainChecker::check_first_layers(const programs::ProgramSpec& full,
                                                     bool needs_bits) {
  programs::ProgramSpec spec = full;
  spec.set("depth", std::min(kFirstLayers, full.integer("depth")));
  limit_positions(spec, whole_operations_);
  const std::string key = fmt::format("{} {}", spec.to_string(), needs_bits);
  if (const auto found = first_layers_.find(key); found != first_layers_.end()) {
    return found->second;
  }
  ANEBENCH_ASSIGN(benchmark, programs::build(spec));
  OutputDemand demand;
  demand.needs_bits = needs_bits;
  demand.snr_db = is_w8a8(spec) ? kFirstLayersW8A8 : kFirstLayersFp16;
  demand.name = fmt::format("the first {} layers", spec.integer("depth"));
  if (spec.word("width") != full.word("width")) {
    demand.name += fmt::format(" at {} positions", spec.integer("width"));
  }
  ANEBENCH_ASSIGN(part, check_outputs(device_, reference_, benchmark, options_, demand));
  return first_layers_.emplace(key, std::move(part)).first->second;
}

Result<record::Check> ChainChecker::check(const BenchmarkProgram& benchmark,
                                          LoadedProgram& loaded) {
  record::Check check;
  check.reference = "reference device (double arithmetic)";
  if (benchmark.spec.word("init") == "classic") {
    loaded.poison_outputs();
    ANEBENCH_TRY(loaded.evaluate(), "evaluate");
    check.result = "vacuous";
    check.reason =
        "the published values overflow and their input is zero, so a comparison proves nothing; "
        "--init scaled checks";
    return check;
  }
  ANEBENCH_ASSIGN(full, check_positions(benchmark, loaded));
  ANEBENCH_ASSIGN(first, check_first_layers(benchmark.spec, loaded.executable().is_bit_exact()));
  const bool passed = full.passed && first.passed;
  check.result = passed ? "passed" : "failed";
  check.reference = fmt::format("{}: {}; {}", check.reference, full.what, first.what);
  check.tolerance = fmt::format("{}; {}", full.tolerance, first.tolerance);
  if (!full.passed) check.reason = fmt::format("{}: {}", full.what, full.reason);
  if (!first.passed) {
    check.reason +=
        fmt::format("{}{}: {}", check.reason.empty() ? "" : "; ", first.what, first.reason);
  }
  const Comparison& a = full.comparison;
  const Comparison& b = first.comparison;
  check.max_absolute_error = a.max_absolute_error;
  check.max_relative_error = a.max_relative_error;
  if (std::isfinite(a.snr_db)) check.snr_db = a.snr_db;
  check.bit_identical = a.bit_identical && b.bit_identical;
  check.distinct_values = a.distinct_values;
  check.compared_values = a.compared_values + b.compared_values;
  return check;
}

}  // namespace anebench::experiments
