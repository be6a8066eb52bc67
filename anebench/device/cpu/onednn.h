// The one file behind which oneDNN stands: general convolutions in fp32.
//
// oneDNN runs single-threaded inside the device's own pool, over slices. Versions 2.x and 3.x both
// build. Without it the functions say so and the portable kernel serves.
#pragma once

#include <memory>
#include <string>

#include "anebench/base/result.h"
#include "anebench/device/cpu/convolution.h"

namespace anebench::device::cpu {

bool onednn_is_built_in();
// "2.6.3"; empty where it is not built in.
std::string onednn_version();

// Errors: unsupported where oneDNN has no implementation for the shape; unavailable where it is not
// built in.
Result<std::unique_ptr<TensorOperation>> make_onednn_convolution(
    const ConvolutionShape& shape, const ConvolutionOperands& operands);

}  // namespace anebench::device::cpu
