#include "anebench/device/cpu/convolution.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "anebench/device/cpu/elementwise.h"
#include "anebench/device/cpu/onednn.h"
#include "anebench/ops/convolution_geometry.h"

namespace anebench::device::cpu {
namespace {

using mil::DataType;

void add_row(const float* x, float w, std::int64_t stride, Reach range, std::int64_t offset,
             float* y) {
  if (stride == 1) {
    for (std::int64_t i = range.begin; i < range.end; ++i) y[i] += w * x[i + offset];
  } else {
    for (std::int64_t i = range.begin; i < range.end; ++i) y[i] += w * x[i * stride + offset];
  }
}

// One row of one output channel: all taps of all input channels.
void add_taps(const ConvolutionShape& s, const float* image, const float* weights, std::int64_t d,
              std::int64_t h, float* y) {
  for (std::int64_t c = 0; c < s.group_inputs(); ++c) {
    for (std::int64_t kd = 0; kd < s.kernel[0]; ++kd) {
      const std::int64_t z = d * s.strides[0] + kd * s.dilations[0] - s.pad_before[0];
      for (std::int64_t kh = 0; kh < s.kernel[1]; ++kh) {
        const std::int64_t r = h * s.strides[1] + kh * s.dilations[1] - s.pad_before[1];
        const float* w = weights + ((c * s.kernel[0] + kd) * s.kernel[1] + kh) * s.kernel[2];
        if (z < 0 || z >= s.in[0] || r < 0 || r >= s.in[1]) continue;
        const float* row = image + ((c * s.in[0] + z) * s.in[1] + r) * s.in[2];
        for (std::int64_t kw = 0; kw < s.kernel[2]; ++kw) {
          const std::int64_t offset = kw * s.dilations[2] - s.pad_before[2];
          add_row(row, w[kw], s.strides[2], reach(s.out[2], s.in[2], s.strides[2], offset), offset,
                  y);
        }
      }
    }
  }
}

class PortableConvolution final : public TensorOperation {
 public:
  PortableConvolution(const ConvolutionShape& shape, ConvolutionOperands operands)
      : shape_(shape), operands_(std::move(operands)) {}

  Result<void> run(const Memory& memory, ThreadPool& pool) const override {
    const float* x = widened_input(shape_, operands_, memory, pool);
    const bool is_half = operands_.data_type == DataType::fp16;
    auto* y = reinterpret_cast<float*>(
        memory.write(is_half ? operands_.output_scratch : operands_.output));
    const std::int64_t channels = shape_.out_channels;
    pool.parallel_for(static_cast<std::size_t>(shape_.images * channels), [&](std::size_t i, int) {
      const auto image = static_cast<std::int64_t>(i) / channels;
      const std::int64_t channel = static_cast<std::int64_t>(i) % channels;
      const auto plane = static_cast<std::size_t>(shape_.out_plane());
      float* out = y + i * plane;
      convolve(shape_, x + image * shape_.in_channels * shape_.in_plane(), operands_.weights.data(),
               operands_.bias.empty() ? nullptr : operands_.bias.data(), operands_.relu, channel,
               channel + 1, out);
      if (!is_half) return;
      auto* halves = reinterpret_cast<std::uint16_t*>(memory.write(operands_.output));
      cast(out, halves + i * plane, plane);
    });
    return {};
  }
  std::size_t resident_bytes() const override {
    return (operands_.weights.size() + operands_.bias.size()) * sizeof(float);
  }

 private:
  ConvolutionShape shape_;
  ConvolutionOperands operands_;
};

class PortableKernel final : public ConvolutionKernel {
 public:
  explicit PortableKernel(const ConvolutionShape& shape) : shape_(shape) {}
  const char* name() const override { return "portable"; }
  std::size_t scratch_bytes() const override { return 0; }
  Result<std::unique_ptr<TensorOperation>> make(ConvolutionOperands operands) const override {
    return std::make_unique<PortableConvolution>(shape_, std::move(operands));
  }

 private:
  ConvolutionShape shape_;
};

}  // namespace

Reach reach(std::int64_t out, std::int64_t size, std::int64_t stride, std::int64_t offset) {
  // 0 ≤ x·stride + offset < size.
  const std::int64_t begin = offset >= 0 ? 0 : (-offset + stride - 1) / stride;
  const std::int64_t last = size - 1 - offset;
  const std::int64_t end = last < 0 ? 0 : last / stride + 1;
  return {std::min(begin, out), std::clamp(end, std::min(begin, out), out)};
}

double ConvolutionShape::operations() const {
  return 2.0 * static_cast<double>(images) * static_cast<double>(out_channels) *
         static_cast<double>(out_plane()) * static_cast<double>(group_inputs()) *
         static_cast<double>(kernel_size());
}

bool ConvolutionShape::is_pointwise() const {
  constexpr Triple kOnes = {1, 1, 1};
  constexpr Triple kZeros = {0, 0, 0};
  return groups == 1 && kernel == kOnes && strides == kOnes && pad_before == kZeros &&
         pad_after == kZeros;
}

Result<ConvolutionShape> convolution_shape(const Graph& graph, const GraphNode& node) {
  ANEBENCH_ASSIGN(x, node.arguments.tensor_type("x"));
  ANEBENCH_ASSIGN(weight, node.arguments.tensor_type("weight"));
  const mil::Type& out = graph.value(node.outputs.front()).type;
  ConvolutionShape shape;
  ANEBENCH_ASSIGN(groups, node.arguments.integer_or("groups", 1));
  const std::size_t spatial = x.rank() - 2;
  ANEBENCH_ASSIGN(geometry, ops::convolution_geometry(node.arguments, spatial));
  shape.groups = groups;
  shape.images = x.shape()[0].size();
  shape.in_channels = x.shape()[1].size();
  shape.out_channels = out.shape()[1].size();
  for (std::size_t d = 0; d < spatial; ++d) {
    const std::size_t to = 3 - spatial + d;
    shape.in[to] = x.shape()[2 + d].size();
    shape.out[to] = out.shape()[2 + d].size();
    shape.kernel[to] = weight.shape()[2 + d].size();
    shape.strides[to] = geometry.strides[d];
    shape.dilations[to] = geometry.dilations[d];
    const ops::Padding padding = geometry.padding(d, shape.in[to], shape.kernel[to]);
    shape.pad_before[to] = padding.before;
    shape.pad_after[to] = padding.after;
  }
  return shape;
}

ScratchBytes convolution_scratch_bytes(const ConvolutionShape& shape, DataType data_type) {
  if (data_type != DataType::fp16) return {};
  const auto in = static_cast<std::size_t>(shape.images * shape.in_channels * shape.in_plane());
  const auto out = static_cast<std::size_t>(shape.images * shape.out_channels * shape.out_plane());
  return {.input = in * sizeof(float), .output = out * sizeof(float)};
}

const float* widened_input(const ConvolutionShape& shape, const ConvolutionOperands& operands,
                           const Memory& memory, ThreadPool& pool) {
  if (operands.data_type != DataType::fp16) {
    return reinterpret_cast<const float*>(memory.read(operands.input));
  }
  const auto* x = reinterpret_cast<const std::uint16_t*>(memory.read(operands.input));
  auto* wide = reinterpret_cast<float*>(memory.write(operands.input_scratch));
  const auto plane = static_cast<std::size_t>(shape.in_plane());
  pool.parallel_for(static_cast<std::size_t>(shape.images * shape.in_channels),
                    [&](std::size_t i, int) { cast(x + i * plane, wide + i * plane, plane); });
  return wide;
}

std::shared_ptr<const ConvolutionKernel> find_convolution_kernel(const ConvolutionShape& shape,
                                                                 bool has_bias,
                                                                 std::size_t threads) {
  if (auto onednn = find_onednn_kernel(shape, has_bias, threads)) return onednn;
  return std::make_shared<PortableKernel>(shape);
}

void convolve(const ConvolutionShape& shape, const float* image, const float* weights,
              const float* bias, bool relu_after, std::int64_t first, std::int64_t last, float* y) {
  const std::int64_t taps = shape.group_inputs() * shape.kernel_size();
  for (std::int64_t o = first; o < last; ++o) {
    const float* group_image =
        image + o / shape.group_outputs() * shape.group_inputs() * shape.in_plane();
    for (std::int64_t d = 0; d < shape.out[0]; ++d) {
      for (std::int64_t h = 0; h < shape.out[1]; ++h, y += shape.out[2]) {
        std::fill(y, y + shape.out[2], 0.0F);
        add_taps(shape, group_image, weights + o * taps, d, h, y);
        if (bias != nullptr) {
          for (std::int64_t i = 0; i < shape.out[2]; ++i) y[i] += bias[o];
        }
        // After rounding to fp16 the result would be the same: relu commutes with rounding.
        if (relu_after) relu(y, y, static_cast<std::size_t>(shape.out[2]));
      }
    }
  }
}

}  // namespace anebench::device::cpu
