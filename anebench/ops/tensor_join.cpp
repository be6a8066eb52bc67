// Tensors put together along an axis, and taken apart.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "anebench/base/bytes.h"
#include "anebench/ops/context.h"
#include "anebench/ops/families.h"
#include "anebench/ops/shapes.h"
#include "anebench/ops/strided_view.h"

namespace anebench::ops {
namespace {

using mil::Opset;

// Element type and rank of all `values`, and the sizes that they agree on; `free_axis` may differ.
Result<mil::Type> common_type(const Arguments& arguments, std::optional<std::size_t> free_axis) {
  ANEBENCH_ASSIGN(first, arguments.tensor_type("values"));
  mil::Shape shape = first.shape();
  for (std::size_t i = 1; i < arguments.count("values"); ++i) {
    ANEBENCH_ASSIGN(type, arguments.tensor_type("values", i));
    bool fits = type.data_type() == first.data_type() && type.rank() == first.rank();
    for (std::size_t d = 0; fits && d < shape.size(); ++d) {
      if (d == free_axis) continue;
      const mil::Dim dim = type.shape()[d];
      if (!shape[d].is_known()) shape[d] = dim;
      fits = !dim.is_known() || dim == shape[d];
    }
    if (!fits) {
      return arguments.error("values", fmt::format("has {} beside {}, which does not fit",
                                                   to_string(type), to_string(first)));
    }
  }
  return mil::Type::tensor(first.data_type(), std::move(shape));
}

// The axis among the dimensions of the first value.
Result<std::size_t> joined_axis(const Arguments& arguments) {
  ANEBENCH_ASSIGN(first, arguments.tensor_type("values"));
  return arguments.axis("axis", first.rank());
}

Result<std::vector<mil::Type>> infer_concat(const Arguments& arguments) {
  ANEBENCH_ASSIGN(axis, joined_axis(arguments));
  ANEBENCH_ASSIGN(interleave, arguments.boolean_or("interleave", false));
  ANEBENCH_ASSIGN(type, common_type(arguments, interleave ? std::nullopt : std::optional(axis)));
  mil::Shape shape = type.shape();
  std::optional<std::int64_t> total = 0;
  for (std::size_t i = 0; i < arguments.count("values"); ++i) {
    ANEBENCH_ASSIGN(value, arguments.tensor_type("values", i));
    const mil::Dim dim = interleave ? shape[axis] : value.shape()[axis];
    if (!dim.is_known()) {
      total = mil::Dim::unknown().size();
      break;
    }
    total = checked_add(*total, dim.size());
    if (!total) return arguments.error("values", "are larger than any memory");
  }
  shape[axis] = mil::Dim(*total);
  return std::vector<mil::Type>{mil::Type::tensor(type.data_type(), std::move(shape))};
}

Result<std::vector<Tensor>> evaluate_concat(OpContext& context) {
  const Arguments& arguments = context.arguments();
  ANEBENCH_ASSIGN(axis, joined_axis(arguments));
  ANEBENCH_ASSIGN(interleave, arguments.boolean_or("interleave", false));
  ANEBENCH_ASSIGN(types, infer_concat(arguments));
  ANEBENCH_ASSIGN(out, Tensor::create(types.front()));
  const std::size_t count = arguments.count("values");
  StridedView part = StridedView::of(out.dims());
  const std::int64_t stride = part.strides[axis];
  if (interleave) part.strides[axis] *= static_cast<std::int64_t>(count);
  for (std::size_t i = 0; i < count; ++i) {
    ANEBENCH_ASSIGN(value, context.tensor("values", i));
    part.dims = value.dims();
    ANEBENCH_TRY(scatter(context, out, part, value));
    part.offset += interleave ? stride : stride * value.dims()[axis];
  }
  return std::vector<Tensor>{std::move(out)};
}

// The new axis among the dimensions of the result.
Result<std::size_t> stacked_axis(const Arguments& arguments) {
  ANEBENCH_ASSIGN(first, arguments.tensor_type("values"));
  return arguments.axis("axis", first.rank() + 1);
}

Result<std::vector<mil::Type>> infer_stack(const Arguments& arguments) {
  ANEBENCH_ASSIGN(axis, stacked_axis(arguments));
  ANEBENCH_ASSIGN(type, common_type(arguments, std::nullopt));
  mil::Shape shape = type.shape();
  shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(axis),
               mil::Dim(static_cast<std::int64_t>(arguments.count("values"))));
  return std::vector<mil::Type>{mil::Type::tensor(type.data_type(), std::move(shape))};
}

Result<std::vector<Tensor>> evaluate_stack(OpContext& context) {
  ANEBENCH_ASSIGN(axis, stacked_axis(context.arguments()));
  ANEBENCH_ASSIGN(types, infer_stack(context.arguments()));
  ANEBENCH_ASSIGN(out, Tensor::create(types.front()));
  StridedView part = StridedView::of(out.dims());
  part.dims[axis] = 1;
  for (std::size_t i = 0; i < context.arguments().count("values"); ++i) {
    ANEBENCH_ASSIGN(value, context.tensor("values", i));
    ANEBENCH_TRY(scatter(context, out, part, value));
    part.offset += part.strides[axis];
  }
  return std::vector<Tensor>{std::move(out)};
}

// How many parts there are, where anything says so.
Result<std::size_t> part_count(const Arguments& arguments) {
  std::optional<std::int64_t> count;
  if (arguments.has("num_splits")) {
    ANEBENCH_ASSIGN(given, arguments.integer("num_splits"));
    count = given;
  } else if (arguments.has("split_sizes")) {
    ANEBENCH_ASSIGN(type, arguments.tensor_type("split_sizes"));
    if (type.rank() != 1) {
      return arguments.error("split_sizes", fmt::format("wants a vector, got {}", to_string(type)));
    }
    // Where even the length is not known, the outputs tell it.
    count = type.shape()[0].is_known()
                ? type.shape()[0].size()
                : static_cast<std::int64_t>(arguments.operation().outputs.size());
  } else {
    return arguments.error("num_splits", "is missing, and so is 'split_sizes'");
  }
  if (*count < 1) {
    return arguments.error("num_splits", fmt::format("is {}; there is at least one part", *count));
  }
  // What is more has no outputs to go to.
  if (static_cast<std::uint64_t>(*count) > arguments.operation().outputs.size()) {
    return arguments.error("num_splits", fmt::format("asks for {} parts; {} outputs are declared",
                                                     *count, arguments.operation().outputs.size()));
  }
  return static_cast<std::size_t>(*count);
}

// The parts' sizes along the axis, which has `whole` elements.
Result<std::vector<mil::Dim>> part_sizes(const Arguments& arguments, mil::Dim whole) {
  ANEBENCH_ASSIGN(count, part_count(arguments));
  if (!arguments.has("split_sizes")) {
    if (!whole.is_known()) return std::vector<mil::Dim>(count, mil::Dim::unknown());
    const auto parts = static_cast<std::int64_t>(count);
    if (whole.size() % parts != 0) {
      return arguments.error("num_splits", fmt::format("is {}, which does not divide {} elements",
                                                       parts, whole.size()));
    }
    return std::vector<mil::Dim>(count, mil::Dim(whole.size() / parts));
  }
  ANEBENCH_ASSIGN(given, arguments.integers_if_known("split_sizes"));
  if (!given) return std::vector<mil::Dim>(count, mil::Dim::unknown());
  const bool are_sizes = std::ranges::all_of(*given, [](std::int64_t size) { return size >= 0; });
  // int32 each, so that the sum of as many as there are outputs does not overflow.
  const std::int64_t sum = std::accumulate(given->begin(), given->end(), std::int64_t{0});
  if (given->size() != count || !are_sizes || (whole.is_known() && sum != whole.size())) {
    return arguments.error(
        "split_sizes", fmt::format("[{}] does not split {} into {} parts", fmt::join(*given, ", "),
                                   mil::to_string({whole}), count));
  }
  return std::vector<mil::Dim>(given->begin(), given->end());
}

Result<std::vector<mil::Type>> infer_split(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  ANEBENCH_ASSIGN(axis, arguments.axis("axis", x.rank()));
  ANEBENCH_ASSIGN(parts, part_sizes(arguments, x.shape()[axis]));
  std::vector<mil::Type> types;
  for (const mil::Dim part : parts) {
    mil::Shape shape = x.shape();
    shape[axis] = part;
    types.push_back(mil::Type::tensor(x.data_type(), std::move(shape)));
  }
  return types;
}

Result<std::vector<Tensor>> evaluate_split(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(axis, context.arguments().axis("axis", x.rank()));
  ANEBENCH_ASSIGN(types, infer_split(context.arguments()));
  std::vector<Tensor> parts;
  StridedView part = StridedView::of(x.dims());
  for (const mil::Type& type : types) {
    part.dims = sizes(type.shape());
    ANEBENCH_ASSIGN(value, gather(context, x, part, part.dims));
    part.offset += part.strides[axis] * part.dims[axis];
    parts.push_back(std::move(value));
  }
  return parts;
}

constexpr Parameter kValues = {.name = "values", .kind = ParameterKind::variadic};
constexpr Parameter kAxis = {.name = "axis", .types = kInt32, .constant = true};
constexpr Parameter kConcat[] = {kValues,
                                 kAxis,
                                 {.name = "interleave",
                                  .types = kBool,
                                  .optional = true,
                                  .constant = true,
                                  .default_text = "false"}};
constexpr Parameter kStack[] = {kValues, kAxis};
constexpr Parameter kSplit[] = {
    {.name = "x", .types = kFloatsInt32Bool, .type_variable = "T"},
    {.name = "num_splits", .types = kInt32, .optional = true, .constant = true},
    {.name = "split_sizes", .types = kInt32, .optional = true, .constant = true},
    kAxis,
};
constexpr Version kConcatVersions[] = {{Opset::ios13, kConcat}};
constexpr Version kStackVersions[] = {{Opset::ios13, kStack}};
constexpr Version kSplitVersions[] = {{Opset::ios13, kSplit}};

constexpr Definition kDefinitions[] = {
    {.name = "concat",
     .family = "tensor_operation",
     .versions = kConcatVersions,
     .infer = infer_concat,
     .evaluate = evaluate_concat},
    {.name = "split",
     .family = "tensor_operation",
     .versions = kSplitVersions,
     .infer = infer_split,
     .evaluate = evaluate_split},
    {.name = "stack",
     .family = "tensor_operation",
     .versions = kStackVersions,
     .infer = infer_stack,
     .evaluate = evaluate_stack},
};

}  // namespace

std::span<const Definition> tensor_join_family() { return kDefinitions; }

}  // namespace anebench::ops
