#include "anebench/experiments/verdict.h"

#include <algorithm>

#include "anebench/experiments/verdict_evidence.h"

namespace anebench::experiments {
namespace {

using stats::Estimate;
using stats::VerdictRules;

// The trusted ratios of the shapes in one regime.
std::vector<Estimate> ratios_in(const Finding& finding, Regime regime) {
  std::vector<Estimate> ratios;
  for (const JudgedShape& judged : finding.shapes) {
    if (judged.regime == regime && judged.shape.ratio && judged.is_trusted()) {
      ratios.push_back(*judged.shape.ratio);
    }
  }
  return ratios;
}

// The trusted ratios at which smaller weights would show most.
std::vector<Estimate> weight_tests(const Finding& finding) {
  std::vector<Estimate> ratios;
  for (const JudgedShape& judged : finding.shapes) {
    if (judged.tests_weights) ratios.push_back(*judged.shape.ratio);
  }
  return ratios;
}

void mark_weight_tests(std::vector<JudgedShape>& shapes) {
  const auto counts = [](const JudgedShape& judged) {
    return judged.regime == Regime::weight_bound && judged.shape.ratio && judged.is_trusted();
  };
  for (JudgedShape& judged : shapes) {
    const LadderRung& rung = judged.shape.fp16.rung;
    judged.tests_weights =
        counts(judged) && std::none_of(shapes.begin(), shapes.end(), [&](const JudgedShape& other) {
          const LadderRung& lower = other.shape.fp16.rung;
          return counts(other) && lower.channels == rung.channels &&
                 lower.positions < rung.positions;
        });
  }
}

bool all_above(const std::vector<Estimate>& ratios, double bound) {
  return std::all_of(ratios.begin(), ratios.end(),
                     [&](const Estimate& ratio) { return ratio.low > bound; });
}

bool all_below(const std::vector<Estimate>& ratios, double bound) {
  return std::all_of(ratios.begin(), ratios.end(),
                     [&](const Estimate& ratio) { return ratio.high < bound; });
}

bool any_above(const std::vector<Estimate>& ratios, double bound) {
  return std::any_of(ratios.begin(), ratios.end(),
                     [&](const Estimate& ratio) { return ratio.low > bound; });
}

bool all_within(const std::vector<Estimate>& ratios, double low, double high) {
  return std::all_of(ratios.begin(), ratios.end(),
                     [&](const Estimate& ratio) { return ratio.low >= low && ratio.high <= high; });
}

bool any_mistrusted(const Finding& finding) {
  return std::any_of(finding.shapes.begin(), finding.shapes.end(), [](const JudgedShape& judged) {
    return judged.regime == Regime::compute_bound && judged.shape.ratio && !judged.is_trusted();
  });
}

std::string_view reason_of_sub_kinds(const Finding& finding) {
  if (finding.compressed_weights && finding.compressed_activations) return reason::kCompressedBoth;
  if (finding.compressed_weights) return reason::kCompressedWeights;
  if (finding.compressed_activations) return reason::kCompressedActivations;
  if (finding.partial_gain) return reason::kPartialGain;
  if (!finding.dequantized) return reason::kGainUndetermined;
  return finding.storage_not_tested ? reason::kDequantizedUntested : reason::kDequantized;
}

void set_sub_kinds(Finding& finding, const VerdictRules& rules) {
  const std::vector<Estimate> compute = ratios_in(finding, Regime::compute_bound);
  const std::vector<Estimate> weight = ratios_in(finding, Regime::weight_bound);
  const std::vector<Estimate> activation = ratios_in(finding, Regime::activation_bound);
  finding.compressed_weights = any_above(weight_tests(finding), rules.gain);
  finding.compressed_activations = any_above(activation, rules.gain);
  finding.partial_gain = any_above(compute, rules.gain);
  finding.storage_not_tested = weight.empty();
  finding.dequantized = true;
  for (const auto* ratios : {&compute, &weight, &activation}) {
    finding.dequantized = finding.dequantized && all_within(*ratios, rules.slower, rules.gain);
  }
}

// Rules 3 to 7.
void decide_by_ratios(Finding& finding, const VerdictRules& rules) {
  const auto set = [&](VerdictKind kind, std::string_view why) {
    finding.kind = kind;
    finding.reason = why;
  };
  const std::vector<Estimate> compute = ratios_in(finding, Regime::compute_bound);
  if (any_mistrusted(finding)) return set(VerdictKind::inconclusive, reason::kMistrusted);
  if (compute.size() < rules.least_compute_bound) {
    return set(VerdictKind::inconclusive, reason::kTooFewComputeBound);
  }
  if (all_above(compute, rules.native)) {
    return set(VerdictKind::native_compute, reason::kFasterOnAll);
  }
  if (all_below(compute, rules.slower)) return set(VerdictKind::slower, reason::kSlowerOnAll);
  if (all_below(compute, rules.native)) {
    set_sub_kinds(finding, rules);
    return set(VerdictKind::not_native, reason_of_sub_kinds(finding));
  }
  const bool is_split = any_above(compute, rules.native) &&
                        std::any_of(compute.begin(), compute.end(), [&](const Estimate& ratio) {
                          return ratio.high < rules.native;
                        });
  set(VerdictKind::inconclusive, is_split ? reason::kShapesDisagree : reason::kWideIntervals);
}

}  // namespace

std::string_view to_string(VerdictKind kind) {
  switch (kind) {
    case VerdictKind::unsupported: return "unsupported";
    case VerdictKind::wrong_result: return "wrong_result";
    case VerdictKind::inconclusive: return "inconclusive";
    case VerdictKind::native_compute: return "native_compute";
    case VerdictKind::slower: return "slower";
    case VerdictKind::not_native: break;
  }
  return "not_native";
}

Finding judge(const VerdictInput& input, const stats::VerdictRules& rules) {
  Finding finding;
  std::vector<LadderTime> times;
  for (const LadderShape& shape : input.shapes) times.push_back(shape.fp16);
  const std::vector<Regime> regimes = classify(times, input.floor_ns, rules);
  for (std::size_t i = 0; i < input.shapes.size(); ++i) {
    finding.shapes.push_back({input.shapes[i], regimes[i]});
  }
  mark_weight_tests(finding.shapes);
  const bool ran = std::any_of(input.shapes.begin(), input.shapes.end(),
                               [](const LadderShape& shape) { return shape.ratio.has_value(); });
  if (!input.refused.empty() && !ran && input.wrong.empty()) {
    finding.kind = VerdictKind::unsupported;
    finding.reason = reason::kRefused;
  } else if (!input.wrong.empty()) {
    finding.kind = VerdictKind::wrong_result;
    finding.reason = reason::kOutsideTolerance;
  } else {
    decide_by_ratios(finding, rules);
  }
  add_evidence(finding, input, rules);
  return finding;
}

std::string describe(const Finding& finding) {
  switch (finding.kind) {
    case VerdictKind::unsupported: return "unsupported";
    case VerdictKind::wrong_result: return "wrong result";
    case VerdictKind::inconclusive: return "inconclusive";
    case VerdictKind::native_compute: return "native compute";
    case VerdictKind::slower: return "slower";
    case VerdictKind::not_native: break;
  }
  std::vector<std::string_view> parts;
  if (finding.compressed_weights) parts.emplace_back("compressed weights");
  if (finding.compressed_activations) parts.emplace_back("compressed activations");
  if (finding.partial_gain) parts.emplace_back("partial gain");
  if (finding.dequantized) parts.emplace_back("dequantized");
  if (parts.empty()) parts.emplace_back("gain undetermined");
  std::string text = "not native: ";
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += i + 1 == parts.size() ? " and " : ", ";
    text += parts[i];
  }
  if (finding.storage_not_tested) text += " (storage effect not tested)";
  return text;
}

record::Verdict to_record(const Finding& finding) {
  return {std::string(to_string(finding.kind)), finding.reason, finding.evidence};
}

}  // namespace anebench::experiments
