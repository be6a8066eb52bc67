#include "anebench/experiments/verdict_evidence.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "anebench/base/units.h"

namespace anebench::experiments {
namespace {

using stats::Estimate;
using stats::VerdictRules;

constexpr std::size_t kNamedShapes = 4;

// "1.92 [1.85, 1.99]".
std::string interval_text(const Estimate& ratio) {
  if (!ratio.is_bounded()) return fmt::format("{:.2f} (no interval)", ratio.value);
  return fmt::format("{:.2f} [{:.2f}, {:.2f}]", ratio.value, ratio.low, ratio.high);
}

// "a, b, c, d and 3 more".
template <typename T, typename Name>
std::string enumerated(const std::vector<T>& items, Name&& name) {
  std::string text;
  for (std::size_t i = 0; i < std::min(items.size(), kNamedShapes); ++i) {
    text += (i == 0 ? "" : ", ") + name(items[i]);
  }
  if (items.size() > kNamedShapes) text += fmt::format(" and {} more", items.size() - kNamedShapes);
  return text;
}

std::vector<JudgedShape> chosen(const Finding& finding, auto&& predicate) {
  std::vector<JudgedShape> shapes;
  for (const JudgedShape& judged : finding.shapes) {
    if (predicate(judged)) shapes.push_back(judged);
  }
  return shapes;
}

std::vector<JudgedShape> compared_in(const Finding& finding, Regime regime) {
  return chosen(finding, [&](const JudgedShape& judged) {
    return judged.regime == regime && judged.shape.ratio && judged.is_trusted();
  });
}

std::string rung_text(const JudgedShape& judged) { return to_string(judged.shape.fp16.rung); }

std::string rung_with_ratio(const JudgedShape& judged) {
  return fmt::format("{}: {}", rung_text(judged), interval_text(*judged.shape.ratio));
}

std::string failure_text(const LadderFailure& failure) {
  return fmt::format("{} at {}: {}", to_string(failure.rung), failure.stage, failure.message);
}

// One sentence a regime with all its ratios; the judged ones first.
void add_regime_lines(Finding& finding, const VerdictInput& input) {
  for (const Regime regime :
       {Regime::compute_bound, Regime::weight_bound, Regime::activation_bound}) {
    const auto shapes = compared_in(finding, regime);
    if (shapes.empty()) continue;
    const auto by_ratio = [](const JudgedShape& a, const JudgedShape& b) {
      return a.shape.ratio->value < b.shape.ratio->value;
    };
    const auto [lowest, highest] = std::minmax_element(shapes.begin(), shapes.end(), by_ratio);
    std::string text =
        fmt::format("{} {} shape{}: time({}) ÷ time(variant) is ", shapes.size(), to_string(regime),
                    shapes.size() == 1 ? "" : "s", input.baseline);
    if (shapes.size() == 1) {
      text += rung_with_ratio(*lowest);
    } else {
      text += fmt::format("lowest at {} and highest at {}", rung_with_ratio(*lowest),
                          rung_with_ratio(*highest));
    }
    finding.evidence.push_back(text + ".");
  }
  const auto left_out = chosen(finding, [](const JudgedShape& judged) {
    return judged.regime == Regime::dispatch || judged.regime == Regime::mixed;
  });
  if (!left_out.empty()) {
    finding.evidence.push_back(fmt::format(
        "Shown, not judged, because the call or no single bound decides their time: {}.",
        enumerated(left_out, rung_text)));
  }
}

// The rate that no fp16 arithmetic reached. Only a ratio to fp16 tells the variant's rate.
void add_rate_evidence(Finding& finding, const VerdictInput& input, const VerdictRules& rules) {
  if (input.baseline != "fp16") return;
  const auto compute = compared_in(finding, Regime::compute_bound);
  double best = 0;
  for (const JudgedShape& judged : compute) best = std::max(best, judged.shape.fp16.rate());
  const JudgedShape* fastest = nullptr;
  double highest = rules.rate_margin * best;
  for (const JudgedShape& judged : compute) {
    const double rate = judged.shape.fp16.rate() * judged.shape.ratio->low;
    if (best > 0 && rate > highest) {
      highest = rate;
      fastest = &judged;
    }
  }
  if (fastest == nullptr) return;
  finding.evidence.push_back(fmt::format(
      "The variant reaches at least {} at {}, {:.2f} times the best fp16 rate of the compute-bound "
      "shapes ({}).",
      format_si(highest, "OPS"), rung_text(*fastest), highest / best, format_si(best, "OPS")));
}

// A shape that would help where too few are compute-bound: the widest and longest of the full
// ladder that was not measured, or, where all were, one beyond it.
LadderRung shape_to_add(const Finding& finding) {
  std::vector<LadderRung> rungs = ladder_rungs(LadderSize::full);
  const LadderRung last = rungs.back();
  const auto more_work = [](const LadderRung& a, const LadderRung& b) {
    return std::pair(a.positions, a.channels) < std::pair(b.positions, b.channels);
  };
  std::sort(rungs.begin(), rungs.end(), more_work);
  for (auto rung = rungs.rbegin(); rung != rungs.rend(); ++rung) {
    const bool is_measured =
        std::any_of(finding.shapes.begin(), finding.shapes.end(), [&](const JudgedShape& judged) {
          return judged.shape.fp16.rung == *rung && judged.shape.ratio;
        });
    if (!is_measured) return *rung;
  }
  return {last.channels, last.positions * 4};
}

std::string inconclusive_text(const Finding& finding, const VerdictRules& rules) {
  const auto compute = compared_in(finding, Regime::compute_bound);
  if (finding.reason == reason::kMistrusted) {
    const auto doubted = chosen(finding, [](const JudgedShape& judged) {
      return judged.regime == Regime::compute_bound && judged.shape.ratio && !judged.is_trusted();
    });
    return fmt::format(
        "Compute-bound shapes were disturbed while they were measured, so nothing follows from "
        "them; repeat {}.",
        enumerated(doubted, rung_text));
  }
  if (finding.reason == reason::kTooFewComputeBound) {
    return fmt::format(
        "{} shape{} compute-bound in fp16 and compared; {} are needed to tell arithmetic from "
        "traffic. Add {}.",
        compute.size(), compute.size() == 1 ? " is" : "s are", rules.least_compute_bound,
        to_string(shape_to_add(finding)));
  }
  if (finding.reason == reason::kShapesDisagree) {
    const auto above = chosen(finding, [&](const JudgedShape& judged) {
      return judged.regime == Regime::compute_bound && judged.shape.ratio &&
             judged.shape.ratio->low > rules.native;
    });
    const auto below = chosen(finding, [&](const JudgedShape& judged) {
      return judged.regime == Regime::compute_bound && judged.shape.ratio &&
             judged.shape.ratio->high < rules.native;
    });
    return fmt::format(
        "Compute-bound shapes disagree: above {} are {}; below it are {}. Only some of them may "
        "run natively; look at the placement of both kinds.",
        rules.native, enumerated(above, rung_with_ratio), enumerated(below, rung_with_ratio));
  }
  const auto wide = chosen(finding, [&](const JudgedShape& judged) {
    return judged.regime == Regime::compute_bound && judged.shape.ratio &&
           judged.shape.ratio->contains(rules.native);
  });
  return fmt::format(
      "The intervals of compute-bound shapes hold {}, so both answers remain possible: {}. Measure "
      "them for longer (--max-time) or more precisely (--precision).",
      rules.native, enumerated(wide, rung_with_ratio));
}

std::string reason_text(const Finding& finding, const VerdictInput& input,
                        const VerdictRules& rules) {
  const std::size_t count = compared_in(finding, Regime::compute_bound).size();
  switch (finding.kind) {
    case VerdictKind::unsupported:
      return fmt::format("The device refused it: {}.", failure_text(input.refused.front()));
    case VerdictKind::wrong_result:
      return fmt::format("The output is outside the tolerance, so no time counts: {}.",
                         failure_text(input.wrong.front()));
    case VerdictKind::inconclusive: return inconclusive_text(finding, rules);
    case VerdictKind::native_compute:
      return fmt::format(
          "On all {} compute-bound shapes it is more than {} times as fast as {}, beyond what "
          "smaller weights or activations explain.",
          count, rules.native, input.baseline);
    case VerdictKind::slower:
      return fmt::format(
          "On all {} compute-bound shapes it takes more than {:.2f} times as long "
          "as {}.",
          count, 1 / rules.slower, input.baseline);
    case VerdictKind::not_native: break;
  }
  return fmt::format(
      "On all {} compute-bound shapes it is less than {} times as fast as {}, so the "
      "arithmetic is not faster.",
      count, rules.native, input.baseline);
}

void add_sub_kinds(Finding& finding, const VerdictRules& rules) {
  const auto add_gain = [&](std::string_view meaning, const std::vector<JudgedShape>& shapes) {
    finding.evidence.push_back(fmt::format("{}: more than {} times as fast at {}.", meaning,
                                           rules.gain, enumerated(shapes, rung_with_ratio)));
  };
  const auto gaining = [&](Regime regime) {
    return chosen(finding, [&](const JudgedShape& judged) {
      return judged.regime == regime && judged.shape.ratio && judged.is_trusted() &&
             (regime != Regime::weight_bound || judged.tests_weights) &&
             judged.shape.ratio->low > rules.gain;
    });
  };
  if (finding.compressed_weights) {
    add_gain("The weights are stored or moved compressed", gaining(Regime::weight_bound));
  }
  if (finding.compressed_activations) {
    add_gain("The activations are moved compressed", gaining(Regime::activation_bound));
  }
  if (finding.partial_gain) {
    add_gain("Compute-bound shapes gain in part", gaining(Regime::compute_bound));
  }
  if (finding.dequantized) {
    finding.evidence.push_back(
        fmt::format("All judged shapes lie between {} and {}: the device turns the numbers back "
                    "into fp16 before it uses them.",
                    rules.slower, rules.gain));
  }
  if (finding.reason == reason::kGainUndetermined) {
    finding.evidence.push_back(
        fmt::format("Some intervals reach beyond {} to {} without excluding it; more samples "
                    "would tell whether there is a gain.",
                    rules.slower, rules.gain));
  }
  if (finding.storage_not_tested) {
    finding.evidence.push_back(
        "No judged shape is weight-bound, so an effect of smaller weights could not have shown.");
  }
}

}  // namespace

void add_evidence(Finding& finding, const VerdictInput& input, const VerdictRules& rules) {
  finding.evidence.push_back(reason_text(finding, input, rules));
  if (finding.kind == VerdictKind::not_native) add_sub_kinds(finding, rules);
  if (finding.kind == VerdictKind::unsupported || finding.kind == VerdictKind::wrong_result) return;
  add_regime_lines(finding, input);
  add_rate_evidence(finding, input, rules);
  const auto mistrusted = chosen(finding, [](const JudgedShape& judged) {
    return judged.shape.ratio && !judged.is_trusted() && judged.regime != Regime::compute_bound;
  });
  if (!mistrusted.empty()) {
    finding.evidence.push_back(fmt::format("Left out because they were disturbed: {}.",
                                           enumerated(mistrusted, rung_text)));
  }
  if (!input.refused.empty()) {
    finding.evidence.push_back(
        fmt::format("Refused by the device: {}.", enumerated(input.refused, failure_text)));
  }
}

}  // namespace anebench::experiments
