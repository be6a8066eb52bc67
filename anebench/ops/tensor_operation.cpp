// Ops on whole tensors that need no file of their own.
#include <fmt/format.h>

#include <algorithm>

#include "anebench/ops/axis_lines.h"
#include "anebench/ops/elementwise.h"
#include "anebench/ops/families.h"
#include "anebench/ops/signature.h"

namespace anebench::ops {
namespace {

using mil::Opset;

Result<std::vector<mil::Type>> infer_identity(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.type("x"));
  return std::vector<mil::Type>{std::move(x)};
}

Result<std::vector<RuntimeValue>> evaluate_identity(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.value("x"));
  return std::vector<RuntimeValue>{std::move(x)};
}

// The dimensions before `axis` become one, those from it on the other. The axis may be the rank.
Result<std::vector<mil::Type>> infer_flatten2d(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  ANEBENCH_ASSIGN(given, arguments.integer_or("axis", 1));
  const auto rank = static_cast<std::int64_t>(x.rank());
  if (given < -rank || given > rank) {
    return arguments.error("axis", fmt::format("{} is outside [-{}, {}]", given, rank, rank));
  }
  const auto middle = x.shape().begin() + (given < 0 ? given + rank : given);
  mil::Shape shape;
  for (const mil::Shape& part :
       {mil::Shape(x.shape().begin(), middle), mil::Shape(middle, x.shape().end())}) {
    const auto count = mil::element_count(part);
    if (!count && std::ranges::all_of(part, &mil::Dim::is_known)) {
      return arguments.error("x", fmt::format("{} is larger than any memory", to_string(x)));
    }
    shape.push_back(count ? mil::Dim(*count) : mil::Dim::unknown());
  }
  return std::vector<mil::Type>{mil::Type::tensor(x.data_type(), std::move(shape))};
}

Result<std::vector<Tensor>> evaluate_flatten2d(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(types, infer_flatten2d(context.arguments()));
  ANEBENCH_ASSIGN(out, x.reshaped(sizes(types.front().shape())));
  return std::vector<Tensor>{std::move(out)};
}

Result<std::vector<mil::Type>> infer_band_part(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  if (x.rank() < 2) {
    return arguments.error("x", fmt::format("wants a matrix or more, got {}", to_string(x)));
  }
  return std::vector<mil::Type>{std::move(x)};
}

// Zero outside the band of `lower` diagonals below the main one and `upper` above it; a negative
// number means all of them.
Result<std::vector<Tensor>> evaluate_band_part(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(lower, context.arguments().integer_or("lower", -1));
  ANEBENCH_ASSIGN(upper, context.arguments().integer_or("upper", -1));
  ANEBENCH_TRY(infer_band_part(context.arguments()));
  const auto rows = static_cast<std::size_t>(x.dims()[x.rank() - 2]);
  const auto columns = static_cast<std::size_t>(x.dims()[x.rank() - 1]);
  return map_indexed(context, x, x.data_type(),
                     [&, lower = lower, upper = upper](double value, std::size_t index) {
                       const auto row = static_cast<std::int64_t>(index / columns % rows);
                       const auto column = static_cast<std::int64_t>(index % columns);
                       const bool inside = (lower < 0 || row - column <= lower) &&
                                           (upper < 0 || column - row <= upper);
                       return inside ? value : 0;
                     });
}

Result<std::vector<mil::Type>> infer_cumsum(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  ANEBENCH_TRY(axis_or(arguments, "axis", x.rank(), 0));
  return std::vector<mil::Type>{std::move(x)};
}

struct Cumulation {
  AxisLines lines;
  bool exclusive = false;
  bool reverse = false;
};

// T is what the sums are computed in: double or int64.
template <typename T>
Result<std::vector<Tensor>> cumulate(OpContext& context, const Tensor& x, const Cumulation& how) {
  ANEBENCH_ASSIGN(out, Tensor::create(x.type()));
  std::vector<T> values = elements_of<T>(x);
  const std::size_t length = how.lines.length;
  context.parallel_for(how.lines.count, [&](std::size_t begin, std::size_t end) {
    for (std::size_t line = begin; line < end; ++line) {
      const std::size_t first = how.lines.first(line);
      T sum{0};
      for (std::size_t i = 0; i < length; ++i) {
        T& value = values[first + (how.reverse ? length - 1 - i : i) * how.lines.step];
        const T before = sum;
        // As many int32 as memory holds do not overflow an int64.
        sum += value;
        value = how.exclusive ? before : sum;
      }
    }
  });
  store_elements(out.data_type(), out.mutable_bytes(), 0, std::span<const T>(values));
  return std::vector<Tensor>{std::move(out)};
}

Result<std::vector<Tensor>> evaluate_cumsum(OpContext& context) {
  const Arguments& arguments = context.arguments();
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(axis, axis_or(arguments, "axis", x.rank(), 0));
  ANEBENCH_ASSIGN(exclusive, arguments.boolean_or("exclusive", false));
  ANEBENCH_ASSIGN(reverse, arguments.boolean_or("reverse", false));
  const Cumulation how = {AxisLines(x.dims(), axis), exclusive, reverse};
  return mil::is_floating_point(x.data_type()) ? cumulate<double>(context, x, how)
                                               : cumulate<std::int64_t>(context, x, how);
}

constexpr Parameter kIdentity[] = {{.name = "x", .kind = ParameterKind::any}};
constexpr Parameter kFlatten2d[] = {kAnyX, optional_parameter("axis", kInt32, "1")};
constexpr Parameter kBandPart[] = {kAnyX, optional_parameter("lower", kInt32, "-1"),
                                   optional_parameter("upper", kInt32, "-1")};
constexpr Parameter kCumsum[] = {
    kNumberX,
    kAxisOrFirst,
    optional_parameter("exclusive", kBool, "false"),
    optional_parameter("reverse", kBool, "false"),
};
constexpr Version kIdentityVersions[] = {{Opset::ios13, kIdentity}};
constexpr Version kFlatten2dVersions[] = {{Opset::ios13, kFlatten2d}};
constexpr Version kBandPartVersions[] = {{Opset::ios13, kBandPart}};
constexpr Version kCumsumVersions[] = {{Opset::ios13, kCumsum}};

constexpr Definition kTensorOperationDefinitions[] = {
    {.name = "band_part",
     .family = "tensor_operation",
     .versions = kBandPartVersions,
     .infer = infer_band_part,
     .evaluate = evaluate_band_part},
    {.name = "cumsum",
     .family = "tensor_operation",
     .versions = kCumsumVersions,
     .infer = infer_cumsum,
     .evaluate = evaluate_cumsum,
     .count_operations = count_each<1>},
    {.name = "flatten2d",
     .family = "tensor_operation",
     .versions = kFlatten2dVersions,
     .infer = infer_flatten2d,
     .evaluate = evaluate_flatten2d},
    {.name = "identity",
     .family = "tensor_operation",
     .versions = kIdentityVersions,
     .infer = infer_identity,
     .evaluate_values = evaluate_identity},
};

}  // namespace

std::span<const Definition> tensor_operation_family() { return kTensorOperationDefinitions; }

}  // namespace anebench::ops
