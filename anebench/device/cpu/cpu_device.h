// The processor of this machine, x86-64 or Arm, with the kernels of one instruction set.
//
// int8 convolution between `dequantize` and `quantize` runs in integers, bit-identical to the
// reference wherever dequantization is exact; fp16 is stored as fp16, computed in fp32 and rounded
// at every op's output.
#pragma once

#include <memory>
#include <string>

#include "anebench/base/cpu_features.h"
#include "anebench/device/device.h"

namespace anebench::device {

// `name` as given on the command line ("cpu", "cpu:avx2"). Precondition: `isa` is available.
Result<std::unique_ptr<Device>> open_cpu(std::string name, Isa isa, const DeviceOptions& options);

}  // namespace anebench::device
