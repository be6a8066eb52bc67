// Convolutions other than 1x1: shapes in three spatial dimensions, and the portable kernel behind
// which oneDNN stands where it is built in (onednn.h).
//
// fp32 arithmetic over row-major tensors of fp16 or fp32; thread-safe.
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

// Those i of [0, out) whose i·stride + offset lies in [0, size): [begin, end).
struct Reach {
  std::int64_t begin;
  std::int64_t end;
};
Reach reach(std::int64_t out, std::int64_t size, std::int64_t stride, std::int64_t offset);

// Of a `conv`. Errors: geometry that the op's own inference refuses.
Result<ConvolutionShape> convolution_shape(const Graph& graph, const GraphNode& node);

struct ConvolutionOperands {
  mil::DataType data_type = mil::DataType::fp16;  // of input and output
  Location input;
  Location output;
  // In the arena: fp32 copies of an fp16 input and output, and what the kernel itself wants.
  Location input_scratch;
  Location output_scratch;
  Location kernel_scratch;
  std::vector<float> weights;  // [out][in / groups][kernel]
  std::vector<float> bias;     // empty or [out]
  bool relu = false;
};
// The part of a convolution that needs no weights: oneDNN where it is built in and accepts the
// shape, else the portable kernel. Thread-safe.
class ConvolutionKernel {
 public:
  virtual ~ConvolutionKernel() = default;
  virtual const char* name() const = 0;
  // Of ConvolutionOperands::kernel_scratch, for all threads together.
  virtual std::size_t scratch_bytes() const = 0;
  // Packs the weights.
  virtual Result<std::unique_ptr<TensorOperation>> make(ConvolutionOperands operands) const = 0;
};
std::shared_ptr<const ConvolutionKernel> find_convolution_kernel(const ConvolutionShape& shape,
                                                                 bool has_bias,
                                                                 std::size_t threads);
// Of the fp32 copies: nothing for fp32 tensors.
struct ScratchBytes {
  std::size_t input = 0;
  std::size_t output = 0;
};
ScratchBytes convolution_scratch_bytes(const ConvolutionShape& shape, mil::DataType data_type);

// The input as fp32: itself, or a copy in the scratch memory.
const float* widened_input(const ConvolutionShape& shape, const ConvolutionOperands& operands,
                           const Memory& memory, ThreadPool& pool);

// y of one image and the output channels [first, last), row-major, in fp32. The portable kernel.
void convolve(const ConvolutionShape& shape, const float* image, const float* weights,
              const float* bias, bool relu, std::int64_t first, std::int64_t last, float* y);

}  // namespace anebench::device::cpu
