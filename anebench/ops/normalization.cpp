// Normalizations. Means and sums of squares are taken in double, in two passes; one rounding at the
// end.
//
// Source of the semantics: coremltools' documentation of each op.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <memory>
#include <new>
#include <optional>

#include "anebench/ops/affine.h"
#include "anebench/ops/context.h"
#include "anebench/ops/families.h"
#include "anebench/ops/shapes.h"
#include "anebench/ops/signature.h"
#include "anebench/ops/strided_view.h"

namespace anebench::ops {
namespace {

using mil::Dim;
using mil::Opset;

// An optional vector of one number for each channel (dimension 1).
Result<void> check_channels(const Arguments& arguments, std::string_view parameter,
                            const mil::Type& x) {
  if (!arguments.has(parameter)) return {};
  ANEBENCH_ASSIGN(type, arguments.tensor_type(parameter));
  const Dim channels = x.shape()[1];
  const bool fits = type.rank() == 1 && (!channels.is_known() || !type.shape()[0].is_known() ||
                                         type.shape()[0] == channels);
  if (!fits) {
    return arguments.error(parameter, fmt::format("is {}, wants one number for each of {} channels",
                                                  to_string(type), channels.size()));
  }
  return {};
}

// The values of an optional parameter, or `count` times the fallback.
Result<std::vector<double>> values_or(OpContext& context, std::string_view parameter,
                                      std::size_t count, double fallback) {
  if (!context.arguments().has(parameter)) return std::vector<double>(count, fallback);
  ANEBENCH_ASSIGN(tensor, context.tensor(parameter));
  return tensor.to_doubles();
}

Result<mil::Type> type_of_rank(const Arguments& arguments, std::size_t least, std::size_t most) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  if (x.rank() < least || x.rank() > most) {
    return arguments.error("x", fmt::format("has rank {}, wants {} to {}", x.rank(), least, most));
  }
  return x;
}

// The most dimensions that an op of any rank is asked about.
constexpr std::size_t kAnyRank = 64;

// --- batch_norm -------------------------------------------------------------------------------

Result<std::vector<mil::Type>> infer_batch_norm(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, type_of_rank(arguments, 3, 5));
  for (const std::string_view parameter : {"mean", "variance", "gamma", "beta"}) {
    ANEBENCH_TRY(check_channels(arguments, parameter, x));
  }
  return std::vector<mil::Type>{std::move(x)};
}

Result<std::vector<Tensor>> evaluate_batch_norm(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(types, infer_batch_norm(context.arguments()));
  ANEBENCH_ASSIGN(epsilon, context.arguments().number_or("epsilon", 1e-5));
  const AxisSplit split = split_at(x.dims(), 1);
  ANEBENCH_ASSIGN(mean, values_or(context, "mean", split.channels, 0));
  ANEBENCH_ASSIGN(variance, values_or(context, "variance", split.channels, 1));
  ANEBENCH_ASSIGN(gamma, values_or(context, "gamma", split.channels, 1));
  ANEBENCH_ASSIGN(beta, values_or(context, "beta", split.channels, 0));
  ANEBENCH_ASSIGN(out, Tensor::create(types.front()));
  const std::span<std::byte> target = out.mutable_bytes();
  for_each_row_piece(context, split, [&](std::size_t channel, std::size_t begin, std::size_t end) {
    const double deviation = std::sqrt(variance[channel] + epsilon);
    std::array<double, kElementChunk> storage;
    const std::span<double> values(storage.data(), end - begin);
    load_doubles(x.data_type(), x.bytes(), begin, values);
    for (double& value : values) {
      value = gamma[channel] * ((value - mean[channel]) / deviation) + beta[channel];
    }
    store_doubles(out.data_type(), target, begin, values);
  });
  return std::vector<Tensor>{std::move(out)};
}

// --- Rows: instance_norm, layer_norm, l2_norm ---------------------------------------------------

// Calls transform(row, values) for each row of `length` consecutive elements of `x`, which replaces
// the values in place; they become the rows of the result.
template <typename Transform>
Result<Tensor> transform_rows(OpContext& context, const Tensor& x, std::size_t length,
                              const Transform& transform) {
  ANEBENCH_ASSIGN(out, Tensor::create(x.type()));
  if (x.element_count() == 0) return out;
  const std::span<std::byte> target = out.mutable_bytes();
  std::atomic<bool> out_of_memory = false;
  context.parallel_for(x.element_count() / length, [&](std::size_t begin, std::size_t end) {
    // Bodies of the thread pool may not throw, so this allocation reports failure itself.
    const std::unique_ptr<double[]> storage(new (std::nothrow) double[length]);
    if (storage == nullptr) {
      out_of_memory = true;
      return;
    }
    const std::span<double> values(storage.get(), length);
    for (std::size_t row = begin; row < end; ++row) {
      load_doubles(x.data_type(), x.bytes(), row * length, values);
      transform(row, values);
      store_doubles(out.data_type(), target, row * length, values);
    }
  });
  if (out_of_memory) {
    return fail(ErrorCode::resource_exhausted, "{}: out of memory", context.arguments().describe());
  }
  return out;
}

// To mean 0 and variance 1 (of the whole row, not of a sample).
void standardize(std::span<double> values, double epsilon) {
  const auto count = static_cast<double>(values.size());
  double sum = 0;
  for (const double value : values) sum += value;
  const double mean = sum / count;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const double deviation = std::sqrt(squares / count + epsilon);
  for (double& value : values) value = (value - mean) / deviation;
}

Result<std::vector<mil::Type>> infer_instance_norm(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, type_of_rank(arguments, 3, 5));
  ANEBENCH_TRY(check_channels(arguments, "gamma", x));
  ANEBENCH_TRY(check_channels(arguments, "beta", x));
  return std::vector<mil::Type>{std::move(x)};
}

Result<std::vector<Tensor>> evaluate_instance_norm(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_TRY(infer_instance_norm(context.arguments()));
  ANEBENCH_ASSIGN(epsilon, context.arguments().number_or("epsilon", 1e-5));
  const AxisSplit split = split_at(x.dims(), 1);
  ANEBENCH_ASSIGN(gamma, values_or(context, "gamma", split.channels, 1));
  ANEBENCH_ASSIGN(beta, values_or(context, "beta", split.channels, 0));
  ANEBENCH_ASSIGN(
      out, transform_rows(context, x, split.inner, [&](std::size_t row, std::span<double> values) {
        standardize(values, epsilon);
        const std::size_t channel = row % split.channels;
        for (double& value : values) {
          value = gamma[channel] * value + beta[channel];
        }
      }));
  return std::vector<Tensor>{std::move(out)};
}

// The axes that a layer is normalized over, ascending.
Result<std::vector<std::size_t>> layer_axes(const Arguments& arguments, std::size_t rank) {
  std::vector<std::size_t> axes;
  if (arguments.has("axes")) {
    ANEBENCH_ASSIGN(given, axes_of(arguments, "axes", rank));
    axes = std::move(given);
    std::ranges::sort(axes);
  } else {
    for (std::size_t d = 0; d < rank; ++d) axes.push_back(d);
  }
  return axes;
}

Result<std::vector<mil::Type>> infer_layer_norm(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, type_of_rank(arguments, 0, kAnyRank));
  ANEBENCH_ASSIGN(axes, layer_axes(arguments, x.rank()));
  mil::Shape layer;
  for (const std::size_t axis : axes) layer.push_back(x.shape()[axis]);
  for (const std::string_view parameter : {"gamma", "beta"}) {
    if (!arguments.has(parameter)) continue;
    ANEBENCH_ASSIGN(type, arguments.tensor_type(parameter));
    const bool fits = std::ranges::equal(
        type.shape(), layer, [](Dim a, Dim b) { return !a.is_known() || !b.is_known() || a == b; });
    if (!fits) {
      return arguments.error(parameter, fmt::format("has the shape {}, wants {}",
                                                    to_string(type.shape()), to_string(layer)));
    }
  }
  return std::vector<mil::Type>{std::move(x)};
}

// The normalized axes moved to the end, so that each layer is a row; and the way back.
struct LayerOrder {
  std::vector<std::size_t> forth;
  std::vector<std::size_t> back;
};

LayerOrder layer_order(const std::vector<std::size_t>& axes, std::size_t rank) {
  LayerOrder order;
  for (std::size_t d = 0; d < rank; ++d) {
    if (std::ranges::find(axes, d) == axes.end()) order.forth.push_back(d);
  }
  order.forth.insert(order.forth.end(), axes.begin(), axes.end());
  order.back.resize(rank);
  for (std::size_t d = 0; d < rank; ++d) order.back[order.forth[d]] = d;
  return order;
}

Result<std::vector<Tensor>> evaluate_layer_norm(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_TRY(infer_layer_norm(context.arguments()));
  ANEBENCH_ASSIGN(axes, layer_axes(context.arguments(), x.rank()));
  ANEBENCH_ASSIGN(epsilon, context.arguments().number_or("epsilon", 1e-5));
  if (x.element_count() == 0) return std::vector<Tensor>{std::move(x)};
  std::size_t length = 1;
  for (const std::size_t axis : axes) length *= static_cast<std::size_t>(x.dims()[axis]);
  ANEBENCH_ASSIGN(gamma, values_or(context, "gamma", length, 1));
  ANEBENCH_ASSIGN(beta, values_or(context, "beta", length, 0));
  const LayerOrder order = layer_order(axes, x.rank());
  const StridedView layers = StridedView::of(x.dims()).permuted(order.forth);
  ANEBENCH_ASSIGN(rows, gather(context, x, layers, layers.dims));
  ANEBENCH_ASSIGN(normalized,
                  transform_rows(context, rows, length, [&](std::size_t, std::span<double> values) {
                    standardize(values, epsilon);
                    for (std::size_t i = 0; i < length; ++i) {
                      values[i] = gamma[i] * values[i] + beta[i];
                    }
                  }));
  const StridedView back = StridedView::of(layers.dims).permuted(order.back);
  ANEBENCH_ASSIGN(out, gather(context, normalized, back, x.dims()));
  return std::vector<Tensor>{std::move(out)};
}

Result<std::vector<mil::Type>> infer_l2_norm(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, type_of_rank(arguments, 3, kAnyRank));
  return std::vector<mil::Type>{std::move(x)};
}

// Over the last three dimensions; all before them are a batch.
Result<std::vector<Tensor>> evaluate_l2_norm(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_TRY(infer_l2_norm(context.arguments()));
  ANEBENCH_ASSIGN(epsilon, context.arguments().number_or("epsilon", 1e-6));
  if (x.element_count() == 0) return std::vector<Tensor>{std::move(x)};
  const AxisSplit split = split_at(x.dims(), x.rank() - 3);
  ANEBENCH_ASSIGN(out, transform_rows(context, x, split.channels * split.inner,
                                      [&](std::size_t, std::span<double> values) {
                                        double squares = 0;
                                        for (const double value : values) squares += value * value;
                                        const double length = std::sqrt(squares + epsilon);
                                        for (double& value : values) value /= length;
                                      }));
  return std::vector<Tensor>{std::move(out)};
}

// --- local_response_norm ----------------------------------------------------------------------

Result<std::vector<mil::Type>> infer_local_response_norm(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, type_of_rank(arguments, 3, 5));
  ANEBENCH_ASSIGN(size, arguments.integer("size"));
  if (size < 1 || size > 0x7fffffff) return arguments.error("size", fmt::format("is {}", size));
  return std::vector<mil::Type>{std::move(x)};
}

// x / (k + alpha / size · Σ x²)^beta, the sum over `size` neighbouring channels, size / 2 of them
// before (rounded down). Channels beyond the ends count as 0.
Result<std::vector<Tensor>> evaluate_local_response_norm(OpContext& context) {
  const Arguments& arguments = context.arguments();
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(types, infer_local_response_norm(arguments));
  ANEBENCH_ASSIGN(size, arguments.integer("size"));
  ANEBENCH_ASSIGN(alpha, arguments.number_or("alpha", 1e-4));
  ANEBENCH_ASSIGN(beta, arguments.number_or("beta", 0.75));
  ANEBENCH_ASSIGN(k, arguments.number_or("k", 1.0));
  ANEBENCH_ASSIGN(out, Tensor::create(types.front()));
  const AxisSplit split = split_at(x.dims(), 1);
  const std::vector<double> values = x.to_doubles();
  const auto window = static_cast<std::size_t>(size);
  const std::span<std::byte> target = out.mutable_bytes();
  for_each_row_piece(context, split, [&](std::size_t channel, std::size_t begin, std::size_t end) {
    const std::size_t before = std::min(channel, window / 2);
    const std::size_t after = std::min(split.channels - 1 - channel, (window - 1) / 2);
    std::array<double, kElementChunk> storage;
    for (std::size_t i = begin; i < end; ++i) {
      double squares = 0;
      for (std::size_t c = 0; c <= before + after; ++c) {
        const double neighbour = values[i - before * split.inner + c * split.inner];
        squares += neighbour * neighbour;
      }
      const double scale = std::pow(k + alpha * squares / static_cast<double>(window), beta);
      storage[i - begin] = values[i] / scale;
    }
    store_doubles(out.data_type(), target, begin, std::span(storage).first(end - begin));
  });
  return std::vector<Tensor>{std::move(out)};
}

// --- Operation counts -------------------------------------------------------------------------

// Scale and shift.
Result<double> count_batch_norm(const Arguments& /*arguments*/,
                                std::span<const mil::Type> outputs) {
  return count_per_element(outputs, 2);
}

// Mean (1), variance (3: subtract, multiply, add), subtract and divide (2), scale and shift (2).
Result<double> count_standardization(const Arguments& /*arguments*/,
                                     std::span<const mil::Type> outputs) {
  return count_per_element(outputs, 8);
}

// Square and add (2), divide (1).
Result<double> count_l2_norm(const Arguments& /*arguments*/, std::span<const mil::Type> outputs) {
  return count_per_element(outputs, 3);
}

// Squares and additions of the window, then scale, shift, power and division.
Result<double> count_local_response_norm(const Arguments& arguments,
                                         std::span<const mil::Type> outputs) {
  ANEBENCH_ASSIGN(size, arguments.integer("size"));
  return count_per_element(outputs, 2 * static_cast<double>(size) + 4);
}

// --- Definitions ------------------------------------------------------------------------------

// Since iOS 17 the constants may have another width than x: the type variable U.

constexpr Parameter kBatchNorm13[] = {
    kFloatX,
    constant_parameter("mean", kFloats, "T"),
    constant_parameter("variance", kFloats, "T"),
    optional_parameter("gamma", kFloats, "1 for each channel", "T"),
    optional_parameter("beta", kFloats, "0 for each channel", "T"),
    optional_parameter("epsilon", kFloats, "1e-5", "T")};
constexpr Parameter kBatchNorm17[] = {
    kFloatX,
    constant_parameter("mean", kFloats, "U"),
    constant_parameter("variance", kFloats, "U"),
    optional_parameter("gamma", kFloats, "1 for each channel", "U"),
    optional_parameter("beta", kFloats, "0 for each channel", "U"),
    optional_parameter("epsilon", kFloats, "1e-5", "U")};
constexpr Version kBatchNormVersions[] = {{Opset::ios13, kBatchNorm13},
                                          {Opset::ios17, kBatchNorm17}};
constexpr Parameter kInstanceNorm13[] = {
    kFloatX, optional_parameter("gamma", kFloats, "1 for each channel", "T"),
    optional_parameter("beta", kFloats, "0 for each channel", "T"),
    optional_parameter("epsilon", kFloats, "1e-5", "T")};
constexpr Parameter kInstanceNorm17[] = {
    kFloatX, optional_parameter("gamma", kFloats, "1 for each channel", "U"),
    optional_parameter("beta", kFloats, "0 for each channel", "U"),
    optional_parameter("epsilon", kFloats, "1e-5", "U")};
constexpr Version kInstanceNormVersions[] = {{Opset::ios13, kInstanceNorm13},
                                             {Opset::ios17, kInstanceNorm17}};
constexpr Parameter kL2Norm13[] = {kFloatX, optional_parameter("epsilon", kFloats, "1e-6", "T")};
constexpr Parameter kL2Norm17[] = {kFloatX, optional_parameter("epsilon", kFloats, "1e-6", "U")};
constexpr Version kL2NormVersions[] = {{Opset::ios13, kL2Norm13}, {Opset::ios17, kL2Norm17}};
constexpr Parameter kNormalizedAxes = optional_parameter("axes", kInt32, "all dimensions");
constexpr Parameter kLayerNorm13[] = {kFloatX, kNormalizedAxes,
                                      optional_parameter("gamma", kFloats, "1 everywhere", "T"),
                                      optional_parameter("beta", kFloats, "0 everywhere", "T"),
                                      optional_parameter("epsilon", kFloats, "1e-5", "T")};
constexpr Parameter kLayerNorm17[] = {kFloatX, kNormalizedAxes,
                                      optional_parameter("gamma", kFloats, "1 everywhere", "U"),
                                      optional_parameter("beta", kFloats, "0 everywhere", "U"),
                                      optional_parameter("epsilon", kFloats, "1e-5", "U")};
constexpr Version kLayerNormVersions[] = {{Opset::ios13, kLayerNorm13},
                                          {Opset::ios17, kLayerNorm17}};
constexpr Parameter kSize = constant_parameter("size", kInt32);
constexpr Parameter kLocalResponseNorm13[] = {
    kFloatX, kSize, optional_parameter("alpha", kFloats, "1e-4", "T"),
    optional_parameter("beta", kFloats, "0.75", "T"), optional_parameter("k", kFloats, "1", "T")};
constexpr Parameter kLocalResponseNorm17[] = {
    kFloatX, kSize, optional_parameter("alpha", kFloats, "1e-4", "U"),
    optional_parameter("beta", kFloats, "0.75", "U"), optional_parameter("k", kFloats, "1", "U")};
constexpr Version kLocalResponseNormVersions[] = {{Opset::ios13, kLocalResponseNorm13},
                                                  {Opset::ios17, kLocalResponseNorm17}};

constexpr Definition kNormalizationDefinitions[] = {
    define("normalization", "batch_norm", kBatchNormVersions, infer_batch_norm, evaluate_batch_norm,
           count_batch_norm),
    define("normalization", "instance_norm", kInstanceNormVersions, infer_instance_norm,
           evaluate_instance_norm, count_standardization),
    define("normalization", "l2_norm", kL2NormVersions, infer_l2_norm, evaluate_l2_norm,
           count_l2_norm),
    define("normalization", "layer_norm", kLayerNormVersions, infer_layer_norm, evaluate_layer_norm,
           count_standardization),
    define("normalization", "local_response_norm", kLocalResponseNormVersions,
           infer_local_response_norm, evaluate_local_response_norm, count_local_response_norm),
};

}  // namespace

std::span<const Definition> normalization_family() { return kNormalizationDefinitions; }

}  // namespace anebench::ops
