// The oracle: exact, simple, slow. Evaluates each operation in double (integers exactly) by the
// op's own definition and rounds once to the op's output type. Every other device is judged by it.
#pragma once

#include <memory>

#include "anebench/device/device.h"

namespace anebench::device {

Result<std::unique_ptr<Device>> open_reference(const DeviceOptions& options);

}  // namespace anebench::device
