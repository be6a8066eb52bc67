// Functions of one element, and `cast`.
#include <fmt/format.h>

#include <array>
#include <cmath>

#include "anebench/ops/elementwise.h"
#include "anebench/ops/families.h"
#include "anebench/ops/shapes.h"
#include "anebench/ops/signature.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using mil::Opset;

Result<DataType> cast_target(const Arguments& arguments) {
  ANEBENCH_ASSIGN(name, arguments.string("dtype"));
  const auto type = mil::parse_data_type(name);
  // What can go in can come out.
  const Parameter* x = arguments.version().find("x");
  if (!type || !x->types.contains(*type)) {
    return arguments.error(
        "dtype", fmt::format("is '{}'; {} has {}", name, to_string(arguments.version().since),
                             to_string(x->types)));
  }
  return *type;
}

Result<std::vector<mil::Type>> infer_cast(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  ANEBENCH_ASSIGN(target, cast_target(arguments));
  return std::vector<mil::Type>{mil::Type::tensor(target, x.shape())};
}

// Floating point to integer truncates toward zero and saturates (NaN gives 0); integer to narrower
// integer wraps around; anything to bool is "not zero"; all else rounds once.
Result<std::vector<Tensor>> evaluate_cast(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(target, cast_target(context.arguments()));
  if (x.data_type() == target) return std::vector<Tensor>{x};
  if (mil::is_floating_point(x.data_type()) && mil::is_integer(target)) {
    return map_elements(context, x, target, [](double value) { return std::trunc(value); });
  }
  if (mil::is_floating_point(x.data_type()) || mil::is_floating_point(target)) {
    return map_elements(context, x, target, [](double value) { return value; });
  }
  return map_elements<std::int64_t>(context, x, target, [](std::int64_t value) { return value; });
}

// The least and the greatest value come before NaN: x stays where it does not compare.
double clip(double x, double alpha, double beta) { return x < alpha ? alpha : x > beta ? beta : x; }

Result<std::vector<mil::Type>> infer_clip(const Arguments& arguments) {
  const auto alpha = arguments.number("alpha");
  const auto beta = arguments.number("beta");
  if (arguments.version().since >= Opset::ios17 && alpha && beta && !(*alpha < *beta)) {
    return arguments.error("beta",
                           fmt::format("is {}, but must be above alpha, {}", *beta, *alpha));
  }
  return infer_scalars(arguments);
}

double round_half_even(double x) { return std::nearbyint(x); }
double square(double x) { return x * x; }
std::int64_t square(std::int64_t x) { return wrapping_multiply(x, x); }
double sign(double x) { return x > 0 ? 1 : x < 0 ? -1 : x; }
std::int64_t sign(std::int64_t x) { return x > 0 ? 1 : x < 0 ? -1 : 0; }
std::int64_t absolute(std::int64_t x) { return x < 0 ? wrapping_subtract(0, x) : x; }
// Fractions truncate to zero, and a single bit beyond the type's width is lost.
std::int64_t exp2(std::int64_t x) { return x < 0 || x > 62 ? 0 : std::int64_t{1} << x; }
std::int64_t logical_not(std::int64_t x) { return x == 0 ? 1 : 0; }
double inverse(double x) { return 1 / x; }
double inverse_root(double x) { return 1 / std::sqrt(x); }
double threshold(double x, double alpha) { return x < alpha ? alpha : x; }

// function(x + epsilon). A default epsilon has the type of x; so in fp16 that of `log` is 0.
template <double (*kFunction)(double)>
Result<std::vector<Tensor>> evaluate_shifted(OpContext& context, double default_epsilon) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  std::array<double, 1> fallback{default_epsilon};
  round_to(x.data_type(), fallback);
  ANEBENCH_ASSIGN(epsilon, context.arguments().number_or("epsilon", fallback[0]));
  return map_elements(context, x, x.data_type(),
                      [epsilon = epsilon](double value) { return kFunction(value + epsilon); });
}

Result<std::vector<Tensor>> evaluate_inverse(OpContext& context) {
  return evaluate_shifted<inverse>(context, 1e-4);
}
Result<std::vector<Tensor>> evaluate_log(OpContext& context) {
  return evaluate_shifted<std::log>(context, 1e-45);
}
Result<std::vector<Tensor>> evaluate_rsqrt(OpContext& context) {
  return evaluate_shifted<inverse_root>(context, 1e-12);
}
Result<std::vector<Tensor>> evaluate_logical_not(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  return map_elements<std::int64_t>(context, x, x.data_type(), logical_not);
}

constexpr Parameter kFloat[] = {kFloatX};
constexpr Parameter kNumber[] = {kNumberX};
constexpr Parameter kTruth[] = {{.name = "x", .types = kBool}};
constexpr Version kFloatVersions[] = {{Opset::ios13, kFloat}};
constexpr Version kNumberVersions[] = {{Opset::ios13, kNumber}};
constexpr Version kTruthVersions[] = {{Opset::ios13, kTruth}};

constexpr Parameter kDtype = {.name = "dtype", .types = kString, .constant = true};
constexpr Parameter kCast13[] = {kAnyX, kDtype};
constexpr Parameter kCast17[] = {kAnyXSinceIos17, kDtype};
constexpr Version kCastVersions[] = {{Opset::ios13, kCast13}, {Opset::ios17, kCast17}};

constexpr Parameter kClip[] = {
    kFloatX,
    {.name = "alpha", .types = kFloats, .type_variable = "T", .constant = true},
    {.name = "beta", .types = kFloats, .type_variable = "T", .constant = true},
};
constexpr Version kClipVersions[] = {{Opset::ios13, kClip}, {Opset::ios17, kClip}};

constexpr Parameter kThreshold[] = {
    kNumberX,
    {.name = "alpha", .types = kFloatsAndInt32, .type_variable = "T", .constant = true},
};
constexpr Version kThresholdVersions[] = {{Opset::ios13, kThreshold}};

// Since iOS 17 epsilon may have another type than x.
constexpr Parameter epsilon(std::string_view variable, std::string_view default_text) {
  return optional_parameter("epsilon", kFloats, default_text, variable);
}
constexpr Parameter kInverse13[] = {kFloatX, epsilon("T", "1e-4")};
constexpr Parameter kInverse17[] = {kFloatX, epsilon("U", "1e-4")};
constexpr Parameter kLog13[] = {kFloatX, epsilon("T", "1e-45")};
constexpr Parameter kLog17[] = {kFloatX, epsilon("U", "1e-45")};
constexpr Parameter kRsqrt13[] = {kFloatX, epsilon("T", "1e-12")};
constexpr Parameter kRsqrt17[] = {kFloatX, epsilon("U", "1e-12")};
constexpr Version kInverseVersions[] = {{Opset::ios13, kInverse13}, {Opset::ios17, kInverse17}};
constexpr Version kLogVersions[] = {{Opset::ios13, kLog13}, {Opset::ios17, kLog17}};
constexpr Version kRsqrtVersions[] = {{Opset::ios13, kRsqrt13}, {Opset::ios17, kRsqrt17}};

// Of floating point only.
template <double (*kFunction)(double)>
constexpr Definition function(std::string_view name) {
  return {.name = name,
          .family = "elementwise_unary",
          .versions = kFloatVersions,
          .infer = infer_like_x,
          .evaluate = evaluate_unary<kFunction>,
          .count_operations = count_each<1>};
}

// Of integers too.
template <double (*kFunction)(double), std::int64_t (*kIntegers)(std::int64_t)>
constexpr Definition function(std::string_view name) {
  return {.name = name,
          .family = "elementwise_unary",
          .versions = kNumberVersions,
          .infer = infer_like_x,
          .evaluate = evaluate_unary<kFunction, kIntegers>,
          .count_operations = count_each<1>};
}

// With parameters beside x.
constexpr Definition function(std::string_view name, std::span<const Version> versions,
                              EvaluateFunction evaluate, CountFunction count,
                              InferFunction infer = infer_scalars) {
  return {.name = name,
          .family = "elementwise_unary",
          .versions = versions,
          .infer = infer,
          .evaluate = evaluate,
          .count_operations = count};
}

constexpr Definition kElementwiseUnaryDefinitions[] = {
    function<std::fabs, absolute>("abs"),
    function<std::acos>("acos"),
    function<std::asin>("asin"),
    function<std::atan>("atan"),
    function<std::atanh>("atanh"),
    function("cast", kCastVersions, evaluate_cast, nullptr, infer_cast),
    function<std::ceil>("ceil"),
    function("clip", kClipVersions, evaluate_with_alpha_beta<clip>, count_each<2>, infer_clip),
    function<std::cos>("cos"),
    function<std::cosh>("cosh"),
    function<std::erf>("erf"),
    function<std::exp>("exp"),
    function<std::exp2, exp2>("exp2"),
    function<std::floor>("floor"),
    function("inverse", kInverseVersions, evaluate_inverse, count_each<2>),
    function("log", kLogVersions, evaluate_log, count_each<2>),
    function("logical_not", kTruthVersions, evaluate_logical_not, count_each<1>),
    function<round_half_even>("round"),
    function("rsqrt", kRsqrtVersions, evaluate_rsqrt, count_each<3>),
    function<sign, sign>("sign"),
    function<std::sin>("sin"),
    function<std::sinh>("sinh"),
    function<std::sqrt>("sqrt"),
    function<square, square>("square"),
    function<std::tan>("tan"),
    function<std::tanh>("tanh"),
    function("threshold", kThresholdVersions, evaluate_with_alpha<threshold>, count_each<1>),
};

}  // namespace

std::span<const Definition> elementwise_unary_family() { return kElementwiseUnaryDefinitions; }

}  // namespace anebench::ops
