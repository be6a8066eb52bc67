// Ops that give a tensor another shape and leave its elements as they are.
//
// Source of the semantics: coremltools' documentation of each op.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>

#include "anebench/ops/context.h"
#include "anebench/ops/families.h"
#include "anebench/ops/shapes.h"

namespace anebench::ops {
namespace {

using mil::Dim;
using mil::Opset;

using Infer = Result<std::vector<mil::Type>> (*)(const Arguments&);

// Evaluation of the ops whose shape follows from types and constants.
template <Infer kInfer>
Result<std::vector<Tensor>> evaluate_reshaped(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(types, kInfer(context.arguments()));
  ANEBENCH_ASSIGN(out, x.reshaped(sizes(types.front().shape())));
  return std::vector<Tensor>{std::move(out)};
}

// --- expand_dims, squeeze ---------------------------------------------------------------------

Result<std::vector<mil::Type>> infer_expand_dims(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  ANEBENCH_ASSIGN(given, arguments.integers("axes"));
  ANEBENCH_ASSIGN(axes, axes_of(arguments, "axes", x.rank() + given.size()));
  std::ranges::sort(axes);
  mil::Shape shape = x.shape();
  for (const std::size_t axis : axes) {
    shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(axis), Dim(1));
  }
  return std::vector<mil::Type>{mil::Type::tensor(x.data_type(), std::move(shape))};
}

// Without axes every dimension of 1 goes; unknown ones are taken for others, as coremltools does.
Result<std::vector<mil::Type>> infer_squeeze(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  mil::Shape shape;
  if (!arguments.has("axes")) {
    std::ranges::copy_if(x.shape(), std::back_inserter(shape),
                         [](Dim dim) { return dim != Dim(1); });
    return std::vector<mil::Type>{mil::Type::tensor(x.data_type(), std::move(shape))};
  }
  ANEBENCH_ASSIGN(axes, axes_of(arguments, "axes", x.rank()));
  for (std::size_t d = 0; d < x.rank(); ++d) {
    const Dim dim = x.shape()[d];
    if (std::ranges::find(axes, d) == axes.end()) {
      shape.push_back(dim);
    } else if (dim.is_known() && dim != Dim(1)) {
      return arguments.error("axes",
                             fmt::format("names axis {}, whose size is {}, not 1", d, dim.size()));
    }
  }
  return std::vector<mil::Type>{mil::Type::tensor(x.data_type(), std::move(shape))};
}

// --- reshape ----------------------------------------------------------------------------------

// 0 stands for x's own dimension, one -1 for whatever makes the elements come out even. Since iOS
// 17 the target may be longer or shorter than x's shape: zeros count from the right then, and are 1
// where x has no dimension left.
Result<mil::Shape> reshaped_shape(const Arguments& arguments, const mil::Shape& x,
                                  const std::vector<std::int64_t>& target) {
  mil::Shape shape;
  std::optional<std::size_t> open;
  for (std::size_t d = 0; d < target.size(); ++d) {
    if (target[d] < -1) return arguments.error("shape", fmt::format("holds {}", target[d]));
    if (target[d] == 0) {
      if (target.size() != x.size() && arguments.version().since < Opset::ios17) {
        return arguments.error("shape", fmt::format("holds 0, which stands for x's dimension, but "
                                                    "has {} numbers for x's {} dimensions",
                                                    target.size(), x.size()));
      }
      const std::size_t from_right = target.size() - d;
      shape.push_back(from_right <= x.size() ? x[x.size() - from_right] : Dim(1));
    } else if (target[d] == -1) {
      if (open) return arguments.error("shape", "holds -1 twice");
      open = d;
      shape.push_back(Dim(1));
    } else {
      shape.push_back(target[d]);
    }
  }
  const auto available = mil::element_count(x);
  const auto taken = mil::element_count(shape);
  const bool is_known = available && taken;
  if (open) {
    // With no elements at all the open dimension could be anything; 0 comes out even.
    const bool is_even = is_known && (*taken == 0 ? *available == 0 : *available % *taken == 0);
    if (is_known && !is_even) {
      return arguments.error(
          "shape", fmt::format("makes no even number of the {} elements of x", *available));
    }
    shape[*open] = !is_known ? Dim::unknown() : Dim(*taken == 0 ? 0 : *available / *taken);
  } else if (is_known && *available != *taken) {
    return arguments.error("shape", fmt::format("is {} for x {}", to_string(shape), to_string(x)));
  }
  return shape;
}

Result<std::vector<mil::Type>> infer_reshape(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  ANEBENCH_ASSIGN(type, arguments.tensor_type("shape"));
  if (type.rank() != 1) {
    return arguments.error("shape", fmt::format("has rank {}, wants 1", type.rank()));
  }
  ANEBENCH_ASSIGN(target, arguments.integers_if_known("shape"));
  if (target) {
    ANEBENCH_ASSIGN(shape, reshaped_shape(arguments, x.shape(), *target));
    return std::vector<mil::Type>{mil::Type::tensor(x.data_type(), std::move(shape))};
  }
  if (!type.shape()[0].is_known()) {
    return fail(ErrorCode::unavailable, "{}: the rank of the output is not known",
                arguments.describe());
  }
  mil::Shape unknown(static_cast<std::size_t>(type.shape()[0].size()), Dim::unknown());
  return std::vector<mil::Type>{mil::Type::tensor(x.data_type(), std::move(unknown))};
}

Result<std::vector<Tensor>> evaluate_reshape(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(target, context.tensor("shape"));
  ANEBENCH_TRY(infer_reshape(context.arguments()));
  ANEBENCH_ASSIGN(shape,
                  reshaped_shape(context.arguments(), x.type().shape(), target.to_integers()));
  ANEBENCH_ASSIGN(out, x.reshaped(sizes(shape)));
  return std::vector<Tensor>{std::move(out)};
}

// --- reshape_like -----------------------------------------------------------------------------

// An index as Python slices take it: from the end where negative, then kept inside.
std::ptrdiff_t slice_index(std::int64_t index, std::size_t size) {
  const auto signed_size = static_cast<std::int64_t>(size);
  return std::clamp<std::int64_t>(index < 0 ? index + signed_size : index, 0, signed_size);
}

Result<std::int64_t> integer_at(const Arguments& arguments, std::string_view parameter,
                                std::size_t index) {
  const mil::Value* value = arguments.value(parameter, index);
  const auto number = value == nullptr ? std::nullopt : value->as_int();
  if (!number) {
    return arguments.error(parameter, fmt::format("{} is no integer known at compile time", index));
  }
  return *number;
}

// The dimensions begins[i] to ends[i] of each reference, one after the other.
Result<std::vector<mil::Type>> infer_reshape_like(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  const std::size_t references = arguments.count("ref_tensors");
  for (const std::string_view parameter : {"begins", "ends", "end_masks"}) {
    if (arguments.count(parameter) != references) {
      return arguments.error(parameter, fmt::format("has {} values for {} reference tensors",
                                                    arguments.count(parameter), references));
    }
  }
  mil::Shape shape;
  for (std::size_t i = 0; i < references; ++i) {
    ANEBENCH_ASSIGN(reference, arguments.tensor_type("ref_tensors", i));
    ANEBENCH_ASSIGN(begin, integer_at(arguments, "begins", i));
    ANEBENCH_ASSIGN(end, integer_at(arguments, "ends", i));
    const mil::Value* mask = arguments.value("end_masks", i);
    const auto to_the_end = mask == nullptr ? std::nullopt : mask->as_bool();
    if (!to_the_end) {
      return arguments.error("end_masks", fmt::format("{} is no bool known at compile time", i));
    }
    const mil::Shape& dims = reference.shape();
    const auto first = slice_index(begin, dims.size());
    const auto last = *to_the_end ? static_cast<std::ptrdiff_t>(dims.size())
                                  : std::max(first, slice_index(end, dims.size()));
    shape.insert(shape.end(), dims.begin() + first, dims.begin() + last);
  }
  const auto available = x.element_count();
  const auto taken = mil::element_count(shape);
  if (available && taken && *available != *taken) {
    return arguments.error("ref_tensors",
                           fmt::format("give {}, but x is {}", to_string(shape), to_string(x)));
  }
  return std::vector<mil::Type>{mil::Type::tensor(x.data_type(), std::move(shape))};
}

// --- Definitions ------------------------------------------------------------------------------

constexpr Parameter kX13 = {.name = "x", .types = kFloatsInt32Bool, .type_variable = "T"};
constexpr Parameter kX17 = {.name = "x", .types = kAllSinceIos17, .type_variable = "T"};
constexpr Parameter kAxes = {.name = "axes", .types = kInt32, .constant = true};
constexpr Parameter kOptionalAxes = {.name = "axes",
                                     .types = kInt32,
                                     .optional = true,
                                     .constant = true,
                                     .default_text = "all dimensions of 1"};

constexpr Parameter kExpandDims13[] = {kX13, kAxes};
constexpr Parameter kExpandDims17[] = {kX17, kAxes};
constexpr Version kExpandDimsVersions[] = {{Opset::ios13, kExpandDims13},
                                           {Opset::ios17, kExpandDims17}};
constexpr Parameter kSqueeze13[] = {kX13, kOptionalAxes};
constexpr Parameter kSqueeze17[] = {kX17, kOptionalAxes};
constexpr Version kSqueezeVersions[] = {{Opset::ios13, kSqueeze13}, {Opset::ios17, kSqueeze17}};
constexpr Parameter kReshape13[] = {kX13, {.name = "shape", .types = kInt32}};
constexpr Parameter kReshape17[] = {
    kX17, {.name = "shape", .types = kIndicesSinceIos17, .type_variable = "U"}};
constexpr Version kReshapeVersions[] = {{Opset::ios13, kReshape13}, {Opset::ios17, kReshape17}};

constexpr Parameter variadic(std::string_view name) {
  return {.name = name, .kind = ParameterKind::variadic};
}
constexpr Parameter kReshapeLike16[] = {kX13, variadic("ref_tensors"), variadic("begins"),
                                        variadic("ends"), variadic("end_masks")};
constexpr Parameter kReshapeLike17[] = {kX17, variadic("ref_tensors"), variadic("begins"),
                                        variadic("ends"), variadic("end_masks")};
constexpr Version kReshapeLikeVersions[] = {{Opset::ios16, kReshapeLike16},
                                            {Opset::ios17, kReshapeLike17}};

constexpr Definition definition(std::string_view name, std::span<const Version> versions,
                                InferFunction infer, EvaluateFunction evaluate) {
  return {.name = name,
          .family = "tensor_transformation",
          .versions = versions,
          .infer = infer,
          .evaluate = evaluate};
}

constexpr Definition kDefinitions[] = {
    definition("expand_dims", kExpandDimsVersions, infer_expand_dims,
               evaluate_reshaped<infer_expand_dims>),
    definition("reshape", kReshapeVersions, infer_reshape, evaluate_reshape),
    definition("reshape_like", kReshapeLikeVersions, infer_reshape_like,
               evaluate_reshaped<infer_reshape_like>),
    definition("squeeze", kSqueezeVersions, infer_squeeze, evaluate_reshaped<infer_squeeze>),
};

}  // namespace

std::span<const Definition> tensor_reshape_family() { return kDefinitions; }

}  // namespace anebench::ops
