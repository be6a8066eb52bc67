// Test support: a ladder with all regimes, and ratios to put on it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>

#include "anebench/experiments/verdict.h"

namespace anebench::experiments {

// ±3 %.
inline stats::Estimate about(double ratio) { return {ratio, 0.97 * ratio, 1.03 * ratio}; }

// fp16 times of a roofline whose arithmetic meets weights at 60 positions and activations at 400
// channels; `ratio` is asked of every shape.
inline VerdictInput ladder_with(const std::function<double(const LadderRung&)>& ratio) {
  VerdictInput input;
  input.floor_ns = 100e3;
  for (const LadderRung& rung : ladder_rungs(LadderSize::full)) {
    const auto c = static_cast<double>(rung.channels);
    const auto p = static_cast<double>(rung.positions);
    const double layer = c * c * std::max({p, 60.0, 400 * p / c}) / 8e3;
    const std::int64_t depth = ladder_depth(rung, layer, input.floor_ns);
    LadderShape shape;
    shape.fp16 = {rung, depth, input.floor_ns + static_cast<double>(depth) * layer};
    shape.ratio = about(ratio(rung));
    input.shapes.push_back(shape);
  }
  return input;
}

inline VerdictInput ladder_with(double ratio) {
  return ladder_with([ratio](const LadderRung&) { return ratio; });
}

inline LadderShape& shape_at(VerdictInput& input, const LadderRung& rung) {
  for (LadderShape& shape : input.shapes) {
    if (shape.fp16.rung == rung) return shape;
  }
  return input.shapes.front();
}

}  // namespace anebench::experiments
