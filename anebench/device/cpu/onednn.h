// The one file behind which oneDNN stands: general convolutions and matrix products in fp32.
//
// oneDNN runs single-threaded inside the device's own pool, over slices (images and ranges of
// output channels, rows and columns of matrices). Versions 2.x and 3.x both build. Without it the
// functions say so and the portable kernel serves. Unlike our own kernels, oneDNN's calls allocate
// a little.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "anebench/device/cpu/convolution.h"
#include "anebench/device/cpu/gemm.h"

namespace anebench::device::cpu {

// "2.6.3"; empty where it is not built in.
std::string onednn_version();

// Null where oneDNN is not built in or has no implementation for the shape.
std::shared_ptr<const ConvolutionKernel> find_onednn_kernel(const ConvolutionShape& shape,
                                                            bool has_bias, std::size_t threads);

// False where oneDNN is not built in or refuses; then c holds nothing of use. Preconditions: no
// size is 0. On the calling thread.
bool multiply_by_onednn(const Gemm& gemm, const float* a, const float* b, float* c);

}  // namespace anebench::device::cpu
