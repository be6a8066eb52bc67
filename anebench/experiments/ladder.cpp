#include "anebench/experiments/ladder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace anebench::experiments {
namespace {

constexpr std::array<std::int64_t, 4> kChannels = {256, 512, 1024, 2048};
constexpr std::array<std::int64_t, 6> kPositions = {1, 16, 64, 256, 1024, 4096};
constexpr std::array<std::int64_t, 3> kQuickChannels = {256, 512, 1024};
constexpr std::array<std::int64_t, 4> kQuickPositions = {16, 64, 256, 1024};
// The depth at which the programs' own limit lies.
constexpr std::int64_t kMaxDepth = 4096;

std::vector<LadderRung> product(std::span<const std::int64_t> channels,
                                std::span<const std::int64_t> positions) {
  std::vector<LadderRung> rungs;
  for (const std::int64_t c : channels) {
    for (const std::int64_t p : positions) rungs.push_back({c, p});
  }
  return rungs;
}

// Answers about one shape's neighbours.
class Neighbourhood {
 public:
  Neighbourhood(std::span<const LadderTime> shapes, double floor_ns)
      : shapes_(shapes), floor_ns_(floor_ns) {}

  double layer_ns(const LadderTime& shape) const {
    return std::max(shape.time_ns - floor_ns_, 0.0) / static_cast<double>(shape.depth);
  }

  // Growth of the time with the positions, scaled to a doubling; nothing without a lower neighbour.
  std::optional<double> growth(const LadderTime& shape) const {
    const LadderTime* lower = nullptr;
    for (const LadderTime& other : shapes_) {
      if (other.rung.channels == shape.rung.channels &&
          other.rung.positions < shape.rung.positions &&
          (lower == nullptr || other.rung.positions > lower->rung.positions)) {
        lower = &other;
      }
    }
    if (lower == nullptr || !(layer_ns(*lower) > 0)) return std::nullopt;
    const double step =
        static_cast<double>(shape.rung.positions) / static_cast<double>(lower->rung.positions);
    return std::pow(layer_ns(shape) / layer_ns(*lower), std::log(2.0) / std::log(step));
  }

  const LadderTime* upper(const LadderTime& shape) const {
    const LadderTime* found = nullptr;
    for (const LadderTime& other : shapes_) {
      if (other.rung.channels == shape.rung.channels &&
          other.rung.positions > shape.rung.positions &&
          (found == nullptr || other.rung.positions < found->rung.positions)) {
        found = &other;
      }
    }
    return found;
  }

  // rate(2C) / rate(C), or rate(C) / rate(C/2) where 2C is not there.
  std::optional<double> rate_rise(const LadderTime& shape) const {
    if (const LadderTime* wider = find({shape.rung.channels * 2, shape.rung.positions})) {
      return rise(shape, *wider);
    }
    if (shape.rung.channels % 2 != 0) return std::nullopt;
    const LadderTime* narrower = find({shape.rung.channels / 2, shape.rung.positions});
    return narrower == nullptr ? std::nullopt : rise(*narrower, shape);
  }

 private:
  const LadderTime* find(const LadderRung& rung) const {
    const auto found = std::find_if(shapes_.begin(), shapes_.end(),
                                    [&](const LadderTime& shape) { return shape.rung == rung; });
    return found == shapes_.end() ? nullptr : &*found;
  }

  std::optional<double> rise(const LadderTime& narrow, const LadderTime& wide) const {
    const double width =
        static_cast<double>(wide.rung.channels) / static_cast<double>(narrow.rung.channels);
    const double time = layer_ns(wide) / layer_ns(narrow);
    if (!(time > 0) || !std::isfinite(time)) return std::nullopt;
    return width * width / time;
  }

  std::span<const LadderTime> shapes_;
  double floor_ns_;
};

Regime regime_of(const LadderTime& shape, const Neighbourhood& neighbours, double floor_ns,
                 const stats::VerdictRules& rules) {
  if (!(shape.time_ns >= rules.dispatch_floors * floor_ns)) return Regime::dispatch;
  const std::optional<double> growth = neighbours.growth(shape);
  if (!growth) {
    const LadderTime* upper = neighbours.upper(shape);
    const auto above = upper == nullptr ? std::nullopt : neighbours.growth(*upper);
    return above && *above < rules.weight_bound_growth ? Regime::weight_bound : Regime::mixed;
  }
  if (*growth < rules.weight_bound_growth) return Regime::weight_bound;
  if (!(*growth >= rules.compute_bound_growth)) return Regime::mixed;
  const std::optional<double> rise = neighbours.rate_rise(shape);
  if (!rise) return Regime::mixed;
  return *rise <= rules.steady_rate_rise ? Regime::compute_bound : Regime::activation_bound;
}

}  // namespace

std::string to_string(const LadderRung& rung) {
  return fmt::format("{} channels × {} positions", rung.channels, rung.positions);
}

std::vector<LadderRung> ladder_rungs(LadderSize size) {
  return size == LadderSize::full ? product(kChannels, kPositions)
                                  : product(kQuickChannels, kQuickPositions);
}

programs::ProgramSpec ladder_spec(const LadderRung& rung, std::int64_t depth,
                                  std::string_view precision) {
  std::int64_t height = 1;
  while (rung.positions % (height * 2) == 0 && height * height * 4 <= rung.positions) height *= 2;
  programs::ProgramSpec spec("conv_chain", {});
  spec.set("channels", rung.channels);
  spec.set("height", height);
  spec.set("width", rung.positions / height);
  spec.set("depth", depth);
  spec.set("precision", std::string(precision));
  if (precision == "w8a8") spec.set("quantize_input", std::string("on"));
  return spec;
}

std::int64_t ladder_depth(const LadderRung& rung, double ns_per_layer, double floor_ns) {
  const double layer_bytes =
      2 * static_cast<double>(rung.channels) * static_cast<double>(rung.channels);
  std::int64_t depth = 1;
  const auto is_long_enough = [&] {
    return floor_ns + static_cast<double>(depth) * ns_per_layer >= kLadderFloors * floor_ns;
  };
  while (!is_long_enough() && depth * 2 <= kMaxDepth &&
         static_cast<double>(depth * 2) * layer_bytes <=
             static_cast<double>(kMaxLadderWeightBytes)) {
    depth *= 2;
  }
  return depth;
}

double LadderTime::operations() const {
  const auto channels = static_cast<double>(rung.channels);
  return 2 * channels * channels * static_cast<double>(rung.positions) * static_cast<double>(depth);
}

std::string_view to_string(Regime regime) {
  switch (regime) {
    case Regime::dispatch: return "dispatch-bound";
    case Regime::weight_bound: return "weight-bound";
    case Regime::compute_bound: return "compute-bound";
    case Regime::activation_bound: return "activation-bound";
    case Regime::mixed: break;
  }
  return "mixed";
}

std::vector<Regime> classify(std::span<const LadderTime> shapes, double floor_ns,
                             const stats::VerdictRules& rules) {
  const Neighbourhood neighbours(shapes, floor_ns);
  std::vector<Regime> regimes;
  regimes.reserve(shapes.size());
  for (const LadderTime& shape : shapes) {
    regimes.push_back(regime_of(shape, neighbours, floor_ns, rules));
  }
  return regimes;
}

}  // namespace anebench::experiments
