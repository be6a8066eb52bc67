// The time of a program on the simulated device: the call floor plus, for each layer, the longest
// of arithmetic, weights and activations (a roofline with two memories). Quantize and dequantize
// belong to the layers that they stand between, as on an engine that fuses them. Internal to the
// layer. Pure.
#pragma once

#include "anebench/base/result.h"
#include "anebench/device/simulated/simulated_device.h"
#include "anebench/mil/program.h"

namespace anebench::device {

// Nanoseconds. Errors: an op that breaks its rules, a shape that is not known.
Result<double> simulated_time_ns(const mil::Function& function, const SimulatedOptions& options);

}  // namespace anebench::device
