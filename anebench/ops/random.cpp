// Random numbers from the project's own generator. A seed makes an operation give the same numbers
// in every evaluation; without one (or with -1) each evaluation draws new ones from the device's.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "anebench/ops/context.h"
#include "anebench/ops/families.h"
#include "anebench/ops/shapes.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using mil::Opset;
using mil::Type;

Result<Rng> generator_of(OpContext& context) {
  ANEBENCH_ASSIGN(seed, context.arguments().integer_or("seed", -1));
  if (seed == -1) return context.fork_generator();
  return Rng(static_cast<std::uint64_t>(seed));
}

// The shape that `shape` spells, of the type of the first distribution parameter that is there.
Result<std::vector<Type>> infer_distribution(const Arguments& arguments,
                                             std::initializer_list<std::string_view> parameters) {
  DataType data_type = DataType::fp32;
  for (const std::string_view parameter : parameters) {
    if (!arguments.has(parameter)) continue;
    ANEBENCH_ASSIGN(type, arguments.tensor_type(parameter));
    data_type = type.data_type();
    break;
  }
  ANEBENCH_ASSIGN(shape_type, arguments.tensor_type("shape"));
  if (shape_type.rank() != 1) {
    return arguments.error("shape", fmt::format("is {}, wants a vector", to_string(shape_type)));
  }
  ANEBENCH_ASSIGN(sizes, arguments.integers_if_known("shape"));
  mil::Shape shape;
  if (sizes) {
    for (const std::int64_t size : *sizes) {
      if (size < 0) return arguments.error("shape", fmt::format("has a dimension of {}", size));
      shape.emplace_back(size);
    }
  } else {
    if (!shape_type.shape()[0].is_known()) {
      return arguments.error("shape", "has an unknown length, so that the rank is not known");
    }
    shape.assign(static_cast<std::size_t>(shape_type.shape()[0].size()), mil::Dim::unknown());
  }
  return std::vector<Type>{Type::tensor(data_type, std::move(shape))};
}

// `draw` is called once an element, in order.
template <typename Draw>
Result<std::vector<Tensor>> draw_elements(const Type& type, const Draw& draw) {
  ANEBENCH_ASSIGN(out, Tensor::create(type));
  std::vector<double> values(out.element_count());
  for (double& value : values) value = draw();
  store_doubles(out.data_type(), out.mutable_bytes(), 0, values);
  return std::vector<Tensor>{std::move(out)};
}

Result<std::vector<Type>> infer_bernoulli(const Arguments& arguments) {
  return infer_distribution(arguments, {"prob"});
}

Result<std::vector<Tensor>> evaluate_bernoulli(OpContext& context) {
  ANEBENCH_ASSIGN(types, infer_bernoulli(context.arguments()));
  ANEBENCH_ASSIGN(probability, context.arguments().number_or("prob", 0.5));
  ANEBENCH_ASSIGN(generator, generator_of(context));
  return draw_elements(types.front(),
                       [&] { return generator.uniform() < probability ? 1.0 : 0.0; });
}

Result<std::vector<Type>> infer_normal(const Arguments& arguments) {
  return infer_distribution(arguments, {"mean", "stddev"});
}

Result<std::vector<Tensor>> evaluate_normal(OpContext& context) {
  ANEBENCH_ASSIGN(types, infer_normal(context.arguments()));
  ANEBENCH_ASSIGN(mean, context.arguments().number_or("mean", 0));
  ANEBENCH_ASSIGN(deviation, context.arguments().number_or("stddev", 1));
  ANEBENCH_ASSIGN(generator, generator_of(context));
  return draw_elements(types.front(), [&] { return mean + deviation * generator.normal(); });
}

Result<std::vector<Type>> infer_uniform(const Arguments& arguments) {
  return infer_distribution(arguments, {"low", "high"});
}

Result<std::vector<Tensor>> evaluate_uniform(OpContext& context) {
  ANEBENCH_ASSIGN(types, infer_uniform(context.arguments()));
  ANEBENCH_ASSIGN(low, context.arguments().number_or("low", 0));
  ANEBENCH_ASSIGN(high, context.arguments().number_or("high", 1));
  ANEBENCH_ASSIGN(generator, generator_of(context));
  const DataType type = types.front().data_type();
  return draw_elements(types.front(), [&] {
    double value = low + (high - low) * generator.uniform();
    round_to(type, std::span(&value, 1));
    // The interval is half open: what rounds up to its end counts as its beginning.
    return value >= high ? low : value;
  });
}

// Distributions along the last dimension; their logits, or their probabilities up to a factor.
Result<std::vector<Type>> infer_categorical(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  if (x.rank() == 0) return arguments.error("x", "is a scalar, wants a vector of probabilities");
  ANEBENCH_ASSIGN(mode, arguments.string_or("mode", "logits"));
  if (mode != "logits" && mode != "probs") {
    return arguments.error("mode", fmt::format("is '{}', wants logits or probs", mode));
  }
  ANEBENCH_ASSIGN(size, arguments.integer_or("size", 1));
  if (size < 1) return arguments.error("size", fmt::format("is {}", size));
  mil::Shape shape = x.shape();
  shape.back() = size;
  return std::vector<Type>{Type::tensor(x.data_type(), std::move(shape))};
}

// Running sums of what is proportional to the probabilities.
std::vector<double> cumulative(std::span<const double> row, bool are_logits) {
  std::vector<double> sums;
  sums.reserve(row.size());
  const double highest = are_logits ? *std::ranges::max_element(row) : 0;
  double sum = 0;
  for (const double value : row) {
    sum += are_logits ? std::exp(value - highest) : std::max(value, 0.0);
    sums.push_back(sum);
  }
  return sums;
}

Result<std::vector<Tensor>> evaluate_categorical(OpContext& context) {
  const Arguments& arguments = context.arguments();
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(types, infer_categorical(arguments));
  ANEBENCH_ASSIGN(mode, arguments.string_or("mode", "logits"));
  ANEBENCH_ASSIGN(generator, generator_of(context));
  ANEBENCH_ASSIGN(out, Tensor::create(types.front()));
  const auto classes = static_cast<std::size_t>(x.dims().back());
  const auto draws = static_cast<std::size_t>(out.dims().back());
  if (classes == 0) return arguments.error("x", "has no classes to draw from");
  const std::vector<double> all = x.to_doubles();
  std::vector<double> values;
  values.reserve(out.element_count());
  for (std::size_t first = 0; first < all.size(); first += classes) {
    const std::vector<double> sums =
        cumulative(std::span(all).subspan(first, classes), mode == "logits");
    for (std::size_t i = 0; i < draws; ++i) {
      const auto chosen = std::ranges::upper_bound(sums, generator.uniform() * sums.back());
      // The sum itself is never reached but by rounding.
      const auto last = static_cast<std::ptrdiff_t>(classes) - 1;
      values.push_back(static_cast<double>(std::min(chosen - sums.begin(), last)));
    }
  }
  store_doubles(out.data_type(), out.mutable_bytes(), 0, values);
  return std::vector<Tensor>{std::move(out)};
}

Result<double> count_draws(const Arguments& /*arguments*/, std::span<const Type> outputs) {
  return count_per_element(outputs, 1);
}

constexpr Parameter kShape = {.name = "shape", .types = kInt32};
constexpr Parameter kSeed = {
    .name = "seed", .types = kInt32, .optional = true, .constant = true, .default_text = "-1"};
constexpr Parameter distribution_parameter(std::string_view name, std::string_view fallback) {
  return {.name = name,
          .types = kFloats,
          .type_variable = "T",
          .optional = true,
          .constant = true,
          .default_text = fallback};
}
constexpr Parameter kBernoulli[] = {kShape, distribution_parameter("prob", "0.5"), kSeed};
constexpr Parameter kNormal[] = {kShape, distribution_parameter("mean", "0"),
                                 distribution_parameter("stddev", "1"), kSeed};
constexpr Parameter kUniform[] = {kShape, distribution_parameter("low", "0"),
                                  distribution_parameter("high", "1"), kSeed};
constexpr Parameter kCategorical[] = {
    {.name = "x", .types = kFloats, .type_variable = "T"},
    {.name = "mode",
     .types = kString,
     .optional = true,
     .constant = true,
     .default_text = "logits"},
    {.name = "size", .types = kInt32, .optional = true, .constant = true, .default_text = "1"},
    kSeed,
};
constexpr Version kBernoulliVersions[] = {{Opset::ios13, kBernoulli}};
constexpr Version kNormalVersions[] = {{Opset::ios13, kNormal}};
constexpr Version kUniformVersions[] = {{Opset::ios13, kUniform}};
constexpr Version kCategoricalVersions[] = {{Opset::ios13, kCategorical}};

constexpr Definition random_op(std::string_view name, std::span<const Version> versions,
                               InferFunction infer, EvaluateFunction evaluate) {
  return {.name = name,
          .family = "random",
          .versions = versions,
          .infer = infer,
          .evaluate = evaluate,
          .count_operations = count_draws,
          .draws_random_numbers = true};
}

constexpr Definition kRandomDefinitions[] = {
    random_op("random_bernoulli", kBernoulliVersions, infer_bernoulli, evaluate_bernoulli),
    random_op("random_categorical", kCategoricalVersions, infer_categorical, evaluate_categorical),
    random_op("random_normal", kNormalVersions, infer_normal, evaluate_normal),
    random_op("random_uniform", kUniformVersions, infer_uniform, evaluate_uniform),
};

}  // namespace

std::span<const Definition> random_family() { return kRandomDefinitions; }

}  // namespace anebench::ops
