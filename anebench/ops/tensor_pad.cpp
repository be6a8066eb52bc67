// Tensors made larger by repeating themselves or by padding.
#include <fmt/format.h>

#include <algorithm>

#include "anebench/ops/context.h"
#include "anebench/ops/families.h"
#include "anebench/ops/fill.h"
#include "anebench/ops/shapes.h"
#include "anebench/ops/signature.h"
#include "anebench/ops/strided_view.h"

namespace anebench::ops {
namespace {

using mil::Dim;
using mil::Opset;

Result<std::vector<mil::Type>> infer_tile(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  ANEBENCH_ASSIGN(reps, arguments.integers_if_known("reps"));
  mil::Shape shape(x.rank(), Dim::unknown());
  if (reps) {
    if (reps->size() != x.rank()) {
      return arguments.error(
          "reps", fmt::format("has {} numbers for {} dimensions", reps->size(), x.rank()));
    }
    for (std::size_t d = 0; d < shape.size(); ++d) {
      if ((*reps)[d] < 0) return arguments.error("reps", fmt::format("holds {}", (*reps)[d]));
      const auto dim = multiplied(x.shape()[d], (*reps)[d]);
      if (!dim) return arguments.error("reps", "makes x larger than any memory");
      shape[d] = *dim;
    }
  }
  return std::vector<mil::Type>{mil::Type::tensor(x.data_type(), std::move(shape))};
}

// Dimension d becomes two: its repetitions, which take no step, and itself.
Result<std::vector<Tensor>> evaluate_tile(OpContext& context) {
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(types, infer_tile(context.arguments()));
  ANEBENCH_ASSIGN(reps, context.arguments().integers("reps"));
  const StridedView whole = StridedView::of(x.dims());
  StridedView view;
  for (std::size_t d = 0; d < x.rank(); ++d) {
    view.dims.insert(view.dims.end(), {reps[d], whole.dims[d]});
    view.strides.insert(view.strides.end(), {0, whole.strides[d]});
  }
  ANEBENCH_ASSIGN(out, gather(context, x, view, sizes(types.front().shape())));
  return std::vector<Tensor>{std::move(out)};
}

enum class PadMode : std::uint8_t { constant, reflect, replicate };

Result<PadMode> pad_mode(const Arguments& arguments) {
  ANEBENCH_ASSIGN(mode, arguments.string_or("mode", "constant"));
  if (mode == "constant") return PadMode::constant;
  if (mode == "reflect") return PadMode::reflect;
  if (mode == "replicate") return PadMode::replicate;
  return arguments.error("mode",
                         fmt::format("is '{}'; it is one of constant, reflect, replicate", mode));
}

struct Padding {
  std::int64_t before = 0;
  std::int64_t after = 0;
};

// For each dimension; nothing where it is not known. The numbers are of the last dimensions, two
// for each.
Result<std::optional<std::vector<Padding>>> paddings(const Arguments& arguments,
                                                     const mil::Shape& shape) {
  ANEBENCH_ASSIGN(pad, arguments.integers_if_known("pad"));
  if (!pad) return std::nullopt;
  if (pad->size() % 2 != 0 || pad->size() / 2 > shape.size()) {
    return arguments.error("pad", fmt::format("has {} numbers; it is two for each of the last "
                                              "dimensions of x, which has {}",
                                              pad->size(), shape.size()));
  }
  ANEBENCH_ASSIGN(mode, pad_mode(arguments));
  std::vector<Padding> result(shape.size() - pad->size() / 2);
  for (std::size_t i = 0; i < pad->size(); i += 2) result.push_back({(*pad)[i], (*pad)[i + 1]});
  for (std::size_t d = 0; d < shape.size(); ++d) {
    const auto [before, after] = result[d];
    if (before < 0 || after < 0) {
      return arguments.error("pad", fmt::format("holds {}", std::min(before, after)));
    }
    if (mode == PadMode::constant || !shape[d].is_known()) continue;
    // Reflection leaves the edge out, replication needs one.
    const std::int64_t most = mode == PadMode::reflect ? shape[d].size() - 1 : shape[d].size();
    if (before + after != 0 && std::max(before, after) > most) {
      return arguments.error("pad", fmt::format("asks for {} elements beside the {} of dimension "
                                                "{}; there may be {}",
                                                std::max(before, after), shape[d].size(), d, most));
    }
  }
  return result;
}

Result<std::vector<mil::Type>> infer_pad(const Arguments& arguments) {
  ANEBENCH_ASSIGN(x, arguments.tensor_type("x"));
  ANEBENCH_TRY(pad_mode(arguments));
  ANEBENCH_ASSIGN(padding, paddings(arguments, x.shape()));
  mil::Shape shape = x.shape();
  for (std::size_t d = 0; d < shape.size(); ++d) {
    if (!padding) {
      shape[d] = Dim::unknown();
    } else if (shape[d].is_known()) {
      // Two int32 beside a size that a tensor has.
      shape[d] = Dim(shape[d].size() + (*padding)[d].before + (*padding)[d].after);
    }
  }
  return std::vector<mil::Type>{mil::Type::tensor(x.data_type(), std::move(shape))};
}

// Fills one side of dimension d: `count` slices from `target` on, from `source` in steps of `step`.
Result<void> fill_side(OpContext& context, Tensor& tensor, std::size_t d, std::int64_t target,
                       std::int64_t source, std::int64_t step, std::int64_t count) {
  StridedView to = StridedView::of(tensor.dims());
  to.dims[d] = count;
  StridedView from = to;
  to.offset = target * to.strides[d];
  from.offset = source * from.strides[d];
  from.strides[d] *= step;
  ANEBENCH_ASSIGN(slices, gather(context, tensor, from, from.dims));
  return scatter(context, tensor, to, slices);
}

// Dimension by dimension: the slices of a later one hold the padding of those before it.
Result<void> pad_from_inside(OpContext& context, Tensor& out, const std::vector<Padding>& padding,
                             const std::vector<std::int64_t>& inside, PadMode mode) {
  const bool reflect = mode == PadMode::reflect;
  for (std::size_t d = 0; d < padding.size(); ++d) {
    const auto [before, after] = padding[d];
    const std::int64_t end = before + inside[d];
    if (before != 0) {
      ANEBENCH_TRY(
          fill_side(context, out, d, 0, reflect ? 2 * before : before, reflect ? -1 : 0, before));
    }
    if (after != 0) {
      ANEBENCH_TRY(
          fill_side(context, out, d, end, reflect ? end - 2 : end - 1, reflect ? -1 : 0, after));
    }
  }
  return {};
}

Result<std::vector<Tensor>> evaluate_pad(OpContext& context) {
  const Arguments& arguments = context.arguments();
  ANEBENCH_ASSIGN(x, context.tensor("x"));
  ANEBENCH_ASSIGN(mode, pad_mode(arguments));
  ANEBENCH_ASSIGN(padding, paddings(arguments, x.type().shape()));
  ANEBENCH_ASSIGN(types, infer_pad(arguments));
  ANEBENCH_ASSIGN(out, Tensor::create(types.front()));
  if (mode == PadMode::constant && arguments.has("constant_val")) {
    ANEBENCH_ASSIGN(value, context.tensor("constant_val"));
    fill_elements(context, out, value);
  }
  StridedView inside = StridedView::of(out.dims());
  for (std::size_t d = 0; d < x.rank(); ++d) {
    inside.offset += (*padding)[d].before * inside.strides[d];
  }
  inside.dims = x.dims();
  ANEBENCH_TRY(scatter(context, out, inside, x));
  if (mode != PadMode::constant && out.element_count() != 0) {
    ANEBENCH_TRY(pad_from_inside(context, out, *padding, x.dims(), mode));
  }
  return std::vector<Tensor>{std::move(out)};
}

constexpr Parameter kTile[] = {
    kAnyX,
    {.name = "reps", .types = kInt32},
};
constexpr Parameter kPad[] = {
    kFloatX,
    {.name = "pad", .types = kInt32},
    optional_parameter("mode", kString, "constant"),
    optional_parameter("constant_val", kFloats, "0", "T"),
};
constexpr Version kTileVersions[] = {{Opset::ios13, kTile}};
constexpr Version kPadVersions[] = {{Opset::ios13, kPad}};

constexpr Definition kTensorPadDefinitions[] = {
    {.name = "pad",
     .family = "tensor_operation",
     .versions = kPadVersions,
     .infer = infer_pad,
     .evaluate = evaluate_pad},
    {.name = "tile",
     .family = "tensor_operation",
     .versions = kTileVersions,
     .infer = infer_tile,
     .evaluate = evaluate_tile},
};

}  // namespace

std::span<const Definition> tensor_pad_family() { return kTensorPadDefinitions; }

}  // namespace anebench::ops
