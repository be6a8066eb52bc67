// The output positions are cut into tiles. For each tile the input values under every tap (input
// channel and kernel offset) are laid out as one row of doubles ("panel"), zeros where there is no
// input; then each output channel is a sum of rows times weights, in a fixed order of taps. Sums of
// products of fp16 numbers are exact in 53 bits unless their magnitudes differ by more than 2^31 or
// so.
#include "anebench/ops/convolution.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <new>

#include "anebench/ops/multiply_accumulate.h"
#include "anebench/ops/shapes.h"

namespace anebench::ops {
namespace {

// Bytes that a panel should stay below: a share of the second-level cache.
constexpr std::size_t kPanelBytes = 512 * 1024;
constexpr std::size_t kMinTile = 16;
constexpr std::size_t kMaxTile = 256;

// The problem with its sizes, which only the tensors know.
struct ConvolutionLayout {
  const ConvolutionProblem& problem;
  std::span<const std::int64_t> in;  // spatial sizes
  std::span<const std::int64_t> out;
  std::size_t in_channels;
  std::size_t in_positions = product(in);
  std::size_t out_positions = product(out);
  std::size_t kernel_positions = product(problem.kernel);

  std::size_t group_inputs() const { return in_channels / problem.groups; }
  std::size_t group_outputs() const { return problem.out_channels / problem.groups; }
  std::size_t taps() const { return group_inputs() * kernel_positions; }
};

// The coordinates of a row-major position.
void unravel(std::size_t position, std::span<const std::int64_t> dims,
             std::span<std::int64_t> coordinates) {
  for (std::size_t d = dims.size(); d-- > 0;) {
    coordinates[d] = static_cast<std::int64_t>(position % static_cast<std::size_t>(dims[d]));
    position /= static_cast<std::size_t>(dims[d]);
  }
}

// The input coordinate along dimension d that kernel offset `offset` takes for output coordinate
// `at`; -1 for none.
std::int64_t input_coordinate(const ConvolutionLayout& layout, std::size_t d, std::int64_t at,
                              std::int64_t offset) {
  const ConvolutionProblem& problem = layout.problem;
  const std::int64_t stride = problem.strides[d];
  const std::int64_t reach = offset * problem.dilations[d];
  std::int64_t coordinate = 0;
  if (problem.transposed) {
    const std::int64_t scaled = at + problem.pad[d] - reach;
    if (scaled % stride != 0) return -1;
    coordinate = scaled / stride;
  } else {
    coordinate = at * stride + reach - problem.pad[d];
  }
  return coordinate >= 0 && coordinate < layout.in[d] ? coordinate : -1;
}

// For kernel position `k`, the input position under each output position of the tile; -1 where
// there is none.
void input_positions(const ConvolutionLayout& layout, std::size_t k, std::size_t first,
                     std::span<std::int64_t> positions) {
  std::array<std::int64_t, 3> offset{};
  std::array<std::int64_t, 3> at{};
  unravel(k, layout.problem.kernel, offset);
  for (std::size_t p = 0; p < positions.size(); ++p) {
    unravel(first + p, layout.out, at);
    std::int64_t position = 0;
    bool inside = true;
    for (std::size_t d = 0; d < layout.in.size(); ++d) {
      const std::int64_t coordinate = input_coordinate(layout, d, at[d], offset[d]);
      inside = inside && coordinate >= 0;
      position = position * layout.in[d] + coordinate;
    }
    positions[p] = inside ? position : -1;
  }
}

// panel[tap][p], taps ordered as in the weights: input channel, then kernel position.
void fill_panel(const ConvolutionLayout& layout, const double* image, std::size_t first,
                std::size_t count, double* panel) {
  std::array<std::int64_t, kMaxTile> storage;
  const std::span<std::int64_t> positions(storage.data(), count);
  for (std::size_t k = 0; k < layout.kernel_positions; ++k) {
    input_positions(layout, k, first, positions);
    for (std::size_t c = 0; c < layout.group_inputs(); ++c) {
      const double* plane = image + c * layout.in_positions;
      double* row = panel + (c * layout.kernel_positions + k) * count;
      for (std::size_t p = 0; p < count; ++p) {
        row[p] = positions[p] < 0 ? 0.0 : plane[positions[p]];
      }
    }
  }
}

}  // namespace

Result<Tensor> convolve(OpContext& context, const ConvolutionProblem& problem, const Tensor& x,
                        std::span<const double> weights, std::span<const double> bias,
                        const mil::Type& output) {
  ANEBENCH_ASSIGN(out, Tensor::create(output));
  const ConvolutionLayout layout{.problem = problem,
                                 .in = std::span(x.dims()).subspan(2),
                                 .out = std::span(out.dims()).subspan(2),
                                 .in_channels = static_cast<std::size_t>(x.dims()[1])};
  const std::vector<double> images = x.to_doubles();
  const std::span<std::byte> target = out.mutable_bytes();
  const std::size_t taps = layout.taps();
  const std::size_t tile =
      std::clamp(kPanelBytes / sizeof(double) / std::max<std::size_t>(taps, 1), kMinTile, kMaxTile);
  const std::size_t tiles = (layout.out_positions + tile - 1) / tile;
  std::atomic<bool> out_of_memory = false;
  const auto batches = static_cast<std::size_t>(x.dims()[0]);

  context.parallel_for(batches * problem.groups * tiles, [&](std::size_t begin, std::size_t end) {
    // Bodies of the thread pool may not throw, so this allocation reports failure itself.
    const std::unique_ptr<double[]> panel(new (std::nothrow) double[taps * tile]);
    if (panel == nullptr) {
      out_of_memory = true;
      return;
    }
    std::array<double, kMaxTile> storage;
    for (std::size_t task = begin; task < end; ++task) {
      const std::size_t first = task % tiles * tile;
      const std::size_t group = task / tiles % problem.groups;
      const std::size_t batch = task / tiles / problem.groups;
      const std::size_t count = std::min(tile, layout.out_positions - first);
      const std::size_t first_in = batch * layout.in_channels + group * layout.group_inputs();
      fill_panel(layout, images.data() + first_in * layout.in_positions, first, count, panel.get());
      const std::span<double> sums(storage.data(), count);
      for (std::size_t i = 0; i < layout.group_outputs(); ++i) {
        const std::size_t channel = group * layout.group_outputs() + i;
        std::ranges::fill(sums, 0.0);
        multiply_accumulate<double>(weights.subspan(channel * taps, taps), panel.get(), count,
                                    sums);
        if (!bias.empty()) {
          for (double& sum : sums) sum += bias[channel];
        }
        store_doubles(out.data_type(), target,
                      (batch * problem.out_channels + channel) * layout.out_positions + first,
                      sums);
      }
    }
  });
  if (out_of_memory) {
    return fail(ErrorCode::resource_exhausted, "{}: out of memory", context.arguments().describe());
  }
  return out;
}

}  // namespace anebench::ops
