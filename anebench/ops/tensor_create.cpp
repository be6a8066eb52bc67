// Tensors made from numbers: filled, counted through, or telling about another tensor. Their shapes
// may depend on values that only exist when the program runs; then they are inferred as unknown.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "anebench/ops/axis_lines.h"
#include "anebench/ops/elementwise.h"
#include "anebench/ops/families.h"
#include "anebench/ops/fill.h"
#include "anebench/ops/signature.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using mil::Dim;
using mil::Opset;

// Nothing where the value is computed by a program that has not run yet.
template <typename T>
Result<std::optional<T>> if_known(Result<T> value) {
  if (value) return std::optional<T>(*std::move(value));
  if (value.error().code() == ErrorCode::unavailable) return std::nullopt;
  return tl::unexpected(std::move(value).error());
}

// The element type of an optional scalar.
Result<DataType> scalar_type(const Arguments& arguments, std::string_view parameter,
                             DataType fallback) {
  if (!arguments.has(parameter)) return fallback;
  ANEBENCH_ASSIGN(type, arguments.tensor_type(parameter));
  if (type.element_count() != 1) {
    return arguments.error(parameter, fmt::format("wants one value, got {}", to_string(type)));
  }
  return type.data_type();
}

// Filled with the scalar `parameter`, which has the same type, or where it is absent with a number.
Result<Tensor> filled(OpContext& context, mil::Type type, std::string_view parameter,
                      double fallback) {
  ANEBENCH_ASSIGN(out, Tensor::create(std::move(type)));
  ANEBENCH_ASSIGN(value, Tensor::from_doubles(out.data_type(), {}, std::array{fallback}));
  if (context.arguments().has(parameter)) {
    ANEBENCH_ASSIGN(given, context.tensor(parameter));
    value = std::move(given);
  }
  fill_elements(context, out, value);
  return out;
}

Result<mil::Shape> filled_shape(const Arguments& arguments) {
  ANEBENCH_ASSIGN(type, arguments.tensor_type("shape"));
  if (type.rank() != 1) {
    return arguments.error("shape", fmt::format("wants a vector, got {}", to_string(type)));
  }
  ANEBENCH_ASSIGN(known, arguments.integers_if_known("shape"));
  if (!known) {
    const Dim rank = type.shape()[0];
    if (!rank.is_known()) {
      return fail(ErrorCode::unavailable, "{}: the output's rank is not known",
                  arguments.describe());
    }
    return mil::Shape(static_cast<std::size_t>(rank.size()), Dim::unknown());
  }
  for (const std::int64_t size : *known) {
    if (size < 0) return arguments.error("shape", fmt::format("holds {}", size));
  }
  return to_shape(*known);
}

Result<std::vector<mil::Type>> infer_fill(const Arguments& arguments) {
  ANEBENCH_ASSIGN(shape, filled_shape(arguments));
  ANEBENCH_ASSIGN(type, scalar_type(arguments, "value", DataType::fp32));
  return std::vector<mil::Type>{mil::Type::tensor(type, std::move(shape))};
}

Result<std::vector<mil::Type>> infer_fill_like(const Arguments& arguments) {
  ANEBENCH_ASSIGN(reference, arguments.tensor_type("ref_tensor"));
  ANEBENCH_ASSIGN(type, scalar_type(arguments, "value", DataType::fp32));
  return std::vector<mil::Type>{mil::Type::tensor(type, reference.shape())};
}

template <InferFunction kInfer>
Result<std::vector<Tensor>> evaluate_fill(OpContext& context) {
  ANEBENCH_ASSIGN(types, kInfer(context.arguments()));
  ANEBENCH_ASSIGN(out, filled(context, types.front(), "value", 0));
  return std::vector<Tensor>{std::move(out)};
}

// Where the new dimension goes.
Result<std::size_t> one_hot_axis(const Arguments& arguments) {
  ANEBENCH_ASSIGN(indices, arguments.tensor_type("indices"));
  return axis_or(arguments, "axis", indices.rank() + 1, -1);
}

Result<std::vector<mil::Type>> infer_one_hot(const Arguments& arguments) {
  ANEBENCH_ASSIGN(indices, arguments.tensor_type("indices"));
  ANEBENCH_ASSIGN(axis, one_hot_axis(arguments));
  ANEBENCH_ASSIGN(size, if_known(arguments.integer("one_hot_vector_size")));
  if (size.value_or(0) < 0) {
    return arguments.error("one_hot_vector_size", fmt::format("is {}", *size));
  }
  ANEBENCH_ASSIGN(off_type, scalar_type(arguments, "off_value", DataType::int32));
  ANEBENCH_ASSIGN(on_type, scalar_type(arguments, "on_value", off_type));
  if (arguments.has("off_value") && on_type != off_type) {
    return arguments.error("off_value", fmt::format("is {}, but 'on_value' is {}",
                                                    to_string(off_type), to_string(on_type)));
  }
  mil::Shape shape = indices.shape();
  shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(axis),
               size ? Dim(*size) : Dim::unknown());
  return std::vector<mil::Type>{mil::Type::tensor(on_type, std::move(shape))};
}

// An index outside leaves its vector without an on value.
Result<std::vector<Tensor>> evaluate_one_hot(OpContext& context) {
  const Arguments& arguments = context.arguments();
  ANEBENCH_ASSIGN(indices, context.tensor("indices"));
  ANEBENCH_ASSIGN(axis, one_hot_axis(arguments));
  ANEBENCH_ASSIGN(on, arguments.number_or("on_value", 1));
  ANEBENCH_ASSIGN(types, infer_one_hot(arguments));
  ANEBENCH_ASSIGN(out, filled(context, types.front(), "off_value", 0));
  const AxisLines lines(out.dims(), axis);
  const std::vector<std::int64_t> hot = indices.to_integers();
  const std::span<std::byte> bytes = out.mutable_bytes();
  for (std::size_t i = 0; i < hot.size(); ++i) {
    const auto position = static_cast<std::uint64_t>(hot[i]);
    if (position >= lines.length) continue;
    store_doubles(out.data_type(), bytes, lines.first(i) + position * lines.step, std::array{on});
  }
  return std::vector<Tensor>{std::move(out)};
}

struct NumberRange {
  double start = 0;
  double step = 1;
  std::int64_t count = 0;
};

Result<NumberRange> range_of(const Arguments& arguments) {
  ANEBENCH_ASSIGN(start, arguments.number("start"));
  ANEBENCH_ASSIGN(end, arguments.number("end"));
  ANEBENCH_ASSIGN(step, arguments.number("step"));
  const double count = std::ceil((end - start) / step);
  // Also true of NaN, which a step of 0 or infinite ends give.
  if (step == 0 || !(count < 0x1p53)) {
    return arguments.error("step",
                           fmt::format("of {} does not lead from {} to {}", step, start, end));
  }
  return NumberRange{start, step, count > 0 ? static_cast<std::int64_t>(count) : 0};
}

Result<std::vector<mil::Type>> infer_range_1d(const Arguments& arguments) {
  ANEBENCH_ASSIGN(type, scalar_type(arguments, "start", DataType::fp32));
  ANEBENCH_TRY(scalar_type(arguments, "end", type));
  ANEBENCH_TRY(scalar_type(arguments, "step", type));
  ANEBENCH_ASSIGN(range, if_known(range_of(arguments)));
  return std::vector<mil::Type>{
      mil::Type::tensor(type, {range ? Dim(range->count) : Dim::unknown()})};
}

Result<std::vector<Tensor>> evaluate_range_1d(OpContext& context) {
  ANEBENCH_ASSIGN(range, range_of(context.arguments()));
  ANEBENCH_ASSIGN(types, infer_range_1d(context.arguments()));
  ANEBENCH_ASSIGN(blank, Tensor::create(types.front()));
  return map_indexed(context, blank, blank.data_type(), [&](double /*zero*/, std::size_t index) {
    return range.start + static_cast<double>(index) * range.step;
  });
}

Result<std::vector<mil::Type>> infer_non_zero(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  return std::vector<mil::Type>{
      mil::Type::tensor(DataType::int32, {Dim::unknown(), static_cast<std::int64_t>(x.rank())})};
}

Result<std::vector<Tensor>> evaluate_non_zero(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  const std::vector<double> values = x.to_doubles();
  const auto count = values.size() - static_cast<std::size_t>(std::ranges::count(values, 0.0));
  ANEBENCH_ASSIGN(out, Tensor::create(mil::Type::tensor(DataType::int32,
                                                        {static_cast<std::int64_t>(count),
                                                         static_cast<std::int64_t>(x.rank())})));
  const std::span<std::byte> bytes = out.mutable_bytes();
  std::vector<std::int64_t> index(x.rank());
  std::size_t stored = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] == 0) continue;
    std::size_t rest = i;
    for (std::size_t d = x.rank(); d-- > 0;) {
      const auto size = static_cast<std::size_t>(x.dims()[d]);
      index[d] = static_cast<std::int64_t>(rest % size);
      rest /= size;
    }
    store_integers(DataType::int32, bytes, stored, index);
    stored += index.size();
  }
  return std::vector<Tensor>{std::move(out)};
}

Result<std::vector<mil::Type>> infer_shape(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  return std::vector<mil::Type>{
      mil::Type::tensor(DataType::int32, {static_cast<std::int64_t>(x.rank())})};
}

// Reads the type alone, so that a shape is known before the tensor is (specialize.h).
Result<std::vector<Tensor>> evaluate_shape(OpContext& context) {
  const Arguments& arguments = context.arguments();
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  const std::vector<std::int64_t> dims = sizes(x.shape());
  for (const std::int64_t size : dims) {
    if (size > std::numeric_limits<std::int32_t>::max()) {
      return arguments.error("x", fmt::format("{} has a size beyond int32", to_string(x)));
    }
  }
  ANEBENCH_ASSIGN(types, infer_shape(arguments));
  ANEBENCH_ASSIGN(out, Tensor::create(types.front()));
  store_integers(out.data_type(), out.mutable_bytes(), 0, dims);
  return std::vector<Tensor>{std::move(out)};
}

// A scalar of variable `variable` with a default.
constexpr Parameter kOfAny[] = {kAnyX};
constexpr Parameter kFill[] = {{.name = "shape", .types = kInt32},
                               optional_parameter("value", kFloatsInt32Bool, "0.0", "T")};
constexpr Parameter kFillLike[] = {
    {.name = "ref_tensor", .types = kFloatsInt32Bool, .type_variable = "T"},
    optional_parameter("value", kFloatsInt32Bool, "0.0", "U")};
constexpr Parameter kOneHot[] = {
    {.name = "indices", .types = kInt32},
    {.name = "one_hot_vector_size", .types = kInt32},
    kAxisOrLast,
    optional_parameter("on_value", kFloatsInt32Bool, "1", "T"),
    optional_parameter("off_value", kFloatsInt32Bool, "0", "T"),
};
constexpr Parameter kRange1d[] = {
    {.name = "end", .types = kFloatsAndInt32, .type_variable = "T"},
    {.name = "start", .types = kFloatsAndInt32, .type_variable = "T"},
    {.name = "step", .types = kFloatsAndInt32, .type_variable = "T"},
};
constexpr Version kOfAnyVersions[] = {{Opset::ios13, kOfAny}};
constexpr Version kFillVersions[] = {{Opset::ios13, kFill}};
constexpr Version kFillLikeVersions[] = {{Opset::ios16, kFillLike}};
constexpr Version kOneHotVersions[] = {{Opset::ios13, kOneHot}};
constexpr Version kRange1dVersions[] = {{Opset::ios13, kRange1d}};

constexpr Definition kTensorCreateDefinitions[] = {
    define("tensor_operation", "fill", kFillVersions, infer_fill, evaluate_fill<infer_fill>),
    define("tensor_operation", "fill_like", kFillLikeVersions, infer_fill_like,
           evaluate_fill<infer_fill_like>),
    define("tensor_operation", "non_zero", kOfAnyVersions, infer_non_zero, evaluate_non_zero),
    define("tensor_operation", "one_hot", kOneHotVersions, infer_one_hot, evaluate_one_hot),
    define("tensor_operation", "range_1d", kRange1dVersions, infer_range_1d, evaluate_range_1d),
    define("tensor_operation", "shape", kOfAnyVersions, infer_shape, evaluate_shape),
};

}  // namespace

void fill_elements(OpContext& context, Tensor& target, const Tensor& value) {
  const std::size_t width = static_cast<std::size_t>(mil::bit_width(target.data_type())) / 8;
  std::byte* const bytes = target.mutable_bytes().data();
  const std::byte* const element = value.bytes().data();
  context.parallel_for(target.element_count(), [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) std::memcpy(bytes + i * width, element, width);
  });
}

std::span<const Definition> tensor_create_family() { return kTensorCreateDefinitions; }

}  // namespace anebench::ops
