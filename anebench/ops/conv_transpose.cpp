// Transposed convolution over 1, 2 or 3 spatial dimensions, with groups.
//
// Source of the semantics: coremltools' documentation of conv_transpose. Where `output_shape` or
// "same" leaves open which part of the full result is meant, we cut as the transposed "same"
// convolution does: half before (the smaller half, or the larger for same_lower), the rest after.
#include <fmt/format.h>

#include <algorithm>

#include "anebench/ops/context.h"
#include "anebench/ops/conv_transpose.h"
#include "anebench/ops/convolution.h"
#include "anebench/ops/convolution_geometry.h"
#include "anebench/ops/families.h"
#include "anebench/ops/shapes.h"

namespace anebench::ops {
namespace {

using mil::Dim;
using mil::Opset;

// Beyond this no dimension is worth naming, and nothing below overflows.
constexpr std::int64_t kMaxDimension = std::int64_t{1} << 40;

// What `size` elements reach before any padding is cut away; nothing where that is out of bounds.
std::optional<std::int64_t> full_size(const ConvolutionGeometry& geometry, std::size_t d,
                                      std::int64_t size, std::int64_t kernel) {
  if (size < 1 || kernel < 1 || kernel > kMaxGeometry) return std::nullopt;
  const auto steps = checked_multiply(size - 1, geometry.strides[d]);
  const std::int64_t extent = (kernel - 1) * geometry.dilations[d] + 1;
  if (!steps || *steps > kMaxDimension || extent > kMaxDimension) return std::nullopt;
  return *steps + extent;
}

// What is cut away before the first element that is kept.
std::int64_t cut_before(const ConvolutionGeometry& geometry, std::size_t d, std::int64_t full,
                        std::int64_t out) {
  const std::int64_t total = std::max<std::int64_t>(0, full - out);
  switch (geometry.pad_type) {
    case PadType::valid: return 0;
    case PadType::custom: return geometry.custom[d].before;
    case PadType::same: return total / 2;
    case PadType::same_lower: return total - total / 2;
  }
  return 0;
}

Result<Dim> output_channels(const Arguments& arguments, const mil::Type& x,
                            const mil::Type& weight) {
  ANEBENCH_ASSIGN(groups, arguments.integer_or("groups", 1));
  const Dim in_channels = x.shape()[1];
  if (groups < 1 || groups > kMaxGeometry ||
      (in_channels.is_known() && in_channels.size() % groups != 0)) {
    return arguments.error("groups",
                           fmt::format("is {} for {} channels", groups, in_channels.size()));
  }
  if (in_channels.is_known() && weight.shape()[0].is_known() && weight.shape()[0] != in_channels) {
    return arguments.error("weight", fmt::format("takes {} channels, x has {}",
                                                 weight.shape()[0].size(), in_channels.size()));
  }
  Dim channels = Dim::unknown();
  if (weight.shape()[1].is_known()) {
    const auto all = checked_multiply(weight.shape()[1].size(), groups);
    if (!all) return arguments.error("weight", fmt::format("is {}", to_string(weight)));
    channels = *all;
  }
  if (arguments.has("bias")) {
    ANEBENCH_ASSIGN(bias, arguments.tensor_type("bias"));
    if (bias.rank() != 1 ||
        (bias.shape()[0].is_known() && channels.is_known() && bias.shape()[0] != channels)) {
      return arguments.error("bias", fmt::format("is {}, wants one number for each of {} channels",
                                                 to_string(bias), channels.size()));
    }
  }
  return channels;
}

Result<mil::Shape> given_shape(const Arguments& arguments, const mil::Shape& leading,
                               std::size_t rank) {
  ANEBENCH_ASSIGN(given, arguments.integers("output_shape"));
  if (given.size() != rank) {
    return arguments.error("output_shape",
                           fmt::format("has {} numbers, wants {}", given.size(), rank));
  }
  for (std::size_t d = 0; d < rank; ++d) {
    const bool differs = d < 2 && leading[d].is_known() && given[d] != leading[d].size();
    if (given[d] < 1 || differs) {
      return arguments.error("output_shape",
                             fmt::format("holds {} for dimension {}{}", given[d], d,
                                         differs ? ", x and weight give another" : ""));
    }
  }
  return mil::Shape(given.begin(), given.end());
}

Result<std::vector<mil::Type>> infer_conv_transpose(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  ANEBENCH_ASSIGN(weight, arguments.tensor_type("weight"));
  if (x.rank() < 3 || x.rank() > 5) {
    return arguments.error("x", fmt::format("has rank {}, wants 3 to 5", x.rank()));
  }
  if (weight.rank() != x.rank()) {
    return arguments.error("weight", fmt::format("has rank {}, x {}", weight.rank(), x.rank()));
  }
  ANEBENCH_ASSIGN(channels, output_channels(arguments, x, weight));
  const std::size_t spatial = x.rank() - 2;
  ANEBENCH_ASSIGN(geometry, convolution_geometry(arguments, spatial));
  mil::Shape shape{x.shape()[0], channels};
  for (std::size_t d = 0; d < spatial; ++d) {
    const Dim size = x.shape()[2 + d];
    const Dim kernel = weight.shape()[2 + d];
    if (!size.is_known() || !kernel.is_known()) {
      shape.push_back(Dim::unknown());
      continue;
    }
    const auto full = full_size(geometry, d, size.size(), kernel.size());
    std::int64_t out = full.value_or(0);
    if (geometry.pad_type == PadType::custom) {
      out -= geometry.custom[d].before + geometry.custom[d].after;
    } else if (geometry.pad_type != PadType::valid && full) {
      out = size.size() * geometry.strides[d];
    }
    if (!full || (out < 1 && !arguments.has("output_shape"))) {
      return arguments.error("weight", fmt::format("has a kernel of {} for an input of {}, which "
                                                   "leaves no output",
                                                   kernel.size(), size.size()));
    }
    shape.push_back(out);
  }
  if (arguments.has("output_shape")) {
    ANEBENCH_ASSIGN(given, given_shape(arguments, shape, x.rank()));
    shape = std::move(given);
  }
  return std::vector<mil::Type>{mil::Type::tensor(x.data_type(), std::move(shape))};
}

Result<double> count_conv_transpose(const Arguments& arguments,
                                    std::span<const mil::Type> outputs) {
  ANEBENCH_ASSIGN(x, known_tensor(arguments, "x"));
  ANEBENCH_ASSIGN(weight, known_tensor(arguments, "weight"));
  // Each input element meets the weights of its channel once.
  const double taps = weight.dims[0] == 0 ? 0.0
                                          : static_cast<double>(weight.element_count) /
                                                static_cast<double>(weight.dims[0]);
  ANEBENCH_ASSIGN(bias, count_per_element(outputs, arguments.has("bias") ? 1 : 0));
  return 2 * taps * static_cast<double>(x.element_count) + bias;
}

// [in, out / groups, kernel…] becomes [out, in / groups, kernel…].
std::vector<double> with_outputs_first(const Tensor& weight, std::size_t groups) {
  const std::vector<double> given = weight.to_doubles();
  const auto group_inputs = static_cast<std::size_t>(weight.dims()[0]) / groups;
  const auto group_outputs = static_cast<std::size_t>(weight.dims()[1]);
  const std::size_t kernel =
      given.empty() ? 0 : given.size() / (group_inputs * groups * group_outputs);
  std::vector<double> result(given.size());
  for (std::size_t in = 0; in < group_inputs * groups; ++in) {
    for (std::size_t out = 0; out < group_outputs; ++out) {
      const std::size_t channel = in / group_inputs * group_outputs + out;
      std::copy_n(given.data() + (in * group_outputs + out) * kernel, kernel,
                  result.data() + (channel * group_inputs + in % group_inputs) * kernel);
    }
  }
  return result;
}

Result<std::vector<Tensor>> evaluate_conv_transpose(OpContext& context) {
  const Arguments& arguments = context.arguments();
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(weight, context.tensor("weight"));
  ANEBENCH_ASSIGN(types, infer_conv_transpose(arguments));
  ANEBENCH_ASSIGN(groups, arguments.integer_or("groups", 1));
  ANEBENCH_ASSIGN(geometry, convolution_geometry(arguments, x.rank() - 2));
  const mil::Shape& shape = types.front().shape();
  ConvolutionProblem problem;
  problem.transposed = true;
  problem.groups = static_cast<std::size_t>(groups);
  problem.out_channels = static_cast<std::size_t>(shape[1].size());
  for (std::size_t d = 0; d < geometry.spatial_rank(); ++d) {
    problem.kernel.push_back(weight.dims()[d + 2]);
  }
  problem.pad = transposed_cuts(geometry, x.dims(), weight.dims(), sizes(shape));
  problem.strides = std::move(geometry.strides);
  problem.dilations = std::move(geometry.dilations);
  std::vector<double> bias;
  if (arguments.has("bias")) {
    ANEBENCH_ASSIGN(given, context.tensor("bias"));
    bias = given.to_doubles();
  }
  ANEBENCH_ASSIGN(out, convolve(context, problem, x, with_outputs_first(weight, problem.groups),
                                bias, types.front()));
  return std::vector<Tensor>{std::move(out)};
}

constexpr Parameter kOutputShape = {.name = "output_shape",
                                    .types = kInt32,
                                    .optional = true,
                                    .constant = true,
                                    .default_text = "none"};
constexpr Parameter kConvTranspose13[] = {
    {.name = "x", .types = kFloats, .type_variable = "T"},
    {.name = "weight", .types = kFloats, .type_variable = "T", .constant = true},
    {.name = "bias",
     .types = kFloats,
     .type_variable = "T",
     .optional = true,
     .constant = true,
     .default_text = "none"},
    kPad,
    kOutputShape,
    kPadType,
    kStrides,
    kDilations,
    kGroups,
};
// Weights may have another width than x, and weights and bias may be computed.
constexpr Parameter kConvTranspose17[] = {
    {.name = "x", .types = kFloats, .type_variable = "T"},
    {.name = "weight", .types = kFloats, .type_variable = "U"},
    {.name = "bias",
     .types = kFloats,
     .type_variable = "U",
     .optional = true,
     .default_text = "none"},
    kPad,
    kOutputShape,
    kPadType,
    kStrides,
    kDilations,
    kGroups,
};
constexpr Version kConvTransposeVersions[] = {{Opset::ios13, kConvTranspose13},
                                              {Opset::ios17, kConvTranspose17}};

constexpr Definition kConvTransposeDefinitions[] = {
    {.name = "conv_transpose",
     .family = "conv",
     .versions = kConvTransposeVersions,
     .infer = infer_conv_transpose,
     .evaluate = evaluate_conv_transpose,
     .count_operations = count_conv_transpose},
};

}  // namespace

std::vector<std::int64_t> transposed_cuts(const ConvolutionGeometry& geometry,
                                          std::span<const std::int64_t> x,
                                          std::span<const std::int64_t> weight,
                                          std::span<const std::int64_t> out) {
  std::vector<std::int64_t> cuts;
  for (std::size_t d = 0; d < geometry.spatial_rank(); ++d) {
    const auto full = full_size(geometry, d, x[d + 2], weight[d + 2]);
    cuts.push_back(cut_before(geometry, d, full.value_or(0), out[d + 2]));
  }
  return cuts;
}

std::span<const Definition> conv_transpose_family() { return kConvTransposeDefinitions; }

}  // namespace anebench::ops
