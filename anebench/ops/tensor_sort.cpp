// Sorting along an axis. Equal elements keep their order; NaN comes last, whichever way is sorted.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "anebench/ops/axis_lines.h"
#include "anebench/ops/context.h"
#include "anebench/ops/families.h"
#include "anebench/ops/index_type.h"
#include "anebench/ops/strided_view.h"

namespace anebench::ops {
namespace {

using mil::DataType;
using mil::Opset;

// The positions of each line's `count` first elements in sorted order, line after line.
// Exact in double: integers have 32 bits at most.
std::vector<std::int64_t> sorted_positions(OpContext& context, const Tensor& x,
                                           const AxisLines& lines, bool ascending,
                                           std::size_t count) {
  const std::vector<double> values = x.to_doubles();
  std::vector<std::int64_t> all(values.size());
  context.parallel_for(lines.count, [&](std::size_t begin, std::size_t end) {
    for (std::size_t line = begin; line < end; ++line) {
      const std::span<std::int64_t> order =
          std::span(all).subspan(line * lines.length, lines.length);
      std::iota(order.begin(), order.end(), std::int64_t{0});
      const double* const first = values.data() + lines.first(line);
      const auto before = [&](std::int64_t left, std::int64_t right) {
        const double a = first[static_cast<std::size_t>(left) * lines.step];
        const double b = first[static_cast<std::size_t>(right) * lines.step];
        if (std::isnan(a) != std::isnan(b)) return std::isnan(b);
        if (a < b || b < a) return ascending ? a < b : b < a;
        return left < right;
      };
      // Not stable_sort, which allocates: ties are broken by position.
      const auto middle = order.begin() + static_cast<std::ptrdiff_t>(count);
      std::partial_sort(order.begin(), middle, order.end(), before);
    }
  });
  if (count == lines.length) return all;
  std::vector<std::int64_t> kept;
  kept.reserve(lines.count * count);
  for (std::size_t line = 0; line < lines.count; ++line) {
    const auto first = all.begin() + static_cast<std::ptrdiff_t>(line * lines.length);
    kept.insert(kept.end(), first, first + static_cast<std::ptrdiff_t>(count));
  }
  return kept;
}

// A tensor whose lines along the axis are, in order, the rows of `positions`.
Result<Tensor> positions_tensor(const mil::Type& type, const AxisLines& lines,
                                const std::vector<std::int64_t>& positions) {
  ANEBENCH_ASSIGN(out, Tensor::create(type));
  const std::span<std::byte> bytes = out.mutable_bytes();
  for (std::size_t line = 0; line < lines.count; ++line) {
    for (std::size_t i = 0; i < lines.length; ++i) {
      store_integers(type.data_type(), bytes, lines.first(line) + i * lines.step,
                     std::span(positions).subspan(line * lines.length + i, 1));
    }
  }
  return out;
}

Result<std::vector<mil::Type>> infer_argsort(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  ANEBENCH_TRY(axis_or(arguments, "axis", x.rank(), -1));
  return std::vector<mil::Type>{mil::Type::tensor(DataType::int32, x.shape())};
}

Result<std::vector<Tensor>> evaluate_argsort(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(axis, axis_or(context.arguments(), "axis", x.rank(), -1));
  ANEBENCH_ASSIGN(ascending, context.arguments().boolean_or("ascending", false));
  ANEBENCH_ASSIGN(types, infer_argsort(context.arguments()));
  const AxisLines lines(x.dims(), axis);
  const auto positions = sorted_positions(context, x, lines, ascending, lines.length);
  ANEBENCH_ASSIGN(out, positions_tensor(types.front(), lines, positions));
  return std::vector<Tensor>{std::move(out)};
}

// The values' type first, and where asked for the indices'.
Result<std::vector<mil::Type>> infer_topk(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  ANEBENCH_ASSIGN(axis, axis_or(arguments, "axis", x.rank(), -1));
  ANEBENCH_ASSIGN(k, arguments.integer_or("k", 1));
  ANEBENCH_ASSIGN(return_indices, arguments.boolean_or("return_indices", true));
  ANEBENCH_ASSIGN(index, index_type(arguments, "output_indices_dtype", x.shape()[axis]));
  const mil::Dim available = x.shape()[axis];
  if (k < -1 || (available.is_known() && k > available.size())) {
    return arguments.error("k", fmt::format("is {}; axis {} of x has {} elements", k, axis,
                                            mil::to_string({available})));
  }
  if (!return_indices && arguments.has("output_indices_dtype")) {
    return arguments.error("output_indices_dtype", "is given, but no indices are returned");
  }
  mil::Shape shape = x.shape();
  if (k != -1) shape[axis] = mil::Dim(k);
  std::vector<mil::Type> types = {mil::Type::tensor(x.data_type(), shape)};
  if (return_indices) types.push_back(mil::Type::tensor(index, std::move(shape)));
  return types;
}

// Sorted whether or not `sort` asks for it: without it, any order will do.
Result<std::vector<Tensor>> evaluate_topk(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(axis, axis_or(context.arguments(), "axis", x.rank(), -1));
  ANEBENCH_ASSIGN(ascending, context.arguments().boolean_or("ascending", false));
  ANEBENCH_ASSIGN(types, infer_topk(context.arguments()));
  ANEBENCH_ASSIGN(values, Tensor::create(types.front()));
  const AxisLines from(x.dims(), axis);
  const AxisLines to(values.dims(), axis);
  const auto positions = sorted_positions(context, x, from, ascending, to.length);
  const std::size_t width = static_cast<std::size_t>(mil::bit_width(x.data_type())) / 8;
  const std::span<std::byte> target = values.mutable_bytes();
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const std::size_t line = i / to.length;
    const std::size_t place = to.first(line) + i % to.length * to.step;
    const std::size_t source =
        from.first(line) + static_cast<std::size_t>(positions[i]) * from.step;
    std::ranges::copy(x.bytes().subspan(source * width, width),
                      target.begin() + static_cast<std::ptrdiff_t>(place * width));
  }
  std::vector<Tensor> outputs = {std::move(values)};
  if (types.size() > 1) {
    ANEBENCH_ASSIGN(indices, positions_tensor(types[1], to, positions));
    outputs.push_back(std::move(indices));
  }
  return outputs;
}

constexpr TypeSet kBytesAndShorts = kBytes | TypeSet{DataType::int16, DataType::uint16};

constexpr Parameter flag(std::string_view name, std::string_view default_text) {
  return {.name = name,
          .types = kBool,
          .optional = true,
          .constant = true,
          .default_text = default_text};
}
constexpr Parameter kX = {.name = "x", .types = kFloatsAndInt32, .type_variable = "T"};
constexpr Parameter kAxis = {
    .name = "axis", .types = kInt32, .optional = true, .constant = true, .default_text = "-1"};
constexpr Parameter kAscending = flag("ascending", "false");
constexpr Parameter kK = {
    .name = "k", .types = kInt32, .optional = true, .constant = true, .default_text = "1"};
constexpr Parameter kArgsort[] = {kX, kAxis, kAscending};
constexpr Parameter kTopk13[] = {kX, kK, kAxis, kAscending};
constexpr Parameter kTopk16[] = {
    kX, kK, kAxis, kAscending, flag("sort", "true"), flag("return_indices", "true")};
constexpr Parameter kTopk17[] = {
    {.name = "x", .types = kFloatsAndInt32 | kBytesAndShorts, .type_variable = "T"},
    {.name = "k",
     .types = TypeSet{DataType::int8, DataType::int16, DataType::int32},
     .type_variable = "K",
     .optional = true,
     .constant = true,
     .default_text = "1"},
    kAxis,
    kAscending,
    flag("sort", "true"),
    flag("return_indices", "true"),
    {.name = "output_indices_dtype",
     .types = kString,
     .optional = true,
     .constant = true,
     .default_text = "int32"},
};
constexpr Version kArgsortVersions[] = {{Opset::ios13, kArgsort}};
constexpr Version kTopkVersions[] = {
    {Opset::ios13, kTopk13}, {Opset::ios16, kTopk16}, {Opset::ios17, kTopk17}};

constexpr Definition kDefinitions[] = {
    {.name = "argsort",
     .family = "tensor_operation",
     .versions = kArgsortVersions,
     .infer = infer_argsort,
     .evaluate = evaluate_argsort},
    {.name = "topk",
     .family = "tensor_operation",
     .versions = kTopkVersions,
     .infer = infer_topk,
     .evaluate = evaluate_topk},
};

}  // namespace

std::span<const Definition> tensor_sort_family() { return kDefinitions; }

}  // namespace anebench::ops
