// The kernel of conv_transpose: for some output channels at a time, one matrix product gives what
// each input position adds at each tap of the kernel, and the taps' rows are added where they
// belong.
#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "anebench/device/cpu/convolution.h"
#include "anebench/device/cpu/float_elements.h"
#include "anebench/device/cpu/gemm.h"
#include "anebench/device/cpu/kernel.h"
#include "anebench/device/cpu/parallel.h"
#include "anebench/ops/conv_transpose.h"
#include "anebench/ops/shapes.h"

namespace anebench::device::cpu {
namespace {

using mil::DataType;

// Output channels whose taps are computed at a time.
constexpr std::int64_t kTransposedChannels = 8;

// `shape` with pad_before as what is cut away; in and out are those of the operation.
struct TransposedConvolution {
  ConvolutionShape shape;
  DataType type = DataType::fp16;
  std::vector<float> weights;  // [in][out / groups][kernel]
  std::vector<float> bias;     // empty or [out]

  std::size_t x_floats() const {
    return type == DataType::fp16 ? saturating_product({size(shape.images), size(shape.in_channels),
                                                        size(shape.in_plane())})
                                  : 0;
  }
  // Of one thread: taps, then the plane that they are added up in.
  std::size_t tap_floats() const {
    return saturating_product({size(std::min(kTransposedChannels, shape.group_outputs())),
                               size(shape.kernel_size()), size(shape.in_plane())});
  }
  static std::size_t size(std::int64_t number) { return static_cast<std::size_t>(number); }
};

class TransposedOperation final : public TensorOperation {
 public:
  TransposedOperation(TransposedConvolution convolution, KernelOperands at)
      : c_(std::move(convolution)), at_(std::move(at)) {}

  Result<void> run(const Memory& memory, ThreadPool& pool) const override {
    const ConvolutionShape& s = c_.shape;
    auto* scratch = reinterpret_cast<float*>(memory.write(at_.scratch));
    const float* x = as_floats(c_.type, memory.read(at_.inputs[0]), c_.x_floats(), scratch, pool);
    const auto out_plane = static_cast<std::size_t>(s.out_plane());
    const std::int64_t blocks = (s.group_outputs() + kTransposedChannels - 1) / kTransposedChannels;
    const auto count = static_cast<std::size_t>(s.images * s.groups * blocks);
    const double block_ns =
        static_cast<double>(c_.tap_floats()) * (static_cast<double>(s.group_inputs()) / 10 + 0.5);
    parallel_ranges(
        pool, count, grain_of(block_ns), [&](std::size_t begin, std::size_t end, int worker) {
          float* own = scratch + c_.x_floats() +
                       static_cast<std::size_t>(worker) * (c_.tap_floats() + out_plane);
          for (auto i = static_cast<std::int64_t>(begin); i < static_cast<std::int64_t>(end); ++i) {
            const std::int64_t first = i % blocks * kTransposedChannels;
            run_block(x, i / blocks / s.groups, i / blocks % s.groups, first,
                      std::min(kTransposedChannels, s.group_outputs() - first), own,
                      memory.write(at_.outputs[0]));
          }
        });
    return {};
  }

  std::size_t resident_bytes() const override {
    return (c_.weights.size() + c_.bias.size()) * sizeof(float);
  }

 private:
  void run_block(const float* x, std::int64_t image, std::int64_t group, std::int64_t first,
                 std::int64_t channels, float* taps, std::byte* out) const {
    const ConvolutionShape& s = c_.shape;
    float* const plane = taps + c_.tap_floats();
    const std::int64_t row = s.group_outputs() * s.kernel_size();
    multiply({.m = channels * s.kernel_size(),
              .n = s.in_plane(),
              .k = s.group_inputs(),
              .row_a = row,
              .row_b = s.in_plane(),
              .row_c = s.in_plane(),
              .transposed_a = true},
             c_.weights.data() + group * s.group_inputs() * row + first * s.kernel_size(),
             x + (image * s.in_channels + group * s.group_inputs()) * s.in_plane(), taps);
    const auto out_plane = static_cast<std::size_t>(s.out_plane());
    for (std::int64_t c = 0; c < channels; ++c) {
      const auto channel = static_cast<std::size_t>(group * s.group_outputs() + first + c);
      std::fill_n(plane, out_plane, c_.bias.empty() ? 0.0F : c_.bias[channel]);
      add_taps_of(taps + c * s.kernel_size() * s.in_plane(), plane);
      const std::size_t at = static_cast<std::size_t>(image * s.out_channels) + channel;
      store_floats(c_.type, out, at * out_plane, {plane, out_plane});
    }
  }

  // Adds the rows of one channel's taps to its output plane.
  void add_taps_of(const float* taps, float* plane) const {
    const ConvolutionShape& s = c_.shape;
    const std::int64_t width = s.in[2];
    for (std::int64_t tap = 0; tap < s.kernel_size(); ++tap) {
      const std::array<std::int64_t, 3> at = {tap / s.kernel[2] / s.kernel[1],
                                              tap / s.kernel[2] % s.kernel[1], tap % s.kernel[2]};
      const auto offset = [&](std::size_t d) { return at[d] * s.dilations[d] - s.pad_before[d]; };
      const Reach columns = reach(width, s.out[2], s.strides[2], offset(2));
      const Reach rows = reach(s.in[1], s.out[1], s.strides[1], offset(1));
      const Reach planes = reach(s.in[0], s.out[0], s.strides[0], offset(0));
      for (std::int64_t d = planes.begin; d < planes.end; ++d) {
        for (std::int64_t h = rows.begin; h < rows.end; ++h) {
          const float* from = taps + (tap * s.in[0] * s.in[1] + d * s.in[1] + h) * width;
          float* to =
              plane +
              ((d * s.strides[0] + offset(0)) * s.out[1] + h * s.strides[1] + offset(1)) * s.out[2];
          for (std::int64_t w = columns.begin; w < columns.end; ++w) {
            to[w * s.strides[2] + offset(2)] += from[w];
          }
        }
      }
    }
  }

  TransposedConvolution c_;
  KernelOperands at_;
};

Result<KernelChoice> plan_conv_transpose(const KernelRequest& request) {
  const ops::Arguments& arguments = request.arguments();
  const ValueId x = request.value("x");
  if (x == kNone) return KernelChoice::none("the tensor is a literal");
  TransposedConvolution convolution;
  convolution.type = request.type(x).data_type();
  if (!is_fp16_or_fp32(convolution.type)) {
    return KernelChoice::none("only fp16 and fp32 have a kernel");
  }
  if (!arguments.is_constant("weight") ||
      (arguments.has("bias") && !arguments.is_constant("bias"))) {
    return KernelChoice::none("weights are computed at run time");
  }
  ANEBENCH_ASSIGN(weight, arguments.tensor_type("weight"));
  const std::vector<std::int64_t> in = ops::sizes(request.type(x).shape());
  const std::vector<std::int64_t> out = ops::sizes(request.output_type().shape());
  const std::vector<std::int64_t> kernel = ops::sizes(weight.shape());
  if (ops::product(in) == 0 || ops::product(out) == 0 || ops::product(kernel) == 0) {
    return KernelChoice::none("empty tensors");
  }
  const std::size_t spatial = in.size() - 2;
  ANEBENCH_ASSIGN(geometry, ops::convolution_geometry(arguments, spatial));
  ANEBENCH_ASSIGN(groups, arguments.integer_or("groups", 1));
  const std::vector<std::int64_t> cuts = ops::transposed_cuts(geometry, in, kernel, out);
  ConvolutionShape& shape = convolution.shape;
  shape.images = in[0];
  shape.in_channels = in[1];
  shape.out_channels = out[1];
  shape.groups = groups;
  for (std::size_t d = 0; d < spatial; ++d) {
    const std::size_t to = 3 - spatial + d;
    shape.in[to] = in[2 + d];
    shape.out[to] = out[2 + d];
    shape.kernel[to] = kernel[2 + d];
    shape.strides[to] = geometry.strides[d];
    shape.dilations[to] = geometry.dilations[d];
    shape.pad_before[to] = cuts[d];
  }
  const auto weight_count = static_cast<std::size_t>(weight.element_count().value_or(0));
  KernelPlan plan{.name = "conv_transpose", .inputs = {x}};
  plan.weight_bytes = saturating_product({weight_count, sizeof(float)});
  const std::size_t thread_floats =
      saturating_sum({convolution.tap_floats(), static_cast<std::size_t>(shape.out_plane())});
  plan.scratch_bytes =
      saturating_product({saturating_sum({convolution.x_floats(),
                                          saturating_product({request.threads, thread_floats})}),
                          sizeof(float)});
  plan.make = [request,
               convolution](const KernelOperands& at) -> Result<std::unique_ptr<TensorOperation>> {
    TransposedConvolution made = convolution;
    ANEBENCH_ASSIGN(weights, constant_floats(request.graph, request.node, "weight"));
    ANEBENCH_ASSIGN(bias, constant_floats(request.graph, request.node, "bias"));
    made.weights = std::move(weights);
    made.bias = std::move(bias);
    return std::make_unique<TransposedOperation>(std::move(made), at);
  };
  return plan;
}

constexpr KernelEntry kConvTransposeKernels[] = {{"conv_transpose", plan_conv_transpose}};

}  // namespace

std::span<const KernelEntry> conv_transpose_kernels() { return kConvTransposeKernels; }

}  // namespace anebench::device::cpu
