// Does a device execute a variant natively? The verdict, from the whole ladder of shapes, never
// from one ratio.
//
//   Finding finding = judge({.shapes = shapes, .floor_ns = floor});
//   print("{}: {}", describe(finding), finding.evidence.front());
//
// Pure functions of their arguments; the rules are tried in the order of VerdictKind's comments.
// Source: the measurement specification, §3. What it leaves open is decided thus:
//   * A variant counts as refused where no shape of it ran. Where the device refused only some, the
//     others are judged and the evidence names the refused ones. One wrong shape is enough.
//   * A shape is judged where it was compared with fp16 and is not dispatch-bound or mixed. Figures
//     that are mistrusted make a verdict inconclusive where the shape is compute-bound, and are
//     left out elsewhere.
//   * Compressed weights are asked of the weight-bound shape with the fewest positions of each
//   number
//     of channels. Rungs lie a factor of four apart, so one that still counts as weight-bound may
//     owe up to a third of its time to activations; at the fewest positions weights weigh most.
//   * A device that is not native, gains somewhere, but fits none of the sub-kinds, is "not native"
//     with the reason gain_undetermined.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "anebench/experiments/ladder.h"
#include "anebench/record/record.h"
#include "anebench/stats/estimate.h"
#include "anebench/stats/verdict_rules.h"

namespace anebench::experiments {

struct LadderShape {
  LadderTime fp16;
  bool fp16_is_trusted = true;
  // time(fp16) / time(variant) with its interval at the simultaneous level; nothing where the two
  // were not compared.
  std::optional<stats::Estimate> ratio;
  bool ratio_is_trusted = true;
};

// A shape that the device refused or computed wrongly.
struct LadderFailure {
  LadderRung rung;
  std::string stage;
  std::string message;
};

struct VerdictInput {
  std::vector<LadderShape> shapes;
  double floor_ns = 0;  // of one call
  std::vector<LadderFailure> refused;
  std::vector<LadderFailure> wrong;
  // What the variant is compared with, for the sentences: "fp16", or "w8" where w8a8 is judged
  // against it. Regimes are always those of fp16.
  std::string baseline = "fp16";
};

enum class VerdictKind : std::uint8_t {
  unsupported,     // 1: the device refused it
  wrong_result,    // 2: outside tolerance
  inconclusive,    // 3: too few compute-bound shapes or mistrusted ones; 7: none of the others
  native_compute,  // 4: faster on all compute-bound shapes by more than traffic explains
  slower,          // 5: slower on all of them
  not_native,      // 6: no faster on any of them by more than traffic explains
};
// As written in records.
std::string_view to_string(VerdictKind kind);

// Reason codes.
namespace reason {
inline constexpr std::string_view kRefused = "refused";
inline constexpr std::string_view kOutsideTolerance = "outside_tolerance";
inline constexpr std::string_view kTooFewComputeBound = "too_few_compute_bound_shapes";
inline constexpr std::string_view kMistrusted = "mistrusted_compute_bound_shapes";
inline constexpr std::string_view kFasterOnAll = "faster_on_all_compute_bound_shapes";
inline constexpr std::string_view kSlowerOnAll = "slower_on_all_compute_bound_shapes";
inline constexpr std::string_view kShapesDisagree = "compute_bound_shapes_disagree";
inline constexpr std::string_view kWideIntervals = "intervals_too_wide";
// Of not_native.
inline constexpr std::string_view kCompressedWeights = "compressed_weights";
inline constexpr std::string_view kCompressedActivations = "compressed_activations";
inline constexpr std::string_view kCompressedBoth = "compressed_weights_and_activations";
inline constexpr std::string_view kPartialGain = "partial_gain";
inline constexpr std::string_view kDequantized = "dequantized";
inline constexpr std::string_view kDequantizedUntested = "dequantized_storage_effect_not_tested";
inline constexpr std::string_view kGainUndetermined = "gain_undetermined";
}  // namespace reason

struct JudgedShape {
  LadderShape shape;
  Regime regime = Regime::mixed;
  // Weight-bound, and of the fewest positions among the weight-bound shapes of its channels.
  bool tests_weights = false;

  bool is_trusted() const { return shape.fp16_is_trusted && shape.ratio_is_trusted; }
};

struct Finding {
  VerdictKind kind = VerdictKind::inconclusive;
  std::string reason;
  // Sub-kinds of not_native; several may hold.
  bool compressed_weights = false;
  bool compressed_activations = false;
  bool partial_gain = false;
  bool dequantized = false;
  // No weight-bound shape was judged, so compressed weights could not have shown.
  bool storage_not_tested = false;

  std::vector<JudgedShape> shapes;
  // Sentences with figures; the first says why.
  std::vector<std::string> evidence;
};

Finding judge(const VerdictInput& input, const stats::VerdictRules& rules = {});

// "native compute", "not native: compressed weights", …
std::string describe(const Finding& finding);

record::Verdict to_record(const Finding& finding);

}  // namespace anebench::experiments
