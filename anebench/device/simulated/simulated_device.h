// A made-up device with a known way of executing quantized programs, to judge the judge: what the
// verdict on native execution says of it can be compared with the truth.
//
//   auto device = open_simulated({.mechanism = Mechanism::storage});
//   ANEBENCH_ASSIGN(executable, device->compile(program, nullptr, {}));
//   device->restart(stats::NoiseKind::bursts, seed);
//
// It does no arithmetic and reads no weights: an evaluation advances a virtual clock by the cost
// model's time (cost_model.h) times the next factor of the noise. Outputs stay as they are, and a
// request may be evaluated without surfaces. Its origin is `simulated`, and list_devices() and
// open() do not know it: nobody shall take its figures for a device's.
//
// Evaluating is thread-safe; restart() is not.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "anebench/device/device.h"
#include "anebench/stats/noise.h"

namespace anebench::device {

// What the device does with quantized numbers.
enum class Mechanism : std::uint8_t {
  none,         // turns everything into fp16 first
  storage,      // moves compressed weights, then computes in fp16
  activations,  // moves int8 activations, then computes in fp16
  native,       // both, and multiplies int8 by int8 at twice the fp16 rate
};
inline constexpr Mechanism kAllMechanisms[] = {Mechanism::none, Mechanism::storage,
                                               Mechanism::activations, Mechanism::native};
// "none", "storage only", "activation traffic only", "native".
std::string_view to_string(Mechanism mechanism);

struct SimulatedOptions {
  Mechanism mechanism = Mechanism::none;
  stats::NoiseKind noise = stats::NoiseKind::none;
  std::uint64_t seed = 1;
  // The order of magnitude of a Neural Engine of 2024. The ratios put the corners of the roofline
  // inside the ladder of shapes: arithmetic needs as long as the weights at 60 positions, and as
  // long as the activations at 400 channels.
  double floor_ns = 100e3;             // of one call
  double fp16_ops_per_second = 16e12;  // int8: twice that, where it is native
  double weight_bytes_per_second = 267e9;
  double activation_bytes_per_second = 80e9;
};

class SimulatedDevice : public Device {
 public:
  // Begins a new stream of noise; executables stay.
  virtual void restart(stats::NoiseKind noise, std::uint64_t seed) = 0;
};

std::unique_ptr<SimulatedDevice> open_simulated(const SimulatedOptions& options = {});

}  // namespace anebench::device
