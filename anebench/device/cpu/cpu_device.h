// The processor as a device: compiles a program to a plan of fast kernels for one instruction set.
//
// fp16 is stored as fp16, computed in fp32 and rounded at every op's output. dequantize → 1x1 conv
// → (relu) → quantize runs in integers, bit-identical to the reference, where dequantization is
// exact; elsewhere in fp16 (or, on request, in integers all the same: CompileOptions::Int8Mode).
//
// With Int8Kernels::left_out the same device executes quantize and dequantize as written and every
// convolution in fp32: "cpu:dequant", the control that is known not to compute int8 natively.
//
//   ANEBENCH_ASSIGN(device, open_cpu("cpu", best_isa(), {.threads = 2}));
//
// Thread-safe as device.h says; all executables of a device share its thread pool.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "anebench/base/cpu_features.h"
#include "anebench/device/device.h"

namespace anebench::device {

enum class Int8Kernels : std::uint8_t { used, left_out };

// `name` is what info() will say. Errors: unavailable where this machine or build lacks `isa`.
Result<std::unique_ptr<Device>> open_cpu(std::string name, Isa isa, const DeviceOptions& options,
                                         Int8Kernels int8_kernels = Int8Kernels::used);

}  // namespace anebench::device
