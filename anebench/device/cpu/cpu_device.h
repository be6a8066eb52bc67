// The processor as a device: compiles a program to a plan of fast kernels for one instruction set.
//
// fp16 is stored as fp16, computed in fp32 and rounded at every op's output. dequantize → 1x1 conv
// → (relu) → quantize runs in integers, bit-identical to the reference, where dequantization is
// exact; elsewhere in fp16 (or, on request, in integers all the same: CompileOptions::Int8Mode).
//
//   ANEBENCH_ASSIGN(device, open_cpu("cpu", best_isa(), {.threads = 2}));
//
// Thread-safe as device.h says; all executables of a device share its thread pool.
#pragma once

#include <memory>
#include <string>

#include "anebench/base/cpu_features.h"
#include "anebench/device/device.h"

namespace anebench::device {

// `name` is what info() will say. Errors: unavailable where this machine or build lacks `isa`.
Result<std::unique_ptr<Device>> open_cpu(std::string name, Isa isa, const DeviceOptions& options);

}  // namespace anebench::device
