// Where along an axis the greatest or the least element is: the first one of equals; NaN counts as
// both the greatest and the least, as in numpy.
#include <fmt/format.h>

#include <cmath>

#include "anebench/ops/axis_lines.h"
#include "anebench/ops/context.h"
#include "anebench/ops/families.h"
#include "anebench/ops/index_type.h"
#include "anebench/ops/reduction.h"

namespace anebench::ops {
namespace {

using mil::Opset;

Result<std::vector<mil::Type>> infer_arg(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  ANEBENCH_ASSIGN(axis, axis_or(arguments, "axis", x.rank(), -1));
  ANEBENCH_ASSIGN(keep_dims, arguments.boolean_or("keep_dims", false));
  ANEBENCH_ASSIGN(type, index_type(arguments, "output_dtype", x.shape()[axis]));
  mil::Shape shape = x.shape();
  if (shape[axis] == mil::Dim(0)) {
    return arguments.error("x",
                           fmt::format("{} has no elements along axis {}", to_string(x), axis));
  }
  if (keep_dims) {
    shape[axis] = mil::Dim(1);
  } else {
    shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(axis));
  }
  return std::vector<mil::Type>{mil::Type::tensor(type, std::move(shape))};
}

bool is_greater(double a, double b) { return a > b; }
bool is_less(double a, double b) { return a < b; }

template <bool (*kIsBetter)(double, double)>
Result<std::vector<Tensor>> evaluate_arg(OpContext& context) {
  const Arguments& arguments = context.arguments();
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(axis, axis_or(arguments, "axis", x.rank(), -1));
  ANEBENCH_ASSIGN(types, infer_arg(arguments));
  ANEBENCH_ASSIGN(out, Tensor::create(types.front()));
  const AxisLines lines(x.dims(), axis);
  // Exact in double: the integers have 32 bits.
  const std::vector<double> values = x.to_doubles();
  std::vector<std::int64_t> indices(lines.count);
  context.parallel_for(indices.size(), [&](std::size_t begin, std::size_t end) {
    for (std::size_t line = begin; line < end; ++line) {
      const double* const first = values.data() + lines.first(line);
      std::size_t best = 0;
      for (std::size_t i = 1; i < lines.length && !std::isnan(first[best * lines.step]); ++i) {
        const double value = first[i * lines.step];
        if (kIsBetter(value, first[best * lines.step]) || std::isnan(value)) best = i;
      }
      indices[line] = static_cast<std::int64_t>(best);
    }
  });
  store_integers(out.data_type(), out.mutable_bytes(), 0, indices);
  return std::vector<Tensor>{std::move(out)};
}

constexpr Parameter kX = {.name = "x", .types = kFloatsAndInt32, .type_variable = "T"};
constexpr Parameter kAxis = {
    .name = "axis", .types = kInt32, .optional = true, .constant = true, .default_text = "-1"};
constexpr Parameter kKeepDims = {.name = "keep_dims",
                                 .types = kBool,
                                 .optional = true,
                                 .constant = true,
                                 .default_text = "false"};
constexpr Parameter kArg13[] = {kX, kAxis, kKeepDims};
constexpr Parameter kArg17[] = {kX,
                                kAxis,
                                kKeepDims,
                                {.name = "output_dtype",
                                 .types = kString,
                                 .optional = true,
                                 .constant = true,
                                 .default_text = "int32"}};
constexpr Version kVersions[] = {{Opset::ios13, kArg13}, {Opset::ios17, kArg17}};

constexpr Definition arg(std::string_view name, EvaluateFunction evaluate) {
  return {.name = name,
          .family = "reduction",
          .versions = kVersions,
          .infer = infer_arg,
          .evaluate = evaluate,
          .count_operations = count_each_input<1>};
}

constexpr Definition kDefinitions[] = {
    arg("reduce_argmax", evaluate_arg<is_greater>),
    arg("reduce_argmin", evaluate_arg<is_less>),
};

}  // namespace

std::span<const Definition> reduction_arg_family() { return kDefinitions; }

}  // namespace anebench::ops
