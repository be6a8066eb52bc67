// Activations: functions of one element that networks apply between layers, and softmax.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "anebench/ops/activation.h"
#include "anebench/ops/axis_lines.h"
#include "anebench/ops/elementwise.h"
#include "anebench/ops/families.h"
#include "anebench/ops/signature.h"

namespace anebench::ops {
namespace {

using mil::Opset;

// Those that bound x from one side keep NaN: no comparison is true of it.
double relu6(double x) { return x < 0 ? 0 : x > 6 ? 6 : x; }
double clamped_relu(double x, double alpha, double beta) {
  const double value = x < 0 ? alpha * x : x;
  return value > beta ? beta : value;
}
double leaky_relu(double x, double alpha) { return x < 0 ? alpha * x : x; }
double thresholded_relu(double x, double alpha) { return x < alpha ? 0 : x; }
double elu(double x, double alpha) { return x > 0 ? x : alpha * std::expm1(x); }
double linear(double x, double alpha, double beta) { return alpha * x + beta; }
double scaled_tanh(double x, double alpha, double beta) { return alpha * std::tanh(beta * x); }
double sigmoid_hard(double x, double alpha, double beta) {
  const double value = alpha * x + beta;
  return value < 0 ? 0 : value > 1 ? 1 : value;
}
// x / (1 + infinity) at the far left: -infinity itself has the limit 0.
double silu(double x) { return std::isinf(x) && x < 0 ? -0.0 : x * sigmoid(x); }
// log(1 + exp(x)) without overflow.
double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::fabs(x))); }
double softsign(double x) { return std::isinf(x) ? std::copysign(1, x) : x / (1 + std::fabs(x)); }

double gelu(double x) {
  // At -infinity the product is 0 times infinity; its limit is 0.
  return std::isinf(x) && x < 0 ? -0.0 : 0.5 * x * std::erfc(-x / std::numbers::sqrt2);
}
double gelu_by_tanh(double x) {
  if (std::isinf(x) && x < 0) return -0.0;
  const double scale = std::sqrt(2 / std::numbers::pi);
  return 0.5 * x * (1 + std::tanh(scale * (x + 0.044715 * x * x * x)));
}
double gelu_by_sigmoid(double x) { return std::isinf(x) && x < 0 ? -0.0 : x * sigmoid(1.702 * x); }

using Unary = double (*)(double);

Result<Unary> gelu_function(const Arguments& arguments) {
  ANEBENCH_ASSIGN(mode, arguments.string_or("mode", "EXACT"));
  if (mode == "EXACT") return gelu;
  if (mode == "TANH_APPROXIMATION") return gelu_by_tanh;
  if (mode == "SIGMOID_APPROXIMATION") return gelu_by_sigmoid;
  return arguments.error(
      "mode",
      fmt::format("is '{}'; it is one of EXACT, TANH_APPROXIMATION, SIGMOID_APPROXIMATION", mode));
}

Result<std::vector<mil::Type>> infer_gelu(const Arguments& arguments) {
  ANEBENCH_TRY(gelu_function(arguments));
  return infer_like_x(arguments);
}

Result<std::vector<Tensor>> evaluate_gelu(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(function, gelu_function(context.arguments()));
  return map_elements(context, x, x.data_type(), function);
}

// One number for each channel, which dimension 1 counts.
Result<std::vector<mil::Type>> infer_per_channel(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  if (x.rank() < 3 || x.rank() > 5) {
    return arguments.error("x", fmt::format("has rank {}; it must be 3, 4 or 5", x.rank()));
  }
  for (const std::string_view parameter : {"alpha", "beta"}) {
    if (!arguments.has(parameter)) continue;
    ANEBENCH_ASSIGN(type, arguments.tensor_type(parameter));
    const mil::Dim channels = x.shape()[1];
    const bool fits = type.rank() == 1 && (!channels.is_known() || !type.shape()[0].is_known() ||
                                           channels == type.shape()[0]);
    if (!fits) {
      return arguments.error(parameter, fmt::format("{} does not have one number for each channel "
                                                    "of x {}",
                                                    to_string(type.shape()), to_string(x.shape())));
    }
  }
  return std::vector<mil::Type>{std::move(x)};
}

// kFunction gets the element and its channel's alpha and beta (0 where the op has none).
template <double (*kFunction)(double, double, double)>
Result<std::vector<Tensor>> evaluate_per_channel(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(alpha, context.tensor("alpha"));
  const std::vector<double> alphas = alpha.to_doubles();
  std::vector<double> betas(alphas.size());
  if (context.arguments().has("beta")) {
    ANEBENCH_ASSIGN(beta, context.tensor("beta"));
    betas = beta.to_doubles();
  }
  const AxisSplit split = split_at(x.dims(), 1);
  return map_indexed(context, x, x.data_type(), [&](double value, std::size_t index) {
    const std::size_t channel = index / split.inner % split.channels;
    return kFunction(value, alphas[channel], betas[channel]);
  });
}

double prelu(double x, double alpha, double /*beta*/) { return leaky_relu(x, alpha); }
double softplus_parametric(double x, double alpha, double beta) {
  return alpha * softplus(beta * x);
}

Result<std::size_t> softmax_axis(const Arguments& arguments, std::size_t rank) {
  return axis_or(arguments, "axis", rank, -1);
}

Result<std::vector<mil::Type>> infer_softmax(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  ANEBENCH_TRY(softmax_axis(arguments, x.rank()));
  return std::vector<mil::Type>{std::move(x)};
}

Result<std::vector<Tensor>> evaluate_softmax(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(axis, softmax_axis(context.arguments(), x.rank()));
  ANEBENCH_ASSIGN(out, Tensor::create(x.type()));
  if (out.element_count() == 0) return std::vector<Tensor>{std::move(out)};
  std::vector<double> values = x.to_doubles();
  const AxisLines lines(x.dims(), axis);
  context.parallel_for(lines.count, [&](std::size_t begin, std::size_t end) {
    for (std::size_t line = begin; line < end; ++line) {
      double* const first = values.data() + lines.first(line);
      double greatest = first[0];
      for (std::size_t i = 1; i < lines.length; ++i) {
        greatest = std::max(greatest, first[i * lines.step]);
      }
      double sum = 0;
      for (std::size_t i = 0; i < lines.length; ++i) {
        double& value = first[i * lines.step];
        value = std::exp(value - greatest);
        sum += value;
      }
      for (std::size_t i = 0; i < lines.length; ++i) first[i * lines.step] /= sum;
    }
  });
  store_doubles(out.data_type(), out.mutable_bytes(), 0, values);
  return std::vector<Tensor>{std::move(out)};
}

// Since iOS 17 the constants may have another type than x.
constexpr Parameter kPlain[] = {kFloatX};
constexpr Parameter kAlpha13[] = {kFloatX, constant_parameter("alpha", kFloats, "T")};
constexpr Parameter kAlpha17[] = {kFloatX, constant_parameter("alpha", kFloats, "U")};
constexpr Parameter kAlphaBeta13[] = {kFloatX, constant_parameter("alpha", kFloats, "T"),
                                      constant_parameter("beta", kFloats, "T")};
constexpr Parameter kAlphaBeta17[] = {kFloatX, constant_parameter("alpha", kFloats, "U"),
                                      constant_parameter("beta", kFloats, "U")};
constexpr Parameter kGelu[] = {kFloatX, optional_parameter("mode", kString, "EXACT")};
constexpr Parameter kSoftmax[] = {kFloatX, kAxisOrLast};
constexpr Version kPlainVersions[] = {{Opset::ios13, kPlain}};
constexpr Version kAlphaVersions[] = {{Opset::ios13, kAlpha13}, {Opset::ios17, kAlpha17}};
constexpr Version kAlphaBetaVersions[] = {{Opset::ios13, kAlphaBeta13},
                                          {Opset::ios17, kAlphaBeta17}};
constexpr Version kGeluVersions[] = {{Opset::ios13, kGelu}};
constexpr Version kSoftmaxVersions[] = {{Opset::ios13, kSoftmax}};

constexpr Definition activation(std::string_view name, std::span<const Version> versions,
                                EvaluateFunction evaluate, CountFunction count,
                                InferFunction infer) {
  return {.name = name,
          .family = "activation",
          .versions = versions,
          .infer = infer,
          .evaluate = evaluate,
          .count_operations = count};
}

template <double (*kFunction)(double), int kOperations>
constexpr Definition plain(std::string_view name) {
  return activation(name, kPlainVersions, evaluate_unary<kFunction>, count_each<kOperations>,
                    infer_like_x);
}
template <double (*kFunction)(double, double), int kOperations>
constexpr Definition with_alpha(std::string_view name) {
  return activation(name, kAlphaVersions, evaluate_with_alpha<kFunction>, count_each<kOperations>,
                    infer_scalars);
}
template <double (*kFunction)(double, double, double), int kOperations>
constexpr Definition with_alpha_beta(std::string_view name) {
  return activation(name, kAlphaBetaVersions, evaluate_with_alpha_beta<kFunction>,
                    count_each<kOperations>, infer_scalars);
}

constexpr Definition kActivationDefinitions[] = {
    with_alpha_beta<clamped_relu, 3>("clamped_relu"),
    with_alpha<elu, 4>("elu"),
    activation("gelu", kGeluVersions, evaluate_gelu, count_each<5>, infer_gelu),
    with_alpha<leaky_relu, 2>("leaky_relu"),
    with_alpha_beta<linear, 2>("linear_activation"),
    activation("prelu", kAlphaVersions, evaluate_per_channel<prelu>, count_each<2>,
               infer_per_channel),
    plain<relu, 1>("relu"),
    plain<relu6, 2>("relu6"),
    with_alpha_beta<scaled_tanh, 3>("scaled_tanh"),
    plain<sigmoid, 3>("sigmoid"),
    with_alpha_beta<sigmoid_hard, 4>("sigmoid_hard"),
    plain<silu, 4>("silu"),
    activation("softmax", kSoftmaxVersions, evaluate_softmax, count_each<5>, infer_softmax),
    plain<softplus, 3>("softplus"),
    activation("softplus_parametric", kAlphaBetaVersions, evaluate_per_channel<softplus_parametric>,
               count_each<5>, infer_per_channel),
    plain<softsign, 3>("softsign"),
    with_alpha<thresholded_relu, 1>("thresholded_relu"),
};

}  // namespace

std::span<const Definition> activation_family() { return kActivationDefinitions; }

}  // namespace anebench::ops
