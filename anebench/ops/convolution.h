// The sums of convolutions and of their transposes, over 1 to 3 spatial dimensions, in double with
// one rounding at the end. What pads, kernels and output sizes mean is the ops' affair.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "anebench/base/result.h"
#include "anebench/ops/context.h"
#include "anebench/ops/tensor.h"

namespace anebench::ops {

struct ConvolutionProblem {
  // One entry for each spatial dimension.
  std::vector<std::int64_t> kernel;
  std::vector<std::int64_t> strides;
  std::vector<std::int64_t> dilations;
  std::vector<std::int64_t> pad;  // before the first element
  std::size_t out_channels = 0;
  std::size_t groups = 1;
  // False: output o takes, under kernel position k, the input at o·stride + k·dilation − pad.
  // True: it takes the input i for which o = i·stride + k·dilation − pad, where there is one.
  bool transposed = false;
};

// x is [n, channels, spatial…]; `weights` is [out_channels, channels / groups, kernel…]; `bias` has
// one number for each output channel or none at all; `output` is [n, out_channels, spatial…], all
// known. Shapes have been checked. Fails where memory runs out.
Result<Tensor> convolve(OpContext& context, const ConvolutionProblem& problem, const Tensor& x,
                        std::span<const double> weights, std::span<const double> bias,
                        const mil::Type& output);

}  // namespace anebench::ops
