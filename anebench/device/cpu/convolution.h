// Convolutions other than 1x1: shapes in three spatial dimensions, and the portable kernel behind
// which oneDNN stands where it is built in (onednn.h).
//
// fp32 arithmetic over row-major tensors of fp16 or fp32; pure, thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "anebench/base/result.h"
#include "anebench/base/thread_pool.h"
#include "anebench/device/cpu/graph.h"
#include "anebench/device/cpu/plan.h"

namespace anebench::device::cpu {

// One- and two-dimensional convolutions have leading dimensions of 1.
struct ConvolutionShape {
  using Triple = std::array<std::int64_t, 3>;
  std::int64_t images = 1;
  std::int64_t in_channels = 1;
  std::int64_t out_channels = 1;
  std::int64_t groups = 1;
  Triple in = {1, 1, 1};
  Triple out = {1, 1, 1};
  Triple kernel = {1, 1, 1};
  Triple strides = {1, 1, 1};
  Triple dilations = {1, 1, 1};
  Triple pad_before = {0, 0, 0};
  Triple pad_after = {0, 0, 0};

  std::int64_t group_inputs() const { return in_channels / groups; }
  std::int64_t group_outputs() const { return out_channels / groups; }
  std::int64_t in_plane() const { return in[0] * in[1] * in[2]; }
  std::int64_t out_plane() const { return out[0] * out[1] * out[2]; }
  std::int64_t kernel_size() const { return kernel[0] * kernel[1] * kernel[2]; }
  double operations() const;
  // Every output is a sum over the channels of one position: no kernel, strides, padding or groups.
  bool is_pointwise() const;
};

// Of a `conv`. Errors: geometry that the op's own inference refuses.
Result<ConvolutionShape> convolution_shape(const Graph& graph, const GraphNode& node);

struct ConvolutionOperands {
  mil::DataType data_type = mil::DataType::fp16;  // of input and output
  Location input;
  Location output;
  // In the arena, for fp32 copies of an fp16 input and output; convolution_scratch_bytes() each.
  Location input_scratch;
  Location output_scratch;
  std::vector<float> weights;  // [out][in / groups][kernel]
  std::vector<float> bias;     // empty or [out]
  bool relu = false;
};
struct ScratchBytes {
  std::size_t input = 0;
  std::size_t output = 0;
};
ScratchBytes convolution_scratch_bytes(const ConvolutionShape& shape, mil::DataType data_type);

// By oneDNN where it is built in and accepts the shape, else by the portable kernel.
Result<std::unique_ptr<TensorOperation>> make_convolution(const ConvolutionShape& shape,
                                                          ConvolutionOperands operands);
// "onednn" or "portable": what make_convolution takes.
const char* convolution_kernel_name();

// y of one image and the output channels [first, last), row-major, in fp32. The portable kernel.
void convolve(const ConvolutionShape& shape, const float* image, const float* weights,
              const float* bias, bool relu, std::int64_t first, std::int64_t last, float* y);

}  // namespace anebench::device::cpu
