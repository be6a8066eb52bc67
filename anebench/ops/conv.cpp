// Convolution over 1, 2 or 3 spatial dimensions, with groups.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <new>

#include "anebench/ops/context.h"
#include "anebench/ops/convolution_geometry.h"
#include "anebench/ops/families.h"
#include "anebench/ops/shapes.h"

namespace anebench::ops {
namespace {

using mil::Dim;
using mil::Opset;

Result<std::vector<mil::Type>> infer_conv(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  ANEBENCH_ASSIGN(weight, arguments.tensor_type("weight"));
  if (x.rank() < 3 || x.rank() > 5) {
    return arguments.error("x", fmt::format("has rank {}, wants 3 to 5", x.rank()));
  }
  if (weight.rank() != x.rank()) {
    return arguments.error("weight", fmt::format("has rank {}, x {}", weight.rank(), x.rank()));
  }
  ANEBENCH_ASSIGN(groups, arguments.integer_or("groups", 1));
  const Dim out_channels = weight.shape()[0];
  const Dim group_channels = weight.shape()[1];
  const Dim in_channels = x.shape()[1];
  if (groups < 1 || (in_channels.is_known() && in_channels.size() % groups != 0) ||
      (out_channels.is_known() && out_channels.size() % groups != 0)) {
    return arguments.error("groups", fmt::format("is {} for {} input and {} output channels",
                                                 groups, in_channels.size(), out_channels.size()));
  }
  if (in_channels.is_known() && group_channels.is_known() &&
      in_channels.size() / groups != group_channels.size()) {
    return arguments.error("weight",
                           fmt::format("takes {} channels a group, x has {} in {} groups",
                                       group_channels.size(), in_channels.size(), groups));
  }
  if (arguments.has("bias")) {
    ANEBENCH_ASSIGN(bias, arguments.tensor_type("bias"));
    if (bias.rank() != 1 || (bias.shape()[0].is_known() && out_channels.is_known() &&
                             bias.shape()[0] != out_channels)) {
      return arguments.error("bias", fmt::format("is {}, wants one number for each of {} channels",
                                                 to_string(bias), out_channels.size()));
    }
  }
  const std::size_t spatial = x.rank() - 2;
  ANEBENCH_ASSIGN(geometry, convolution_geometry(arguments, spatial));
  mil::Shape shape{x.shape()[0], out_channels};
  for (std::size_t d = 0; d < spatial; ++d) {
    const Dim size = x.shape()[2 + d];
    const Dim kernel = weight.shape()[2 + d];
    if (kernel.is_known() && (kernel.size() < 1 || kernel.size() > kMaxGeometry)) {
      return arguments.error("weight", fmt::format("has a kernel of {}", kernel.size()));
    }
    if (!size.is_known() || !kernel.is_known()) {
      shape.push_back(Dim::unknown());
      continue;
    }
    const auto out = geometry.output_size(d, size.size(), kernel.size());
    if (!out) {
      return arguments.error("weight", fmt::format("has a kernel of {} for a padded input of {}",
                                                   kernel.size(), size.size()));
    }
    shape.push_back(*out);
  }
  return std::vector<mil::Type>{mil::Type::tensor(x.data_type(), std::move(shape))};
}

Result<double> count_conv(const Arguments& arguments, std::span<const mil::Type> outputs) {
  ANEBENCH_ASSIGN(weight, known_tensor(arguments, "weight"));
  const double taps = weight.dims[0] == 0 ? 0.0
                                          : static_cast<double>(weight.element_count) /
                                                static_cast<double>(weight.dims[0]);
  return count_per_element(outputs, 2 * taps + (arguments.has("bias") ? 1 : 0));
}

// --- Evaluation -------------------------------------------------------------------------------
//
// The output positions are cut into tiles. For each tile the input values under every tap (input
// channel and kernel offset) are laid out as one row of doubles ("panel"), zeros where padded; then
// each output channel is a sum of rows times weights, in a fixed order of taps. Sums of products of
// fp16 numbers are exact in 53 bits unless their magnitudes differ by more than 2^31 or so.

// Bytes that a panel should stay below: a share of the second-level cache.
constexpr std::size_t kPanelBytes = 512 * 1024;
constexpr std::size_t kMinTile = 16;
constexpr std::size_t kMaxTile = 256;

struct Problem {
  std::vector<std::int64_t> in;  // spatial sizes
  std::vector<std::int64_t> out;
  std::vector<std::int64_t> kernel;
  std::vector<std::int64_t> pad;  // before
  ConvolutionGeometry geometry;
  std::size_t in_channels = 0;
  std::size_t out_channels = 0;
  std::size_t groups = 1;
  std::size_t in_positions = 1;
  std::size_t out_positions = 1;
  std::size_t kernel_positions = 1;

  std::size_t group_inputs() const { return in_channels / groups; }
  std::size_t group_outputs() const { return out_channels / groups; }
  std::size_t taps() const { return group_inputs() * kernel_positions; }
};

Problem make_problem(const Tensor& x, const Tensor& weight, const mil::Type& output,
                     ConvolutionGeometry geometry, std::int64_t groups) {
  Problem problem;
  problem.geometry = std::move(geometry);
  problem.in_channels = static_cast<std::size_t>(x.dims()[1]);
  problem.out_channels = static_cast<std::size_t>(weight.dims()[0]);
  problem.groups = static_cast<std::size_t>(groups);
  for (std::size_t d = 2; d < x.rank(); ++d) {
    problem.in.push_back(x.dims()[d]);
    problem.out.push_back(output.shape()[d].size());
    problem.kernel.push_back(weight.dims()[d]);
    problem.pad.push_back(problem.geometry.padding(d - 2, x.dims()[d], weight.dims()[d]).before);
    problem.in_positions *= static_cast<std::size_t>(x.dims()[d]);
    problem.out_positions *= static_cast<std::size_t>(problem.out.back());
    problem.kernel_positions *= static_cast<std::size_t>(weight.dims()[d]);
  }
  return problem;
}

// The coordinates of a row-major position.
void unravel(std::size_t position, std::span<const std::int64_t> dims,
             std::span<std::int64_t> coordinates) {
  for (std::size_t d = dims.size(); d-- > 0;) {
    coordinates[d] = static_cast<std::int64_t>(position % static_cast<std::size_t>(dims[d]));
    position /= static_cast<std::size_t>(dims[d]);
  }
}

// For kernel position `k`, the input position under each output position of the tile; -1 in the
// padding.
void input_positions(const Problem& problem, std::size_t k, std::size_t first,
                     std::span<std::int64_t> positions) {
  const std::size_t rank = problem.in.size();
  std::array<std::int64_t, 3> offset{};
  std::array<std::int64_t, 3> at{};
  unravel(k, problem.kernel, offset);
  for (std::size_t p = 0; p < positions.size(); ++p) {
    unravel(first + p, problem.out, at);
    std::int64_t position = 0;
    bool inside = true;
    for (std::size_t d = 0; d < rank; ++d) {
      const std::int64_t coordinate = at[d] * problem.geometry.strides[d] +
                                      offset[d] * problem.geometry.dilations[d] - problem.pad[d];
      inside = inside && coordinate >= 0 && coordinate < problem.in[d];
      position = position * problem.in[d] + coordinate;
    }
    positions[p] = inside ? position : -1;
  }
}

// panel[tap][p], taps ordered as in the weight: input channel, then kernel position.
void fill_panel(const Problem& problem, const double* image, std::size_t first, std::size_t count,
                double* panel) {
  std::array<std::int64_t, kMaxTile> storage;
  const std::span<std::int64_t> positions(storage.data(), count);
  for (std::size_t k = 0; k < problem.kernel_positions; ++k) {
    input_positions(problem, k, first, positions);
    for (std::size_t c = 0; c < problem.group_inputs(); ++c) {
      const double* plane = image + c * problem.in_positions;
      double* row = panel + (c * problem.kernel_positions + k) * count;
      for (std::size_t p = 0; p < count; ++p) {
        row[p] = positions[p] < 0 ? 0.0 : plane[positions[p]];
      }
    }
  }
}

// sums[p] += the weights of one output channel times the panel's rows; four rows a pass, added one
// after the other so that the order is that of the taps.
void accumulate(std::span<const double> weights, const double* panel, std::span<double> sums) {
  const std::size_t count = sums.size();
  double* const out = sums.data();
  std::size_t tap = 0;
  for (; tap + 4 <= weights.size(); tap += 4) {
    const double w0 = weights[tap];
    const double w1 = weights[tap + 1];
    const double w2 = weights[tap + 2];
    const double w3 = weights[tap + 3];
    const double* const row = panel + tap * count;
    for (std::size_t p = 0; p < count; ++p) {
      double sum = out[p] + w0 * row[p];
      sum += w1 * row[count + p];
      sum += w2 * row[2 * count + p];
      sum += w3 * row[3 * count + p];
      out[p] = sum;
    }
  }
  for (; tap < weights.size(); ++tap) {
    const double* const row = panel + tap * count;
    for (std::size_t p = 0; p < count; ++p) out[p] += weights[tap] * row[p];
  }
}

Result<std::vector<Tensor>> evaluate_conv(OpContext& context) {
  const Arguments& arguments = context.arguments();
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(weight, context.tensor("weight"));
  ANEBENCH_ASSIGN(types, infer_conv(arguments));
  ANEBENCH_ASSIGN(groups, arguments.integer_or("groups", 1));
  ANEBENCH_ASSIGN(geometry, convolution_geometry(arguments, x.rank() - 2));
  ANEBENCH_ASSIGN(out, Tensor::create(types.front()));
  const Problem problem = make_problem(x, weight, types.front(), std::move(geometry), groups);
  std::vector<double> bias(problem.out_channels, 0.0);
  if (arguments.has("bias")) {
    ANEBENCH_ASSIGN(given, context.tensor("bias"));
    bias = given.to_doubles();
  }
  const std::vector<double> images = x.to_doubles();
  const std::vector<double> weights = weight.to_doubles();
  const std::span<std::byte> target = out.mutable_bytes();
  const std::size_t taps = problem.taps();
  const std::size_t tile =
      std::clamp(kPanelBytes / sizeof(double) / std::max<std::size_t>(taps, 1), kMinTile, kMaxTile);
  const std::size_t tiles = (problem.out_positions + tile - 1) / tile;
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
      const std::size_t count = std::min(tile, problem.out_positions - first);
      const std::size_t first_in = batch * problem.in_channels + group * problem.group_inputs();
      fill_panel(problem, images.data() + first_in * problem.in_positions, first, count,
                 panel.get());
      const std::span<double> sums(storage.data(), count);
      for (std::size_t i = 0; i < problem.group_outputs(); ++i) {
        const std::size_t channel = group * problem.group_outputs() + i;
        std::ranges::fill(sums, 0.0);
        accumulate({weights.data() + channel * taps, taps}, panel.get(), sums);
        for (double& sum : sums) sum += bias[channel];
        store_doubles(out.data_type(), target,
                      (batch * problem.out_channels + channel) * problem.out_positions + first,
                      sums);
      }
    }
  });
  if (out_of_memory) {
    return fail(ErrorCode::resource_exhausted, "{}: out of memory", arguments.describe());
  }
  return std::vector<Tensor>{std::move(out)};
}

constexpr Parameter kStrides = {.name = "strides",
                                .types = kInt32,
                                .optional = true,
                                .constant = true,
                                .default_text = "1 along each dimension"};
constexpr Parameter kPadType = {.name = "pad_type",
                                .types = kString,
                                .optional = true,
                                .constant = true,
                                .default_text = "valid"};
constexpr Parameter kPad = {.name = "pad",
                            .types = kInt32,
                            .optional = true,
                            .constant = true,
                            .default_text = "0 at each side"};
constexpr Parameter kDilations = {.name = "dilations",
                                  .types = kInt32,
                                  .optional = true,
                                  .constant = true,
                                  .default_text = "1 along each dimension"};
constexpr Parameter kGroups = {
    .name = "groups", .types = kInt32, .optional = true, .constant = true, .default_text = "1"};
constexpr Parameter kConv13[] = {
    {.name = "x", .types = kFloats, .type_variable = "T"},
    {.name = "weight", .types = kFloats, .type_variable = "T"},
    {.name = "bias",
     .types = kFloats,
     .type_variable = "T",
     .optional = true,
     .constant = true,
     .default_text = "none"},
    kStrides,
    kPadType,
    kPad,
    kDilations,
    kGroups,
};
// Weights may have another width than x, and the bias may be computed.
constexpr Parameter kConv17[] = {
    {.name = "x", .types = kFloats, .type_variable = "T"},
    {.name = "weight", .types = kFloats, .type_variable = "U"},
    {.name = "bias",
     .types = kFloats,
     .type_variable = "U",
     .optional = true,
     .default_text = "none"},
    kStrides,
    kPadType,
    kPad,
    kDilations,
    kGroups,
};
constexpr Version kConvVersions[] = {{Opset::ios13, kConv13}, {Opset::ios17, kConv17}};

constexpr Definition kDefinitions[] = {
    {.name = "conv",
     .family = "conv",
     .versions = kConvVersions,
     .infer = infer_conv,
     .evaluate = evaluate_conv,
     .count_operations = count_conv},
};

}  // namespace

std::span<const Definition> conv_family() { return kDefinitions; }

}  // namespace anebench::ops
