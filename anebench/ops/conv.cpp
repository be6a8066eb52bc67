// Convolution over 1, 2 or 3 spatial dimensions, with groups.
#include <fmt/format.h>

#include "anebench/ops/context.h"
#include "anebench/ops/convolution.h"
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

Result<std::vector<Tensor>> evaluate_conv(OpContext& context) {
  const Arguments& arguments = context.arguments();
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(weight, context.tensor("weight"));
  ANEBENCH_ASSIGN(types, infer_conv(arguments));
  ANEBENCH_ASSIGN(groups, arguments.integer_or("groups", 1));
  ANEBENCH_ASSIGN(geometry, convolution_geometry(arguments, x.rank() - 2));
  ConvolutionProblem problem;
  problem.groups = static_cast<std::size_t>(groups);
  problem.out_channels = static_cast<std::size_t>(weight.dims()[0]);
  for (std::size_t d = 0; d < geometry.spatial_rank(); ++d) {
    const std::int64_t size = x.dims()[d + 2];
    const std::int64_t kernel = weight.dims()[d + 2];
    problem.kernel.push_back(kernel);
    problem.pad.push_back(geometry.padding(d, size, kernel).before);
  }
  problem.strides = std::move(geometry.strides);
  problem.dilations = std::move(geometry.dilations);
  std::vector<double> bias;
  if (arguments.has("bias")) {
    ANEBENCH_ASSIGN(given, context.tensor("bias"));
    bias = given.to_doubles();
  }
  ANEBENCH_ASSIGN(out, convolve(context, problem, x, weight.to_doubles(), bias, types.front()));
  return std::vector<Tensor>{std::move(out)};
}

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

constexpr Definition kConvDefinitions[] = {
    {.name = "conv",
     .family = "conv",
     .versions = kConvVersions,
     .infer = infer_conv,
     .evaluate = evaluate_conv,
     .count_operations = count_conv},
};

}  // namespace

std::span<const Definition> conv_family() { return kConvDefinitions; }

}  // namespace anebench::ops
