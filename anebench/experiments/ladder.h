// The ladder of shapes on which the verdict stands: channels × positions, each a chain of 1x1
// convolutions as deep as its time demands, and what bounds each shape's time in fp16.
//
//   for (const LadderRung& rung : ladder_rungs(LadderSize::full)) {
//     const std::int64_t depth = ladder_depth(rung, ns_per_layer, floor_ns);
//     …
//   }
//   std::vector<Regime> regimes = classify(times, floor_ns, {});
//
// Times are nanoseconds. Pure functions. Source: the measurement specification, §3. What it leaves
// open is decided thus:
//   * Neighbouring shapes differ in depth, so times are compared by the layer, after the call floor
//     is taken off: (t − floor) / depth; rates are operations of a layer by that time.
//   * The lower neighbour of P positions is the next lower rung P' that was measured; growth is
//     scaled to a halving by ratio^(log 2 / log(P/P')).
//   * The lowest rung has no lower neighbour. It takes the growth of its upper one, but only to be
//     called weight-bound: where time hardly grows above it, weights decide below, too. That time
//     grows fully above it says little about the rung itself, which is then mixed.
//   * Whether the rate is steady is asked of exactly 2C; where 2C was not measured, of C/2. A shape
//     with neither is mixed: compute-bound and activation-bound cannot be told apart.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "anebench/programs/program_spec.h"
#include "anebench/stats/verdict_rules.h"

namespace anebench::experiments {

struct LadderRung {
  std::int64_t channels = 0;
  std::int64_t positions = 0;
  friend bool operator==(const LadderRung&, const LadderRung&) = default;
};
// "512 channels × 64 positions".
std::string to_string(const LadderRung& rung);

enum class LadderSize : std::uint8_t {
  full,      // channels 256…2048 × positions 1…4096: 24 shapes
  shortened  // for --quick: channels 256…1024 × positions 16…1024: 12 shapes
};
// Channels ascending, positions ascending within them.
std::vector<LadderRung> ladder_rungs(LadderSize size);

// The chain of a rung: conv_chain with positions as square as a power of two allows. A W8A8 chain
// quantizes its input, so that all its convolutions are int8.
programs::ProgramSpec ladder_spec(const LadderRung& rung, std::int64_t depth,
                                  std::string_view precision);

// fp16 weights of a chain of the ladder at most.
inline constexpr std::int64_t kMaxLadderWeightBytes = std::int64_t{512} << 20;
// fp16 time of a chain in call floors, at least: the floor then takes at most a tenth of it.
inline constexpr double kLadderFloors = 10;

// The smallest power of two of layers whose fp16 time, floor_ns + depth · ns_per_layer, is at least
// kLadderFloors call floors; less where kMaxLadderWeightBytes does not allow it. At least 1.
std::int64_t ladder_depth(const LadderRung& rung, double ns_per_layer, double floor_ns);

// An fp16 chain and the time of its evaluation, call floor included.
struct LadderTime {
  LadderRung rung;
  std::int64_t depth = 1;
  double time_ns = 0;

  // Of the whole chain; a multiply-add counts as two.
  double operations() const;
  // Operations a second.
  double rate() const { return operations() / (time_ns * 1e-9); }
};

enum class Regime : std::uint8_t { dispatch, weight_bound, compute_bound, activation_bound, mixed };
// "dispatch-bound", "weight-bound", "compute-bound", "activation-bound", "mixed".
std::string_view to_string(Regime regime);

// The regime of each shape, in their order, which may be any.
std::vector<Regime> classify(std::span<const LadderTime> shapes, double floor_ns,
                             const stats::VerdictRules& rules = {});

}  // namespace anebench::experiments
