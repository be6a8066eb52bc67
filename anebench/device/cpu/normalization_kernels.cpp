// Kernels of softmax and the normalizations.
#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "anebench/device/cpu/float_lines.h"
#include "anebench/device/cpu/kernel.h"
#include "anebench/ops/axis_lines.h"
#include "anebench/ops/shapes.h"

namespace anebench::device::cpu {
namespace {

// Estimates of what an element costs beyond loading it, for sharing out work.
constexpr double kSoftmaxNs = 1.5;
constexpr double kStandardizeNs = 1.5;
constexpr double kScaleNs = 0.5;

using LineFunction = std::function<void(std::size_t line, std::span<float> values)>;

// The plan of an operation on the lines of `x`. `prepare` reads the constants and gives the
// function.
KernelPlan plan_lines(const KernelRequest& request, const FloatLines& lines, double ns_per_element,
                      std::size_t weight_bytes, std::function<Result<LineFunction>()> prepare) {
  const ValueId x = request.value("x");
  KernelPlan plan{.name = std::string(request.arguments().definition().name),
                  .inputs = {x},
                  .scratch_bytes = lines.scratch_bytes(request.threads),
                  .weight_bytes = weight_bytes};
  plan.make = [=, type = request.type(x).data_type(), prepare = std::move(prepare)](
                  const KernelOperands& at) -> Result<std::unique_ptr<TensorOperation>> {
    ANEBENCH_ASSIGN(function, prepare());
    return make_operation(
        [=, from = at.inputs[0], to = at.outputs[0], scratch = at.scratch](const Memory& memory,
                                                                           ThreadPool& pool) {
          transform_lines(lines, type, memory.read(from), memory.write(to), memory.write(scratch),
                          pool, ns_per_element, function);
        },
        weight_bytes);
  };
  return plan;
}

// Nothing where x is of the right kind, else why it is not.
std::string why_not(const KernelRequest& request) {
  const ValueId x = request.value("x");
  if (x == kNone) return "the tensor is a literal";
  if (!is_fp16_or_fp32(request.type(x).data_type())) return "only fp16 and fp32 have a kernel";
  return {};
}

std::optional<FloatLines> lines_along(const mil::Type& type, const std::vector<std::size_t>& axes) {
  std::vector<bool> chosen(type.rank(), false);
  for (const std::size_t axis : axes) chosen[axis] = true;
  return FloatLines::along(ops::sizes(type.shape()), chosen);
}

Result<KernelChoice> plan_softmax(const KernelRequest& request) {
  if (std::string reason = why_not(request); !reason.empty()) return KernelChoice::none(reason);
  const mil::Type& x = request.type(request.value("x"));
  ANEBENCH_ASSIGN(axis, ops::axis_or(request.arguments(), "axis", x.rank(), -1));
  const std::optional<FloatLines> lines = lines_along(x, {axis});
  if (!lines) return KernelChoice::none("dimensions that are no neighbours");
  return plan_lines(request, *lines, kSoftmaxNs, 0, []() -> Result<LineFunction> {
    return [](std::size_t /*line*/, std::span<float> values) { softmax_line(values); };
  });
}

// --- Standardization: layer_norm, instance_norm ------------------------------------------------

// To mean 0 and variance 1 (of the whole line, not of a sample).
void standardize_line(std::span<float> values, double epsilon) {
  const auto count = static_cast<double>(values.size());
  const double mean =
      sum_of(values, [](float value) { return static_cast<double>(value); }) / count;
  const double variance = sum_of(values,
                                 [&](float value) {
                                   const double distance = static_cast<double>(value) - mean;
                                   return distance * distance;
                                 }) /
                          count;
  const double factor = 1 / std::sqrt(variance + epsilon);
  for (float& value : values) {
    value = static_cast<float>((static_cast<double>(value) - mean) * factor);
  }
}

bool are_constant(const KernelRequest& request,
                  std::initializer_list<std::string_view> parameters) {
  return std::ranges::all_of(parameters, [&](std::string_view parameter) {
    return !request.arguments().has(parameter) || request.arguments().is_constant(parameter);
  });
}

// Bytes of the floats of constants.
std::size_t float_bytes(const KernelRequest& request,
                        std::initializer_list<std::string_view> parameters) {
  std::size_t sum = 0;
  for (const std::string_view parameter : parameters) {
    const auto type = request.arguments().tensor_type(parameter);
    if (!type) continue;
    sum += static_cast<std::size_t>(type->element_count().value_or(0)) * sizeof(float);
  }
  return sum;
}

Result<KernelChoice> plan_layer_norm(const KernelRequest& request) {
  if (std::string reason = why_not(request); !reason.empty()) return KernelChoice::none(reason);
  if (!are_constant(request, {"gamma", "beta"})) {
    return KernelChoice::none("scale or shift is computed at run time");
  }
  const mil::Type& x = request.type(request.value("x"));
  std::vector<std::size_t> axes;
  for (std::size_t d = 0; d < x.rank(); ++d) axes.push_back(d);
  if (request.arguments().has("axes")) {
    ANEBENCH_ASSIGN(given, ops::axes_of(request.arguments(), "axes", x.rank()));
    axes = std::move(given);
  }
  ANEBENCH_ASSIGN(epsilon, request.arguments().number_or("epsilon", 1e-5));
  const std::optional<FloatLines> lines = lines_along(x, axes);
  if (!lines) return KernelChoice::none("dimensions that are no neighbours");
  return plan_lines(request, *lines, kStandardizeNs, float_bytes(request, {"gamma", "beta"}),
                    [request, epsilon = epsilon]() -> Result<LineFunction> {
                      ANEBENCH_ASSIGN(gamma, constant_floats(request.graph, request.node, "gamma"));
                      ANEBENCH_ASSIGN(beta, constant_floats(request.graph, request.node, "beta"));
                      return [epsilon, gamma = std::move(gamma), beta = std::move(beta)](
                                 std::size_t /*line*/, std::span<float> values) {
                        standardize_line(values, epsilon);
                        for (std::size_t i = 0; i < gamma.size(); ++i) values[i] *= gamma[i];
                        for (std::size_t i = 0; i < beta.size(); ++i) values[i] += beta[i];
                      };
                    });
}

// The lines of all elements of one channel of one image.
std::optional<FloatLines> channel_lines(const mil::Type& x) {
  std::vector<std::size_t> axes;
  for (std::size_t d = 2; d < x.rank(); ++d) axes.push_back(d);
  std::optional<FloatLines> lines = lines_along(x, axes);
  return lines;
}

Result<KernelChoice> plan_instance_norm(const KernelRequest& request) {
  if (std::string reason = why_not(request); !reason.empty()) return KernelChoice::none(reason);
  if (!are_constant(request, {"gamma", "beta"})) {
    return KernelChoice::none("scale or shift is computed at run time");
  }
  ANEBENCH_ASSIGN(epsilon, request.arguments().number_or("epsilon", 1e-5));
  const mil::Type& x = request.type(request.value("x"));
  const std::optional<FloatLines> lines = channel_lines(x);
  if (!lines) return KernelChoice::none("dimensions that are no neighbours");
  return plan_lines(
      request, *lines, kStandardizeNs, float_bytes(request, {"gamma", "beta"}),
      [request, epsilon = epsilon, channels = channel_count(x)]() -> Result<LineFunction> {
        ANEBENCH_ASSIGN(gamma, constant_floats(request.graph, request.node, "gamma"));
        ANEBENCH_ASSIGN(beta, constant_floats(request.graph, request.node, "beta"));
        return [=, gamma = std::move(gamma), beta = std::move(beta)](std::size_t line,
                                                                     std::span<float> values) {
          const std::size_t channel = line % channels;
          standardize_line(values, epsilon);
          const float scale = gamma.empty() ? 1 : gamma[channel];
          const float shift = beta.empty() ? 0 : beta[channel];
          for (float& value : values) value = scale * value + shift;
        };
      });
}

// --- batch_norm, l2_norm -----------------------------------------------------------------------

Result<KernelChoice> plan_batch_norm(const KernelRequest& request) {
  if (std::string reason = why_not(request); !reason.empty()) return KernelChoice::none(reason);
  if (!are_constant(request, {"mean", "variance", "gamma", "beta"})) {
    return KernelChoice::none("statistics that are computed at run time");
  }
  ANEBENCH_ASSIGN(epsilon, request.arguments().number_or("epsilon", 1e-5));
  const mil::Type& x = request.type(request.value("x"));
  const std::optional<FloatLines> lines = channel_lines(x);
  if (!lines) return KernelChoice::none("dimensions that are no neighbours");
  return plan_lines(
      request, *lines, kScaleNs, float_bytes(request, {"mean", "variance", "gamma", "beta"}),
      [request, epsilon = epsilon, channels = channel_count(x)]() -> Result<LineFunction> {
        ANEBENCH_ASSIGN(mean, constant_floats(request.graph, request.node, "mean"));
        ANEBENCH_ASSIGN(variance, constant_floats(request.graph, request.node, "variance"));
        ANEBENCH_ASSIGN(gamma, constant_floats(request.graph, request.node, "gamma"));
        ANEBENCH_ASSIGN(beta, constant_floats(request.graph, request.node, "beta"));
        // In place of the variances, what the distances from the mean are multiplied by.
        std::vector<float> factors = std::move(variance);
        for (std::size_t c = 0; c < factors.size(); ++c) {
          const double scale = gamma.empty() ? 1 : static_cast<double>(gamma[c]);
          factors[c] =
              static_cast<float>(scale / std::sqrt(static_cast<double>(factors[c]) + epsilon));
        }
        return [channels, mean = std::move(mean), factors = std::move(factors),
                beta = std::move(beta)](std::size_t line, std::span<float> values) {
          const std::size_t channel = line % channels;
          const float middle = mean[channel];
          const float factor = factors[channel];
          const float shift = beta.empty() ? 0 : beta[channel];
          for (float& value : values) value = (value - middle) * factor + shift;
        };
      });
}

// Over the last three dimensions; all before them are a batch.
Result<KernelChoice> plan_l2_norm(const KernelRequest& request) {
  if (std::string reason = why_not(request); !reason.empty()) return KernelChoice::none(reason);
  const mil::Type& x = request.type(request.value("x"));
  ANEBENCH_ASSIGN(epsilon, request.arguments().number_or("epsilon", 1e-6));
  const std::size_t rank = x.rank();
  if (rank < 3) return KernelChoice::none("fewer than three dimensions");
  const std::optional<FloatLines> lines = lines_along(x, {rank - 3, rank - 2, rank - 1});
  if (!lines) return KernelChoice::none("dimensions that are no neighbours");
  return plan_lines(request, *lines, kScaleNs, 0, [epsilon = epsilon]() -> Result<LineFunction> {
    return [epsilon](std::size_t /*line*/, std::span<float> values) {
      const double squares = sum_of(values, [](float value) {
        return static_cast<double>(value) * static_cast<double>(value);
      });
      const double factor = 1 / std::sqrt(squares + epsilon);
      for (float& value : values) {
        value = static_cast<float>(static_cast<double>(value) * factor);
      }
    };
  });
}

constexpr KernelEntry kNormalizationKernels[] = {
    {"batch_norm", plan_batch_norm}, {"instance_norm", plan_instance_norm},
    {"l2_norm", plan_l2_norm},       {"layer_norm", plan_layer_norm},
    {"softmax", plan_softmax},
};

}  // namespace

std::span<const KernelEntry> normalization_kernels() { return kNormalizationKernels; }

}  // namespace anebench::device::cpu
