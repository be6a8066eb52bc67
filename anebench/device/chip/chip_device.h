// `chip:<name>`: a device that says what a program would take on one of Apple's chips, and computes
// nothing. Its clock is virtual: evaluating advances it by the model's time (cost_model.h), at
// once.
//
//   ANEBENCH_ASSIGN(device, open("chip:m5"));            // exact times
//   auto noisy = open_chip("m5", {.noise = stats::NoiseKind::lognormal, .seed = 1});
//
// Programs that the chip's engine would refuse are unsupported, with the reasons (chip_limits.h);
// compiled leniently, those reasons become notes. Nothing reads weights. Thread-safe as every
// device.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "anebench/device/chip/cost_model.h"
#include "anebench/device/device.h"
#include "anebench/stats/noise.h"

namespace anebench::device {

inline constexpr std::string_view kChipPrefix = "chip:";

struct ChipOptions {
  // For tests of what measures and judges.
  stats::NoiseKind noise = stats::NoiseKind::none;
  std::uint64_t seed = 1;
};

// `name` without the prefix. Errors: invalid_argument for an unknown chip, listing the known ones.
Result<std::unique_ptr<Device>> open_chip(std::string_view name, const ChipOptions& options = {});

// What a function takes on a chip, and what the chip's engine would refuse in it.
struct FunctionPrediction {
  ProgramWork work;
  Prediction prediction;
  std::vector<std::string> broken_limits;
};
// Of work that is known already: it is the same on every chip.
FunctionPrediction predict_work(const mil::Function& function, ProgramWork work,
                                const ChipTable& table, const Chip& chip);
// Errors: an operation that breaks a rule; unsupported where the time cannot be told before it
// runs.
Result<FunctionPrediction> predict_function(const mil::Function& function, const ChipTable& table,
                                            const Chip& chip);

}  // namespace anebench::device
