// The kinds of noise that a measurement must survive, as seeded generators: for the tests of the
// statistics, the simulated device and selfcheck.
//
//   NoiseSource noise(NoiseKind::bursts, Rng{seed});
//   double time = true_time * noise.next();
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "anebench/base/rng.h"

namespace anebench::stats {

enum class NoiseKind : std::uint8_t {
  none,
  normal,     // σ 5 %
  lognormal,  // σ 5 %
  bimodal,    // 30 % of samples at +10 %
  drift,      // rises by 20 %, as a machine does that heats up
  bursts,     // 5 to 30 samples at +30 %, one sample in three
  ar80,       // autoregressive, φ 0.8, σ 5 %
  ar95,       // the same with φ 0.95
};

inline constexpr std::array kAllNoises = {
    NoiseKind::normal, NoiseKind::lognormal, NoiseKind::bimodal, NoiseKind::drift,
    NoiseKind::bursts, NoiseKind::ar80,      NoiseKind::ar95};

std::string_view to_string(NoiseKind kind);

// Bimodal, drifting and bursty noise carry lognormal noise of 1 % besides.
class NoiseSource {
 public:
  NoiseSource(NoiseKind kind, Rng rng);

  // The next sample's factor on the true time; positive.
  double next();

  // The median of next() for independent noise; 1 for the others' undisturbed state.
  static double median(NoiseKind kind);

 private:
  double next_burst();

  NoiseKind kind_;
  Rng rng_;
  std::size_t index_ = 0;
  std::size_t burst_left_ = 0;
  bool in_burst_ = false;
  double state_ = 0;
};

}  // namespace anebench::stats
