// The constants of the verdict on native execution, each with its reason. They stand in a struct,
// not beside the other thresholds, so that a test can break one and see the verdict fail.
// Source: the measurement specification, §3. docs/verdict.md explains the rules.
#pragma once

#include <cstddef>

namespace anebench::stats {

struct VerdictRules {
  // --- Regimes, from fp16 times alone ---

  // Below this many call floors a time says more about the call than about the work: at 5 the
  // floor is a fifth of it, and a doubled arithmetic rate shows as 1.67 still.
  double dispatch_floors = 5;
  // Time grows by at most this when the positions double: the weights' bytes decide (1 in the
  // ideal, 2 where arithmetic decides; the bounds are a quarter away from either).
  double weight_bound_growth = 1.25;
  double compute_bound_growth = 1.75;
  // The rate rises by at most this when the channels double. At a steady arithmetic rate it does
  // not rise; bound by activations it doubles.
  double steady_rate_rise = 1.10;

  // --- Verdict, from r = time(fp16) / time(variant) ---

  // The lower bound of r above this on all compute-bound shapes is native arithmetic, the upper
  // bound below it is not. Hardware doubles rates (r of 1.6 and more after call floors and layers
  // that stay fp16); less traffic and fewer conversions alone stay below 1.2 where arithmetic
  // decides. 1.3 lies between.
  double native = 1.3;
  double slower = 0.9;
  // A gain (or, on the other side of 1, `slower`) beyond 10 % is more than what alignment and
  // placement of two different programs do to their times.
  double gain = 1.1;
  // One shape may be an accident of its sizes.
  std::size_t least_compute_bound = 2;
  // How far above the best fp16 rate a rate must lie to be an argument by itself.
  double rate_margin = 1.1;
};

}  // namespace anebench::stats
