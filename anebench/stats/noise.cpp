#include "anebench/stats/noise.h"

#include <algorithm>
#include <cmath>

namespace anebench::stats {
namespace {

constexpr double kSigma = 0.05;
constexpr double kSmallSigma = 0.01;
constexpr double kBimodalShare = 0.3;
constexpr double kBimodalRise = 0.1;
constexpr double kDrift = 0.2;
// Samples in which a drift reaches 63 % of its end.
constexpr double kDriftSamples = 300;
constexpr double kBurstRise = 0.3;
constexpr std::int64_t kBurstMin = 5;
constexpr std::int64_t kBurstMax = 30;
// Quiet stretches are twice as long as bursts.
constexpr std::int64_t kQuietMin = 2 * kBurstMin;
constexpr std::int64_t kQuietMax = 2 * kBurstMax;

double phi(NoiseKind kind) { return kind == NoiseKind::ar80 ? 0.8 : 0.95; }

}  // namespace

std::string_view to_string(NoiseKind kind) {
  switch (kind) {
    case NoiseKind::none: return "none";
    case NoiseKind::normal: return "normal";
    case NoiseKind::lognormal: return "lognormal";
    case NoiseKind::bimodal: return "bimodal";
    case NoiseKind::drift: return "drift";
    case NoiseKind::bursts: return "bursts";
    case NoiseKind::ar80: return "ar80";
    case NoiseKind::ar95: break;
  }
  return "ar95";
}

NoiseSource::NoiseSource(NoiseKind kind, Rng rng) : kind_(kind), rng_(rng) {
  state_ = kSigma * rng_.normal();  // the stationary distribution
  in_burst_ = rng_.uniform() < 1.0 / 3;
}

double NoiseSource::next_burst() {
  if (burst_left_ == 0) {
    in_burst_ = !in_burst_;
    burst_left_ = static_cast<std::size_t>(in_burst_ ? rng_.uniform_int(kBurstMin, kBurstMax)
                                                     : rng_.uniform_int(kQuietMin, kQuietMax));
  }
  --burst_left_;
  return in_burst_ ? 1 + kBurstRise : 1;
}

double NoiseSource::next() {
  const auto small = [this] { return std::exp(kSmallSigma * rng_.normal()); };
  const auto index = static_cast<double>(index_++);
  switch (kind_) {
    case NoiseKind::none: return 1;
    // A time is positive; the cut is ten standard deviations away.
    case NoiseKind::normal: return std::max(0.5, 1 + kSigma * rng_.normal());
    case NoiseKind::lognormal: return std::exp(kSigma * rng_.normal());
    case NoiseKind::bimodal:
      return (rng_.uniform() < kBimodalShare ? 1 + kBimodalRise : 1) * small();
    case NoiseKind::drift: return (1 + kDrift * (1 - std::exp(-index / kDriftSamples))) * small();
    case NoiseKind::bursts: return next_burst() * small();
    case NoiseKind::ar80:
    case NoiseKind::ar95: break;
  }
  const double factor = std::exp(state_);
  const double memory = phi(kind_);
  // Innovations that keep the stationary standard deviation.
  state_ = memory * state_ + kSigma * std::sqrt(1 - memory * memory) * rng_.normal();
  return factor;
}

double NoiseSource::median(NoiseKind kind) {
  if (kind != NoiseKind::bimodal) return 1;
  // The slow mode lies nine small sigmas above the fast one: the half of all samples is the 5/7
  // quantile of the fast mode.
  return std::exp(kSmallSigma * inverse_normal_cdf(0.5 / (1 - kBimodalShare)));
}

}  // namespace anebench::stats
